"""The platform's models, the layers of an account, and policies of scopes, as they are stored."""
