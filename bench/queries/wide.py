"""`wide`: 200 lines of the ledger, 25 scalar values each; a page has no more."""

from __future__ import annotations

from typing import Any

import asyncpg
import orjson

from bench.queries.query import Query

__all__ = ["LINES", "WIDE"]

_TEXT = """
query Wide {
  account {
    usage(first: 200) {
      nodes {
        id accountId kind outcome
        credits overflowCredits refusedCredits
        cost { amount currency }
        creditFactor
        user { id }
        agent { id }
        connector { id }
        modelName guard tool workspaceId threadId requestId
        promptTokens completionTokens
        description metadata
        occurredAt recordedAt
      }
    }
  }
}
"""

LINES = """
SELECT id, account_id, kind, outcome, credits, overflow_credits, refused_credits,
    cost::text AS amount, coalesce(currency, 'USD') AS currency, credit_factor::text, user_id,
    agent_id, connector_id, model_name, guard, tool, workspace_id, thread_id, request_id,
    prompt_tokens, completion_tokens, description, metadata, occurred_at, recorded_at
FROM gateway.usage_ledger
WHERE account_id = $1
ORDER BY occurred_at DESC, id DESC
LIMIT 200
"""

_BUILT = f"""
SELECT json_build_object('account', json_build_object('usage', json_build_object(
    'nodes', coalesce(json_agg(json_build_object(
        'id', id, 'accountId', account_id, 'kind', kind, 'outcome', outcome, 'credits', credits,
        'overflowCredits', overflow_credits, 'refusedCredits', refused_credits,
        'cost', CASE WHEN amount IS NOT NULL THEN
            json_build_object('amount', amount, 'currency', currency) END,
        'creditFactor', credit_factor,
        'user', CASE WHEN user_id IS NOT NULL THEN json_build_object('id', user_id) END,
        'agent', CASE WHEN agent_id IS NOT NULL THEN json_build_object('id', agent_id) END,
        'connector',
            CASE WHEN connector_id IS NOT NULL THEN json_build_object('id', connector_id) END,
        'modelName', model_name, 'guard', guard, 'tool', tool, 'workspaceId', workspace_id,
        'threadId', thread_id, 'requestId', request_id, 'promptTokens', prompt_tokens,
        'completionTokens', completion_tokens, 'description', description, 'metadata', metadata,
        'occurredAt', occurred_at, 'recordedAt', recorded_at)), '[]'))))
FROM ({LINES}) lines
"""

_BEFORE_COST = (
    *("id", "accountId", "kind", "outcome"),
    *("credits", "overflowCredits", "refusedCredits"),
)
_AFTER_CONNECTOR = (
    *("modelName", "guard", "tool", "workspaceId", "threadId", "requestId"),
    *("promptTokens", "completionTokens", "description"),
)


async def _by_hand(pool: asyncpg.Pool, account: str) -> dict[str, Any]:
    nodes = [_line(row) for row in await pool.fetch(LINES, account)]
    return {"account": {"usage": {"nodes": nodes}}}


def _line(row: asyncpg.Record) -> dict[str, Any]:
    amount, currency, factor, user, agent, connector = row[7:13]
    metadata, occurred_at, recorded_at = row[22:]
    return {
        **dict(zip(_BEFORE_COST, row[:7], strict=True)),
        "cost": amount and {"amount": amount, "currency": currency},
        "creditFactor": factor,
        "user": user and {"id": user},
        "agent": agent and {"id": agent},
        "connector": connector and {"id": connector},
        **dict(zip(_AFTER_CONNECTOR, row[13:22], strict=True)),
        "metadata": metadata and orjson.Fragment(metadata),
        "occurredAt": occurred_at,
        "recordedAt": recorded_at,
    }


WIDE = Query("wide", _TEXT, _by_hand, _BUILT, statements=1)
