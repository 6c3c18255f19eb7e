"""How fast the gateway is, beside a hand-written handler measured in the same run."""
