"""Pure ASGI middleware, one concern each; `gateway.app` says in which order."""
