"""Readers of file formats, one file each; :mod:`.base` is their port."""
