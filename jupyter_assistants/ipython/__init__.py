"""The notebook's side: magics, the model's code in the user's kernel, the view in the cell.

It is thin on purpose: it imports the standard library and what ipykernel brings, because it loads
into every user's kernel beside packages of their own choice. ipywidgets are imported when a live
control is shown.
"""
