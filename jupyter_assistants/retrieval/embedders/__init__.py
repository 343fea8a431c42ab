"""Embedding models, one file each; :mod:`.base` is their port."""
