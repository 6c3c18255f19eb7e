from __future__ import annotations

import inspect

import pytest

from auth import machines, operator_key
from auth.caller import Role
from auth.operator_key import OperatorKey

KEY = "k" * 40


def test_the_key_is_a_super_admin_with_an_id_for_the_audit_trail() -> None:
    caller = OperatorKey(KEY).caller()
    assert caller.roles == {Role.SUPER_ADMIN}
    assert caller.spans_accounts
    assert caller.id.startswith("operator:")
    assert caller.id != OperatorKey("other" * 10).caller().id
    assert KEY not in repr(caller)


@pytest.mark.parametrize("token", ["", "k", KEY[:-1], KEY + "k", KEY.upper(), "é" * 40])
def test_nothing_but_the_key_matches(token: str) -> None:
    assert not OperatorKey(KEY).matches(token)


def test_the_key_matches() -> None:
    assert OperatorKey(KEY).matches(KEY)


@pytest.mark.parametrize("key", ["", "short", "k" * 31])
def test_a_short_key_is_no_key(key: str) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        OperatorKey(key)


@pytest.mark.parametrize("module", [operator_key, machines])
def test_secrets_are_compared_in_constant_time(module: object) -> None:
    assert "hmac.compare_digest(" in inspect.getsource(module)  # type: ignore[arg-type] # modules
