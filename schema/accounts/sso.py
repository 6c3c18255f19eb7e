"""Single sign-on of an account: types and inputs."""

from __future__ import annotations

import strawberry

from datasources.accounts.rows import RoleMappingRow, SsoRow
from datasources.accounts.sso import sso_by_id
from schema.accounts.enums import SsoProvider
from schema.base.core import AccountScoped, Node, TenantInput, Timestamped
from schema.base.domain import MembershipRole
from schema.base.fields import absent, column, given
from schema.base.guards import Role, Sensitive, roles
from schema.base.modules import entity, record
from schema.base.scalars import URL

__all__ = [
    "DeleteSsoConfigInput",
    "SetSsoConfigInput",
    "SsoConfig",
    "SsoRoleMapping",
    "SsoRoleMappingInput",
]


@record(RoleMappingRow, "Provider groups that become one role.")
class SsoRoleMapping:
    """Provider groups that become one role."""

    role: MembershipRole = column("Role in the account.")
    groups: list[str] = column("Groups at the provider.")


@entity(
    SsoRow,
    sso_by_id,
    "Single sign-on of an account.",
    guard=roles(Role.ACCOUNT_ADMIN, Role.AUDITOR),
)
class SsoConfig(Node, AccountScoped, Timestamped):
    """Single sign-on of an account."""

    provider: SsoProvider = column("The provider.")
    is_enabled: bool = column("Whether people of the domain are sent there.")
    client_id: str | None = column("Client id at the provider.")
    has_client_secret: bool = column("Whether a client secret is stored.")
    tenant: str | None = column("Tenant or issuer at the provider; null when it needs none.")
    authorization_url: URL | None = column("Authorisation endpoint; generic providers only.")
    token_url: URL | None = column("Token endpoint; generic providers only.")
    user_info_url: URL | None = column("User-info endpoint; generic providers only.")
    teams_claim: str | None = column("Claim that lists a person's teams; null for none.")
    groups_claim: str | None = column("Claim that roleMappings look at; null for none.")
    role_mappings: list[SsoRoleMapping] = column("Which provider groups become which role.")
    default_role: MembershipRole = column("Role of people no mapping covers.")


@strawberry.input(description="Provider groups that become one role.")
class SsoRoleMappingInput:
    """Provider groups that become one role."""

    role: MembershipRole = given("Role in the account.")
    groups: list[str] = given("Groups at the provider.")


@strawberry.input(description="Input of setSsoConfig.")
class SetSsoConfigInput(TenantInput):
    """Input of setSsoConfig."""

    provider: SsoProvider | None = absent("The provider; needed the first time.")
    is_enabled: bool | None = absent(
        "Whether people of the domain are sent there; needs a complete configuration."
    )
    client_id: str | None = absent("Client id at the provider.")
    client_secret: str | None = absent(
        "Client secret; absent keeps the stored one, null removes it.", sensitive=(Sensitive(),)
    )
    tenant: str | None = absent("Tenant or issuer at the provider.")
    authorization_url: URL | None = absent("Authorisation endpoint; generic providers only.")
    token_url: URL | None = absent("Token endpoint; generic providers only.")
    user_info_url: URL | None = absent("User-info endpoint; generic providers only.")
    teams_claim: str | None = absent("Claim that lists a person's teams.")
    groups_claim: str | None = absent("Claim that role mappings look at.")
    role_mappings: list[SsoRoleMappingInput] | None = absent(
        "Role mappings, replacing the stored ones."
    )
    default_role: MembershipRole | None = absent("Role of people no mapping covers.")


@strawberry.input(description="Input of deleteSsoConfig.")
class DeleteSsoConfigInput(TenantInput):
    """Input of deleteSsoConfig."""
