"""The history of the schema, one file a version; opening a store applies it."""
