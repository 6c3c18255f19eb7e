"""Agents of the platform and of tenants, their groups, and what the marketplace lists."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from datasources.demo.connections import connection_id
from datasources.demo.dataset import Dataset
from datasources.demo.identifiers import demo_id
from datasources.demo.roster import Roster

__all__ = ["add_agents", "add_platform_agents", "platform_agent_ids"]


class _Agent(NamedTuple):
    name: str
    description: str
    prompt: str | None
    tags: tuple[str, ...]


_PLATFORM = (
    _Agent(
        "Meeting Minutes",
        "Turns a transcript into decisions and tasks",
        "Summarise the transcript. List decisions, then tasks with owner and date.",
        ("writing", "meetings"),
    ),
    _Agent(
        "Translator",
        "Translates documents and keeps their layout",
        "Translate into the language asked for. Keep names, numbers and headings.",
        ("language",),
    ),
    _Agent("Spreadsheet Analyst", "Answers questions about tables", None, ("data", "office")),
)

_OWN = {
    "bank": (
        _Agent(
            "KYC Assistant",
            "Checks files of new clients for what is missing",
            "Compare the file with the list of required documents of the CSSF circular.",
            ("compliance", "onboarding"),
        ),
        _Agent(
            "Note de crédit",
            "Rédige un projet de note de crédit",
            "Rédige une note de crédit structurée à partir des états financiers joints.",
            ("credit", "français"),
        ),
        _Agent(
            "Payment Investigator",
            "Follows a payment through the message chain",
            "Read the MX messages in order and explain where the payment stands.",
            ("payments",),
        ),
    ),
    "hospital": (
        _Agent(
            "Arztbrief-Entwurf",
            "Entwirft Arztbriefe aus der Dokumentation",
            "Fasse Anamnese, Befunde und Therapie als Arztbrief zusammen.",
            ("medizin", "dokumentation"),
        ),
        _Agent(
            "Kodierhilfe",
            "Schlägt ICD-10- und OPS-Kodes vor",
            "Schlage Kodes mit Begründung vor. Entscheide nichts.",
            ("kodierung",),
        ),
    ),
    "lawfirm": (
        _Agent(
            "Clause Finder",
            "Finds precedents for a clause",
            "Search the precedents and quote the three closest clauses with their source.",
            ("precedents", "contracts"),
        ),
    ),
    "startup": (_Agent("Firmware Reviewer", "Reviews pull requests", None, ("code",)),),
}


def add_platform_agents(dataset: Dataset) -> None:
    """Agents that every account finds in the marketplace."""
    for number, agent in enumerate(_PLATFORM):
        agent_id = demo_id("agent", "platform", agent.name)
        _add_agent(dataset, agent_id, None, agent)
        _add_listing(dataset, agent_id, None, agent, number=number, status="published")


def platform_agent_ids() -> list[str]:
    """Ids of the agents that every account finds in the marketplace."""
    return [demo_id("agent", "platform", agent.name) for agent in _PLATFORM]


def add_agents(dataset: Dataset, roster: Roster) -> None:
    """The tenant's own agents: each listed, together in a group."""
    tenant = roster.tenant
    statuses = ("published", "pending", "draft")
    ids = []
    for number, agent in enumerate(_OWN.get(tenant.key, ())):
        agent_id = demo_id("agent", tenant.key, agent.name)
        tools = [connection_id(roster, name) for name in ("SharePoint", "Jira")[: number + 1]]
        _add_agent(dataset, agent_id, tenant.id, agent, tools=tools)
        assignments = _assignments(roster) if number == 0 else []
        _add_listing(
            dataset,
            agent_id,
            tenant.id,
            agent,
            number=number,
            status=statuses[number],
            assignments=assignments,
        )
        ids.append(agent_id)
    if ids:
        _add_group(dataset, roster, ids)


def _assignments(roster: Roster) -> list[dict[str, str]]:
    return [
        {"scope_type": "group", "scope_id": roster.groups[0].id},
        {"scope_type": "team", "scope_id": roster.teams[1].id},
        # Addresses are compared ignoring case.
        {"scope_type": "user", "scope_id": roster.people[2].email.title()},
    ]


def _add_agent(
    dataset: Dataset,
    agent_id: str,
    account_id: str | None,
    agent: _Agent,
    *,
    tools: list[str] | None = None,
) -> None:
    dataset.add(
        "copilot.agents_def",
        agent_id=agent_id,
        account_id=account_id,
        name=agent.name,
        description=agent.description,
        prompt=agent.prompt,
        categories={"domain": agent.tags[0]},
        tags=list(agent.tags),
        builtin_tools=["web_search"] if account_id is None else [],
        tools_mcp_ids=tools or [],
        status="inactive" if agent.prompt is None and account_id else "active",
        provider="PLATFORM" if account_id is None else "ACCOUNT",
        created_at=dataset.ago(days=45),
        updated_at=dataset.ago(days=6),
    )


def _add_listing(
    dataset: Dataset,
    agent_id: str,
    account_id: str | None,
    agent: _Agent,
    *,
    number: int,
    status: str,
    assignments: list[dict[str, str]] | None = None,
) -> None:
    is_published = status == "published"
    metadata: dict[str, Any] = {"assignments": assignments} if assignments else {}
    dataset.add(
        "copilot.marketplace_items",
        marketplace_id=demo_id("listing", agent_id),
        account_id=account_id,
        entity_id=agent_id,
        provider="PLATFORM" if account_id is None else "ACCOUNT",
        metadata=metadata,
        title=agent.name,
        short_description=agent.description,
        long_description=f"{agent.description}. {agent.prompt or ''}".strip(),
        author="Cockpit" if account_id is None else None,
        changelog=[{"version": "1.0.0", "note": "First version"}],
        pricing_model="freemium" if number == 2 else "free",
        price=Decimal("9.90") if number == 2 else None,
        installation_count=(31, 12, 4)[number] if is_published else 0,
        rating_avg=Decimal("4.35") if is_published else None,
        rating_count=17 if is_published else 0,
        is_featured=is_published and number == 0,
        is_verified=account_id is None,
        marketplace_status=status,
        capabilities=[{"name": tag} for tag in agent.tags],
        published_at=dataset.ago(days=20) if is_published else None,
        created_at=dataset.ago(days=40),
        updated_at=dataset.ago(days=5),
    )


def _add_group(dataset: Dataset, roster: Roster, agent_ids: list[str]) -> None:
    group_id = demo_id("agent group", roster.tenant.key)
    dataset.add(
        "copilot.agent_groups",
        id=group_id,
        account_id=roster.tenant.id,
        group_code=f"{roster.tenant.key}-assistants",
        name=f"{roster.tenant.alias} assistants",
        metadata={"account_id": roster.tenant.id},
        created_at=dataset.ago(days=44),
        updated_at=dataset.ago(days=44),
    )
    for order, agent_id in enumerate(agent_ids):
        dataset.add(
            "copilot.agent_group_members",
            id=demo_id("agent group member", agent_id),
            group_id=group_id,
            agent_id=agent_id,
            display_order=order,
            created_at=dataset.ago(days=44),
            updated_at=dataset.ago(days=44),
        )
