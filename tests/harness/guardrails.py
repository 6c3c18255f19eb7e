"""Guardrails of an account as tests write and read them, through the whole graph."""

from __future__ import annotations

from typing import Any

from auth.caller import ActorKind, Caller, Role
from auth.policy import FEATURE_KEYS
from auth.scopes import ACCOUNTS_ANY, SCOPES
from datasources.base import Database
from tests.harness.access import ADMIN
from tests.harness.directory import ACME
from tests.harness.graph import Graph
from tests.harness.sql import look

__all__ = ["SERVICE", "Guardrails", "logged"]

SERVICE = Caller(
    kind=ActorKind.SERVICE,
    id="5e5e0000-0000-4000-8000-000000000001",
    name="AI back end",
    account_id=ACME,
    roles=frozenset({Role.SERVICE}),
    scopes=frozenset(SCOPES.keys() - {ACCOUNTS_ANY}),
    features=FEATURE_KEYS,
)
"""A machine client of the account, with every scope an account can grant."""

_ANSWERS = {
    "setGuardrail": "guardrail { guard isConfigured isEnabled executionOrder action settings "
    "version updatedBy { name } }",
    "createGuardrailPattern": "pattern { id accountId guard name regex isEnabled }",
    "updateGuardrailPattern": "pattern { id accountId name regex category isEnabled }",
    "deleteGuardrailPattern": "deletedId",
    "setGuardrailPolicy": "policy { id scope { type id } requiredGuards mode isEnabled notes }",
    "deleteGuardrailPolicy": "deletedId",
    "recordGuardrailEvent": "event { id guard severity category occurredAt }",
}


class Guardrails:
    """Writes and reads guardrails; an account admin unless told otherwise."""

    def __init__(self, graph: Graph, pool: Database) -> None:
        self.graph = graph
        self.pool = pool

    async def write(self, mutation: str, caller: Caller = ADMIN, **input: Any) -> Any:
        """The payload of a mutation that is not refused outright."""
        type_ = f"{mutation[0].upper()}{mutation[1:]}Input"
        answers = f"{_ANSWERS[mutation]} userErrors {{ code path message }}"
        text = f"mutation ($of: {type_}!) {{ {mutation}(input: $of) {{ {answers} }} }}"
        response = await self.graph.ask(caller, text, of=input)
        assert response.errors == ()
        assert response.data is not None
        return response.data[mutation]

    async def refusal(self, mutation: str, caller: Caller = ADMIN, **input: Any) -> Any:
        """Code and path of the only user error of a mutation that changes nothing."""
        before = await logged(self.pool)
        (error,) = (await self.write(mutation, caller, **input))["userErrors"]
        assert await logged(self.pool) == before
        return error["code"], ".".join(error["path"][1:])

    async def codes(self, mutation: str, caller: Caller = ADMIN, **input: Any) -> set[Any]:
        """Codes of the errors with which a mutation is refused outright."""
        type_ = f"{mutation[0].upper()}{mutation[1:]}Input"
        text = f"mutation ($of: {type_}!) {{ {mutation}(input: $of) {{ clientMutationId }} }}"
        response = await self.graph.ask(caller, text, of=input)
        return {error.extensions["code"] for error in response.errors}

    async def read(self, fields: str, caller: Caller = ADMIN, **variables: Any) -> Any:
        """Fields of the account."""
        of = ", ".join(f"${name}: {type_}" for name, (type_, _) in variables.items())
        text = f"query {f'({of})' if of else ''} {{ account {{ {fields} }} }}"
        values = {name: value for name, (_, value) in variables.items()}
        response = await self.graph.ask(caller, text, **values)
        assert response.errors == ()
        assert response.data is not None
        return response.data["account"]


async def logged(database: Database) -> list[tuple[Any, ...]]:
    """The change log, oldest first: what, how, the two documents, the fields, by whom."""
    return await look(
        database,
        "SELECT guard_type, action, old_config, new_config, changed_fields, changed_by"
        " FROM copilot.guardrails_audit_log ORDER BY changed_at, id",
    )
