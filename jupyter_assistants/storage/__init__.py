"""Storage; see :mod:`.base`."""
