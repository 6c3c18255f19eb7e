"""Other modules' entities as the directory refers to them: their key and nothing else."""

from __future__ import annotations

from typing import NamedTuple

import strawberry

from schema.base.fields import column
from schema.base.modules import entity

__all__ = ["RoleDefinition"]


class RoleDefinitionRef(NamedTuple):
    """A role by its id."""

    id: str


@entity(
    RoleDefinitionRef,
    None,
    "A named set of permissions, on top of what a membership role gives. Without an account it is "
    "the platform's.",
    resolvable=False,
)
class RoleDefinition:
    """A role by its id."""

    id: strawberry.ID = column("Stored identifier.")
