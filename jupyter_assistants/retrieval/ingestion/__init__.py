"""Ingestion: files of vector stores are read, cut, indexed and embedded in the background."""
