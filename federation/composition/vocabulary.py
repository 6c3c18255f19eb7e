"""Names of the Federation specification as they stand in a subgraph after it is read.

A document may import `@key`, rename it, or write `@federation__key`; reading brings all three to
the last form, which cannot collide with a directive of the document's own.
"""

from __future__ import annotations

from federation.directives import APOLLO

__all__ = [
    "AUTHENTICATED",
    "CACHE_TAG",
    "COMPOSE_DIRECTIVE",
    "CONTEXT",
    "COST",
    "DIRECTIVES",
    "EXTENDS",
    "EXTERNAL",
    "FEDERATION",
    "FROM_CONTEXT",
    "INACCESSIBLE",
    "INTERFACE_OBJECT",
    "KEY",
    "LIST_SIZE",
    "MACHINERY_FIELDS",
    "MACHINERY_TYPES",
    "NEWEST",
    "OVERRIDE",
    "POLICY",
    "PRELUDE",
    "PROVIDES",
    "REQUIRES",
    "REQUIRES_SCOPES",
    "SHAREABLE",
    "SINCE",
    "TAG",
    "directives_of",
]

FEDERATION = f"{APOLLO}federation"
NEWEST = (2, 12)
"""The newest version of the specification whose directives are known here."""

AUTHENTICATED = "federation__authenticated"
CACHE_TAG = "federation__cacheTag"
COMPOSE_DIRECTIVE = "federation__composeDirective"
CONTEXT = "federation__context"
COST = "federation__cost"
EXTENDS = "federation__extends"
EXTERNAL = "federation__external"
FROM_CONTEXT = "federation__fromContext"
INACCESSIBLE = "federation__inaccessible"
INTERFACE_OBJECT = "federation__interfaceObject"
KEY = "federation__key"
LIST_SIZE = "federation__listSize"
OVERRIDE = "federation__override"
POLICY = "federation__policy"
PROVIDES = "federation__provides"
REQUIRES = "federation__requires"
REQUIRES_SCOPES = "federation__requiresScopes"
SHAREABLE = "federation__shareable"
TAG = "federation__tag"

MACHINERY_TYPES = frozenset({"_Any", "_Entity", "_FieldSet", "_Service"})
MACHINERY_FIELDS = frozenset({"_entities", "_service"})

_ANYWHERE = (
    "FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM"
    " | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION"
)
_ACCESS = "FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM"

DIRECTIVES = {
    "key": "(fields: FieldSet!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE",
    "requires": "(fields: FieldSet!) on FIELD_DEFINITION",
    "provides": "(fields: FieldSet!) on FIELD_DEFINITION",
    "external": "(reason: String) on OBJECT | FIELD_DEFINITION",
    "shareable": " repeatable on OBJECT | FIELD_DEFINITION",
    "override": "(from: String!, label: String) on FIELD_DEFINITION",
    "inaccessible": f" on {_ANYWHERE}",
    "tag": f"(name: String!) repeatable on {_ANYWHERE} | SCHEMA",
    "extends": " on OBJECT | INTERFACE",
    "interfaceObject": " on OBJECT",
    "composeDirective": "(name: String!) repeatable on SCHEMA",
    "authenticated": f" on {_ACCESS}",
    "requiresScopes": f"(scopes: [[Scope!]!]!) on {_ACCESS}",
    "policy": f"(policies: [[Policy!]!]!) on {_ACCESS}",
    "cost": (
        "(weight: Int!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION"
        " | INPUT_FIELD_DEFINITION | OBJECT | SCALAR"
    ),
    "listSize": (
        "(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!],"
        " requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION"
    ),
    "context": "(name: String!) repeatable on INTERFACE | OBJECT | UNION",
    "fromContext": "(field: ContextFieldValue) on ARGUMENT_DEFINITION",
    "cacheTag": "(format: String!) repeatable on FIELD_DEFINITION | OBJECT",
}
"""Definitions of the specification's directives, without "directive @name"."""

PRELUDE = ("ContextFieldValue", "FieldSet", "Policy", "Scope")
"""Scalars those definitions use."""

SINCE = {
    "composeDirective": (2, 1),
    "interfaceObject": (2, 3),
    "authenticated": (2, 5),
    "requiresScopes": (2, 5),
    "policy": (2, 6),
    "context": (2, 8),
    "fromContext": (2, 8),
    "cost": (2, 9),
    "listSize": (2, 9),
    "cacheTag": (2, 12),
}
"""Versions of Federation that brought a directive; those not listed came with 2.0."""

# Access directives are no part of Federation 1, but ignoring one would open what it closes.
_FEDERATION_1 = frozenset(
    {"key", "requires", "provides", "external", "extends", "tag", "inaccessible"}
    | {"authenticated", "requiresScopes", "policy"}
)
_LABELS_SINCE = (2, 7)


def directives_of(version: tuple[int, int]) -> dict[str, str]:
    """Definitions that one version of Federation knows, as in `DIRECTIVES`."""
    if version < (2, 0):
        return {name: DIRECTIVES[name] for name in sorted(_FEDERATION_1)}
    known = {
        name: shape for name, shape in DIRECTIVES.items() if SINCE.get(name, (2, 0)) <= version
    }
    if version < _LABELS_SINCE:
        known["override"] = "(from: String!) on FIELD_DEFINITION"
    return known
