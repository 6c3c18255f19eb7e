"""Plans and subscriptions as the graph shows them."""
