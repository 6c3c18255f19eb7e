"""Connectors of an account as tests write and read them, through the whole graph."""

from __future__ import annotations

from typing import Any

from auth.caller import Caller
from datasources.base import Database
from datasources.connectors.tables import policies
from tests.harness.access import ADMIN, place
from tests.harness.directory import ACME
from tests.harness.graph import Graph
from tests.harness.rows import add
from tests.harness.sql import look

__all__ = ["Connectors", "say_connectors", "stored"]

_POLICY = "id scope { type id } type mode canUseAdminConnectors notes updatedBy { name }"
_ANSWERS = {"setConnectorPolicy": f"policy {{ {_POLICY} }}", "deleteConnectorPolicy": "deletedId"}
_ACCESS = """query ($of: ScopeInput) { account { effectiveAccess(scope: $of) { connectors {
  type mode canUseAdminConnectors canCreate
  resolution { scope { type id } chain { type id } decidedBy { source effect scope { type id } }
    steps { source effect isDeciding } } } } } }"""


class Connectors:
    """Writes and reads what concerns connectors; an account admin unless told otherwise."""

    def __init__(self, graph: Graph, pool: Database) -> None:
        self.graph = graph
        self.pool = pool

    async def write(self, mutation: str, caller: Caller = ADMIN, **input: Any) -> Any:
        """The payload of a mutation that is not refused outright."""
        response = await self.graph.ask(caller, self._text(mutation), of=input)
        assert response.errors == ()
        assert response.data is not None
        return response.data[mutation]

    async def say(self, name: str, *, caller: Caller = ADMIN, **words: Any) -> Any:
        """The policy of a scope after it was set."""
        written = await self.write("setConnectorPolicy", caller, scope=place(name), **words)
        assert written["userErrors"] == []
        return written["policy"]

    async def delete(self, name: str, **of: Any) -> Any:
        """The id of the policy removed, if there was one."""
        written = await self.write("deleteConnectorPolicy", scope=place(name), **of)
        assert written["userErrors"] == []
        return written["deletedId"]

    async def codes(self, mutation: str, caller: Caller, **input: Any) -> set[Any]:
        """Codes of the errors with which a mutation is refused outright."""
        response = await self.graph.ask(caller, self._text(mutation), of=input)
        return {error.extensions["code"] for error in response.errors}

    async def access(self, name: str, caller: Caller = ADMIN) -> dict[str, Any]:
        """What a scope may do with connectors, by type."""
        response = await self.graph.ask(caller, _ACCESS, of=place(name))
        assert response.errors == ()
        assert response.data is not None
        found = response.data["account"]["effectiveAccess"]["connectors"]
        return {one["type"]: one for one in found}

    async def allowed(self, name: str, type: str = "MCP") -> tuple[str, bool, bool]:
        """Mode, use and creation of a scope and type."""
        one = (await self.access(name))[type]
        return one["mode"], one["canUseAdminConnectors"], one["canCreate"]

    def _text(self, mutation: str) -> str:
        type_ = f"{mutation[0].upper()}{mutation[1:]}Input"
        answers = f"{_ANSWERS[mutation]} userErrors {{ code path }} clientMutationId"
        return f"mutation ($of: {type_}!) {{ {mutation}(input: $of) {{ {answers} }} }}"


async def say_connectors(database: Database, name: str, type: str = "all", **values: Any) -> None:
    """The stored policy of a scope, as any other writer leaves it."""
    scope = place(name)
    await add(
        database,
        policies,
        account_id=ACME,
        scope_type=scope["type"].lower(),
        scope_id=scope["id"],
        connection_type=type,
        **values,
    )


async def stored(database: Database, name: str, type: str = "all") -> tuple[str, bool]:
    """What the policy of a scope says to those who read its table alone."""
    scope = place(name)
    ((mode, may_use),) = await look(
        database,
        "SELECT permission_mode, allow_use_admin_connections"
        " FROM copilot.connection_permission_policies"
        " WHERE scope_type = $1 AND scope_id = $2 AND connection_type = $3",
        scope["type"].lower(),
        scope["id"],
        type,
    )
    return mode, may_use
