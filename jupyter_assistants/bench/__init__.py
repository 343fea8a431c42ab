"""Questions with known answers, run through the whole program: ``jupyter assistants bench``."""
