"""The identity module: credentials of machine clients."""

from __future__ import annotations

import strawberry

from datasources.references import AccountRef, reachable_accounts
from datasources.service_credentials import (
    CredentialRow,
    credentials_by_id,
    credentials_of_accounts,
    platform_credentials,
)
from resolvers.identity import (
    create_service_credential,
    revoke_service_credential,
    rotate_service_credential,
)
from resolvers.writing import Reach
from schema.base.core import (
    Authored,
    Connection,
    MutationInput,
    MutationPayload,
    Node,
    PlatformOrAccountScoped,
    Timestamped,
)
from schema.base.descriptions import ACCOUNT, PLATFORM
from schema.base.fields import absent, column, given, mutation, outcome, page
from schema.base.guards import Role, Sensitive, roles
from schema.base.modules import Module, entity, record
from schema.base.roots import PlatformRow, account_root, platform_root
from schema.base.scalars import DateTime
from schema.base.stubs import User

__all__ = ["IDENTITY"]


@entity(
    CredentialRow,
    credentials_by_id,
    "A machine client's credential. Its token is shown once, when it is created or rotated.",
)
class ServiceCredential(Node, PlatformOrAccountScoped, Timestamped, Authored):
    """A machine client's credential."""

    name: str = column("What it is for, unique in the account.")
    scopes: list[str] = column("What it may do, such as usage:write.")
    token_prefix: str = column("First characters of the token, to tell credentials apart.")
    is_active: bool = column("Whether it opens anything now.")
    expires_at: DateTime = column("When it ends by itself.")
    last_used_at: DateTime | None = column("When it was last used, to the minute; null for never.")
    revoked_at: DateTime | None = column("When it was revoked; null while it is not.")


@strawberry.input(description="Conditions on service credentials.")
class ServiceCredentialFilter:
    """Conditions on service credentials."""

    search: str | None = absent("Text in the name.")
    is_active: bool | None = absent("Whether they open anything now.")
    scope: str | None = absent("Scope they hold.")


@entity(AccountRef, reachable_accounts, ACCOUNT)
class Account:
    """A tenant."""

    id: strawberry.ID = column("Stored identifier.")
    service_credentials: Connection[ServiceCredential] | None = page(
        credentials_of_accounts,
        "Credentials of machine clients that act in this account, newest first.",
        by="id",
        filter=ServiceCredentialFilter,
        guard=roles(Role.ACCOUNT_ADMIN, Role.AUDITOR),
    )


@record(
    PlatformRow,
    PLATFORM,
    shareable=True,
)
class Platform:
    """What is global."""

    service_credentials: Connection[ServiceCredential] | None = page(
        platform_credentials,
        "Credentials of machine clients that serve several accounts, newest first.",
        filter=ServiceCredentialFilter,
    )


@strawberry.input(description="What inputs accept that act in an account or for the platform.")
class _CredentialInput(MutationInput):
    """What inputs accept that act in an account or for the platform."""

    account_id: strawberry.ID | None = absent(
        "Account to act in; the caller's own when absent. Super admins may leave it out for a "
        "platform-wide credential."
    )


@strawberry.input(description="Input of createServiceCredential.")
class CreateServiceCredentialInput(_CredentialInput):
    """Input of createServiceCredential."""

    name: str = given("What it is for.")
    scopes: list[str] = given(
        "What it may do. Nobody can grant more than they hold; accounts:any is for super admins."
    )
    expires_at: DateTime | None = absent(
        "When it ends; 90 days from now when absent, a year at most."
    )


@strawberry.input(description="Input of rotateServiceCredential.")
class RotateServiceCredentialInput(_CredentialInput):
    """Input of rotateServiceCredential."""

    id: strawberry.ID = given("The credential.")
    grace_seconds: int = given(
        "How long the old token keeps working, in seconds, 7 days at most.", default=0
    )


@strawberry.input(description="Input of revokeServiceCredential.")
class RevokeServiceCredentialInput(_CredentialInput):
    """Input of revokeServiceCredential."""

    id: strawberry.ID = given("The credential.")


@strawberry.type(description="Answer of createServiceCredential.")
class CreateServiceCredentialPayload(MutationPayload):
    """Answer of createServiceCredential."""

    credential: ServiceCredential | None = outcome("The credential; null when refused.")
    token: str | None = outcome(
        "The token, shown this once; only its hash is stored.", guard=(Sensitive(),)
    )


@strawberry.type(description="Answer of rotateServiceCredential.")
class RotateServiceCredentialPayload(MutationPayload):
    """Answer of rotateServiceCredential."""

    credential: ServiceCredential | None = outcome("The credential; null when refused.")
    token: str | None = outcome(
        "The new token, shown this once; only its hash is stored.", guard=(Sensitive(),)
    )


@strawberry.type(description="Answer of revokeServiceCredential.")
class RevokeServiceCredentialPayload(MutationPayload):
    """Answer of revokeServiceCredential."""

    credential: ServiceCredential | None = outcome("The credential; null when refused.")


@strawberry.type(description="Where every read starts.")
class Query:
    """Where every read starts."""

    account: Account | None = account_root()
    platform: Platform | None = platform_root()


@strawberry.type(
    description="Where every change starts: one input, one payload, one transaction with its "
    "audit event."
)
class Mutation:
    """Where every change starts."""

    create_service_credential: CreateServiceCredentialPayload | None = mutation(
        create_service_credential,
        CreateServiceCredentialInput,
        "Creates a credential for a machine client.",
        guard=roles(Role.ACCOUNT_ADMIN),
        reach=Reach.ACCOUNT_OR_PLATFORM,
    )
    rotate_service_credential: RotateServiceCredentialPayload | None = mutation(
        rotate_service_credential,
        RotateServiceCredentialInput,
        "Gives a credential a new token.",
        guard=roles(Role.ACCOUNT_ADMIN),
        reach=Reach.ACCOUNT_OR_PLATFORM,
    )
    revoke_service_credential: RevokeServiceCredentialPayload | None = mutation(
        revoke_service_credential,
        RevokeServiceCredentialInput,
        "Ends a credential at once, everywhere.",
        guard=roles(Role.ACCOUNT_ADMIN),
        reach=Reach.ACCOUNT_OR_PLATFORM,
    )


IDENTITY = Module("identity", Query, Mutation, entities=[Account, ServiceCredential], stubs=[User])
"""The identity module."""
