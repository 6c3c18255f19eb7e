"""What is asked: each benchmark is one operation of the graph."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["LIST", "NESTED", "QUERIES", "Query"]


class Query(NamedTuple):
    """One benchmark; its name is also the path at which a server without GraphQL answers it."""

    name: str
    text: str


LIST = Query(
    "list",
    """
    query List {
      account {
        directory {
          users(first: 50) {
            nodes { id name email isActive lastActiveAt createdAt }
          }
        }
      }
    }
    """,
)
"""50 people, 6 scalar fields."""

NESTED = Query(
    "nested",
    """
    query Nested {
      account {
        directory {
          groups(first: 20) {
            nodes {
              id
              name
              teams {
                nodes {
                  id
                  name
                  members {
                    nodes {
                      role
                      user { id name email }
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
    """,
)
"""20 groups, their 40 teams, their 200 memberships, the person of each."""

QUERIES = (LIST, NESTED)
