"""The demo model: rules that write pandas code, for a first run without a key."""

from jupyter_assistants.models.demo.client import Demo

__all__ = ["Demo"]
