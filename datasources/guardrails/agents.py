"""Agents as guardrails know them: that they exist, and which guards they require."""

from __future__ import annotations

from sqlalchemy import Text, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from datasources.guardrails.rows import AgentGuardsRow
from datasources.guardrails.tables import agent_guards, agents
from datasources.reads import One
from datasources.tables import accounts

__all__ = ["agents_in_account"]

_NONE = literal_column("'{}'::text[]", ARRAY(Text()))

agents_in_account = One(
    AgentGuardsRow,
    select(
        agents.c.agent_id.label("id"),
        func.coalesce(agent_guards.c.required_guards, _NONE).label("required_guards"),
        accounts.c.account_id.label("addressed"),
    ).select_from(
        accounts.join(
            agents,
            or_(agents.c.account_id == accounts.c.account_id, agents.c.account_id.is_(None)),
        ).outerjoin(agent_guards, agent_guards.c.agent_id == agents.c.agent_id)
    ),
    key=("addressed", "id"),
    tenant="addressed",
)
"""An agent of an account or of the platform, by the account's id and its own."""
