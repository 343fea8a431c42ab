"""Storage: objects, the bytes of files, leases, and the unit of work."""
