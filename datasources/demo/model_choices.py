"""Providers, the router, prices, and what a tenant chose of the catalogue."""

from __future__ import annotations

from datasources.demo.dataset import Dataset
from datasources.demo.identifiers import demo_id
from datasources.demo.models import MODEL_NAMES
from datasources.demo.roster import Roster

__all__ = ["add_model_choices", "add_providers"]

_PROVIDERS = {
    "openai": ("OpenAI", True),
    "anthropic": ("Anthropic", True),
    "mistral": ("Mistral AI", True),
    "google": ("Google", True),
    "self-hosted": ("Own servers", False),
    "cohere": ("Cohere", False),
}
"""Name by code, and whether it is reached through server variables."""
_ROUTER = (
    "gpt-4.1",
    "anthropic/claude-opus-4",
    "mistral/codestral-2501",
    "Claude-Sonnet-4",
    "phi-4",
)
"""What the router knows; two of them are in the catalogue already."""
_PRICES = (
    ("sandbox", "minute", "0.002", "Two cores, 4 GB", 400, 90),
    ("sandbox", "minute", "0.0015", "Two cores, 4 GB", 90, None),
    ("storage", "gigabyte month", "0.08", None, 400, None),
)
"""Resource, unit, US dollars, what is included, and how many days ago it began and ended."""


def add_providers(dataset: Dataset) -> None:
    """Providers, the router's names and every account's prices."""
    for code, (name, is_remote) in _PROVIDERS.items():
        variable = f"{code.upper()}_API"
        dataset.add(
            "gateway.model_providers",
            id=demo_id("provider", code),
            code=code,
            name=name,
            endpoint_variable=f"{variable}_BASE" if is_remote else None,
            api_key_variable=f"{variable}_KEY" if is_remote else None,
            is_active=code != "cohere",
            created_at=dataset.ago(days=400),
            updated_at=dataset.ago(days=200),
        )
    for name in _ROUTER:
        _add_router_model(dataset, name, None)
    for resource, unit, price, description, since, until in _PRICES:
        _add_price(dataset, None, (resource, unit, price, description), since, until)


def add_model_choices(dataset: Dataset, roster: Roster) -> None:
    """The grant, the selection and a price of its own, of the tenants with a directory at work."""
    tenant = roster.tenant
    if tenant.max_budget is None:
        return
    granted = [*MODEL_NAMES[:6], MODEL_NAMES[7], *MODEL_NAMES[9:11], "gpt-4-retired"]
    selected = [*MODEL_NAMES[:4], MODEL_NAMES[7], MODEL_NAMES[9], MODEL_NAMES[6]]
    _add_layer(dataset, roster, "GRANT", granted, [])
    _add_layer(dataset, roster, "SELECTION", selected, [MODEL_NAMES[0], MODEL_NAMES[7]])
    _add_router_model(dataset, f"{tenant.key}-assistant", tenant.id)
    _add_price(dataset, tenant.id, ("sandbox", "minute", "0.0012", "As agreed"), 30, None)


def _add_layer(
    dataset: Dataset, roster: Roster, layer: str, names: list[str], defaults: list[str]
) -> None:
    is_grant = layer == "GRANT"
    dataset.add(
        "gateway.model_lists",
        account_id=roster.tenant.id,
        layer=layer,
        mode="LIST",
        names=sorted(names),
        defaults=sorted(defaults),
        updated_by="super_admin" if is_grant else roster.admin.email,
        updated_at=dataset.ago(days=60 if is_grant else 9),
    )


def _add_router_model(dataset: Dataset, name: str, account_id: str | None) -> None:
    dataset.add(
        'public."LiteLLM_ProxyModelTable"',
        model_id=demo_id("router model", name, account_id or ""),
        model_name=name,
        # The router encrypts every value of this object.
        litellm_params={"model": "gAAAAABdemo"},
        account_id=account_id,
        created_by="super_admin",
        updated_by="super_admin",
        created_at=dataset.ago(days=120),
        updated_at=dataset.ago(days=120),
    )


def _add_price(
    dataset: Dataset,
    account_id: str | None,
    terms: tuple[str, str, str, str | None],
    since: int,
    until: int | None,
) -> None:
    resource, unit, price, description = terms
    dataset.add(
        "gateway.resource_prices",
        id=demo_id("price", account_id or "", resource, unit, str(since)),
        account_id=account_id,
        resource_type=resource,
        unit=unit,
        price=price,
        currency="USD",
        description=description,
        effective_from=dataset.ago(days=since),
        effective_to=None if until is None else dataset.ago(days=until),
        created_by="super_admin",
        created_at=dataset.ago(days=since),
    )
