"""The command line ``jupyter assistants``."""
