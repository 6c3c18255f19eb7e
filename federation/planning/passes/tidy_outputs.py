"""Leave out of fragments what the enclosing selection asks for already."""

from __future__ import annotations

from federation.planning.steps import Output, Step

__all__ = ["tidy_outputs"]


def tidy_outputs(steps: list[Step]) -> list[Step]:
    """Drop repeated leaves and empty fragments."""
    for step in steps:
        _tidy(step.output, frozenset())
    return steps


def _tidy(output: Output, above: frozenset[str]) -> None:
    for key in list(output.fields):
        selection = output.fields[key].selection
        if selection is not None:
            _tidy(selection, frozenset())
        elif key in above:
            del output.fields[key]
    leaves = {key for key, asked in output.fields.items() if asked.selection is None}
    for at in list(output.fragments):
        fragment = output.fragments[at]
        _tidy(fragment, above | leaves)
        if not fragment.fields and not fragment.fragments:
            del output.fragments[at]
