"""What a client makes of incremental payloads."""

from __future__ import annotations

from typing import Any

from federation.execution.response import IncrementalPayloads, Payload, Response, ResponseError


async def collected(answer: IncrementalPayloads | Response) -> list[Payload]:
    """Every payload; a response is the only one."""
    if isinstance(answer, Response):
        return [Payload(answer, has_next=False)]
    return [payload async for payload in answer]


def merged(payloads: list[Payload]) -> tuple[Any, list[ResponseError]]:
    """The data and errors of all payloads together; the protocol is checked on the way."""
    first, *others = payloads
    assert first.initial is not None
    data, errors = first.initial.data, list(first.initial.errors)
    open_ = {pending.id: pending for pending in first.pending}
    assert len(open_) == len(first.pending)
    for payload in others:
        assert payload.initial is None
        for pending in payload.pending:
            assert pending.id not in open_
            open_[pending.id] = pending
        for patch in payload.incremental:
            target = _at(data, open_[patch.pending.id].path)
            if patch.items is not None:
                target.extend(patch.items)
            else:
                _merge(target, patch.data)
            errors.extend(patch.errors)
        for completed in payload.completed:
            del open_[completed.pending.id]
            errors.extend(completed.errors)
    assert not open_
    assert [payload.has_next for payload in payloads] == [True] * len(others) + [False]
    return data, errors


def _at(data: Any, path: Any) -> Any:
    for step in path:
        data = data[step]
    return data


def _merge(target: Any, source: Any) -> None:
    if isinstance(target, list):
        assert len(target) == len(source)
    for key, value in source.items() if isinstance(source, dict) else enumerate(source):
        present = target.get(key) if isinstance(target, dict) else target[key]
        if isinstance(present, (dict, list)) and isinstance(value, (dict, list)):
            _merge(present, value)
        elif isinstance(target, dict):
            assert key not in target or target[key] == value, (key, target[key], value)
            target[key] = value
        else:
            assert target[key] == value
