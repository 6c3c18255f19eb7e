"""Descriptions of generic types, worded for the type they are made of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from graphql import GraphQLObjectType, GraphQLSchema

__all__ = ["word_connections"]

_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


def word_connections(schema: GraphQLSchema, nouns: Mapping[str, str]) -> None:
    """Say of every connection and edge what it holds.

    `nouns` names types whose own name does not read well as a noun.
    """
    for type_ in schema.type_map.values():
        if not isinstance(type_, GraphQLObjectType):
            continue
        if type_.name.endswith("Connection") and "pageInfo" in type_.fields:
            noun = _noun(type_.name.removesuffix("Connection"), nouns)
            several = _plural(noun)
            items = f"The {several}"
            edges, nodes = f"{items} with their cursors.", f"{items}."
            _word(type_, f"A page of {several}.", edges=edges, nodes=nodes)
        elif type_.name.endswith("Edge") and set(type_.fields) == {"cursor", "node"}:
            noun = _noun(type_.name.removesuffix("Edge"), nouns)
            _word(type_, f"One {noun} of a page.", node=f"The {noun}.")


def _noun(name: str, nouns: Mapping[str, str]) -> str:
    return nouns.get(name) or _CAPITAL.sub(" ", name).lower()


def _plural(noun: str) -> str:
    return f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"


def _word(type_: GraphQLObjectType, description: str, **fields: str) -> None:
    type_.description = description
    for name, text in fields.items():
        field: Any = type_.fields[name]
        field.description = text
