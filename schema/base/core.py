"""Types every module shares: interfaces, paging, user errors, actors."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from enum import StrEnum
from itertools import repeat
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Any, Generic, NamedTuple, TypeVar

import strawberry

from datasources.actors import ActorRow, by_author
from datasources.paging import Page
from resolvers.base import RequestContext
from resolvers.errors import UserError as UserErrorRow
from schema.base.connections import counts_of, pages_of
from schema.base.enums import described
from schema.base.fields import absent, column, computed, reference
from schema.base.guards import Guard
from schema.base.inputs import to_path
from schema.base.modules import record, to
from schema.base.rows import ConnectionRow, EdgeRow, PageInfoRow
from schema.base.scalars import DateTime, EmailAddress

if TYPE_CHECKING:
    from schema.base.stubs import Account, User

__all__ = [
    "AccountScoped",
    "Actor",
    "ActorKind",
    "Authored",
    "Connection",
    "DateTimeRangeInput",
    "Edge",
    "MutationInput",
    "MutationPayload",
    "Node",
    "OrderDirection",
    "PageInfo",
    "PlatformOrAccountScoped",
    "Tally",
    "TallyRow",
    "TenantInput",
    "Timestamped",
    "UserError",
    "UserErrorCode",
    "author",
]

NodeT = TypeVar("NodeT")


@described(
    "Kind of principal.",
    USER="A person of an account.",
    SUPER_ADMIN="An operator of the platform.",
    SERVICE="A machine client.",
    SYSTEM="The platform itself, such as a scheduled renewal.",
)
class ActorKind(StrEnum):
    """Kind of principal."""

    USER = "USER"
    SUPER_ADMIN = "SUPER_ADMIN"
    SERVICE = "SERVICE"
    SYSTEM = "SYSTEM"


@described(
    "Which way a list is sorted.",
    ASC="Smallest, oldest or first in the alphabet first.",
    DESC="Largest, newest or last in the alphabet first.",
)
class OrderDirection(StrEnum):
    """Which way a list is sorted."""

    ASC = "ASC"
    DESC = "DESC"


@described(
    "What kind of mistake a user error reports. Clients must tolerate values added later.",
    REQUIRED="A needed value is missing or blank.",
    INVALID="A value is malformed, too long or out of range.",
    TAKEN="The value must be unique and is already in use.",
    NOT_FOUND="Something the input refers to does not exist in this account.",
    CONFLICT="The object changed meanwhile; read it again and retry.",
    INVALID_STATE="The object's present state does not allow this step.",
    PROTECTED="A built-in object cannot be changed or removed.",
    IN_USE="Other objects still depend on it.",
    LAST_ADMIN="The account would be left without an administrator.",
    EXPIRED="The invite or reservation is no longer valid.",
    OUT_OF_SCOPE="The scope does not lie inside the parent's scope.",
    INSUFFICIENT_CREDITS="The parent has fewer credits left than asked for.",
    BELOW_DISTRIBUTED="Fewer credits than have already been handed out.",
    CYCLE_OVERLAP="The period overlaps another cycle of the same scope.",
    LIMIT_REACHED="A budget, quota or account limit is exhausted.",
    NOT_ENTITLED="A policy or entitlement forbids it for this person or account.",
    NOT_AVAILABLE="The model or integration is not available to the account.",
    UNSAFE_PATTERN="The expression does not compile or could run away.",
    UNSAFE_URL="The address is internal or otherwise not allowed.",
    EMPTY_SELECTION="A bulk operation names neither ids nor a condition.",
    CONFIRMATION_MISMATCH="The typed confirmation does not match.",
    KEY_REUSED="The idempotency key was used before with a different input.",
    UPSTREAM_REFUSED="The provider behind the operation refused it.",
)
class UserErrorCode(StrEnum):
    """What kind of mistake a user error reports."""

    REQUIRED = "REQUIRED"
    INVALID = "INVALID"
    TAKEN = "TAKEN"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    INVALID_STATE = "INVALID_STATE"
    PROTECTED = "PROTECTED"
    IN_USE = "IN_USE"
    LAST_ADMIN = "LAST_ADMIN"
    EXPIRED = "EXPIRED"
    OUT_OF_SCOPE = "OUT_OF_SCOPE"
    INSUFFICIENT_CREDITS = "INSUFFICIENT_CREDITS"
    BELOW_DISTRIBUTED = "BELOW_DISTRIBUTED"
    CYCLE_OVERLAP = "CYCLE_OVERLAP"
    LIMIT_REACHED = "LIMIT_REACHED"
    NOT_ENTITLED = "NOT_ENTITLED"
    NOT_AVAILABLE = "NOT_AVAILABLE"
    UNSAFE_PATTERN = "UNSAFE_PATTERN"
    UNSAFE_URL = "UNSAFE_URL"
    EMPTY_SELECTION = "EMPTY_SELECTION"
    CONFIRMATION_MISMATCH = "CONFIRMATION_MISMATCH"
    KEY_REUSED = "KEY_REUSED"
    UPSTREAM_REFUSED = "UPSTREAM_REFUSED"


# --- interfaces ---------------------------------------------------------------------------------


@strawberry.interface(
    description="Anything with an identifier of its own. Ids are the stored identifiers and "
    "unique per type."
)
class Node:
    """Anything with an identifier of its own."""

    id: strawberry.ID = column("Stored identifier.")


@strawberry.interface(description="Belongs to exactly one account.")
class AccountScoped:
    """Belongs to exactly one account."""

    account_id: strawberry.ID = column("Account that owns it.")
    account: Annotated[Account, to] = reference("The owning account.", by="account_id")


@strawberry.interface(
    description="Belongs to an account or, when null, to the platform as a whole."
)
class PlatformOrAccountScoped:
    """Belongs to an account or to the platform."""

    account_id: strawberry.ID | None = column(
        "Account that owns it; null when it is platform-wide."
    )
    account: Annotated[Account, to] | None = reference(
        "The owning account; null when it is platform-wide.", by="account_id"
    )


@strawberry.interface(description="Remembers when it was created and last changed.")
class Timestamped:
    """Remembers when it was created and last changed."""

    created_at: DateTime = column("When it was created.")
    updated_at: DateTime = column("When it last changed.")


# --- actors -------------------------------------------------------------------------------------


@record(ActorRow, "Who did something.", shareable=True)
class Actor:
    """Who did something."""

    kind: ActorKind = column("Kind of principal.")
    id: strawberry.ID | None = column("Id of the principal; null for the platform itself.")
    name: str = column("Name to show.")
    email: EmailAddress | None = column("E-mail address; null for machines and when not recorded.")
    user: Annotated[User, to] | None = reference(
        "The person in the account's directory; null for anybody else.", by="user_id"
    )


def author(name: str, description: str, *, guard: Guard = ()) -> Any:
    """A field for the person or machine whose name an author column holds."""
    author_of = attrgetter(name)

    def resolve(context: RequestContext, row: Any) -> Awaitable[ActorRow | None] | None:
        written = author_of(row)
        if written is None:
            return None
        return context.load(by_author, (row.account_id or "", written))

    return computed(resolve, description, guard=guard, needs=(name, "account_id"))


@strawberry.interface(
    description="Remembers who created and last changed it. Authors come from the credentials, "
    "never from the input."
)
class Authored:
    """Remembers who created and last changed it."""

    created_by: Actor | None = author("created_by", "Who created it; null when not recorded.")
    updated_by: Actor | None = author("updated_by", "Who changed it last; null when not recorded.")


# --- paging -------------------------------------------------------------------------------------


@record(PageInfoRow, "Where a page lies within its list.", shareable=True)
class PageInfo:
    """Where a page lies within its list."""

    has_next_page: bool = column("Whether more follow.")
    has_previous_page: bool = column("Whether some come before.")
    start_cursor: str | None = column("Cursor of the first item; null on an empty page.")
    end_cursor: str | None = column("Cursor of the last item; null on an empty page.")


def _page(context: RequestContext, row: ConnectionRow) -> Awaitable[Page[Any]]:
    return context.load_page(row.pages, row.request, row.parent)


async def _edges(context: RequestContext, row: ConnectionRow) -> list[EdgeRow]:
    return _edges_of(await _page(context, row))


async def _nodes(context: RequestContext, row: ConnectionRow) -> Sequence[Any]:
    return (await _page(context, row)).rows


async def _page_info(context: RequestContext, row: ConnectionRow) -> PageInfoRow:
    return _page_info_of(await _page(context, row))


def _total_count(context: RequestContext, row: ConnectionRow) -> Awaitable[int]:
    return context.load_count(row.pages, row.request.filters, row.parent)


def _edges_of(page: Page[Any]) -> list[EdgeRow]:
    cursors = page.cursors or repeat("", len(page.rows))
    return [EdgeRow(*pair) for pair in zip(cursors, page.rows, strict=True)]


def _page_info_of(page: Page[Any]) -> PageInfoRow:
    first, last = (page.cursors[0], page.cursors[-1]) if page.cursors else (None, None)
    return PageInfoRow(page.has_next, page.has_previous, first, last)


async def _all_edges(context: RequestContext, rows: Sequence[ConnectionRow]) -> list[Any]:
    return [_edges_of(page) for page in await pages_of(context, rows)]


async def _all_nodes(context: RequestContext, rows: Sequence[ConnectionRow]) -> list[Any]:
    return [page.rows for page in await pages_of(context, rows)]


async def _all_page_infos(context: RequestContext, rows: Sequence[ConnectionRow]) -> list[Any]:
    return [_page_info_of(page) for page in await pages_of(context, rows)]


@strawberry.type(description="One item of a page.")
class Edge(Generic[NodeT]):
    """One item of a page."""

    cursor: str = column("Opaque position, usable as after or before.")
    node: NodeT = column("The item.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[NodeT]):
    """A page of a list."""

    edges: list[Edge[NodeT]] = computed(
        _edges, "The items with their cursors.", together=_all_edges
    )
    nodes: list[NodeT] = computed(_nodes, "The items.", together=_all_nodes)
    page_info: PageInfo = computed(_page_info, "Where this page lies.", together=_all_page_infos)
    total_count: int = computed(_total_count, "How many match in all.", together=counts_of)


@strawberry.input(description="A span of time that includes its start and excludes its end.")
class DateTimeRangeInput:
    """A span of time."""

    from_: DateTime | None = strawberry.field(
        name="from", description="Start; open when absent.", default=strawberry.UNSET
    )
    to: DateTime | None = absent("End; open when absent.")


# --- mutations ----------------------------------------------------------------------------------


def _path(_context: RequestContext, row: UserErrorRow) -> list[str]:
    return to_path(row.path)


@record(UserErrorRow, "A mistake the caller can fix.", shareable=True)
class UserError:
    """A mistake the caller can fix."""

    code: UserErrorCode = column("Kind of mistake, for programs.")
    message: str = column("Explanation for people, without internals.")
    path: list[str] = computed(
        _path, 'Where in the arguments the mistake is, such as ["input", "allocated"].'
    )


@strawberry.interface(
    description="What every mutation answers. With user errors nothing was changed, unless the "
    "mutation says otherwise."
)
class MutationPayload:
    """What every mutation answers."""

    user_errors: list[UserError] = column("What the caller can fix; empty on success.")
    client_mutation_id: str | None = column("The value sent in the input.")


@strawberry.input(description="What every input accepts.")
class MutationInput:
    """What every input accepts."""

    client_mutation_id: str | None = absent("Echoed in the payload.")


@strawberry.input(description="What every input accepts that acts inside an account.")
class TenantInput(MutationInput):
    """What every input accepts that acts inside an account."""

    account_id: strawberry.ID | None = absent(
        "Account to act in; the caller's own when absent. Super admins must name one."
    )


class TallyRow(NamedTuple):
    """How often a value occurs."""

    key: str
    number: int


@record(TallyRow, "How often a value occurs.", shareable=True)
class Tally:
    """How often a value occurs."""

    key: str = column("The value counted, such as a status; empty for rows without one.")
    count: int = column("Number of rows.", of="number")
