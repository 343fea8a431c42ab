"""retrieval/embedders."""
