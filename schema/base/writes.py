"""A mutation's field: from its input to its payload's row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import GraphQLField

from resolvers.base import RequestContext
from resolvers.writing import run
from schema.base.fields import Write
from schema.base.inputs import plain_arguments
from schema.base.rows import PayloadRow

__all__ = ["written"]


async def written(
    declaration: Write,
    name: str,
    field: GraphQLField,
    context: RequestContext,
    values: Mapping[str, Any],
) -> PayloadRow:
    """Run the mutation with the fields of its input that are given."""
    arguments = plain_arguments(field.args, values)["input"]
    client_mutation_id = arguments.pop("client_mutation_id", None)
    done = await run(
        context,
        declaration.writer,
        arguments,
        operation=name,
        reach=declaration.reach,
        keeps_dry_runs=declaration.keeps_dry_runs,
        feature=declaration.feature,
    )
    return PayloadRow(done.result, done.user_errors, client_mutation_id)
