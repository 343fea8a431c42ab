"""models/chat."""
