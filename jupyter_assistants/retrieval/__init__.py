"""Retrieval: everything behind file_search; see :mod:`.base` and docs/internals/retrieval.md."""
