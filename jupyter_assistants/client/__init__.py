"""The client library: what every face but the panel speaks to the API through."""
