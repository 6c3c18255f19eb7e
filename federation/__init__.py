"""The engine: composes, plans and executes federated GraphQL. Knows nothing of the cockpit."""
