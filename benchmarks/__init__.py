"""Benchmarks of this project. They run from a checkout and are not installed."""
