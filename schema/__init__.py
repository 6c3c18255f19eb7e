"""What the graph shows: the only Strawberry."""
