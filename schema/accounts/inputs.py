"""What the mutations of accounts take and answer."""

from __future__ import annotations

import strawberry

from schema.accounts.enums import AccountOrderField
from schema.accounts.settings import AccountSettings
from schema.accounts.sso import SsoConfig
from schema.accounts.types import Account, AccountAdmin
from schema.base.core import MutationInput, MutationPayload, OrderDirection, Tally
from schema.base.domain import AccountStatus, MoneyInput
from schema.base.fields import absent, given, outcome
from schema.base.guards import Sensitive
from schema.base.scalars import EmailAddress

_ACCOUNT = "Account to act on."


@strawberry.input(description="How to sort accounts.")
class AccountOrder:
    """How to sort accounts."""

    field: AccountOrderField = given("What to sort by.")
    direction: OrderDirection = given("Which way to sort.", default=OrderDirection.ASC)


@strawberry.input(description="Input of createAccount.")
class CreateAccountInput(MutationInput):
    """Input of createAccount."""

    name: str = given("Unique name.")
    alias: str | None = absent("Short name to show.")
    domain: str | None = absent(
        "E-mail domain; normalised, unique, and never a public mail domain."
    )
    identity_organization_id: str | None = absent("Organisation at the identity provider; unique.")
    max_spend: MoneyInput | None = absent("Ceiling for console spend.")
    admin_email: EmailAddress | None = absent(
        "First administrator; refused when the person belongs to another account."
    )
    admin_password: str | None = absent(
        "Initial password of that person, subject to the password policy.",
        sensitive=(Sensitive(),),
    )
    idempotency_key: str | None = absent(
        "Repeating the key answers with the first result instead of acting again."
    )


@strawberry.input(description="Input of updateAccount.")
class UpdateAccountInput(MutationInput):
    """Input of updateAccount."""

    account_id: strawberry.ID = given(_ACCOUNT)
    name: str | None = absent("Unique name.")
    alias: str | None = absent("Short name to show.")
    domain: str | None = absent("E-mail domain; null removes it.")
    identity_organization_id: str | None = absent(
        "Organisation at the identity provider; null unlinks it."
    )
    max_spend: MoneyInput | None = absent("Ceiling for console spend; null removes it.")


@strawberry.input(description="Input of setAccountStatus.")
class SetAccountStatusInput(MutationInput):
    """Input of setAccountStatus."""

    account_id: strawberry.ID = given(_ACCOUNT)
    status: AccountStatus = given("New status.")
    reason: str | None = absent("Why, for the audit trail.")


@strawberry.input(description="Input of deleteAccount.")
class DeleteAccountInput(MutationInput):
    """Input of deleteAccount."""

    account_id: strawberry.ID = given(_ACCOUNT)
    confirm_name: str = given("The account's exact name.")
    dry_run: bool = given("Answer what would happen and change nothing.", default=False)


@strawberry.input(description="Input of addAccountAdmin.")
class AddAccountAdminInput(MutationInput):
    """Input of addAccountAdmin."""

    account_id: strawberry.ID = given(_ACCOUNT)
    email: EmailAddress = given("The person.")
    password: str | None = absent(
        "Initial password, subject to the password policy.", sensitive=(Sensitive(),)
    )


@strawberry.input(description="Input of updateAccountAdmin.")
class UpdateAccountAdminInput(MutationInput):
    """Input of updateAccountAdmin."""

    account_id: strawberry.ID = given(_ACCOUNT)
    admin_id: strawberry.ID = given("The administrator.")
    email: EmailAddress | None = absent("New address.")
    password: str | None = absent(
        "New password, subject to the password policy; ends the person's sessions.",
        sensitive=(Sensitive(),),
    )


@strawberry.input(description="Input of removeAccountAdmin.")
class RemoveAccountAdminInput(MutationInput):
    """Input of removeAccountAdmin."""

    account_id: strawberry.ID = given(_ACCOUNT)
    admin_id: strawberry.ID = given("The administrator.")


@strawberry.type(description="Answer of createAccount.")
class CreateAccountPayload(MutationPayload):
    """Answer of createAccount."""

    account: Account | None = outcome("The new account.")


@strawberry.type(description="Answer of updateAccount.")
class UpdateAccountPayload(MutationPayload):
    """Answer of updateAccount."""

    account: Account | None = outcome("The changed account.")


@strawberry.type(description="Answer of setAccountStatus.")
class SetAccountStatusPayload(MutationPayload):
    """Answer of setAccountStatus."""

    account: Account | None = outcome("The changed account.")


@strawberry.type(description="Answer of deleteAccount.")
class DeleteAccountPayload(MutationPayload):
    """Answer of deleteAccount."""

    affected: list[Tally] = outcome(
        "Rows removed per kind, or that would be on a dry run.", otherwise=()
    )
    deleted_id: strawberry.ID | None = outcome("Id that was removed; null when nothing was.")


@strawberry.type(description="Answer of addAccountAdmin.")
class AddAccountAdminPayload(MutationPayload):
    """Answer of addAccountAdmin."""

    admin: AccountAdmin | None = outcome("The new administrator.")


@strawberry.type(description="Answer of updateAccountAdmin.")
class UpdateAccountAdminPayload(MutationPayload):
    """Answer of updateAccountAdmin."""

    admin: AccountAdmin | None = outcome("The changed administrator.")


@strawberry.type(description="Answer of removeAccountAdmin.")
class RemoveAccountAdminPayload(MutationPayload):
    """Answer of removeAccountAdmin."""

    deleted_id: strawberry.ID | None = outcome("Id that was removed; null when nothing was.")


@strawberry.type(description="Answer of updateAccountSettings.")
class UpdateAccountSettingsPayload(MutationPayload):
    """Answer of updateAccountSettings."""

    settings: AccountSettings | None = outcome("The settings after the change.")


@strawberry.type(description="Answer of setSsoConfig.")
class SetSsoConfigPayload(MutationPayload):
    """Answer of setSsoConfig."""

    sso_config: SsoConfig | None = outcome("The configuration after the change.")


@strawberry.type(description="Answer of deleteSsoConfig.")
class DeleteSsoConfigPayload(MutationPayload):
    """Answer of deleteSsoConfig."""

    deleted_id: strawberry.ID | None = outcome("Id that was removed; null when nothing was.")
