"""InfiAgent-DABench: how well a model answers questions about tables, and at what price."""
