from __future__ import annotations

from datetime import UTC, datetime, timedelta

import jwt
import pytest

from auth.mint import mint_session
from auth.tokens import SessionTokens

SECRET = "s" * 32


def test_a_minted_session_verifies_and_says_who_it_is() -> None:
    token = mint_session(
        SECRET, subject="u1", email="Ada@Acme.test", account_id="a", name="Ada", issuer="cockpit"
    )
    claims = SessionTokens([SECRET], issuer="cockpit").verify(token)
    assert (claims.subject, claims.email, claims.account_id) == ("u1", "ada@acme.test", "a")
    assert claims.is_email_verified
    assert claims.name == "Ada"


def test_a_minted_session_ends_and_carries_no_right() -> None:
    now = datetime.now(UTC)
    payload = jwt.decode(
        mint_session(SECRET, subject="u1", lifetime=timedelta(hours=1), now=now),
        SECRET,
        algorithms=["HS256"],
    )
    assert payload["exp"] - payload["iat"] == 3600
    assert payload.keys() == {"user_id", "iat", "exp", "jti"}


def test_no_two_sessions_are_the_same() -> None:
    now = datetime.now(UTC)
    assert mint_session(SECRET, subject="u", now=now) != mint_session(SECRET, subject="u", now=now)


@pytest.mark.parametrize("lifetime", [timedelta(0), timedelta(hours=-1), timedelta(days=31)])
def test_a_session_without_a_sensible_end_is_not_minted(lifetime: timedelta) -> None:
    with pytest.raises(ValueError, match="30 days"):
        mint_session(SECRET, subject="u1", lifetime=lifetime)


def test_a_short_secret_signs_nothing() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        mint_session("short", subject="u1")
