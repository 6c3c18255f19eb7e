"""What changes budgets and books usage."""
