"""Values for what the schema asks of a client: one place to add to when it asks for more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.isolation.tenants import (
    ADDON_PLAN,
    INTEGRATION,
    MODEL,
    PROVIDER,
    SECRET,
    SPARE_INTEGRATION,
    SPARE_MODEL,
    SPARE_PROVIDER,
    SUBSCRIPTION_PLAN,
    Tenant,
)

__all__ = [
    "ARGUMENTS",
    "BEFORE",
    "EVENTS",
    "INPUTS",
    "NEVER_ACCEPTED",
    "UNKNOWN_ID",
    "UNKNOWN_TOKEN",
    "variables_of",
]

UNKNOWN_ID = "99999999-9999-4999-8999-999999999999"
"""An id that nothing has."""
UNKNOWN_TOKEN = "there-is-no-invite-with-this-token"

_FAR = "2999-01-01T00:00:00Z"

Argument = Callable[[Tenant, str], Any]
Input = Callable[[Tenant, str], dict[str, Any]]


def _in_directory(kind: str) -> Argument:
    return lambda tenant, source: tenant.in_directory(kind, source)


ARGUMENTS: Mapping[str, Argument] = {
    "Query.account.id": lambda tenant, _: tenant.account_id,
    "Account.directory.source": lambda _, source: source,
    "Account.bulkOperation.id": lambda tenant, _: tenant.id("operation"),
    "Account.budget.id": lambda tenant, _: tenant.id("group_budget"),
    "Account.budgetPlan.id": lambda tenant, _: tenant.id("plan"),
    "Account.usageBreakdown.by": lambda *_: ["USER", "MODEL"],
    "Budget.usageBreakdown.by": lambda *_: ["TEAM"],
    "Platform.usageBreakdown.by": lambda *_: ["ACCOUNT", "USER"],
    "Account.effectiveAccess.scope": lambda tenant, _: {"type": "USER", "id": tenant.id("user")},
    "Account.quotaCheck.amount": lambda *_: "1",
    "Account.quotaCheck.unit": lambda tenant, _: tenant.text("unit"),
    "EffectiveModels.isAllowed.name": lambda *_: "model",
    "EffectiveAccess.guardrails.agentId": lambda tenant, _: tenant.id("agent"),
    "Account.previewGuardrails.agentId": lambda tenant, _: tenant.id("agent"),
    "Platform.model.id": lambda *_: MODEL,
    "Platform.subscriptionPlan.id": lambda *_: SUBSCRIPTION_PLAN,
    "Account.subscription.id": lambda tenant, _: tenant.id("subscription"),
    "Platform.integration.id": lambda *_: INTEGRATION,
    "EffectiveAccess.feature.code": lambda *_: "agents",
    "Platform.feature.code": lambda *_: "agents.create",
    "Account.auditEvent.id": lambda tenant, _: tenant.id("event"),
    "Account.guardrailPattern.id": lambda tenant, _: tenant.id("pattern"),
    "Account.previewGuardrails.text": lambda tenant, _: (
        f"{tenant.text('word')} of nobody@example.org"
    ),
    "Account.previewGuardrails.scope": lambda tenant, _: _scope(tenant),
    "Directory.user.id": _in_directory("user"),
    "Directory.group.id": _in_directory("group"),
    "Directory.team.id": _in_directory("team"),
    "Directory.invite.id": lambda tenant, _: tenant.id("accepted_invite"),
}
"""By `Type.field.argument`, for a tenant and a directory: arguments a field cannot do without, and
optional ones that decide what is reached."""


def variables_of(coordinates: Mapping[str, str], tenant: Tenant, source: str) -> dict[str, Any]:
    """Values for the variables of a document. Raises `LookupError` that says what to add."""
    values: dict[str, Any] = {}
    for variable, coordinate in coordinates.items():
        if coordinate.endswith(".first"):
            values[variable] = 200
        elif coordinate in ARGUMENTS:
            values[variable] = ARGUMENTS[coordinate](tenant, source)
        else:
            raise LookupError(
                f"No value is known for {coordinate}: add one to ARGUMENTS in "
                "tests/isolation/samples.py, for a row that tests/isolation/tenants.py makes."
            )
    return values


def _of(**kinds: str) -> Input:
    """An input whose fields are ids of a tenant's rows."""
    return lambda tenant, _: {name: tenant.id(kind) for name, kind in kinds.items()}


def _and(of: Input, **values: Any) -> Input:
    return lambda tenant, word: of(tenant, word) | values


def _users(**condition: str) -> Input:
    return lambda tenant, _: {
        "filter": {name: tenant.id(kind) for name, kind in condition.items()},
        "teamId": tenant.id("spare_team"),
        "dryRun": True,
    }


def _token(tenant: Tenant, _: str) -> dict[str, Any]:
    return {"token": f"{tenant.name}-{SECRET}-invite-token"}


def _scope(tenant: Tenant, person: str = "user") -> dict[str, Any]:
    return {"type": "USER", "id": tenant.id(person)}


def _usage(tenant: Tenant, word: str) -> dict[str, Any]:
    return {
        "idempotencyKey": word,
        "scope": _scope(tenant),
        "budgetId": tenant.id("team_budget"),
        "credits": 1,
        "userId": tenant.id("user"),
        "agentId": tenant.id("agent"),
        "connectorId": tenant.id("connector"),
        "workspaceId": tenant.text("workspace"),
        "threadId": tenant.text("thread"),
        "requestId": tenant.text("request"),
    }


def _settling(tenant: Tenant, word: str) -> dict[str, Any]:
    reservation = tenant.id("reservation")
    return {"idempotencyKey": f"settle {word}", "credits": 1, "reservationId": reservation}


def _fired(tenant: Tenant, word: str) -> dict[str, Any]:
    return {
        "guard": "PII",
        "severity": "HIGH",
        "action": "BLOCK",
        "patternId": tenant.id("pattern"),
        "userId": tenant.id("user"),
        "agentId": tenant.id("agent"),
        "requestId": tenant.text("request"),
        "idempotencyKey": word,
    }


_PLACE = {"description": "d", "contactEmail": "x@example.test"}

INPUTS: Mapping[str, tuple[Input, ...]] = {
    "createAccount": (lambda _, word: {"name": word},),
    "updateAccount": (lambda _, word: {"alias": word},),
    "setAccountStatus": (lambda *_: {"status": "SUSPENDED"},),
    "deleteAccount": (lambda tenant, _: {"confirmName": tenant.text("name"), "dryRun": True},),
    "addAccountAdmin": (lambda _, word: {"email": f"{word}@new.test"},),
    "updateAccountAdmin": (
        lambda tenant, word: {"adminId": tenant.text("admin"), "email": f"{word}@new.test"},
    ),
    "removeAccountAdmin": (lambda tenant, _: {"adminId": tenant.text("other-admin")},),
    "updateAccountSettings": (lambda *_: {"theme": None},),
    "setSsoConfig": (lambda *_: {"provider": "GENERIC", "clientId": "c"},),
    "deleteSsoConfig": (lambda *_: {},),
    "createUser": (
        lambda tenant, word: {
            "email": f"{word}@new.test",
            "name": word,
            "teamId": tenant.id("team"),
        },
    ),
    "updateUser": (_and(_of(id="user"), name="N"),),
    "updateMembership": (_and(_of(id="membership", teamId="spare_team"), role="ADMIN"),),
    "createGroup": (lambda tenant, word: {"name": word, "ownerId": tenant.id("user"), **_PLACE},),
    "updateGroup": (_and(_of(id="group", ownerId="colleague"), **_PLACE),),
    "deleteGroup": (_of(id="empty_group"),),
    "createTeam": (
        lambda tenant, word: {
            "name": word,
            "groupId": tenant.id("group"),
            "ownerId": tenant.id("user"),
        },
    ),
    "updateTeam": (_and(_of(id="team", ownerId="colleague"), **_PLACE),),
    "deleteTeam": (_of(id="spare_team"),),
    "addTeamMember": (_of(teamId="spare_team", userId="user"),),
    "removeTeamMember": (_of(teamId="team", userId="user"),),
    "createInvite": (
        lambda tenant, word: {
            "email": f"{word}@new.test",
            "teamId": tenant.id("team"),
            "workspaceId": tenant.text("workspace"),
        },
    ),
    "resendInvite": (_of(id="invite"),),
    "cancelInvite": (_of(id="invite"),),
    "acceptInvite": (_token,),
    "declineInvite": (_token,),
    "reconcileIdentityUsers": (lambda *_: {},),
    "bulkCreateInvites": (
        lambda tenant, word: {
            "emails": [f"{word}@new.test"],
            "teamId": tenant.id("team"),
        },
    ),
    "bulkUpdateUsers": (
        lambda tenant, _: {
            "ids": [tenant.id("user")],
            "filter": {"ids": [tenant.id("user")]},
            "teamId": tenant.id("spare_team"),
        },
        _users(groupId="group"),
        _users(teamId="team"),
    ),
    "setAccountAllocation": (lambda tenant, _: {"allocated": tenant.number * 20},),
    "bulkSetAccountAllocation": (
        lambda tenant, _: {
            "accountIds": [tenant.account_id],
            "filter": {"ids": [tenant.account_id]},
            "allocated": tenant.number * 20,
        },
    ),
    "createBudget": (
        lambda tenant, _: {
            "scope": _scope(tenant, "colleague"),
            "allocated": 0,
            "parentId": tenant.id("team_budget"),
        },
    ),
    "updateBudget": (_of(id="user_budget", parentId="team_budget"),),
    "deleteBudget": (_of(id="user_budget"),),
    "allocateBudget": (
        lambda tenant, _: {
            "scope": _scope(tenant, "colleague"),
            "allocated": 0,
            "parentId": tenant.id("team_budget"),
        },
    ),
    "distributeBudget": (
        lambda tenant, _: {
            "budgetId": tenant.id("team_budget"),
            "targetIds": [tenant.id("colleague")],
            "weights": [{"targetId": tenant.id("colleague"), "weight": 1.5}],
        },
    ),
    "createBudgetPlan": (lambda _, word: {"name": word, "isActive": False},),
    "updateBudgetPlan": (_and(_of(id="plan"), name="N"),),
    "deleteBudgetPlan": (_of(id="spare_plan"),),
    "renewBudgetPlan": (_and(_of(planId="plan"), at="2100-05-05T00:00:00Z"),),
    "reserveUsage": (
        lambda tenant, word: {"scope": _scope(tenant), "amount": 1, "idempotencyKey": word},
    ),
    "releaseUsage": (_of(reservationId="reservation"),),
    "recordUsage": (
        lambda tenant, word: {"usage": _usage(tenant, word)},
        lambda tenant, word: {"usage": _settling(tenant, word)},
    ),
    "recordUsages": (
        lambda tenant, word: {"usages": [_usage(tenant, word)]},
        lambda tenant, word: {"usages": [_settling(tenant, word)]},
    ),
    "refundUsage": (
        lambda tenant, word: {
            "entryId": tenant.id("charge"),
            "credits": 1,
            "reason": "failed",
            "idempotencyKey": word,
        },
    ),
    "setFeaturePolicy": (
        lambda tenant, _: {
            "scope": {"type": "TEAM", "id": tenant.id("team")},
            "flags": [{"featureCode": "agents.create", "isEnabled": False}],
        },
    ),
    "deleteFeaturePolicy": (
        lambda tenant, _: {"scope": {"type": "TEAM", "id": tenant.id("team")}},
    ),
    "createModel": (lambda _, word: {"name": word, "providerId": PROVIDER},),
    "updateModel": (lambda *_: {"id": MODEL, "providerId": PROVIDER, "sortOrder": 7},),
    "deleteModel": (lambda *_: {"id": SPARE_MODEL},),
    "importModels": (lambda *_: {"names": ["lab/new-model"]},),
    "setModelProvider": (lambda _, word: {"code": word, "name": word},),
    "deleteModelProvider": (lambda *_: {"id": SPARE_PROVIDER},),
    "createResourcePrice": (
        lambda _, word: {"resourceType": word, "unit": "minute", "price": {"amount": "1"}},
    ),
    "bulkSetAccountModels": (
        lambda tenant, _: {
            "accountIds": [tenant.account_id],
            "filter": {"ids": [tenant.account_id]},
            "mode": "LIST",
            "modelIds": [MODEL],
        },
    ),
    "setModelGrant": (lambda *_: {"mode": "LIST", "modelIds": [MODEL]},),
    "setModelSelection": (
        lambda *_: {"mode": "LIST", "modelIds": [MODEL], "defaultModelIds": [MODEL]},
    ),
    "setModelPolicy": (
        lambda tenant, _: {
            "scope": {"type": "TEAM", "id": tenant.id("team")},
            "mode": "ALLOWLIST",
            "modelIds": [MODEL],
        },
    ),
    "deleteModelPolicy": (lambda tenant, _: {"scope": {"type": "TEAM", "id": tenant.id("team")}},),
    "setConnectorPolicy": (
        lambda tenant, _: {"scope": {"type": "TEAM", "id": tenant.id("team")}, "mode": "USE_ONLY"},
    ),
    "setEnabledIntegrations": (lambda *_: {"integrationIds": []},),
    "createIntegration": (lambda _, word: {"key": word, "name": word},),
    "updateIntegration": (lambda *_: {"id": INTEGRATION, "name": "N"},),
    "deleteIntegration": (lambda *_: {"id": SPARE_INTEGRATION},),
    "deleteConnectorPolicy": (lambda tenant, _: {"scope": _scope(tenant)},),
    "setGuardrail": (lambda *_: {"guard": "TOXIC", "isEnabled": True},),
    "createGuardrailPattern": (lambda _, word: {"guard": "PII", "name": word, "regex": "x+"},),
    "updateGuardrailPattern": (_and(_of(id="pattern"), name="N"),),
    "deleteGuardrailPattern": (_of(id="spare_pattern"),),
    "setGuardrailPolicy": (
        lambda tenant, _: {
            "scope": {"type": "TEAM", "id": tenant.id("team")},
            "requiredGuards": ["TOXIC"],
        },
    ),
    "deleteGuardrailPolicy": (lambda tenant, _: {"scope": _scope(tenant)},),
    "recordGuardrailEvent": (_fired,),
    "exportAuditEvents": (
        lambda tenant, _: {
            "filter": {
                "search": tenant.text("event"),
                "actorId": tenant.id("user"),
                "resourceId": tenant.id("user"),
                "operationId": tenant.id("operation"),
                "accountIds": [tenant.account_id],
            }
        },
    ),
    "setAccountLimits": (lambda *_: {"maxTeams": 99},),
    "setEntitlements": (
        lambda tenant, _: {
            "entitlements": [{"featureCode": "sso", "subscriptionId": tenant.id("addon")}]
        },
    ),
    "deleteEntitlement": (_of(id="entitlement"),),
    "bulkSetEntitlements": (
        lambda tenant, _: {
            "accountIds": [tenant.account_id],
            "filter": {"ids": [tenant.account_id]},
            "entitlements": [{"featureCode": "sso", "subscriptionId": tenant.id("addon")}],
        },
    ),
    "setAccessOverride": (
        lambda tenant, word: {
            "scope": _scope(tenant),
            "featureCode": "agents",
            "effect": "RESTRICT",
            "disabledItems": [word],
            "reason": word,
        },
    ),
    "deleteAccessOverride": (_of(id="spare_override"),),
    "consumeQuota": (
        lambda tenant, word: {
            "quotaId": tenant.id("quota"),
            "unit": tenant.text("unit"),
            "amount": "1",
            "idempotencyKey": word,
        },
    ),
    "createFeature": (
        lambda _, word: {
            "code": f"agents.{word.lower()}",
            "level": "FEATURE",
            "parentCode": "agents",
            "name": word,
        },
    ),
    "updateFeature": (lambda _, word: {"code": "agents", "category": word},),
    "deleteFeature": (lambda *_: {"code": "agents.spare"},),
    "createQuota": (
        lambda tenant, word: {
            "quota": {
                "unit": word[:60],
                "included": "5",
                "subscriptionId": tenant.id("addon"),
            }
        },
    ),
    "createSubscriptionPlan": (lambda _, word: {"code": word.lower()[:60], "name": word},),
    "updateSubscriptionPlan": (lambda _, word: {"id": SUBSCRIPTION_PLAN, "name": word},),
    "createSubscription": (
        lambda tenant, _: {
            "subscription": {
                "planId": ADDON_PLAN,
                "externalId": tenant.text("external"),
                "endAt": _FAR,
            }
        },
    ),
    "updateSubscription": (
        lambda tenant, _: {
            "id": tenant.id("subscription"),
            "planId": SUBSCRIPTION_PLAN,
            "externalId": tenant.text("other"),
            "quantity": 2,
        },
    ),
    "cancelSubscription": (_of(id="addon"),),
    "setUpAccount": (
        lambda tenant, word: {
            "subscription": {
                "planId": SUBSCRIPTION_PLAN,
                "externalId": tenant.text(word),
            },
            "entitlements": [{"featureCode": "sso", "subscriptionId": tenant.id("addon")}],
            "quotas": [
                {
                    "unit": word[:60],
                    "included": "5",
                    "subscriptionId": tenant.id("addon"),
                }
            ],
            "idempotencyKey": word,
        },
    ),
    "updateQuota": (lambda tenant, _: {"id": tenant.id("quota"), "overageLimit": "9"},),
    "resetQuota": (lambda tenant, _: {"id": tenant.id("quota"), "periodEndAt": _FAR},),
    "deleteQuota": (_of(id="quota"),),
    "createServiceCredential": (lambda _, word: {"name": word, "scopes": ["directory:read"]},),
    "rotateServiceCredential": (_of(id="credential"),),
    "revokeServiceCredential": (_of(id="credential"),),
}
"""Inputs that a mutation accepts for a tenant; `word` is new each time. Together they say every
id that the input can say; `accountId` is always given and need not be said."""

NEVER_ACCEPTED = {
    "createInvite.customRoleId": "an account has no roles of its own yet",
    "bulkCreateInvites.customRoleId": "an account has no roles of its own yet",
}
"""Ids that no value would be accepted for, and why; they are tried all the same."""

EVENTS: Mapping[str, tuple[tuple[str, Input], ...]] = {
    "budgetAlerts": (
        (
            "updateBudget",
            lambda tenant, _: {"id": tenant.id("user_budget"), "allocated": tenant.number * 5},
        ),
        (
            "allocateBudget",
            lambda tenant, _: {
                "scope": _scope(tenant, "colleague"),
                "allocated": 10,
                "parentId": tenant.id("team_budget"),
            },
        ),
        (
            "recordUsage",
            lambda tenant, word: {
                "usage": {
                    "idempotencyKey": word,
                    "scope": _scope(tenant, "colleague"),
                    "credits": 10,
                }
            },
        ),
    ),
    "guardrailEvents": (("recordGuardrailEvent", _fired),),
    "auditEvents": (("createGroup", lambda _, word: {"name": word}),),
}
"""By subscription: mutations that make one event of it happen in a tenant."""

BEFORE = {
    "deleteAccount": "UPDATE \"Alchemi_AccountTable\" SET status = 'suspended'"
    " WHERE account_id = $1",
}
"""What has to be true of an account before its input is accepted."""
