"""Breadth-first execution of operations on one graphql-core schema, compiled once.

An operation becomes a tree of selections (`compile`). A selection answers all objects of its type
that one level of the response holds at once: each field takes the list of rows to a list of values
(`sources`), the values are completed as a list (`values`, `leaves`), and generated code puts the
lists together into one dictionary a row (`selection`). What fails is an error at its own place
(`places`) and takes from its siblings nothing. `docs/execution.md` follows one operation through.
"""
