"""Which keys reach a statement, and as what."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Text, select
from sqlalchemy.types import Uuid

from datasources.base import Statement
from datasources.keys import Keys
from datasources.tables import users
from tests.harness.callers import nobody, person, super_admin

ONE, OTHER = "11111111-0000-4000-8000-000000000001", "22222222-0000-4000-8000-000000000002"
BY_ACCOUNT = Keys(("account_id", "id"), (Text(), Uuid(as_uuid=False)), "account_id")
BY_ID = Keys(("id",), (Uuid(as_uuid=False),), "account_id")
OF_NOBODY = Keys(("name",), (Text(),), None)


def test_keys_of_other_accounts_are_left_out() -> None:
    keys = [("a", ONE), ("b", OTHER), ("a", OTHER)]
    assert BY_ACCOUNT.usable(person("a"), keys) == [(0, keys[0]), (2, keys[2])]
    assert BY_ACCOUNT.usable(super_admin(), keys) == list(enumerate(keys))


def test_what_is_no_uuid_is_left_out() -> None:
    assert BY_ID.usable(person("a"), [ONE, "malformed", OTHER]) == [(0, ONE), (2, OTHER)]
    assert BY_ID.usable(person("a"), ["malformed"]) == []


@pytest.mark.parametrize("keys", [BY_ACCOUNT, BY_ID])
def test_who_reaches_no_account_has_no_keys(keys: Keys) -> None:
    assert keys.usable(nobody(), [ONE]) == []


def test_what_belongs_to_no_account_is_everybodys() -> None:
    assert OF_NOBODY.usable(nobody(), ["x"]) == [(0, "x")]
    assert OF_NOBODY.usable(nobody(), []) == []


@pytest.mark.parametrize(
    ("caller", "values"),
    [
        (person("a"), {"keys_0": [ONE], "key_0": ONE}),
        (super_admin(), {"keys_0": ["a"], "key_0": "a", "keys_1": [ONE], "key_1": ONE}),
    ],
)
def test_the_account_of_a_caller_who_has_one_is_not_sent(
    caller: Any, values: dict[str, Any]
) -> None:
    assert BY_ACCOUNT.values(caller, [(0, ("a", ONE))]) == values


def test_a_statement_compares_the_account_once() -> None:
    parent = BY_ACCOUNT.parents(person("a"))
    query = select(users.c.name).select_from(
        parent.join(users, BY_ACCOUNT.matches(users, parent, person("a")))
    )
    assert "account_id" not in Statement(query).text
    everywhere = select(users.c.name).where(BY_ACCOUNT.matches_one(users, super_admin()))
    assert "account_id = $1" in Statement(everywhere).text
