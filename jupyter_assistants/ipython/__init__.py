"""The notebook's side: magics, the model's code in the user's kernel, the view in the cell.

It is thin on purpose: the standard library and what ipykernel brings. ipywidgets are imported when
a live control is shown, and nothing else ever.
"""
