"""Guards: what a field demands of the caller, said once beside the field.

A guard becomes the graph's own directives (`@requiresRole`, `@superAdmin`, `@requiresFeature`) and
their translation to the standard federation directive `@policy`, which is what any router enforces.
`@authenticated` and `@requiresScopes` are standard already.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import strawberry
from strawberry.federation.schema_directive import schema_directive
from strawberry.federation.schema_directives import Authenticated, Policy, RequiresScopes
from strawberry.schema_directive import Location

from schema.base.enums import described

__all__ = [
    "FeatureKey",
    "Guard",
    "RequiresFeature",
    "RequiresRole",
    "Role",
    "Sensitive",
    "SuperAdmin",
    "authenticated",
    "feature_of",
    "roles",
    "super_admin",
]

_SPECIFICATION = "https://cockpit.dev/auth/v1.0"
_ON_FIELDS = [Location.FIELD_DEFINITION, Location.OBJECT]


@described(
    "What a principal may be in the account it addresses.",
    SUPER_ADMIN="Operator of the platform. Has no account of its own and names one in every call.",
    ACCOUNT_ADMIN="Manages everything inside one account.",
    AUDITOR="Reads what an account admin reads and changes nothing.",
    MEMBER="End user: own access, own connectors, own tickets and whatever is assigned to them.",
    SERVICE="Machine client such as the AI back end. Limited to its scopes, named module:read and "
    "module:write, and to one account unless it holds accounts:any.",
)
class Role(StrEnum):
    """What a principal may be in the account it addresses."""

    SUPER_ADMIN = "SUPER_ADMIN"
    ACCOUNT_ADMIN = "ACCOUNT_ADMIN"
    AUDITOR = "AUDITOR"
    MEMBER = "MEMBER"
    SERVICE = "SERVICE"


@described(
    "Features the platform itself knows. A feature that is off takes the features below it with "
    "it.",
    BUDGETS="Managing credit budgets.",
    AGENTS="Agents and marketplace.",
    CREATE_AGENTS="Creating agents; below AGENTS.",
    CONNECTORS="Connectors and integrations.",
    CREATE_MCP_CONNECTORS="Creating one's own MCP connectors; below CONNECTORS.",
    CREATE_OPENAPI_CONNECTORS="Creating one's own OpenAPI connectors; below CONNECTORS.",
    CREATE_INTEGRATION_CONNECTORS="Authorising one's own integrations; below CONNECTORS.",
    GUARDRAILS="Managing guardrails.",
    MODEL_MANAGEMENT="Choosing models.",
    ACCESS_MODELS="Using models; below MODEL_MANAGEMENT.",
    PLAYGROUND="The playground.",
    GENERATE_IMAGES="Generating pictures; below PLAYGROUND.",
    SSO="Configuring single sign-on.",
)
class FeatureKey(StrEnum):
    """Features the platform itself knows."""

    BUDGETS = "BUDGETS"
    AGENTS = "AGENTS"
    CREATE_AGENTS = "CREATE_AGENTS"
    CONNECTORS = "CONNECTORS"
    CREATE_MCP_CONNECTORS = "CREATE_MCP_CONNECTORS"
    CREATE_OPENAPI_CONNECTORS = "CREATE_OPENAPI_CONNECTORS"
    CREATE_INTEGRATION_CONNECTORS = "CREATE_INTEGRATION_CONNECTORS"
    GUARDRAILS = "GUARDRAILS"
    MODEL_MANAGEMENT = "MODEL_MANAGEMENT"
    ACCESS_MODELS = "ACCESS_MODELS"
    PLAYGROUND = "PLAYGROUND"
    GENERATE_IMAGES = "GENERATE_IMAGES"
    SSO = "SSO"


@schema_directive(
    locations=_ON_FIELDS,
    name="requiresRole",
    compose=True,
    import_url=_SPECIFICATION,
    description="The principal must hold one of these roles in the account being addressed. A "
    "super admin always passes. Next to @requiresScopes both must hold: a person's session "
    "carries every scope its roles cover, a machine client only those granted to it.",
)
class RequiresRole:
    """Holds one of these roles."""

    any_of: list[Role] = strawberry.directive_field(name="anyOf")


@schema_directive(
    locations=[*_ON_FIELDS, Location.INPUT_FIELD_DEFINITION],
    name="superAdmin",
    compose=True,
    import_url=_SPECIFICATION,
    description="Only the platform's operators. On an input field: only they may send it.",
)
class SuperAdmin:
    """Operates the platform."""


@schema_directive(
    locations=_ON_FIELDS,
    name="requiresFeature",
    compose=True,
    import_url=_SPECIFICATION,
    description="The addressed account must be entitled to the feature. Does not apply to super "
    "admins.",
)
class RequiresFeature:
    """The account is entitled to the feature."""

    feature: FeatureKey = strawberry.directive_field(name="feature")


@schema_directive(
    locations=[
        Location.FIELD_DEFINITION,
        Location.ARGUMENT_DEFINITION,
        Location.INPUT_FIELD_DEFINITION,
    ],
    name="sensitive",
    compose=True,
    import_url=_SPECIFICATION,
    description="Never logged, never cached, and masked unless the field's own description says "
    "otherwise.",
)
class Sensitive:
    """Never logged, never cached."""


Guard = tuple[object, ...]
"""The directives one guard consists of; guards are joined with `+`."""


def authenticated() -> Guard:
    """Any verified caller."""
    return (Authenticated(),)


def super_admin() -> Guard:
    """Only the platform's operators."""
    return (SuperAdmin(), Policy(policies=[["super_admin"]]))


def roles(*any_of: Role, scopes: Sequence[str] = (), feature: FeatureKey | None = None) -> Guard:
    """One of these roles and, where given, one of these scopes and the account's feature."""
    features = [] if feature is None else [f"feature:{feature.value}"]
    policies = [[f"role:{role.value}", *features] for role in any_of]
    guard: Guard = (RequiresRole(any_of=list(any_of)), Policy(policies=policies))
    if scopes:
        guard += (RequiresScopes(scopes=[[scope] for scope in scopes]),)
    if feature is not None:
        guard += (RequiresFeature(feature=feature),)
    return guard


def feature_of(guard: Guard) -> str | None:
    """The feature a guard demands of the account, by its key."""
    features = [part.feature.value for part in guard if isinstance(part, RequiresFeature)]
    return features[0] if features else None
