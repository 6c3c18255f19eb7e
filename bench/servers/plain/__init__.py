"""What most write: Strawberry's own execution, a class a type, a DataLoader a relation.

The same tables, statements and answers as the others; no tenancy beyond the account, no guards,
no federation.
"""
