"""Prompts: what a model is sent of a thread, and how it is made to fit."""
