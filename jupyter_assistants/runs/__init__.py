"""Runs: the one loop that drives them, and everything around it (docs/internals/runs.md)."""
