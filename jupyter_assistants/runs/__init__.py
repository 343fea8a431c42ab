"""The only run loop. Streaming and polling are two ways to read a run, not two loops."""
