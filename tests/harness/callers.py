"""Callers for tests, as the authenticator would make them."""

from __future__ import annotations

from collections.abc import Iterable

from auth.caller import ActorKind, Caller, Role

__all__ = ["member", "nobody", "person", "super_admin"]


def person(
    account_id: str,
    *roles: Role,
    id: str = "11111111-1111-4111-8111-111111111111",
    scopes: Iterable[str] = (),
) -> Caller:
    """A person of one account; an account admin unless roles say otherwise."""
    return Caller(
        kind=ActorKind.USER,
        id=id,
        name="Ada Admin",
        email="ada@example.test",
        is_email_verified=True,
        account_id=account_id,
        roles=frozenset(roles or (Role.ACCOUNT_ADMIN,)),
        scopes=frozenset(scopes),
    )


def member(account_id: str) -> Caller:
    """An end user of one account."""
    return person(account_id, Role.MEMBER)


def super_admin() -> Caller:
    """An operator of the platform, who has no account."""
    return Caller(
        kind=ActorKind.SUPER_ADMIN,
        id="root@platform.test",
        name="Root",
        email="root@platform.test",
        is_email_verified=True,
        spans_accounts=True,
        roles=frozenset({Role.SUPER_ADMIN}),
    )


def nobody(email: str = "new@example.test") -> Caller:
    """Somebody who is signed in with a verified address and belongs to no account."""
    return Caller(kind=ActorKind.USER, id=email, name="New", email=email, is_email_verified=True)
