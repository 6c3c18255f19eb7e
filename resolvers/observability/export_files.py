"""Files of audit events once they are whole: for whom they are, and their end."""

from __future__ import annotations

from collections.abc import AsyncIterator

from auth.caller import SYSTEM, Caller, Role
from datasources.base import is_uuid
from datasources.observability import exports
from datasources.observability.exports import FileRow
from resolvers.base import RequestContext, Services

__all__ = ["content_of_file", "file_of", "remove_old_files"]

_READERS = frozenset({Role.SUPER_ADMIN, Role.ACCOUNT_ADMIN, Role.AUDITOR})
"""Who may fetch a file: those who may have one prepared."""


async def file_of(context: RequestContext, operation_id: str) -> FileRow | None:
    """The file of an operation; None where there is none for this caller."""
    if _READERS.isdisjoint(context.caller.roles) or not is_uuid(operation_id):
        return None
    return await context.load(exports.files_by_operation, operation_id)


async def content_of_file(
    services: Services, caller: Caller, file: FileRow
) -> AsyncIterator[bytes]:
    """A file part by part. Raises `LookupError` when it is removed meanwhile."""
    narrowed = caller.bound_to(file.account_id)
    database = services.databases.as_caller(narrowed)
    for number in range(file.part_count):
        yield await exports.content_of(database, narrowed, file.id, number)


async def remove_old_files(services: Services) -> int:
    """Remove the files whose time is over, and those of exports that failed; how many."""
    return await exports.remove_files(services.databases.as_caller(SYSTEM))
