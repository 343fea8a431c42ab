"""The history of the schema, one file a version; opening a database applies what it lacks."""
