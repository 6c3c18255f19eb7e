"""Tables, rows and statements: the only SQL."""
