"""The second fence: which rows of a table the gateway's role sees, decided by the server.

The role `cockpit_gateway` owns nothing and cannot sign in; the pool becomes it, and names the
caller's reach in two settings. A table gets one of the rules below. Whoever is not a member of
the role sees what it saw before: owners pass row-level security anyway, and everybody else has a
policy that lets them.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from sqlalchemy import Connection

from datasources.errors import MigrationError

__all__ = ["ROLE", "Fence", "Rule", "ensure_role", "fence"]

ROLE = "cockpit_gateway"

_SPANS = "(SELECT current_setting('cockpit.spans_accounts', true)) = 'on'"
# An empty setting is nobody; rows of account '' are the platform's.
_ACCOUNT = "(SELECT nullif(current_setting('cockpit.account_id', true), ''))"
_OWN = f"account_id = {_ACCOUNT}"

_CREATE_ROLE = f"""
DO $$ BEGIN CREATE ROLE {ROLE} NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""
_MAY_CREATE_ROLE = (
    "SELECT rolsuper OR rolcreaterole, rolsuper, rolname FROM pg_roles WHERE rolname = current_user"
)


class Rule(Enum):
    """Which rows a caller of one account sees; who spans accounts sees all."""

    OWN = "rows of the account"
    OWN_OR_PLATFORM = "rows of the account; rows of no account can be read, not written"
    CATALOGUE = "every row can be read, none written"
    CEILING = "rows of the account can be read, none written"
    OPEN = "every row: nothing in it belongs to an account"
    PARENT = "rows whose parent is seen"


class Fence(NamedTuple):
    """How one table is fenced."""

    table: str
    """With its schema, quoted where PostgreSQL asks for quotes."""
    rule: Rule = Rule.OWN
    parents: tuple[str, ...] = ()
    """Conditions on a row under which its parent is seen, each a query that the parent's own
    policies restrict. With `OWN` they decide over rows whose account is NULL."""
    is_append_only: bool = False
    """Whether the role may only read and add."""
    is_ours: bool = False
    """Whether nobody but the gateway uses the table."""


def ensure_role(connection: Connection) -> None:
    """Create the role unless it is there; roles belong to the server, not to the database.

    Raises `MigrationError` where it is missing and may not be created.
    """
    found = connection.exec_driver_sql("SELECT 1 FROM pg_roles WHERE rolname = $1", (ROLE,)).first()
    if found:
        return
    may, is_superuser, user = connection.exec_driver_sql(_MAY_CREATE_ROLE).one()
    if not may:
        raise MigrationError(
            f"The role {ROLE} is missing and {user} may not create roles. Have an administrator "
            f"run: CREATE ROLE {ROLE} NOLOGIN; GRANT {ROLE} TO {user}; then upgrade again."
        )
    connection.exec_driver_sql(_CREATE_ROLE)
    if not is_superuser:
        connection.exec_driver_sql(f"GRANT {ROLE} TO CURRENT_USER")


def fence(connection: Connection, fenced: Fence) -> None:
    """Let the role use a table, and restrict it to the rows its caller may see."""
    rights = "SELECT, INSERT" if fenced.is_append_only else "SELECT, INSERT, UPDATE, DELETE"
    statements = [
        f"GRANT {rights} ON {fenced.table} TO {ROLE}",
        f"ALTER TABLE {fenced.table} ENABLE ROW LEVEL SECURITY",
        _policy(fenced.table, "cockpit_gateway_rows", "ALL", ROLE, _writable(fenced)),
    ]
    if readable := _readable(fenced):
        statements.append(_policy(fenced.table, "cockpit_gateway_reads", "SELECT", ROLE, readable))
    if not fenced.is_ours:
        others = f"(SELECT NOT pg_has_role(current_user, '{ROLE}', 'USAGE'))"
        statements.append(_policy(fenced.table, "others_as_before", "ALL", "PUBLIC", others))
    for statement in statements:
        connection.exec_driver_sql(statement)


def _writable(fenced: Fence) -> str:
    parents = " OR ".join(f"EXISTS ({query})" for query in fenced.parents)
    if fenced.rule is Rule.OPEN:
        return "true"
    if fenced.rule in {Rule.CATALOGUE, Rule.CEILING}:
        return _SPANS
    if fenced.rule is Rule.PARENT:
        return f"{_SPANS} OR {parents}"
    if parents:
        return f"{_SPANS} OR {_OWN} OR (account_id IS NULL AND ({parents}))"
    return f"{_SPANS} OR {_OWN}"


def _readable(fenced: Fence) -> str | None:
    """What can be read beyond what can be written."""
    if fenced.rule is Rule.CATALOGUE:
        return "true"
    if fenced.rule is Rule.CEILING:
        return _OWN
    if fenced.rule is Rule.OWN_OR_PLATFORM:
        return f"account_id IS NULL AND {_ACCOUNT} IS NOT NULL"
    return None


def _policy(table: str, name: str, command: str, role: str, condition: str) -> str:
    return f"CREATE POLICY {name} ON {table} FOR {command} TO {role} USING ({condition})"
