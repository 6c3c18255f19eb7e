"""Rows on their way into the database: collected by table, inserted a table at a time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from datasources.audit_chain import Cause, Link, chain_events
from datasources.base import Database, Statement
from datasources.budgets.writes.booking import Line, add_lines
from datasources.demo.identifiers import demo_digest

__all__ = ["Dataset"]

_ORDER = (
    'public."Alchemi_AccountTable"',
    'public."Alchemi_AccountAdminTable"',
    'public."Alchemi_AccountSSOConfig"',
    'public."LiteLLM_BudgetTable"',
    'public."LiteLLM_OrganizationTable"',
    'public."LiteLLM_UserTable"',
    'public."LiteLLM_TeamTable"',
    'public."LiteLLM_OrganizationMembership"',
    'public."LiteLLM_TeamMembership"',
    'public."LiteLLM_VerificationToken"',
    'public."LiteLLM_AuditLog"',
    'public."LiteLLM_SpendLogs"',
    'public."LiteLLM_ProxyModelTable"',
    "copilot.users",
    "copilot.groups",
    "copilot.teams",
    "copilot.account_memberships",
    "copilot.user_invites",
    "copilot.credit_budget",
    "copilot.budget_plans",
    "copilot.integration_catalog",
    "copilot.account_connections",
    "copilot.connection_permission_policies",
    "copilot.agents_def",
    "copilot.agent_groups",
    "copilot.agent_group_members",
    "copilot.marketplace_items",
    "copilot.model_catalog",
    "copilot.model_access_policies",
    "copilot.feature_flag_policies",
    "copilot.guardrails_config",
    "copilot.guardrails_custom_patterns",
    "copilot.guardrails_audit_log",
    "copilot.notification_templates",
    "copilot.support_tickets",
    "copilot.audit_log",
    "gateway.connector_policy_details",
    "gateway.integration_lists",
    "gateway.team_memberships",
    "gateway.account_allocations",
    "gateway.model_providers",
    "gateway.model_lists",
    "gateway.resource_prices",
    "gateway.guardrail_policies",
    "gateway.agent_guards",
    "gateway.guardrail_events",
    "gateway.subscription_plans",
    "gateway.plan_features",
    "gateway.subscriptions",
    "gateway.entitlements",
    "gateway.quotas",
    "gateway.quota_periods",
    "gateway.access_overrides",
)
"""Every table filled, parents before their children."""
_LINKS = "gateway.audit_links"


_LINES_AT_ONCE = 2000
_LOGS = {
    "copilot.audit_log": ("COCKPIT", "created_at"),
    "copilot.guardrails_audit_log": ("GUARDRAILS", "changed_at"),
}
"""Logs whose events form chains: what they are called as sources, and when a row happened."""


class _Batch(NamedTuple):
    """Rows of one table that state the same columns."""

    table: str
    columns: tuple[str, ...]
    rows: list[dict[str, Any]]


class Dataset:
    """Rows by table. Times are counted back from one moment, so that data is never old."""

    __slots__ = ("_batches", "lines", "now")

    def __init__(self, now: datetime) -> None:
        """Begin without rows; `now` carries a zone."""
        self.now = now
        self.lines: list[Line] = []
        """Of the ledger of usage, which is written with its sums."""
        self._batches: dict[tuple[str, tuple[str, ...]], _Batch] = {}

    def add(self, table: str, **values: Any) -> None:
        """Add a row; columns left out get the table's defaults.

        Raises `ValueError` for a table that has no place in the order.
        """
        if table not in _ORDER:
            raise ValueError(f"The demo data has no place for {table}.")
        columns = tuple(values)
        batch = self._batches.get((table, columns))
        if batch is None:
            batch = self._batches[table, columns] = _Batch(table, columns, [])
        batch.rows.append(values)

    def ago(self, *, days: float = 0, hours: float = 0) -> datetime:
        """A moment before `now`, to the second."""
        return (self.now - timedelta(days=days, hours=hours)).replace(microsecond=0)

    async def insert(self, database: Database) -> None:
        """Insert everything; one statement a batch."""
        batches = self._in_order()
        for batch in batches:
            await database.execute(_insertion(batch.table, batch.columns), rows=batch.rows)
        for start in range(0, len(self.lines), _LINES_AT_ONCE):
            await add_lines(database, self.lines[start : start + _LINES_AT_ONCE])
        await chain_events(database, self._links())
        # Until statistics are gathered, the planner takes these tables for almost empty ones.
        tables = ", ".join(dict.fromkeys([*(batch.table for batch in batches), _LINKS]))
        await database.execute(Statement(text(f"ANALYZE {tables}")))

    def _links(self) -> list[Link]:
        """Every event in the order in which they happened, each with a request of its own."""
        happened = [
            (row[moment], source, row["id"])
            for batch in self._batches.values()
            if batch.table in _LOGS
            for source, moment in [_LOGS[batch.table]]
            for row in batch.rows
        ]
        return [
            Link(source, id, Cause(demo_digest("request", id)[:32]))
            for _, source, id in sorted(happened)
        ]

    def _in_order(self) -> list[_Batch]:
        return sorted(self._batches.values(), key=lambda batch: _ORDER.index(batch.table))


def _insertion(table: str, columns: tuple[str, ...]) -> Statement:
    """An INSERT of a JSON list of rows, which PostgreSQL casts to the table's types.

    One parameter and one round trip a batch, whatever the types of its columns.
    """
    names = ", ".join(f'"{column}"' for column in columns)
    insertion = text(
        f"INSERT INTO {table} ({names}) SELECT {names}"  # noqa: S608 - all names are ours
        f" FROM jsonb_populate_recordset(CAST(NULL AS {table}), :rows)"
    )
    return Statement(insertion.bindparams(bindparam("rows", type_=JSONB())))
