"""Where queries enter the directory, and what it adds to other modules' types."""

from __future__ import annotations

from typing import NamedTuple

import strawberry

from auth.caller import Caller
from datasources.directory import reads
from datasources.directory.health import all_health
from schema.base.core import Connection
from schema.base.descriptions import PLATFORM
from schema.base.fields import column, one, page
from schema.base.guards import Role, roles
from schema.base.modules import entity, record
from schema.base.roots import PlatformRow, account_root, platform_root, viewer_root
from schema.base.scalars import EmailAddress
from schema.directory.directory import DirectoryHealth
from schema.directory.filters import DirectoryHealthFilter
from schema.directory.types import Account, User

__all__ = ["AccountAdmin", "Platform", "Query", "Viewer"]


class AccountAdminRow(NamedTuple):
    """An administrator as the accounts module tells of them."""

    id: str
    account_id: str
    email: str


@entity(
    AccountAdminRow,
    None,
    "A person who administers an account. Being listed grants ACCOUNT_ADMIN there, and only "
    "there; removal revokes it at once.",
    guard=roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE),
)
class AccountAdmin:
    """What the directory knows of an administrator."""

    id: strawberry.ID = column("Stored identifier.")
    account_id: strawberry.ID = column("Account that owns it.", external=True)
    email: EmailAddress = column("E-mail address; unique in the account.", external=True)
    user: User | None = one(
        reads.users_by_email,
        "The person in the directory; null before the first sign-in.",
        by=("account_id", "email"),
        requires=["accountId", "email"],
    )


@record(Caller, "The caller.", shareable=True)
class Viewer:
    """The caller, as far as the directory knows them."""

    user: User | None = one(
        reads.users_by_id,
        "The caller's row in the directory; null when there is none.",
        by="user_id",
    )


@record(
    PlatformRow,
    PLATFORM,
    shareable=True,
)
class Platform:
    """What is global, as far as directories go."""

    directory_health: Connection[DirectoryHealth] | None = page(
        all_health,
        "Quality of identity data per account, the worst first.",
        filter=DirectoryHealthFilter,
    )


@strawberry.type(description="Where every read starts.")
class Query:
    """Where every read starts."""

    viewer: Viewer = viewer_root()
    account: Account | None = account_root()
    platform: Platform | None = platform_root()
