"""The objects of the protocol. Wire objects are the domain objects; see :mod:`.base`."""
