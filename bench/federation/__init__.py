"""How fast the engine is over HTTP: a shop of four subgraphs, and one query that crosses all."""
