"""What the identity provider's users tell about a person."""

from __future__ import annotations

from sqlalchemy import Boolean, ColumnElement, Text, case, cast, func, true

from datasources.directory.identity.places import no_blank
from datasources.directory.roles import role_on_platform
from datasources.documents import is_kind, unwrapped
from datasources.expressions import word
from datasources.tables import identity_users

__all__ = ["email_of", "external_id", "is_active", "name_of", "platform_role"]

_USERS = identity_users.c

email_of: ColumnElement[str | None] = func.lower(
    func.coalesce(
        no_blank(_USERS.user_email),
        # People who came through the login have their address as their id.
        case((_USERS.user_id.contains("@"), func.btrim(_USERS.user_id))),
    ),
    type_=Text(),
)

name_of: ColumnElement[str] = func.coalesce(
    no_blank(_USERS.user_alias), no_blank(_USERS.user_email), _USERS.user_id, type_=Text()
)

external_id: ColumnElement[str | None] = no_blank(_USERS.sso_user_id)

_scim_active = unwrapped(_USERS.metadata).op("->")(word("scim_active"))

is_active: ColumnElement[bool] = case(
    (
        is_kind(_scim_active, "boolean"),
        cast(_scim_active, Boolean),
    ),
    else_=true(),
)
"""Active unless the provider says otherwise."""

platform_role = role_on_platform(_USERS.user_role)
