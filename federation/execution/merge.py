"""Merging what subgraphs answer into one tree of data."""

from __future__ import annotations

from typing import Any

from federation.execution.types import AbstractTypes, type_name

__all__ = ["is_same_type", "merge_object", "unshared"]


def merge_object(target: dict[str, Any], source: dict[str, Any], abstract: AbstractTypes) -> None:
    """Merge one object into another that stands for the same thing.

    Objects merge by key and lists by index. Null never overwrites, so a subgraph that failed takes
    nothing from one that answered. Objects of two different types are not the same thing: nothing
    is merged. `source` is not changed, but parts of it may be shared by several targets.
    """
    if not is_same_type(target, source, abstract):
        return
    # PERF: bench.federation; most fetches bring fields that nobody brought before.
    if target.keys().isdisjoint(source):
        target.update(source)
        return
    for key, value in source.items():
        present = target.get(key)
        if present is None:
            target[key] = value
        elif isinstance(present, (dict, list)):
            _merge_composite(present, value, abstract)
        elif value is not None and not (key == "__typename" and type_name(source) in abstract):
            target[key] = value


def unshared(value: Any) -> Any:
    """A copy that has no object or list in common with the original."""
    if isinstance(value, dict):
        return {key: unshared(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [unshared(entry) for entry in value]
    return value


def _merge_composite(present: Any, value: Any, abstract: AbstractTypes) -> None:
    if isinstance(present, dict):
        if isinstance(value, dict):
            merge_object(present, value, abstract)
    elif isinstance(value, list):
        _merge_list(present, value, abstract)


def _merge_list(target: list[Any], source: list[Any], abstract: AbstractTypes) -> None:
    for index, value in enumerate(source[: len(target)]):
        present = target[index]
        if present is None:
            target[index] = value
        elif isinstance(present, (dict, list)):
            _merge_composite(present, value, abstract)


def is_same_type(one: dict[str, Any], other: dict[str, Any], abstract: AbstractTypes) -> bool:
    """Whether two objects can stand for the same thing, by what they tell of their types."""
    there, here = type_name(one), type_name(other)
    if there == here or there is None or here is None:
        return True
    # An interface object tells the interface's name.
    return there in abstract or here in abstract
