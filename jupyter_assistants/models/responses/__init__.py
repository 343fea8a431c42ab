"""models/responses."""
