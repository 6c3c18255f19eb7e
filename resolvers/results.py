"""Where the files of bulk operations can be fetched."""

from __future__ import annotations

from datasources.operations import BulkOperationRow
from resolvers.base import RequestContext

__all__ = ["result_url"]


def result_url(context: RequestContext, row: BulkOperationRow) -> str | None:
    """The address of the file; None where there is none, or none any more."""
    return f"{context.services.public_url}/exports/{row.id}" if row.has_file else None
