"""Everything that can happen to credits, asked for in any order, and what must hold afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, NamedTuple
from uuid import uuid4

import asyncpg

from datasources.audit_verification import Broken, chains, verify_chain
from datasources.database import Pool
from schema.budgets import BUDGETS
from schema.directory import DIRECTORY
from tests.harness.budgets import ADA, BOB, GROUP, ORG, TEAM, admin, machine
from tests.harness.callers import super_admin
from tests.harness.module import ModuleGraph
from tests.harness.sql import look

__all__ = ["OPERATIONS", "SHARING", "Graphs", "Storm", "broken_rules", "rage"]

_SCOPES = (("USER", ADA), ("USER", BOB), ("TEAM", TEAM), ("GROUP", GROUP), ("ACCOUNT", ORG))


SHARING = {
    "distribution_mode": "equal_distribution",
    "default_target_scope": "user",
    "auto_distribute_new_users": True,
}
"""What a plan says so that everybody who joins gets a share."""


class Graphs(NamedTuple):
    """The module the storm is about, and the one whose writes reach into it."""

    budgets: ModuleGraph
    directory: ModuleGraph

    @classmethod
    def of(cls, pool: Pool) -> Graphs:
        """Both, on one database."""
        return cls(ModuleGraph(BUDGETS, pool), ModuleGraph(DIRECTORY, pool))


class Storm:
    """One client of the budgets module, with what it was told so far."""

    def __init__(self, graphs: Graphs, random: Random) -> None:
        self.graph, self.directory = graphs
        self.random = random
        self.people: list[str] = []
        self.told: dict[str, tuple[int, int, int]] = {}
        """What each key was answered with: credits, overflow and refused."""
        self.unanswered: dict[str, Any] | None = None
        """What was reported and not answered yet."""
        self.entries: list[str] = []
        self.reservations: list[str] = []

    async def ask(
        self,
        caller: Any,
        mutation: str,
        fields: str,
        module: ModuleGraph | None = None,
        **input: Any,
    ) -> Any:
        """A payload; None when the server was cut off. Faults of ours are raised."""
        type_ = mutation[0].upper() + mutation[1:] + "Input"
        text = (
            f"mutation($input: {type_}!) {{ {mutation}(input: $input)"
            f" {{ {fields} userErrors {{ code }} }} }}"
        )
        answer = await (module or self.graph).ask(caller, text, input=input)
        for error in answer.errors:
            cause = error.original_error
            if type(cause).__name__ not in {"DatabaseUnavailable", "ConnectionDoesNotExistError"}:
                raise error
            return None
        return answer.field

    async def budget(self) -> str | None:
        """Some budget of the running cycle."""
        rows = await look(
            self.graph.pool,
            "SELECT b.id::text FROM copilot.credit_budget b LEFT JOIN gateway.budget_details d"
            " ON d.budget_id = b.id WHERE d.closed_at IS NULL AND b.cycle_start <= now()"
            " AND b.cycle_end > now() ORDER BY 1",
        )
        return None if not rows else str(self.random.choice(rows)[0])

    def scope(self, *levels: str) -> dict[str, str]:
        """Some scope of these levels."""
        kind, id = self.random.choice([s for s in _SCOPES if not levels or s[0] in levels])
        return {"type": kind, "id": id}


async def record(storm: Storm) -> None:
    """Report a consumption until it is answered, sometimes twice, sometimes for a reservation.

    Who is killed before the answer comes reports the same again.
    """
    usage = storm.unanswered or _usage(storm)
    storm.unanswered = usage
    for _ in range(storm.random.choice([1, 1, 2])):
        payload = None
        while payload is None:
            payload = await storm.ask(
                machine(),
                "recordUsage",
                "entry { id credits overflowCredits refusedCredits }",
                usage=usage,
            )
        entry = payload["entry"]
        if entry is None:
            continue
        said = (entry["credits"], entry["overflowCredits"], entry["refusedCredits"])
        assert storm.told.setdefault(usage["idempotencyKey"], said) == said
        if not said[2]:
            storm.entries.append(entry["id"])
    storm.unanswered = None


def _usage(storm: Storm) -> dict[str, Any]:
    usage: dict[str, Any] = {
        "idempotencyKey": str(uuid4()),
        "scope": storm.scope(),
        "credits": storm.random.randint(1, 30),
        "modelName": storm.random.choice(["a", "b"]),
        "metadata": storm.random.choice([None, [], [1, [2]], {"a": 1}, "text"]),
    }
    if storm.reservations and storm.random.random() < 0.4:
        usage["reservationId"] = storm.random.choice(storm.reservations)
    return usage


async def record_batch(storm: Storm) -> None:
    """Report several consumptions at once."""
    usages: list[dict[str, Any]] = [
        {
            "idempotencyKey": str(uuid4()),
            "scope": storm.scope(),
            "credits": storm.random.randint(1, 9),
            "metadata": storm.random.choice([None, [], [[1, 2]], {"a": []}]),
        }
        for _ in range(20)
    ]
    payload = None
    while payload is None:
        fields = "entries { id credits overflowCredits refusedCredits }"
        payload = await storm.ask(machine(), "recordUsages", fields, usages=usages)
    for usage, entry in zip(usages, payload["entries"], strict=True):
        if entry is not None:
            said = (entry["credits"], entry["overflowCredits"], entry["refusedCredits"])
            storm.told[str(usage["idempotencyKey"])] = said


async def refund(storm: Storm) -> None:
    """Give some of a charge back."""
    if storm.entries:
        await storm.ask(
            machine(),
            "refundUsage",
            "entry { id }",
            entryId=storm.random.choice(storm.entries),
            credits=storm.random.randint(1, 10),
            reason="storm",
            idempotencyKey=str(uuid4()),
        )


async def reserve(storm: Storm) -> None:
    """Hold credits, some of them for a moment only."""
    payload = await storm.ask(
        machine(),
        "reserveUsage",
        "reservation { id }",
        scope=storm.scope(),
        amount=storm.random.randint(1, 60),
        expiresInSeconds=storm.random.choice([1, 600]),
        idempotencyKey=str(uuid4()),
    )
    if payload and payload["reservation"]:
        storm.reservations.append(payload["reservation"]["id"])


async def release(storm: Storm) -> None:
    """Give a reservation back."""
    if storm.reservations:
        reservation = storm.random.choice(storm.reservations)
        await storm.ask(
            machine(), "releaseUsage", "reservation { status }", reservationId=reservation
        )


async def allocate(storm: Storm) -> None:
    """Hand credits to a scope."""
    if budget := await storm.budget():
        await storm.ask(
            admin(),
            "allocateBudget",
            "budget { id }",
            parentId=budget,
            scope=storm.scope("USER", "TEAM", "GROUP"),
            allocated=storm.random.randint(0, 500),
            overflowCap=storm.random.choice([0, 20, None]),
            strategy=storm.random.choice(["MANUAL", "OVERRIDE"]),
        )


async def distribute(storm: Storm) -> None:
    """Share a budget out."""
    if budget := await storm.budget():
        await storm.ask(
            admin(),
            "distributeBudget",
            "targetCount",
            budgetId=budget,
            targetType=storm.random.choice(["USER", "TEAM", "GROUP"]),
            includeOverrides=storm.random.random() < 0.5,
            dryRun=storm.random.random() < 0.2,
        )


async def update(storm: Storm) -> None:
    """Change a budget's amounts, pool or parent."""
    change: dict[str, Any] = storm.random.choice(
        [
            {"allocated": storm.random.randint(0, 900)},
            {"limit": storm.random.randint(0, 900)},
            {"pooled": storm.random.randint(0, 200)},
            {"overflowCap": storm.random.choice([0, 50, None])},
            {"strategy": "EQUAL_DISTRIBUTION"},
            {"parentId": await storm.budget()},
        ]
    )
    if budget := await storm.budget():
        await storm.ask(
            super_admin(), "updateBudget", "budget { id }", accountId=ORG, id=budget, **change
        )


async def delete(storm: Storm) -> None:
    """Close a budget."""
    if budget := await storm.budget():
        handling = storm.random.choice(["REFUSE", "MOVE_TO_PARENT"])
        await storm.ask(admin(), "deleteBudget", "deletedId", id=budget, children=handling)


async def grant(storm: Storm) -> None:
    """Grant the account another amount."""
    await storm.ask(
        super_admin(),
        "setAccountAllocation",
        "budget { id }",
        accountId=ORG,
        allocated=storm.random.randint(500, 5000),
        overflowCap=storm.random.choice([0, 100, None]),
    )


async def renew(storm: Storm) -> None:
    """Start a cycle, the next ones included."""
    rows = await look(storm.graph.pool, "SELECT id::text FROM copilot.budget_plans")
    at = datetime.now(UTC) + timedelta(days=31 * storm.random.randint(0, 3))
    await storm.ask(
        super_admin(),
        "renewBudgetPlan",
        "isCreated",
        accountId=ORG,
        planId=str(rows[0][0]),
        at=at.isoformat(),
        force=storm.random.random() < 0.3,
    )


async def join(storm: Storm) -> None:
    """Bring somebody into the account, who gets a share of what runs."""
    email = f"{uuid4()}@storm.test"
    payload = await storm.ask(
        super_admin(),
        "createUser",
        "user { id }",
        storm.directory,
        accountId=ORG,
        email=email,
        name="New",
        teamId=TEAM,
    )
    if payload and payload["user"]:
        storm.people.append(payload["user"]["id"])


async def leave(storm: Storm) -> None:
    """Let somebody go who joined."""
    if storm.people:
        person = storm.people.pop()
        await storm.ask(
            super_admin(),
            "removeTeamMember",
            "membership { id }",
            storm.directory,
            accountId=ORG,
            teamId=TEAM,
            userId=person,
        )


OPERATIONS: dict[str, Callable[[Storm], Any]] = {
    function.__name__: function
    for function in (
        record,
        record_batch,
        refund,
        reserve,
        release,
        allocate,
        distribute,
        update,
        delete,
        grant,
        renew,
        join,
        leave,
    )
}
_OFTEN = ("record", "record", "record", "reserve", "reserve", "refund", "release", *OPERATIONS)

_CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    " AND application_name = 'cockpit-gateway' ORDER BY random() LIMIT 2"
)


async def rage(
    graphs: Graphs, database_url: str, *, workers: int, seconds: float, seed: int
) -> list[Storm]:
    """Let workers do what they like for some seconds, while they and their connections are cut."""
    end = asyncio.get_running_loop().time() + seconds
    storms = [Storm(graphs, Random(seed * 1000 + number)) for number in range(workers)]  # noqa: S311 - a repeatable choice
    doing: dict[int, asyncio.Task[None]] = {}

    def is_over() -> bool:
        return asyncio.get_running_loop().time() >= end

    async def work(number: int, storm: Storm) -> None:
        while not is_over():
            operation = OPERATIONS[storm.random.choice(_OFTEN)]
            task = doing[number] = asyncio.create_task(operation(storm))
            await asyncio.wait([task])
            error = None if task.cancelled() else task.exception()
            if error is not None and not _is_cut(error):
                raise error

    async def kill() -> None:
        random = Random(seed)  # noqa: S311 - as above
        while not is_over():
            await asyncio.sleep(0.2)
            random.choice(list(doing.values())).cancel()

    async def cut() -> None:
        connection = await asyncpg.connect(database_url)
        try:
            while not is_over():
                await asyncio.sleep(0.25)
                await connection.fetch(_CUT)
        finally:
            await connection.close()

    await asyncio.gather(cut(), kill(), *[work(*numbered) for numbered in enumerate(storms)])
    return storms


def _is_cut(error: BaseException) -> bool:
    names = {"DatabaseUnavailable", "ConnectionDoesNotExistError", "AdminShutdownError"}
    return type(error).__name__ in names


# --- what must hold -------------------------------------------------------------------------------

_BOOKED = """
    SELECT id, sum(sign * credits) AS credits, sum(sign * overflow_credits) AS overflow FROM (
        SELECT unnest(chain) AS id, credits, overflow_credits,
            CASE kind WHEN 'REFUND' THEN -1 ELSE 1 END AS sign
        FROM gateway.usage_ledger) AS line GROUP BY id
"""
_RULES = {
    "counters are the sums of the ledger": f"""
        SELECT b.id FROM copilot.credit_budget b LEFT JOIN ({_BOOKED}) l USING (id)
        WHERE b.used <> coalesce(l.credits, 0) OR b.overflow_used <> coalesce(l.overflow, 0)
    """,
    "no budget hands on more than it has": """
        SELECT b.id FROM copilot.credit_budget b
        LEFT JOIN gateway.budget_details d ON d.budget_id = b.id
        WHERE d.closed_at IS NULL AND b.allocated < coalesce(d.pooled, 0) + (
            SELECT coalesce(sum(c.allocated), 0) FROM copilot.credit_budget c
            WHERE c.parent_budget_id = b.id)
    """,
    "nothing is used or held beyond a limit": """
        SELECT b.id FROM copilot.credit_budget b
        LEFT JOIN gateway.budget_details d ON d.budget_id = b.id
        WHERE d.closed_at IS NULL AND (b.used + coalesce(d.reserved, 0) > b.limit_amount
            OR b.limit_amount > b.allocated
            OR b.overflow_used + coalesce(d.reserved_overflow, 0) > b.overflow_cap)
    """,
    "what is held is the sum of the reservations": """
        SELECT d.budget_id FROM gateway.budget_details d LEFT JOIN (
            SELECT unnest(chain) AS id, credits, overflow_credits
            FROM gateway.usage_reservations WHERE status = 'HELD') r ON r.id = d.budget_id
        GROUP BY d.budget_id
        HAVING d.reserved <> coalesce(sum(r.credits), 0)
            OR d.reserved_overflow <> coalesce(sum(r.overflow_credits), 0)
    """,
    "nothing is given back twice": """
        SELECT c.id FROM gateway.usage_ledger c JOIN gateway.usage_ledger r ON r.refund_of = c.id
        GROUP BY c.id HAVING sum(r.credits) > c.credits
            OR sum(r.overflow_credits) > c.overflow_credits
    """,
    "days add up to the ledger": """
        SELECT 1 FROM (SELECT coalesce(sum(credits), 0) AS a, coalesce(sum(entry_count), 0) AS n
            FROM gateway.usage_by_day) AS days, (
            SELECT coalesce(sum(CASE kind WHEN 'REFUND' THEN -credits ELSE credits END), 0) AS a,
                count(*) AS n FROM gateway.usage_ledger) AS ledger
        WHERE (days.a, days.n) <> (ledger.a, ledger.n)
    """,
    "every dimension adds up to the ledger": """
        SELECT dimension FROM gateway.usage_by_dimension GROUP BY dimension
        HAVING sum(entry_count) <> (SELECT count(*) FROM gateway.usage_ledger)
    """,
    "at most one cycle of the account runs": """
        SELECT a.id FROM copilot.credit_budget a JOIN copilot.credit_budget b
        ON a.id < b.id AND a.scope_type = 'account' AND b.scope_type = 'account'
        AND tstzrange(a.cycle_start, a.cycle_end) && tstzrange(b.cycle_start, b.cycle_end)
    """,
}


async def broken_rules(pool: Pool, told: dict[str, tuple[int, int, int]]) -> list[str]:
    """Which rules do not hold, and which answers the ledger does not know."""
    broken = [rule for rule, query in _RULES.items() if await look(pool, query)]
    lines = await look(
        pool,
        "SELECT idempotency_key, credits, overflow_credits, refused_credits"
        " FROM gateway.usage_ledger WHERE idempotency_key IS NOT NULL",
    )
    written = {key: (credits, overflow, refused) for key, credits, overflow, refused in lines}
    lost = [key for key, said in told.items() if written.get(key) != said]
    return [*broken, *[f"lost: {key}" for key in lost], *await _untold(pool)]


async def _untold(pool: Pool) -> list[str]:
    """Events that are in no chain, and chains that are not whole."""
    unchained = (
        "SELECT id FROM copilot.audit_log EXCEPT SELECT event_id FROM gateway.audit_links LIMIT 1"
    )
    walked = [await verify_chain(pool, chain) for chain in await chains(pool)]
    broken = [str(found) for found in walked if isinstance(found, Broken)]
    return [f"unchained: {id}" for (id,) in await look(pool, unchained)] + broken
