"""Every kind of event the gateway writes to the audit trail; `docs/audit.md` explains them."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["EVENTS"]

EVENTS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "copilot_access_override": {
        "access_override": ("create", "update", "delete"),
    },
    "copilot_account": {
        "account": ("create", "update", "suspend", "reactivate", "delete", "update_settings"),
        "account_admin": ("add_admin", "update_admin", "remove_admin"),
        "sso_config": ("create_sso", "update_sso", "delete_sso"),
    },
    "copilot_audit": {
        "bulk_operation": ("export",),
    },
    "copilot_budget": {
        "credit_budget": ("create", "update", "delete", "allocate", "distribute"),
        "account_allocation": ("update", "bulk_update"),
    },
    "copilot_budget_plan": {
        "budget_plan": ("create", "update", "delete", "renew", "close_cycle"),
    },
    "copilot_budget_usage": {
        "credit_budget": ("record_usage", "reserve_usage", "release_usage", "refund_usage"),
    },
    "copilot_connection_permission_policy": {
        "connection_permission_policy": ("create", "update", "delete"),
    },
    "copilot_directory": {
        "user": ("create", "update"),
        "membership": ("update",),
        "group": ("create", "update", "delete"),
        "team": ("create", "update", "delete", "add_member", "remove_member"),
        "invite": (
            "invite",
            "resend_invite",
            "cancel_invite",
            "accept_invite",
            "decline_invite",
        ),
        "account": ("link_identities",),
        "bulk_operation": ("bulk_invite", "bulk_update"),
    },
    "copilot_entitlement": {
        "entitlement": ("set", "delete"),
        "account_limits": ("update",),
        "account": ("bulk_set",),
    },
    "copilot_feature_catalog": {
        "feature": ("create", "update", "delete"),
    },
    "copilot_feature_policy": {
        "feature_policy": ("create", "update", "delete"),
    },
    "copilot_guardrail": {
        "guardrail": ("create", "update", "enable", "disable"),
        "guardrail_pattern": ("create", "update", "enable", "disable", "delete"),
        "guardrail_policy": ("create", "update", "enable", "disable", "delete"),
        "guardrail_event": ("record",),
    },
    "copilot_identity": {
        "service_credential": ("create", "rotate", "revoke"),
    },
    "copilot_integration_catalog": {
        "integration_catalog": ("create", "update", "disable", "delete"),
    },
    "copilot_integration_visibility": {
        "account": ("update",),
    },
    "copilot_model_catalog": {
        "model_catalog": ("create", "update", "disable", "delete", "import"),
        "model_provider": ("create", "update", "delete"),
    },
    "copilot_model_policy": {
        "model_policy": ("create", "update", "delete"),
    },
    "copilot_model_selection": {
        "account": ("update", "bulk_update"),
    },
    "copilot_resource_price": {
        "resource_price": ("create",),
    },
    "copilot_quota": {
        "quota": ("create", "update", "consume", "reset", "delete"),
    },
    "copilot_subscription": {
        "subscription": ("create", "update", "cancel"),
    },
    "copilot_subscription_plan": {
        "subscription_plan": ("create", "update"),
    },
}
"""Actions by event type and type of the resource."""
