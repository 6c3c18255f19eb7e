from __future__ import annotations

import pytest

from auth.authenticator import Authenticator, Doors
from auth.caller import Caller, Role
from auth.credentials import Credentials
from auth.errors import Forbidden
from auth.mint import mint_session
from auth.tokens import SessionTokens
from datasources.demo import DemoAccount
from datasources.identity import StoredPrincipals
from tests.harness.demo import Demo

_SECRET = "s" * 32
_OPEN = [0, 1, 2, 3]
_SUSPENDED = 4


async def _sign_in(demo: Demo, email: str, account_id: str | None) -> Caller:
    doors = Doors(sessions=SessionTokens([_SECRET]))
    session = mint_session(_SECRET, subject=email, email=email, account_id=account_id)
    authenticator = Authenticator(StoredPrincipals(demo.pool), doors)
    return await authenticator.authenticate(Credentials(session))


def _addresses(account: DemoAccount) -> dict[Role, str]:
    return {
        Role.ACCOUNT_ADMIN: account.admin_email,
        Role.AUDITOR: account.auditor_email,
        Role.MEMBER: account.member_email,
    }


@pytest.mark.parametrize("number", _OPEN)
async def test_each_address_has_exactly_its_role(demo: Demo, number: int) -> None:
    account = demo.summary.accounts[number]
    for role, email in _addresses(account).items():
        caller = await _sign_in(demo, email, account.id)
        assert (caller.account_id, caller.roles) == (account.id, frozenset({role}))
        assert caller.user_id is not None
        assert caller.identity_id == email


async def test_a_suspended_account_is_closed_to_all_its_people(demo: Demo) -> None:
    account = demo.summary.accounts[_SUSPENDED]
    for email in _addresses(account).values():
        with pytest.raises(Forbidden, match="suspended"):
            await _sign_in(demo, email, account.id)


async def test_who_administers_two_accounts_enters_the_one_named(demo: Demo) -> None:
    firm, start_up = demo.summary.accounts[2:4]
    for account in (firm, start_up):
        caller = await _sign_in(demo, firm.admin_email, account.id)
        assert (caller.account_id, caller.roles) == (account.id, frozenset({Role.ACCOUNT_ADMIN}))


async def test_nobody_enters_another_tenant(demo: Demo) -> None:
    bank, hospital = demo.summary.accounts[:2]
    with pytest.raises(Forbidden):
        await _sign_in(demo, bank.admin_email, hospital.id)
