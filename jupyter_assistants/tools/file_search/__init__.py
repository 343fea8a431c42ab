"""tools/file_search."""
