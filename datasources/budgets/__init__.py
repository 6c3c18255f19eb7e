"""Credit budgets, their plans, and the ledger of what was used."""
