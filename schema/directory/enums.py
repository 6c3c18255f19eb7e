"""Enumerations of the directory."""

from __future__ import annotations

from enum import StrEnum

from schema.base.enums import described


@described(
    "Which directory answers.",
    COPILOT="The cockpit's own directory; can be changed here.",
    IDENTITY="The identity provider's directory as synchronised; read-only here.",
)
class DirectorySource(StrEnum):
    """Which directory answers."""

    COPILOT = "COPILOT"
    IDENTITY = "IDENTITY"


@described(
    "Whether a group or team is in use.",
    ACTIVE="In use.",
    INACTIVE="Kept, but its members gain nothing from it.",
)
class DirectoryStatus(StrEnum):
    """Whether a group or team is in use."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"


@described(
    "Life-cycle of an invite.",
    PENDING="Waiting for the invitee.",
    ACCEPTED="Taken up.",
    DECLINED="Refused by the invitee.",
    EXPIRED="Not taken up in time.",
    CANCELLED="Withdrawn by an administrator.",
)
class InviteStatus(StrEnum):
    """Life-cycle of an invite."""

    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"


@described(
    "Weak spots of identity data.",
    USER_WITHOUT_TEAM="A person in no team.",
    USER_WITH_UNKNOWN_TEAM="A person whose team is not in the account.",
    TEAM_WITHOUT_GROUP="A team without an organisation.",
    TEAM_WITH_UNKNOWN_GROUP="A team whose organisation is not in the account.",
    GROUP_WITHOUT_TEAMS="An organisation no team belongs to; does not lower the score.",
    USER_WITH_WEAK_LINK="A person linked to the account only by an e-mail domain.",
)
class DirectoryIssueKind(StrEnum):
    """Weak spots of identity data."""

    USER_WITHOUT_TEAM = "USER_WITHOUT_TEAM"
    USER_WITH_UNKNOWN_TEAM = "USER_WITH_UNKNOWN_TEAM"
    TEAM_WITHOUT_GROUP = "TEAM_WITHOUT_GROUP"
    TEAM_WITH_UNKNOWN_GROUP = "TEAM_WITH_UNKNOWN_GROUP"
    GROUP_WITHOUT_TEAMS = "GROUP_WITHOUT_TEAMS"
    USER_WITH_WEAK_LINK = "USER_WITH_WEAK_LINK"


@described(
    "What users can be sorted by.",
    CREATED_AT="By time of creation.",
    NAME="By name.",
    EMAIL="By e-mail address.",
    LAST_ACTIVE_AT="By last use.",
)
class UserOrderField(StrEnum):
    """What users can be sorted by."""

    CREATED_AT = "CREATED_AT"
    NAME = "NAME"
    EMAIL = "EMAIL"
    LAST_ACTIVE_AT = "LAST_ACTIVE_AT"


@described(
    "What groups can be sorted by.",
    NAME="By name.",
    CREATED_AT="By time of creation.",
)
class GroupOrderField(StrEnum):
    """What groups can be sorted by."""

    NAME = "NAME"
    CREATED_AT = "CREATED_AT"


@described(
    "What teams can be sorted by.",
    NAME="By name.",
    CREATED_AT="By time of creation.",
)
class TeamOrderField(StrEnum):
    """What teams can be sorted by."""

    NAME = "NAME"
    CREATED_AT = "CREATED_AT"


@described(
    "What memberships can be sorted by.",
    JOINED_AT="By time of joining.",
    NAME="By the person's name.",
)
class MembershipOrderField(StrEnum):
    """What memberships can be sorted by."""

    JOINED_AT = "JOINED_AT"
    NAME = "NAME"


@described(
    "What invites can be sorted by.",
    CREATED_AT="By time of creation.",
    EXPIRES_AT="By time of expiry.",
    EMAIL="By e-mail address.",
)
class InviteOrderField(StrEnum):
    """What invites can be sorted by."""

    CREATED_AT = "CREATED_AT"
    EXPIRES_AT = "EXPIRES_AT"
    EMAIL = "EMAIL"
