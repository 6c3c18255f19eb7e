"""A subscription of a module: declared in one line, guarded, answered row by row."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple

import strawberry

from datasources.references import AccountRef, reachable_accounts
from federation.engine import Engine
from federation.execution.response import Response
from federation.operation import Grants
from federation.supergraph import Supergraph
from federation.transport.in_process import InProcessSubgraph
from gateway.modules import compose_modules
from resolvers.base import RequestContext
from resolvers.errors import BadUserInput
from schema.base.fields import argument, column, subscription
from schema.base.guards import Role, roles
from schema.base.modules import Module, build, entity, record
from schema.base.roots import account_root


class AlertRow(NamedTuple):
    level: int


@record(AlertRow, "An alert.")
class Alert:
    level: int = column("How bad.")


@entity(AccountRef, reachable_accounts, "A tenant.")
class Account:
    id: strawberry.ID = column("Stored identifier.")


async def alerts(_context: RequestContext, most: int) -> AsyncIterator[AlertRow]:
    for level in range(most):
        yield AlertRow(level)
    raise BadUserInput("No alert is worse.")


@strawberry.type
class Query:
    account: Account | None = account_root()


@strawberry.type
class Subscription:
    alerts: Alert = subscription(
        alerts,
        "Alerts as they are raised.",
        guard=roles(Role.ACCOUNT_ADMIN),
        arguments=[argument("most", int, "How many levels.", default=2)],
    )


MODULE = build(Module("alerts", Query, subscription=Subscription, entities=[Account]))
SUPERGRAPH = Supergraph.parse(compose_modules([MODULE]).sdl)
TEXT = "subscription { alerts { level } }"


def engine() -> Engine:
    return Engine(SUPERGRAPH, {"alerts": InProcessSubgraph("alerts", MODULE.schema)})


async def test_each_row_is_an_event_and_an_error_for_the_client_the_last() -> None:
    served = engine()
    prepared = served.prepare(TEXT)
    grants = Grants(is_authenticated=True, holds_every_policy=True)
    events = await served.subscribe(prepared, {}, grants=grants)
    assert not isinstance(events, Response)
    first, second, last = [event async for event in events]
    assert [first.data, second.data] == [{"alerts": {"level": 0}}, {"alerts": {"level": 1}}]
    assert last.errors[0].message == "No alert is worse."
    assert last.errors[0].extensions["code"] == "BAD_USER_INPUT"


async def test_the_guard_of_a_subscription_is_enforced_before_anything_is_asked() -> None:
    served = engine()
    answer = await served.subscribe(served.prepare(TEXT), {}, grants=Grants(is_authenticated=True))
    assert isinstance(answer, Response)
    assert answer.errors[0].extensions["code"] == "FORBIDDEN"
    assert "requiresRole" in MODULE.sdl
