"""The data every benchmark runs on: equal accounts, the same in every run.

An account has 100 people, 20 groups, 40 teams and 200 memberships: each person is in one team by
the console's own table, and in the next one by the gateway's. It has a running budget of its own
and one a group and a team, policies of features and models, and 250 lines of the ledger. Ids are
digests of names.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import asyncpg

from auth.mint import mint_session

__all__ = ["DIRECTORY", "EVERYTHING", "SECRET", "Account", "accounts", "fill", "grown"]

SECRET = "a-benchmark-signs-its-own-sessions"  # its database lives as long as the run

_PARTS = Path(__file__).parent

DIRECTORY = ("directory",)
"""People and where they belong."""

EVERYTHING = (*DIRECTORY, "budgets", "access", "usage", "grown")
"""Every part; each is a file of statements in this folder."""

_BEFORE = """
CREATE FUNCTION pg_temp.id(kind text, account int, number int) RETURNS uuid LANGUAGE sql IMMUTABLE
    RETURN md5(concat_ws('-', kind, account, number))::uuid;
"""


class Account(NamedTuple):
    """One tenant, and a session of its administrator."""

    id: str
    token: str


def accounts(number: int) -> list[Account]:
    """The accounts that `fill` makes."""
    return [_account(n) for n in range(1, number + 1)]


def _account(number: int) -> Account:
    id = f"account-{number}"
    email = f"person-1@{id}.test"
    return Account(id, mint_session(SECRET, subject=email, email=email, account_id=id))


def grown() -> Account:
    """The one account that `fill` makes large: 100 groups, each a team of 100 people."""
    return _account(0)


async def fill(database_url: str, number: int, parts: Sequence[str] = EVERYTHING) -> None:
    """Put the accounts into a migrated database that has none."""
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(_BEFORE)
        for part in parts:
            statements = (_PARTS / f"{part}.sql").read_text()
            await connection.execute(statements.replace("{accounts}", str(int(number))))
        await connection.execute("ANALYZE")
    finally:
        await connection.close()
