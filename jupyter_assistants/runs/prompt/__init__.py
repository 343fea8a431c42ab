"""runs/prompt."""
