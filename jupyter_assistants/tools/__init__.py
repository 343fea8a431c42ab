"""Hosted tools; see :mod:`.base`."""
