"""Who listens is told of every report that was kept, once, and of no other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from federation.execution.response import Response
from tests.harness.access import ADMIN, ANN
from tests.harness.guardrails import SERVICE, Guardrails

LISTEN = """subscription ($guards: [GuardType!], $severities: [PatternSeverity!]) {
  guardrailEvents(guards: $guards, severities: $severities) { guard severity category } }"""


async def report(guardrails: Guardrails, key: str, guard: str, severity: str) -> Any:
    return await guardrails.write(
        "recordGuardrailEvent",
        SERVICE,
        guard=guard,
        severity=severity,
        action="FLAG",
        category=key,
        idempotencyKey=key,
    )


@asynccontextmanager
async def listening(guardrails: Guardrails, **of: Any) -> AsyncIterator[Any]:
    """What one who listens is told, from when they hear."""
    graph = guardrails.graph
    events = await graph.subscribe(ADMIN, LISTEN, **of)
    assert not isinstance(events, Response)
    first = asyncio.ensure_future(anext(events))
    await graph.followed(graph.follower_count + 1)

    async def told() -> AsyncIterator[str]:
        yield (await first).data["guardrailEvents"]["category"]  # type: ignore[index] # no error
        async for event in events:
            yield event.data["guardrailEvents"]["category"]  # type: ignore[index] # no error

    try:
        yield told()
    finally:
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        await events.aclose()


@pytest.fixture
async def hearing(guardrails: Guardrails) -> AsyncIterator[Guardrails]:
    yield guardrails
    await guardrails.graph.services.notices.aclose()


async def test_a_report_is_told_once_and_a_repeated_or_refused_one_not_at_all(
    hearing: Guardrails,
) -> None:
    async with listening(hearing) as told:
        for key in ("a", "a", "b"):
            await report(hearing, key, "PII", "LOW")
        await hearing.refusal(
            "recordGuardrailEvent", SERVICE, guard="PII", severity="LOW", action="FLAG",
            userId="nobody", idempotencyKey="c",
        )  # fmt: skip
        await report(hearing, "d", "PII", "LOW")
        assert [await anext(told) for _ in range(3)] == ["a", "b", "d"]


async def test_only_what_is_asked_for_is_told(hearing: Guardrails) -> None:
    async with (
        listening(hearing, guards=["TOXIC"]) as of_toxic,
        listening(hearing, severities=["HIGH", "CRITICAL"]) as of_serious,
    ):
        await report(hearing, "a", "PII", "LOW")
        await report(hearing, "b", "TOXIC", "LOW")
        await report(hearing, "c", "PII", "CRITICAL")
        assert await anext(of_toxic) == "b"
        assert await anext(of_serious) == "c"


async def test_a_member_does_not_listen(hearing: Guardrails) -> None:
    refused = await hearing.graph.subscribe(ANN, LISTEN)
    assert isinstance(refused, Response)
    assert [error.extensions["code"] for error in refused.errors] == ["FORBIDDEN"]
