"""tools/code_interpreter."""
