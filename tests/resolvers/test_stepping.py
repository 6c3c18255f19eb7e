"""Operations in steps: how long a request works on one, and who does the rest."""

from __future__ import annotations

from datasources.bulk_steps import NewOperation, begin_operation
from datasources.database import Pool
from resolvers.stepping import Doing, Work, begun_by, go_on_with_what_is_left
from tests.harness.callers import super_admin
from tests.harness.services import context_of
from tests.harness.sql import run

KIND = "UPDATE_USERS"


async def test_what_takes_longer_than_a_request_may_is_left_and_found_again(pool: Pool) -> None:
    steps: list[str] = []

    async def step(doing: Doing) -> bool:
        steps.append(doing.request_id)
        return len(steps) < 3

    context = context_of(super_admin(), pool)
    beginning = NewOperation(KIND, is_dry_run=False, selection={}, values={})
    operation = await begin_operation(pool, super_admin(), beginning)
    await begun_by(context, operation.id, Work(KIND, step, "A fault.", seconds=0.0))
    assert steps == []
    await run(pool, "UPDATE gateway.bulk_operations SET started_at = now() - interval '1 hour'")
    work = Work(KIND, step, "A fault.", seconds=0.0)
    assert [str(id) for id in await go_on_with_what_is_left(context.services, work)] == [
        operation.id
    ]
    assert steps == ["bulk"] * 3
