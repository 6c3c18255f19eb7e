"""One module's subgraph, asked directly: fields and writes without the engine around them."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from graphql import ExecutionResult, GraphQLError, execute, parse, validate

from auth.caller import Caller
from datasources.database import Pool
from resolvers.base import RequestContext, Services
from schema.base.modules import Module, ModuleSubgraph, build
from tests.harness.services import services

__all__ = ["Answer", "ModuleGraph"]


class Answer(NamedTuple):
    """What a module answered."""

    data: Any
    errors: list[GraphQLError]

    @property
    def fields(self) -> dict[str, Any]:
        """The data of an operation that must not have failed."""
        assert not self.errors, self.errors
        assert isinstance(self.data, dict)
        return self.data

    @property
    def field(self) -> Any:
        """The only root field of an operation that must not have failed."""
        (value,) = self.fields.values()
        return value


@cache
def _built(module: Module) -> ModuleSubgraph:
    """Built once a process: a schema holds nothing of a test."""
    return build(module)


class ModuleGraph:
    """Asks one module, as any caller, on one database. Guards are the engine's: none applies."""

    def __init__(self, module: Module, pool: Pool) -> None:
        self.subgraph: ModuleSubgraph = _built(module)
        self.pool = pool
        self.services: Services = services(pool)

    async def ask(self, caller: Caller, operation: str, **variables: Any) -> Answer:
        """Run one operation."""
        document = parse(operation)
        problems = validate(self.subgraph.schema, document)
        assert not problems, problems
        context = RequestContext(caller, self.services, "test-request")
        result = execute(
            self.subgraph.schema, document, context_value=context, variable_values=variables
        )
        answered = result if isinstance(result, ExecutionResult) else await result
        assert isinstance(answered, ExecutionResult)
        return Answer(answered.data, list(answered.errors or ()))

    async def write(self, caller: Caller, mutation: str, fields: str, **input: Any) -> Any:
        """Run one mutation; its payload, `fields` beside the user errors."""
        type_ = mutation[0].upper() + mutation[1:] + "Input"
        errors = "userErrors { code message path }"
        operation = (
            f"mutation($input: {type_}!) {{ {mutation}(input: $input) {{ {fields} {errors} }} }}"
        )
        return (await self.ask(caller, operation, input=input)).field

    async def entity(self, caller: Caller, name: str, id: str, fields: str) -> Any:
        """One object by its key, as the engine asks for it; None when it reads as absent."""
        selection = f"... on {name} {{ {fields} }}"
        operation = f"query($of: [_Any!]!) {{ _entities(representations: $of) {{ {selection} }} }}"
        answer = await self.ask(caller, operation, of=[{"__typename": name, "id": id}])
        return answer.field[0]
