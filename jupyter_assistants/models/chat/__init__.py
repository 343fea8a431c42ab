"""Chat Completions, the API that nearly every endpoint has."""
