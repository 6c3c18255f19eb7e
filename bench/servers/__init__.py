"""The servers that are compared, each a process of its own on the same database."""
