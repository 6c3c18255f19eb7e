"""Walking a chain: it names the first link that somebody tampered with."""

from __future__ import annotations

import pytest

from datasources.audit import AuditEvent, Recorded, record_all
from datasources.audit_chain import Cause, chain_events
from datasources.audit_verification import Anchor, Broken, Verified, verify_chain
from datasources.database import Pool
from datasources.guardrails.writes.changes import Change, log_change
from tests.harness.callers import person
from tests.harness.sql import look, run

_THIRD = "(SELECT event_id FROM gateway.audit_links WHERE position = 3)"
_LINE = "(SELECT event_id FROM gateway.audit_links WHERE position = 6)"
_CHANGED = "The event or its place was changed."
_EVENT_GONE = "The event is missing."
_LINK_GONE = "The link is missing."
_END = "The end that was kept of the chain is not its last event."
_OTHER = "The chain up to here is not the one that was noted down."


async def fill(pool: Pool) -> list[str]:
    """Five events and a line of the guardrails' log; the ids in their order."""
    caller = person("acme")
    async with pool.as_caller(caller).transaction() as database:
        events = [
            AuditEvent("copilot_directory", "update", "user", "u", f"Number {number}.", {"n": 1})
            for number in range(5)
        ]
        caused = Cause("request", "192.0.2.7", "curl")
        links = await record_all(database, [Recorded(caller, caused, one) for one in events])
        change = Change("PII", "update", {"threshold": 0.5}, {"threshold": 0.6}, ["threshold"])
        links.append(await log_change(database, caller, change, caused))
        await chain_events(database, links)
    return [link.event_id for link in links]


@pytest.mark.parametrize(
    ("tampering", "position", "reason"),
    [
        (f"UPDATE copilot.audit_log SET message = 'x' WHERE id = {_THIRD}", 3, _CHANGED),
        (f"UPDATE copilot.audit_log SET details = '{{}}' WHERE id = {_THIRD}", 3, _CHANGED),
        (f"UPDATE copilot.audit_log SET actor_id = NULL WHERE id = {_THIRD}", 3, _CHANGED),
        (f"UPDATE copilot.audit_log SET account_id = 'b' WHERE id = {_THIRD}", 3, _CHANGED),
        (
            "UPDATE copilot.audit_log SET created_at = created_at - interval '1 microsecond'"
            f" WHERE id = {_THIRD}",
            3,
            _CHANGED,
        ),
        (
            f"UPDATE copilot.guardrails_audit_log SET new_config = NULL WHERE id = {_LINE}",
            6,
            _CHANGED,
        ),
        ("UPDATE gateway.audit_links SET request_id = NULL WHERE position = 3", 3, _CHANGED),
        ("UPDATE gateway.audit_links SET ip_address = '::1' WHERE position = 3", 3, _CHANGED),
        ("UPDATE gateway.audit_links SET hash = sha256('x') WHERE position = 3", 3, _CHANGED),
        (f"DELETE FROM copilot.audit_log WHERE id = {_THIRD}", 3, _EVENT_GONE),
        ("DELETE FROM gateway.audit_links WHERE position = 3", 3, _LINK_GONE),
        ("UPDATE gateway.audit_links SET account_id = 'b' WHERE position = 3", 3, _LINK_GONE),
        (
            "UPDATE gateway.audit_links SET position = CASE position WHEN 2 THEN 103 ELSE 102 END"
            " WHERE position IN (2, 3); UPDATE gateway.audit_links SET position = position - 100"
            " WHERE position > 100",
            2,
            _CHANGED,
        ),
        (
            "DELETE FROM gateway.audit_links WHERE position = 3; UPDATE gateway.audit_links"
            " SET position = position - 1 WHERE position > 3; UPDATE gateway.audit_chains"
            " SET position = 5",
            3,
            _CHANGED,
        ),
        ("DELETE FROM gateway.audit_links WHERE position = 6", 6, _LINK_GONE),
        ("DELETE FROM gateway.audit_links", 1, _LINK_GONE),
        ("UPDATE gateway.audit_chains SET position = 5", 6, _END),
        ("DELETE FROM gateway.audit_chains", 6, _END),
    ],
)
async def test_the_first_broken_link_is_named(
    pool: Pool, tampering: str, position: int, reason: str
) -> None:
    ids = await fill(pool)
    for statement in tampering.split("; "):
        assert await run(pool, statement)
    broken = await verify_chain(pool, "acme")
    assert isinstance(broken, Broken)
    assert (broken.position, broken.reason) == (position, reason)
    assert broken.event_id in {*ids, None}


async def test_the_event_at_a_broken_link_is_told(pool: Pool) -> None:
    ids = await fill(pool)
    await run(pool, f"UPDATE copilot.audit_log SET severity = 'debug' WHERE id = {_THIRD}")
    assert await verify_chain(pool, "acme") == Broken("acme", 3, ids[2], _CHANGED)


async def test_an_end_that_was_cut_off_with_all_traces_shows_against_what_was_noted_down(
    pool: Pool,
) -> None:
    await fill(pool)
    noted = await verify_chain(pool, "acme")
    assert isinstance(noted, Verified)
    ((hash,),) = await look(pool, "SELECT hash FROM gateway.audit_links WHERE position = 5")
    await run(pool, "DELETE FROM gateway.audit_links WHERE position = 6")
    await run(pool, "UPDATE gateway.audit_chains SET position = 5, hash = $1", hash)
    assert await verify_chain(pool, "acme") == Verified("acme", 5, hash)
    anchor = Anchor(noted.position, noted.hash)
    assert await verify_chain(pool, "acme", anchor) == Broken("acme", 6, None, _LINK_GONE)


async def test_a_chain_made_anew_shows_against_what_was_noted_down(pool: Pool) -> None:
    await fill(pool)
    noted = await verify_chain(pool, "acme")
    assert isinstance(noted, Verified)
    for table in ("gateway.audit_links", "gateway.audit_chains", "copilot.audit_log"):
        await run(pool, f"DELETE FROM {table}")
    ids = await fill(pool)
    anew = await verify_chain(pool, "acme")
    assert isinstance(anew, Verified)
    assert anew.hash != noted.hash
    anchor = Anchor(noted.position, noted.hash)
    assert await verify_chain(pool, "acme", anchor) == Broken("acme", 6, ids[5], _OTHER)


async def test_a_chain_nothing_was_ever_put_into_is_whole(pool: Pool) -> None:
    assert await verify_chain(pool, "nobody") == Verified("nobody", 0, bytes(32))
