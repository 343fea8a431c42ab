"""retrieval/ingestion."""
