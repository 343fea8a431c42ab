"""Places to run code; see :mod:`.base`."""
