"""Roles of memberships: their order of strength, and what other vocabularies mean by them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Integer, Text, case, func

from datasources.expressions import word, words

__all__ = ["BY_STRENGTH", "role_at", "role_in_team", "role_on_platform", "strength"]

BY_STRENGTH = ("ADMIN", "VIEWER", "MEMBER", "USER", "GUEST")
"""Strongest first: what grants more of an account, then what is nearer to it."""


def strength(role: ColumnElement[Any]) -> ColumnElement[int]:
    """Place of a role among `BY_STRENGTH`, from 1; the strongest of many is the least."""
    return func.array_position(words(BY_STRENGTH), role, type_=Integer())


def role_at(place: ColumnElement[int]) -> ColumnElement[str | None]:
    """The role at a place of `BY_STRENGTH`; NULL without one."""
    return case(*[(place == i, word(role)) for i, role in enumerate(BY_STRENGTH, start=1)])


def role_on_platform(stored: ColumnElement[Any]) -> ColumnElement[str]:
    """The membership role that a role of the identity provider's platform amounts to."""
    said = func.lower(func.btrim(stored), type_=Text())
    return case(
        (
            said.in_([word(name) for name in ("proxy_admin", "app_admin", "org_admin")]),
            word("ADMIN"),
        ),
        (
            said.in_(
                [
                    word(name)
                    for name in ("proxy_admin_viewer", "internal_user_viewer", "internal_viewer")
                ]
            ),
            word("VIEWER"),
        ),
        (said == word("guest"), word("GUEST")),
        else_=word("USER"),
    )


def role_in_team(stored: ColumnElement[Any]) -> ColumnElement[str | None]:
    """The membership role that a role in a team's list amounts to; NULL where it says none."""
    said = func.lower(func.btrim(stored), type_=Text())
    return case(
        (said == word("admin"), word("ADMIN")),
        (said == word("viewer"), word("VIEWER")),
        (said == word("guest"), word("GUEST")),
        (said.in_([word("member"), word("user")]), word("USER")),
    )
