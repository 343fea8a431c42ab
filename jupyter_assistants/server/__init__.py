"""The API over HTTP, at ``<server>/assistants/v1`` of a Jupyter server."""
