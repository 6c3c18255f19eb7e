"""Payloads of `@defer` and `@stream` as they are sent, in two forms.

The form of graphql-core 3.3 announces what is `pending` and refers to it by id; the form of 2022,
which Apollo Client and Relay ask for with `deferSpec=20220824`, names paths and labels each time.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from federation.execution.response import Completed, Patch, Payload, Pending, ResponseError
from gateway.errors import entry_of
from gateway.protocol.response import body_of

__all__ = ["former_payload_body", "payload_body"]


def payload_body(payload: Payload, request_id: str) -> dict[str, Any]:
    """A payload with `pending`, `incremental` and `completed`."""
    body = {} if payload.initial is None else body_of(payload.initial, request_id)
    if payload.pending:
        body["pending"] = [_pending(pending) for pending in payload.pending]
    if payload.incremental:
        body["incremental"] = [_patch(patch, request_id) for patch in payload.incremental]
    if payload.completed:
        body["completed"] = [_completed(completed, request_id) for completed in payload.completed]
    body["hasNext"] = payload.has_next
    return body


def former_payload_body(payload: Payload, request_id: str) -> dict[str, Any]:
    """The same with a path and a label in each part."""
    body = {} if payload.initial is None else body_of(payload.initial, request_id)
    parts = [_former_patch(patch, request_id) for patch in payload.incremental]
    failed = [completed for completed in payload.completed if completed.errors]
    parts += [_former(each.pending, {"data": None}, each.errors, request_id) for each in failed]
    if parts:
        body["incremental"] = parts
    body["hasNext"] = payload.has_next
    return body


def _pending(pending: Pending) -> dict[str, Any]:
    label = {} if pending.label is None else {"label": pending.label}
    return {"id": pending.id, "path": list(pending.path), **label}


def _patch(patch: Patch, request_id: str) -> dict[str, Any]:
    content = {"data": patch.data} if patch.items is None else {"items": patch.items}
    return {"id": patch.pending.id, **content, **_errors(patch.errors, request_id)}


def _completed(completed: Completed, request_id: str) -> dict[str, Any]:
    return {"id": completed.pending.id, **_errors(completed.errors, request_id)}


def _former_patch(patch: Patch, request_id: str) -> dict[str, Any]:
    if patch.items is None:
        return _former(patch.pending, {"data": patch.data}, patch.errors, request_id)
    # Items stand at the index of the first of them.
    at = patch.pending._replace(path=(*patch.pending.path, patch.first))
    return _former(at, {"items": patch.items}, patch.errors, request_id)


def _former(
    at: Pending, content: dict[str, Any], errors: Iterable[ResponseError], request_id: str
) -> dict[str, Any]:
    label = {} if at.label is None else {"label": at.label}
    return {**content, "path": list(at.path), **label, **_errors(errors, request_id)}


def _errors(errors: Iterable[ResponseError], request_id: str) -> dict[str, Any]:
    entries = [entry_of(error, request_id) for error in errors]
    return {"errors": entries} if entries else {}
