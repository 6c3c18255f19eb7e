"""Every mutation tells of what it did: who, in which account, how serious, and no secrets."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLInputObjectType, get_named_type

from auth.caller import Caller
from datasources.database import Pool
from tests.harness.callers import nobody, super_admin
from tests.harness.graph import Graph, supergraph
from tests.harness.sql import look, run
from tests.isolation.samples import BEFORE, INPUTS
from tests.isolation.tenants import ALPHA, SECRET

ROOT = supergraph().api_schema.mutation_type
BEARERS = {"acceptInvite", "declineInvite"}
"""By whoever holds the token, in no account of theirs."""
OF_THE_PLATFORM = {
    "createFeature", "updateFeature", "deleteFeature",
    "createModel", "updateModel", "deleteModel", "importModels",
    "setModelProvider", "deleteModelProvider",
    "createIntegration", "updateIntegration", "deleteIntegration",
    "createResourcePrice", "deleteAccount",
    "createSubscriptionPlan", "updateSubscriptionPlan",
}  # fmt: skip
"""What no account is named for, or whose account is gone."""
MORE = {"updateBudget": {"strategy": "OVERRIDE"}}
"""What a sample has to say besides, to change anything."""
NOTHING_TO_DO = {"reconcileIdentityUsers"}
"""What changes nothing for the rows that there are."""
WARNINGS = {"setAccountStatus", "recordGuardrailEvent"}
_NEWEST = 'SELECT account_id FROM "Alchemi_AccountTable" ORDER BY created_at DESC LIMIT 1'
_TOLD = """SELECT account_id, actor_id, severity, message, details::text FROM copilot.audit_log
    WHERE id <> ALL($1) ORDER BY created_at"""

pytestmark = pytest.mark.parametrize("graph", [None], indirect=True, ids=["graph"])


def _input(mutation: str) -> dict[str, Any]:
    """A sample with its account, to be carried out and not only tried."""
    assert ROOT is not None
    type_ = get_named_type(ROOT.fields[mutation].args["input"].type)
    assert isinstance(type_, GraphQLInputObjectType)
    given = INPUTS[mutation][0](ALPHA, "word") | MORE.get(mutation, {})
    if "accountId" in type_.fields and mutation != "createResourcePrice":
        given |= {"accountId": ALPHA.account_id}
    return {name: value for name, value in given.items() if name != "dryRun"}


def _caller(mutation: str) -> Caller:
    return nobody(ALPHA.mail("invite")) if mutation in BEARERS else super_admin()


async def _write(graph: Graph, mutation: str, given: dict[str, Any]) -> None:
    text = f"""mutation ($input: {mutation[0].upper()}{mutation[1:]}Input!) {{
        {mutation}(input: $input) {{ userErrors {{ code }} }} }}"""
    answer = await graph.ask(_caller(mutation), text, input=given)
    assert (answer.errors, answer.data) == ((), {mutation: {"userErrors": []}})


def _takes_away(mutation: str) -> bool:
    """Whether its sample removes, suspends or withdraws something, or a guard refused."""
    return mutation.startswith(("delete", "remove", "revoke", "cancel")) or mutation in WARNINGS


async def _account_of(pool: Pool, mutation: str) -> str | None:
    if mutation in OF_THE_PLATFORM:
        return None
    return (
        str((await look(pool, _NEWEST))[0][0]) if mutation == "createAccount" else ALPHA.account_id
    )


@pytest.mark.parametrize("mutation", sorted(INPUTS.keys() - NOTHING_TO_DO))
async def test_what_is_written_is_told(graph: Graph, pool: Pool, mutation: str) -> None:
    if mutation in BEFORE:
        await run(pool, BEFORE[mutation], ALPHA.account_id)
    before = [row[0] for row in await look(pool, "SELECT id FROM copilot.audit_log")]
    await _write(graph, mutation, _input(mutation))
    told = await look(pool, _TOLD, before)
    assert told
    assert {account_id for account_id, *_ in told} == {await _account_of(pool, mutation)}
    assert {actor_id for _, actor_id, *_ in told} == {_caller(mutation).id}
    assert all(one[3] for one in told)
    assert {one[2] for one in told} == {"warning" if _takes_away(mutation) else "info"}
    assert SECRET not in str(told)
