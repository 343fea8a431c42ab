"""Models; see :mod:`.base`."""
