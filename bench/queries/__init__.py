"""What is asked. Each benchmark is a file: the operation, the answer by hand, PostgreSQL's JSON."""

from __future__ import annotations

from bench.queries.access import ACCESS
from bench.queries.dashboard import DASHBOARD
from bench.queries.growing import GROWING
from bench.queries.listing import LIST
from bench.queries.nested import NESTED
from bench.queries.query import Query
from bench.queries.wide import WIDE

__all__ = ["ANSWERED", "GROWING", "QUERIES", "Query"]

QUERIES = (LIST, NESTED, DASHBOARD, WIDE, ACCESS)

ANSWERED = (*QUERIES, *GROWING.values())
"""All that a server without GraphQL answers."""
