"""Figures of this project: run from a checkout, not installed."""
