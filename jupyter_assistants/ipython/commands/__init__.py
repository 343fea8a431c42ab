"""The words of ``%assistant``: a module for each, named after it, and their list in ``words``."""
