"""The HTTP face: the API under ``<server>/assistants/v1`` of a Jupyter server."""
