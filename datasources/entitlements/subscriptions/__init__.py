"""Plans that accounts can subscribe to, and their subscriptions, as they are stored."""
