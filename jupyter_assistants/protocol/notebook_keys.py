"""Keys of a thread's metadata by which cells and the panel find the thread of a notebook.

Cells read this in the user's kernel, so it needs the standard library only.
"""

KERNEL = "kernel"
"""The kernel of the thread's notebook."""
NOTEBOOK = "notebook"
"""The path of the notebook."""
