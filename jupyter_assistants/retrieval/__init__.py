"""Where file_search looks: an index of passages, and parsers that read files; see :mod:`.base`."""
