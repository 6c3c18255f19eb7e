"""What older services left behind is taken over when their database is first migrated."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from datasources import migrations
from tests.datasources.test_migrations import apply_production_sql, connected
from tests.harness.sql import as_json

_CONFIGURE = """
    INSERT INTO copilot.guardrails_config (account_id, guard_type, config)
    VALUES ('a', $1, $2::text::jsonb)
"""
_TAKEN = """
    SELECT scope_type, scope_id, required_guards, mode, notes, updated_by
    FROM gateway.guardrail_policies ORDER BY scope_type, scope_id
"""


def policy(scope_type: str, scope_id: str, **said: Any) -> dict[str, Any]:
    kept = {"scope_type": scope_type, "scope_id": scope_id, "updated_by": "ada"}
    return {f"{scope_type}:{scope_id}": kept | said}


PII = {
    "threshold": 0.5,
    "scope_policies": {
        **policy("account", "a", mode="enforce"),
        **policy("group", "g", mode="advisory", notes="Why"),
        **policy("team", "t", mode="strict"),
        **policy("user", "u", is_enabled=False),
        **policy("planet", "p"),
        "broken": "text",
    },
}
TOXIC = {"scope_policies": policy("group", "g", mode="advisory", notes="Why")}
TAKEN = [
    ("ACCOUNT", "a", ["PII"], "ENFORCE", None, "ada"),
    ("GROUP", "g", ["PII", "TOXIC"], "ADVISORY", "Why", "ada"),
    ("TEAM", "t", ["PII"], "ENFORCE", None, "ada"),
]


@pytest.mark.parametrize("layers", [0, 1, 2])
def test_policies_kept_in_settings_of_guards_become_policies(
    empty_database_url: str, layers: int
) -> None:
    """Also where the settings are stored as text, once or twice over."""
    asyncio.run(apply_production_sql(empty_database_url))
    configs = {"pii": as_json(PII), "toxic": as_json(TOXIC)}
    for _ in range(layers):
        configs = {guard: as_json(config) for guard, config in configs.items()}
    asyncio.run(_configure(empty_database_url, configs))
    migrations.upgrade(empty_database_url)
    assert asyncio.run(_taken(empty_database_url)) == TAKEN


async def _configure(url: str, configs: dict[str, str]) -> None:
    async with connected(url) as connection:
        for guard, config in configs.items():
            await connection.execute(_CONFIGURE, guard, config)


async def _taken(url: str) -> list[tuple[Any, ...]]:
    async with connected(url) as connection:
        return [tuple(row) for row in await connection.fetch(_TAKEN)]
