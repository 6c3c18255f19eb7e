"""Two accounts with a row of everything: what belongs to one can be told from what does not.

Every id, name, number and secret of an account carries the account's mark, so that a leak shows in
the text of an answer. A third set of rows belongs to no account or to the platform.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from auth.caller import ActorKind, Caller, Role
from auth.policy import FEATURE_KEYS
from auth.scopes import ACCOUNTS_ANY, SCOPES, scopes_of_roles
from datasources.access import access_of
from datasources.access_tables import (
    access_overrides,
    account_limits,
    entitlements,
    feature_policies,
    features,
    model_catalog,
    model_lists,
    model_policies,
    quotas,
)
from datasources.base import Database
from datasources.budgets.tables import (
    DIMENSIONS,
    account_allocations,
    budget_details,
    budget_plans,
    usage_by_day,
    usage_by_dimension,
    usage_ledger,
    usage_reservations,
)
from datasources.connectors.tables import integration_lists, integrations, policy_details
from datasources.connectors.tables import policies as connector_policies
from datasources.entitlements.subscriptions.tables import plan_features, plans, subscriptions
from datasources.guardrail_changes import guardrail_changes
from datasources.guardrails.tables import agent_guards, configs, events, patterns, policies
from datasources.models.tables import model_providers, resource_prices
from datasources.observability.events import audit_links
from datasources.scopes import ScopeRow
from datasources.tables import (
    account_admins,
    accounts,
    audit_log,
    bulk_operation_items,
    bulk_operations,
    credit_budgets,
    export_files,
    export_parts,
    groups,
    idempotency_keys,
    invite_details,
    memberships,
    secrets,
    service_credentials,
    service_tokens,
    sso_configs,
    team_memberships,
    teams,
    user_invites,
    users,
)
from tests.harness.directory import add_identity_team, add_identity_user, add_organization
from tests.harness.rows import add
from tests.harness.sql import run

__all__ = [
    "ADDON_PLAN",
    "ALPHA",
    "MODEL",
    "NOBODYS",
    "OMEGA",
    "PROVIDER",
    "SECRET",
    "SPARE_MODEL",
    "SPARE_PROVIDER",
    "SUBSCRIPTION_PLAN",
    "Tenant",
    "cross",
    "fill",
]

SECRET = "s3cr3t"
"""Part of every secret: no answer ever holds it, whoever asks."""
NOBODYS = "n0body"
"""Part of every row that no account owns."""

_SOON = datetime(2099, 1, 1, tzinfo=UTC)
_KINDS = (
    "user",
    "colleague",
    "group",
    "empty_group",
    "team",
    "spare_team",
    "membership",
    "extra_membership",
    "invite",
    "accepted_invite",
    "operation",
    "credential",
    "budget",
    "group_budget",
    "team_budget",
    "user_budget",
    "plan",
    "spare_plan",
    "entry",
    "charge",
    "refund",
    "reservation",
    "agent",
    "connector",
    "entitlement",
    "quota",
    "feature_policy",
    "override",
    "spare_override",
    "model_policy",
    "connector_policy",
    "type_policy",
    "pattern",
    "spare_pattern",
    "policy",
    "guard_event",
    "price",
    "guard_change",
    "event",
    "export",
    "subscription",
    "addon",
    "spare_subscription",
)

MODEL = "30de1000-0000-4000-8000-000000000000"
"""Id of the platform's model, whose name is `model`."""
PROVIDER = "30de1000-0000-4000-8000-00000000001a"
"""Id of the platform's provider, whose code is `lab`."""
SPARE_MODEL = "30de1000-0000-4000-8000-00000000000b"
"""Id of a model out of use that nothing names."""
SPARE_PROVIDER = "30de1000-0000-4000-8000-00000000001b"
"""Id of a provider without models."""
INTEGRATION = "30de1000-0000-4000-8000-00000000001c"
"""Id of the platform's integration, whose key is `mail`."""
SPARE_INTEGRATION = "30de1000-0000-4000-8000-00000000000c"
"""Id of an integration out of use."""
SUBSCRIPTION_PLAN = "30de1000-0000-4000-8000-00000000001d"
"""Id of the platform's plan, whose code is `team`."""
ADDON_PLAN = "30de1000-0000-4000-8000-00000000002d"
"""Id of a plan that is bought in addition, whose code is `more`."""
PLATFORMS = ("agents.create", MODEL, PROVIDER, INTEGRATION, SUBSCRIPTION_PLAN)
"""Keys of what is the platform's and open to everybody."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """One account: its ids, its marks and who calls from it."""

    name: str
    prefix: str
    """First eight digits of its UUIDs."""
    number: int
    """Part of its amounts of money."""

    @property
    def account_id(self) -> str:
        """Its id."""
        return f"{self.name}-account"

    @property
    def marks(self) -> tuple[str, ...]:
        """What every value of its own contains, one or the other."""
        return self.name, self.prefix, str(self.number)

    def id(self, kind: str) -> str:
        """Id of its row of a kind in the cockpit's own tables."""
        return f"{self.prefix}-0000-4000-8000-{_KINDS.index(kind):012x}"

    def text(self, kind: str) -> str:
        """Id of its row of a kind where ids are text, and any other text of its own."""
        return f"{self.name}-{kind}"

    def mail(self, person: str) -> str:
        """Address of one of its people."""
        return f"{person}@{self.name}.test"

    def in_directory(self, kind: str, source: str) -> str:
        """Id of its person, group or team in one of the two directories."""
        return self.id(kind) if source == "COPILOT" else self.text(f"identity-{kind}")

    @property
    def ids(self) -> tuple[str, ...]:
        """Every id by which somebody could ask for a row of it."""
        texts = ("admin", "sso", "identity-user", "identity-team", "identity-group")
        return (
            self.account_id,
            *(self.id(kind) for kind in _KINDS),
            *(self.text(kind) for kind in texts),
            self.access("ACCOUNT", self.account_id),
            self.access("USER", self.id("user")),
        )

    def access(self, type: str, id: str) -> str:
        """Key of what one of its scopes may use."""
        return access_of(ScopeRow(type, id, self.account_id)).id

    def caller(self, *roles: Role) -> Caller:
        """A person of it, with every feature."""
        return Caller(
            kind=ActorKind.USER,
            id=self.id("user"),
            name=self.text("person"),
            email=self.mail("person"),
            is_email_verified=True,
            account_id=self.account_id,
            user_id=self.id("user"),
            identity_id=self.text("identity-user"),
            roles=frozenset(roles),
            scopes=scopes_of_roles(roles),
            features=FEATURE_KEYS,
        )

    def machine(self, *scopes: str) -> Caller:
        """A machine client bound to it; with every scope an account can grant unless told."""
        return Caller(
            kind=ActorKind.SERVICE,
            id=self.id("credential"),
            name=self.text("machine"),
            account_id=self.account_id,
            roles=frozenset({Role.SERVICE}),
            scopes=frozenset(scopes or SCOPES.keys() - {ACCOUNTS_ANY}),
            features=FEATURE_KEYS,
        )


ALPHA = Tenant("alpha", "a1fa0000", 13579)
OMEGA = Tenant("omega", "0e6a0000", 86420)


async def fill(database: Database) -> None:
    """Both accounts, and what is nobody's."""
    await run(
        database,
        'INSERT INTO "LiteLLM_BudgetTable" (budget_id, created_by, updated_by)'
        " VALUES ('budget', 'x', 'x')",
    )
    await _fill_plans(database)
    for tenant in (ALPHA, OMEGA):
        await _fill_account(database, tenant)
        await _fill_directory(database, tenant)
        await _fill_invites(database, tenant)
        await _fill_identity(database, tenant)
        await _fill_operations(database, tenant)
        await _fill_budgets(database, tenant)
        await _fill_access(database, tenant)
        await _fill_overrides(database, tenant)
        await _fill_models(database, tenant)
        await _fill_guardrails(database, tenant)
        await _fill_connectors(database, tenant)
    await _fill_integrations(database)
    await _fill_nobodys(database)


async def cross(database: Database, own: Tenant, foreign: Tenant) -> None:
    """Let rows of one account name rows of another wherever the tables do not forbid it."""
    await add(
        database,
        groups,
        account_id=own.account_id,
        name=own.text("crossed-group"),
        owner_id=foreign.id("user"),
        created_by=foreign.id("user"),
    )
    await add(
        database,
        teams,
        account_id=own.account_id,
        name=own.text("crossed-team"),
        group_id=foreign.id("group"),
        owner_id=foreign.id("user"),
        updated_by=foreign.text("identity-user"),
    )
    await run(
        database,
        "UPDATE copilot.account_memberships SET team_id = $1::text::uuid WHERE id = $2::text::uuid",
        foreign.id("team"),
        own.id("membership"),
    )
    await run(
        database,
        "UPDATE gateway.audit_links SET operation_id = $1::text::uuid WHERE account_id = $2",
        foreign.id("operation"),
        own.account_id,
    )
    await run(
        database,
        "UPDATE gateway.invite_details SET team_id = $1::text::uuid WHERE account_id = $2",
        foreign.id("team"),
        own.account_id,
    )
    await run(
        database,
        "UPDATE copilot.user_invites SET accepted_by = $1, created_by = $1"
        " WHERE id = $2::text::uuid",
        foreign.id("user"),
        own.id("accepted_invite"),
    )
    await add(
        database,
        memberships,
        account_id=own.account_id,
        user_id=foreign.id("user"),
        team_id=own.id("team"),
    )
    await add(
        database,
        team_memberships,
        account_id=own.account_id,
        user_id=foreign.id("user"),
        team_id=own.id("spare_team"),
    )
    await add_identity_team(
        database,
        own.account_id,
        own.text("crossed-identity-team"),
        organization_id=foreign.text("identity-group"),
        members=[foreign.text("identity-user")],
        members_with_roles=[{"user_id": foreign.text("identity-user"), "role": "admin"}],
    )
    await add_identity_user(
        database,
        own.account_id,
        own.text("crossed-identity-user"),
        teams=[foreign.text("identity-team")],
        organization_id=foreign.text("identity-group"),
    )


async def _fill_account(database: Database, tenant: Tenant) -> None:
    metadata = {
        "auth_org_id": tenant.text("organization"),
        "ui_theme_config": {"logo_url": f"https://{tenant.name}.test/logo.png"},
        "smtp_config": {
            "smtp_host": f"mail.{tenant.name}.test",
            "smtp_port": 2525,
            "smtp_username": tenant.text("mailer"),
            "smtp_password": f"{tenant.name}-{SECRET}-smtp",
            "sender_email": tenant.mail("sender"),
            "sender_name": tenant.text("sender"),
        },
    }
    await add(
        database,
        accounts,
        account_id=tenant.account_id,
        account_name=tenant.text("name"),
        account_alias=tenant.text("alias"),
        domain=f"{tenant.name}.test",
        metadata=metadata,
        max_budget=tenant.number + 0.5,
        spend=tenant.number + 0.25,
        created_by=tenant.id("user"),
    )
    for admin, person in (("admin", "person"), ("other-admin", "colleague")):
        await add(
            database,
            account_admins,
            id=tenant.text(admin),
            account_id=tenant.account_id,
            user_email=tenant.mail(person),
            created_by=tenant.id("colleague"),
        )
    settings = {
        "generic_client_id": tenant.text("client"),
        "generic_client_secret": f"{tenant.name}-{SECRET}-client",
        "generic_authorization_endpoint": f"https://sign-in.{tenant.name}.test/authorize",
        "generic_token_endpoint": f"https://sign-in.{tenant.name}.test/token",
        "generic_userinfo_endpoint": f"https://sign-in.{tenant.name}.test/me",
        "okta_issuer": tenant.text("issuer"),
        "team_mappings": {"team_ids_jwt_field": tenant.text("teams-claim")},
        "role_mappings": {
            "group_claim": tenant.text("groups-claim"),
            "roles": {"proxy_admin": [tenant.text("admins")]},
            "default_role": "internal_user",
        },
    }
    await add(
        database,
        sso_configs,
        id=tenant.text("sso"),
        account_id=tenant.account_id,
        sso_provider="generic",
        sso_settings=settings,
        enabled=True,
    )
    await add(
        database,
        secrets,
        account_id=tenant.account_id,
        owner_type="account",
        owner_id=tenant.account_id,
        name="smtp_password",
        ciphertext=f"{tenant.name}-{SECRET}".encode(),
        key_id="k",
    )
    await add(
        database,
        audit_log,
        id=tenant.id("event"),
        account_id=tenant.account_id,
        event_type="x",
        action="update",
        resource_type="user",
        resource_id=tenant.id("user"),
        actor_id=tenant.id("user"),
        message=tenant.text("event"),
        details={"before": {"name": tenant.text("old")}, "after": {"name": tenant.text("new")}},
    )
    await add(
        database,
        audit_links,
        event_id=tenant.id("event"),
        source="COCKPIT",
        account_id=tenant.account_id,
        position=0,  # before all that a chain gives out
        hash=bytes.fromhex(tenant.prefix * 8),
        request_id=tenant.text("request"),
        operation_id=tenant.id("operation"),
        ip_address=f"10.0.0.{tenant.number % 200}",
        user_agent=tenant.text("browser"),
    )
    await add(
        database,
        idempotency_keys,
        account_id=tenant.account_id,
        operation="createInvite",
        key="used",
        input_digest=tenant.text("digest"),
    )


async def _fill_directory(database: Database, tenant: Tenant) -> None:
    own: dict[str, Any] = {"account_id": tenant.account_id}
    by = {"created_by": tenant.id("user"), "updated_by": tenant.text("identity-user")}
    for person, name in (("user", "person"), ("colleague", "colleague")):
        await add(
            database,
            users,
            id=tenant.id(person),
            email=tenant.mail(name),
            name=tenant.text(name),
            profile_image=f"https://{tenant.name}.test/{name}.png",
            **own,
        )
    place = {
        "description": tenant.text("description"),
        "owner_id": tenant.id("user"),
        "contact_email": tenant.mail("contact"),
        **own,
        **by,
    }
    for group in ("group", "empty_group"):
        await add(database, groups, id=tenant.id(group), name=tenant.text(group), **place)
    for team in ("team", "spare_team"):
        await add(
            database,
            teams,
            id=tenant.id(team),
            name=tenant.text(team),
            group_id=tenant.id("group"),
            **place,
        )
    for kind, person, role in (
        ("membership", "user", "ADMIN"),
        ("extra_membership", "colleague", "ADMIN"),
    ):
        await add(
            database,
            memberships,
            id=tenant.id(kind),
            user_id=tenant.id(person),
            team_id=tenant.id("team"),
            app_role=role,
            **own,
            **by,
        )


async def _fill_invites(database: Database, tenant: Tenant) -> None:
    for kind, status in (("invite", "PENDING"), ("accepted_invite", "ACCEPTED")):
        accepted = status == "ACCEPTED"
        await add(
            database,
            user_invites,
            id=tenant.id(kind),
            account_id=tenant.account_id,
            email=tenant.mail(kind),
            role="USER",
            workspace_id=tenant.text("workspace"),
            status=status,
            token=f"{tenant.name}-{SECRET}-{kind}-token",
            invitation_data={"campaign": tenant.text("campaign")},
            created_by=tenant.id("user"),
            accepted_by=tenant.id("colleague") if accepted else None,
            accepted_at=_SOON - timedelta(days=1) if accepted else None,
            expires_at=_SOON,
        )
        await add(
            database,
            invite_details,
            invite_id=tenant.id(kind),
            account_id=tenant.account_id,
            custom_role_id=tenant.text("role"),
            team_id=tenant.id("team"),
            updated_by=tenant.id("colleague"),
        )


async def _fill_identity(database: Database, tenant: Tenant) -> None:
    account_id = tenant.account_id
    await add_organization(
        database, account_id, tenant.text("identity-group"), tenant.text("organization")
    )
    await add_identity_team(
        database,
        account_id,
        tenant.text("identity-team"),
        team_alias=tenant.text("identity-team-name"),
        organization_id=tenant.text("identity-group"),
        members_with_roles=[{"user_id": tenant.text("identity-user"), "role": "admin"}],
    )
    await add_identity_team(
        database,
        account_id,
        tenant.text("broken-identity-team"),
        members=[tenant.text("missing-user")],
    )
    for person, teams_ in (("identity-user", "identity-team"), ("broken-user", "missing-team")):
        await add_identity_user(
            database,
            account_id,
            tenant.text(person),
            user_alias=tenant.text(f"{person}-name"),
            user_email=tenant.mail("person" if person == "identity-user" else person),
            sso_user_id=tenant.text(f"{person}-subject"),
            teams=[tenant.text(teams_)],
            password=f"{tenant.name}-{SECRET}-password",
        )


async def _fill_operations(database: Database, tenant: Tenant) -> None:
    await add(
        database,
        bulk_operations,
        id=tenant.id("operation"),
        account_id=tenant.account_id,
        kind="UPDATE_USERS",
        status="FAILED",
        selection={"ids": [tenant.id("user")]},
        changes={"teamId": tenant.id("team")},
        matched_count=1,
        skipped_count=1,
        account_count=1,
        requested_by=tenant.id("user"),
        finished_at=_SOON,
        problem=tenant.text("problem"),
    )
    await add(
        database,
        bulk_operation_items,
        operation_id=tenant.id("operation"),
        position=0,
        target_id=tenant.id("user"),
        account_id=tenant.account_id,
        outcome="SKIPPED",
        reason=tenant.text("reason"),
    )
    await add(
        database,
        bulk_operations,
        id=tenant.id("export"),
        account_id=tenant.account_id,
        kind="EXPORT_AUDIT_EVENTS",
        status="SUCCEEDED",
        changes={"format": "NDJSON"},
        requested_by=tenant.id("user"),
        finished_at=_SOON,
    )
    content = tenant.text("exported").encode()
    await add(
        database,
        export_files,
        operation_id=tenant.id("export"),
        account_id=tenant.account_id,
        format="NDJSON",
        conditions={"search": tenant.text("event")},
        occurred_to=_SOON,
        chain_position=0,
        part_count=1,
        byte_count=len(content),
        expires_at=_SOON,
    )
    await add(
        database,
        export_parts,
        operation_id=tenant.id("export"),
        account_id=tenant.account_id,
        part=0,
        content=content,
    )
    await add(
        database,
        service_credentials,
        id=tenant.id("credential"),
        account_id=tenant.account_id,
        name=tenant.text("credential"),
        scopes=["usage:write"],
        expires_at=_SOON,
        last_used_at=_SOON,
        created_by=tenant.id("user"),
        updated_by=tenant.id("colleague"),
    )
    await add(
        database,
        service_tokens,
        token_hash=sha256(tenant.name.encode()).digest(),
        credential_id=tenant.id("credential"),
        prefix=tenant.text("prefix"),
        expires_at=_SOON,
    )


async def _fill_budgets(database: Database, tenant: Tenant) -> None:
    own: dict[str, Any] = {"account_id": tenant.account_id}
    cycle = {"cycle_start": datetime(2020, 1, 1, tzinfo=UTC), "cycle_end": _SOON}
    amounts = {
        "allocated": tenant.number * 10,
        "limit_amount": tenant.number * 10,
        "overflow_cap": tenant.number,
    }
    parent = None
    for level in ("account", "group", "team", "user"):
        budget = tenant.id("budget" if level == "account" else f"{level}_budget")
        await add(
            database,
            credit_budgets,
            id=budget,
            budget_plan_id=tenant.id("plan"),
            scope_type=level,
            scope_id=tenant.id("budget" if level == "account" else level),
            parent_budget_id=parent,
            used=tenant.number,
            overflow_used=1,
            **amounts,
            **cycle,
            **own,
        )
        parent = budget
        await add(
            database,
            budget_details,
            budget_id=budget,
            scope_id=tenant.account_id if level == "account" else None,
            rolled_over=1,
            reserved=tenant.number,
            **own,
        )
    await add(
        database,
        budget_plans,
        id=tenant.id("plan"),
        name=tenant.text("plan"),
        distribution={
            "notes": tenant.text("notes"),
            "account_policy": {"allocation": tenant.number, "overflow_cap": tenant.number},
            "billing": {"overflow_billing_note": tenant.text("billing-note")},
        },
        **own,
    )
    await add(
        database,
        budget_plans,
        id=tenant.id("spare_plan"),
        name=tenant.text("spare-plan"),
        is_active=False,
        distribution={},
        **own,
    )
    await add(
        database,
        account_allocations,
        allocated=tenant.number,
        limit_amount=tenant.number,
        overflow_cap=10,
        credit_factor=Decimal(f"{tenant.number}.5"),
        effective_from_at=datetime(2000, 1, 1, tzinfo=UTC),
        is_applied=True,
        updated_by="super_admin",
        **own,
    )
    await _fill_usage(database, tenant)


async def _fill_usage(database: Database, tenant: Tenant) -> None:
    own: dict[str, Any] = {"account_id": tenant.account_id}
    chain = [tenant.id(kind) for kind in ("user_budget", "team_budget", "group_budget", "budget")]
    await run(
        database,
        "INSERT INTO copilot.agents_def (agent_id, account_id, name)"
        " VALUES ($1::text::uuid, $2, $3)",
        tenant.id("agent"),
        tenant.account_id,
        tenant.text("agent"),
    )
    await run(
        database,
        "INSERT INTO copilot.account_connections (id, account_id, connection_type, name)"
        " VALUES ($1::text::uuid, $2, 'mcp', $3)",
        tenant.id("connector"),
        tenant.account_id,
        tenant.text("connector"),
    )
    await run(
        database,
        "INSERT INTO copilot.model_catalog (id, model_name, display_name, provider, created_by,"
        " updated_by, upstream_model_name, metadata) VALUES ($1::text::uuid, 'model', 'Model',"
        " 'lab', 'x', 'x', 'lab/model', $2) ON CONFLICT DO NOTHING",
        MODEL,
        {
            "pricing": {
                "input_credits_per_1k_tokens": 1,
                "output_credits_per_1k_tokens": 2,
                "input_cost_per_million_usd": 3,
                "output_cost_per_million_usd": 4,
            },
            "content_capabilities": ["text"],
            "extra_body": {"effort": "high"},
            "deployment_name": "model-1",
        },
    )
    dimensions: dict[str, Any] = {
        "user_id": tenant.id("user"),
        "team_id": tenant.id("team"),
        "group_id": tenant.id("group"),
        "agent_id": tenant.id("agent"),
        "model_name": "model",
        "connector_id": tenant.id("connector"),
        "guard": "PII",
        "tool": "llm",
        "workspace_id": tenant.text("workspace"),
    }
    for line, refunded in (("entry", None), ("charge", None), ("refund", tenant.id("entry"))):
        await add(
            database,
            usage_ledger,
            id=tenant.id(line),
            kind="REFUND" if refunded else "CHARGE",
            outcome="SPLIT",
            budget_id=chain[0],
            chain=chain,
            credits=tenant.number,
            overflow_credits=1,
            cost=Decimal(f"{tenant.number}.25"),
            currency="USD",
            credit_factor=Decimal(f"{tenant.number}.5"),
            thread_id=tenant.text("thread"),
            request_id=tenant.text("request"),
            prompt_tokens=tenant.number,
            completion_tokens=tenant.number,
            description=tenant.text("description"),
            metadata={"note": tenant.text("note")},
            refund_of=refunded,
            occurred_at=datetime(2026, 1, 1, tzinfo=UTC),
            recorded_by=tenant.id("credential"),
            **dimensions,
            **own,
        )
    counted: dict[str, Any] = {
        "day": datetime.now(UTC).date(),
        "currency": "USD",
        "credits": tenant.number,
        "overflow_credits": 1,
        "cost": Decimal(f"{tenant.number}.25"),
        "costed_count": 1,
        "entry_count": 1,
        "prompt_tokens": tenant.number,
        "completion_tokens": tenant.number,
    }
    await add(
        database,
        usage_by_day,
        digest=tenant.text("digest"),
        chain=chain,
        kind="CHARGE",
        outcome="SPLIT",
        **dimensions,
        **counted,
        **own,
    )
    for dimension, column in DIMENSIONS.items():
        value = dimensions.get(column, "SPLIT")
        await add(database, usage_by_dimension, dimension=dimension, value=value, **counted, **own)
    await add(
        database,
        usage_reservations,
        id=tenant.id("reservation"),
        budget_id=chain[0],
        chain=chain,
        scope_type="USER",
        scope_id=tenant.id("user"),
        credits=tenant.number,
        overflow_credits=0,
        expires_at=_SOON,
        created_by=tenant.id("credential"),
        **own,
    )


async def _fill_plans(database: Database) -> None:
    by = {"created_by": "root@platform.test", "updated_by": "root@platform.test"}
    for id, code, kind in ((SUBSCRIPTION_PLAN, "team", "BASE"), (ADDON_PLAN, "more", "ADDON")):
        await add(
            database,
            plans,
            id=id,
            code=code,
            name=code.title(),
            description=code,
            kind=kind,
            status="ACTIVE",
            monthly_price=Decimal(9),
            yearly_price=Decimal(99),
            trial_days=3,
            limits={"maxTeams": 99},
            **by,
        )
        await add(database, plan_features, plan_id=id, feature_code="agents.create")


async def _fill_subscriptions(database: Database, tenant: Tenant) -> None:
    ended = {
        "start_at": datetime(2020, 1, 1, tzinfo=UTC),
        "end_at": datetime(2020, 2, 1, tzinfo=UTC),
    }
    running = {
        "start_at": datetime(2020, 3, 1, tzinfo=UTC),
        "trial_end_at": datetime(2020, 3, 4, tzinfo=UTC),
        "end_at": _SOON,
    }
    for kind, plan, span in (
        ("subscription", SUBSCRIPTION_PLAN, running),
        ("spare_subscription", SUBSCRIPTION_PLAN, ended),
        ("addon", ADDON_PLAN, running),
    ):
        await add(
            database,
            subscriptions,
            id=tenant.id(kind),
            account_id=tenant.account_id,
            plan_id=plan,
            quantity=tenant.number,
            billing_period="MONTHLY",
            unit_price=Decimal(tenant.number),
            currency="USD",
            external_id=tenant.text("external"),
            payment={"of": tenant.text("payment")},
            created_by=tenant.id("user"),
            updated_by=tenant.text("identity-user"),
            **span,
        )


async def _fill_access(database: Database, tenant: Tenant) -> None:
    await _fill_subscriptions(database, tenant)
    own: dict[str, Any] = {"account_id": tenant.account_id}
    by = {"created_by": tenant.id("user"), "updated_by": tenant.text("identity-user")}
    await add(
        database,
        entitlements,
        id=tenant.id("entitlement"),
        feature_code="agents.create",
        source="PLAN",
        subscription_id=tenant.id("subscription"),
        config={"of": tenant.text("config")},
        valid_until=_SOON,
        **own,
        **by,
    )
    await add(database, entitlements, feature_code="agents", source="PLAN", **own)
    await add(
        database,
        account_limits,
        max_models=tenant.number,
        max_keys=tenant.number,
        max_teams=tenant.number,
        max_budget=Decimal(tenant.number),
        updated_by=tenant.id("user"),
        **own,
    )
    await add(
        database,
        quotas,
        id=tenant.id("quota"),
        feature_code="agents",
        unit=tenant.text("unit"),
        subscription_id=tenant.id("subscription"),
        included=Decimal(tenant.number),
        reset="NEVER",
        period_start=datetime(2020, 1, 1, tzinfo=UTC),
        period_end=_SOON,
        **own,
    )
    await add(
        database,
        feature_policies,
        id=tenant.id("feature_policy"),
        scope_type="team",
        scope_id=tenant.id("team"),
        flags={"can_create_agents": True},
        notes=tenant.text("notes"),
        **own,
        **by,
    )


async def _fill_overrides(database: Database, tenant: Tenant) -> None:
    by = {"created_by": tenant.id("user"), "updated_by": tenant.text("identity-user")}
    own: dict[str, Any] = {
        "account_id": tenant.account_id,
        "reason": tenant.text("reason"),
        "valid_until": _SOON,
        **by,
    }
    await add(
        database,
        access_overrides,
        id=tenant.id("override"),
        scope_type="USER",
        scope_id=tenant.id("user"),
        feature_code="agents",
        effect="RESTRICT",
        disabled_items=[tenant.text("part")],
        **own,
    )
    await add(
        database,
        access_overrides,
        id=tenant.id("spare_override"),
        scope_type="TEAM",
        scope_id=tenant.id("team"),
        feature_code="models",
        effect="CONFIGURE",
        config={"of": tenant.text("config")},
        **own,
    )


async def _fill_models(database: Database, tenant: Tenant) -> None:
    own: dict[str, Any] = {"account_id": tenant.account_id}
    by = {"created_by": tenant.id("user"), "updated_by": tenant.text("identity-user")}
    names = ["model", tenant.text("gone")]
    for layer in ("GRANT", "SELECTION"):
        await add(
            database,
            model_lists,
            layer=layer,
            mode="LIST",
            names=names,
            defaults=["model"],
            updated_by=tenant.id("user"),
            **own,
        )
    await add(
        database,
        model_policies,
        id=tenant.id("model_policy"),
        scope_type="team",
        scope_id=tenant.id("team"),
        mode="allowlist",
        selected_models=names,
        notes=tenant.text("notes"),
        **own,
        **by,
    )
    await add(
        database,
        resource_prices,
        id=tenant.id("price"),
        resource_type=tenant.text("sandbox"),
        unit=tenant.text("minute"),
        price=tenant.number,
        currency="USD",
        description=tenant.text("size"),
        effective_from=_SOON - timedelta(days=1),
        effective_to=_SOON,
        created_by=tenant.id("user"),
        **own,
    )
    await run(
        database,
        'INSERT INTO "LiteLLM_ProxyModelTable" (model_id, model_name, litellm_params, account_id,'
        " created_by, updated_by) VALUES ($1, $1, '{}', $2, 'x', 'x')",
        tenant.text("own-model"),
        tenant.account_id,
    )


async def _fill_connectors(database: Database, tenant: Tenant) -> None:
    moment = datetime(2025, 1, 1, tzinfo=UTC)
    for kind, type_ in (("connector_policy", "all"), ("type_policy", "mcp")):
        await add(
            database,
            connector_policies,
            id=tenant.id(kind),
            account_id=tenant.account_id,
            scope_type="user",
            scope_id=tenant.id("user"),
            connection_type=type_,
            notes=tenant.text("notes"),
            created_by=tenant.id("user"),
            updated_by=tenant.text("identity-user"),
            updated_at=moment,
        )
    await add(
        database,
        policy_details,
        policy_id=tenant.id("connector_policy"),
        account_id=tenant.account_id,
        inherited_use=True,
        as_of=moment,
    )
    await add(
        database,
        integration_lists,
        account_id=tenant.account_id,
        integration_ids=[INTEGRATION],
        updated_by=tenant.id("user"),
    )


async def _fill_integrations(database: Database) -> None:
    for id, key in ((INTEGRATION, "mail"), (SPARE_INTEGRATION, "fax")):
        await add(
            database,
            integrations,
            id=id,
            integration_key=key,
            name=key.title(),
            description=key,
            toolkit=key,
            auth_config_id=key,
            icon=key,
            color=key,
            is_active=id == INTEGRATION,
            metadata={"docs": key},
            created_by="root@platform.test",
            updated_by="root@platform.test",
        )


async def _fill_nobodys(database: Database) -> None:
    await run(
        database,
        'INSERT INTO "LiteLLM_ProxyModelTable" (model_id, model_name, litellm_params, created_by,'
        " updated_by) VALUES ('router', 'lab/new-model', '{}', 'x', 'x')",
    )
    await add(
        database,
        model_providers,
        id=PROVIDER,
        code="lab",
        name="Lab",
        endpoint_variable="LAB_URL",
        api_key_variable="LAB_KEY",
    )
    await run(
        database,
        "UPDATE gateway.features SET category = $1, default_config = $2, plan_config = $2,"
        " created_by = $1, updated_by = $1 WHERE code IN ('agents', 'agents.create')",
        "root@platform.test",
        {"of": "everybody"},
    )
    await add(
        database,
        features,
        code="agents.spare",
        level="FEATURE",
        parent_code="agents",
        name="Spare",
    )
    await add(database, model_providers, id=SPARE_PROVIDER, code="spare", name="Spare")
    await add(database, model_catalog, id=SPARE_MODEL, model_name="spare", is_active=False)
    await add_organization(database, None, f"{NOBODYS}-group", f"{NOBODYS}-group")
    for account_id in (None, "None", ""):
        which = f"{NOBODYS}-{account_id!r}"
        await add_identity_team(
            database, account_id, f"{which}-team", organization_id=f"{NOBODYS}-group"
        )
        await add_identity_user(
            database,
            account_id,
            f"{which}-user",
            user_email=f"{which}@nowhere.test",
            teams=[ALPHA.text("identity-team"), OMEGA.text("identity-team")],
        )
    await add(
        database,
        service_credentials,
        id="00000000-0000-4000-8000-00000000000c",
        name=f"{NOBODYS}-machine",
        scopes=[],
        expires_at=_SOON,
        revoked_at=_SOON - timedelta(days=1),
    )
    await add(
        database,
        bulk_operations,
        id="00000000-0000-4000-8000-00000000000b",
        kind="SET_ACCOUNT_STATUS",
        requested_by=f"{NOBODYS}-operator",
        status="SUCCEEDED",
        finished_at=_SOON,
    )


async def _fill_guardrails(database: Database, tenant: Tenant) -> None:
    who = tenant.id("user")
    await add(
        database,
        agent_guards,
        agent_id=tenant.id("agent"),
        account_id=tenant.account_id,
        required_guards=["JAILBREAK"],
        updated_by=who,
    )
    await add(
        database,
        configs,
        account_id=tenant.account_id,
        guard_type="pii",
        action_on_fail="flag",
        config={"note": tenant.text("settings")},
        updated_by=who,
    )
    await add(
        database,
        guardrail_changes,
        id=tenant.id("guard_change"),
        account_id=tenant.account_id,
        guard_type="pii",
        action="disable",
        old_config={"pattern_name": tenant.text("pattern"), "regex": tenant.text("word")},
        new_config={"pattern_id": tenant.id("pattern"), "regex": tenant.text("gone")},
        changed_fields=["regex"],
        changed_by=who,
        ip_address=f"10.0.0.{tenant.number % 200}",
        user_agent=tenant.text("browser"),
    )
    for kind in ("pattern", "spare_pattern"):
        await add(
            database,
            patterns,
            id=tenant.id(kind),
            account_id=tenant.account_id,
            guard_type="pii",
            pattern_name=tenant.text(kind),
            pattern_regex=tenant.text("word"),
            category=tenant.text("category"),
            description=tenant.text("description"),
            created_by=who,
            updated_by=who,
        )
    await add(
        database,
        policies,
        id=tenant.id("policy"),
        account_id=tenant.account_id,
        scope_type="USER",
        scope_id=who,
        required_guards=["PII"],
        notes=tenant.text("notes"),
        created_by=who,
        updated_by=who,
    )
    await add(
        database,
        events,
        id=tenant.id("guard_event"),
        account_id=tenant.account_id,
        guard="PII",
        severity="HIGH",
        action="BLOCK",
        pattern_id=tenant.id("pattern"),
        user_id=who,
        agent_id=tenant.id("agent"),
        model_name=tenant.text("model"),
        category=tenant.text("category"),
        request_id=tenant.text("request"),
        occurred_at=datetime.now(UTC),
    )
