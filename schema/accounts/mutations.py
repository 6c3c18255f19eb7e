"""Every change of accounts."""

from __future__ import annotations

import strawberry

from resolvers.accounts import accounts as accounts_writes
from resolvers.accounts import admins as admins_writes
from resolvers.accounts import settings as settings_writes
from resolvers.accounts import sso as sso_writes
from resolvers.writing import Reach
from schema.accounts.inputs import (
    AddAccountAdminInput,
    AddAccountAdminPayload,
    CreateAccountInput,
    CreateAccountPayload,
    DeleteAccountInput,
    DeleteAccountPayload,
    DeleteSsoConfigPayload,
    RemoveAccountAdminInput,
    RemoveAccountAdminPayload,
    SetAccountStatusInput,
    SetAccountStatusPayload,
    SetSsoConfigPayload,
    UpdateAccountAdminInput,
    UpdateAccountAdminPayload,
    UpdateAccountInput,
    UpdateAccountPayload,
    UpdateAccountSettingsPayload,
)
from schema.accounts.settings import UpdateAccountSettingsInput
from schema.accounts.sso import DeleteSsoConfigInput, SetSsoConfigInput
from schema.base.fields import mutation
from schema.base.guards import FeatureKey, Role, roles, super_admin

__all__ = ["Mutation"]


@strawberry.type(
    description="Where every change starts: one input, one payload, one transaction with its "
    "audit event."
)
class Mutation:
    """Where every change starts."""

    create_account: CreateAccountPayload | None = mutation(
        accounts_writes.create_account,
        CreateAccountInput,
        "Creates an account with its default group and team and, if given, its first "
        "administrator, all or nothing.",
        guard=super_admin(),
        reach=Reach.PLATFORM,
    )
    update_account: UpdateAccountPayload | None = mutation(
        accounts_writes.update_account,
        UpdateAccountInput,
        "Changes an account's master data. Other settings are never touched.",
        guard=super_admin(),
    )
    set_account_status: SetAccountStatusPayload | None = mutation(
        accounts_writes.set_account_status,
        SetAccountStatusInput,
        "Suspends or reactivates an account, effective for live sessions and keys.",
        guard=super_admin(),
    )
    delete_account: DeleteAccountPayload | None = mutation(
        accounts_writes.delete_account,
        DeleteAccountInput,
        "Deletes a suspended account for good, with everything it owns, in one transaction.",
        guard=super_admin(),
        reach=Reach.PLATFORM,
    )
    add_account_admin: AddAccountAdminPayload | None = mutation(
        admins_writes.add_account_admin,
        AddAccountAdminInput,
        "Makes a person administrator of one account. People of other accounts are refused, "
        "never moved.",
        guard=super_admin(),
    )
    update_account_admin: UpdateAccountAdminPayload | None = mutation(
        admins_writes.update_account_admin,
        UpdateAccountAdminInput,
        "Changes an administrator's address or password.",
        guard=super_admin(),
    )
    remove_account_admin: RemoveAccountAdminPayload | None = mutation(
        admins_writes.remove_account_admin,
        RemoveAccountAdminInput,
        "Takes the administrator role away and ends the person's sessions. The last "
        "administrator stays.",
        guard=super_admin(),
    )
    update_account_settings: UpdateAccountSettingsPayload | None = mutation(
        settings_writes.update_account_settings,
        UpdateAccountSettingsInput,
        "Changes an account's settings; each part is stored on its own, so parts not sent stay.",
        guard=roles(Role.ACCOUNT_ADMIN),
    )
    set_sso_config: SetSsoConfigPayload | None = mutation(
        sso_writes.set_sso_config,
        SetSsoConfigInput,
        "Creates or changes single sign-on. Fields not sent keep their value.",
        guard=roles(Role.ACCOUNT_ADMIN, feature=FeatureKey.SSO),
    )
    delete_sso_config: DeleteSsoConfigPayload | None = mutation(
        sso_writes.delete_sso_config,
        DeleteSsoConfigInput,
        "Removes single sign-on; people of the domain sign in another way.",
        guard=roles(Role.ACCOUNT_ADMIN, feature=FeatureKey.SSO),
    )
