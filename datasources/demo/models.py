"""The model catalogue, which models a tenant may use, and which features are on where."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from datasources.demo.dataset import Dataset
from datasources.demo.identifiers import demo_id
from datasources.demo.roster import Roster

__all__ = ["MODEL_NAMES", "add_catalogue", "add_model_policies"]

_CREDIT_FACTOR = 5


class _Model(NamedTuple):
    name: str
    title: str
    provider: str
    input_price: float
    """US dollars per million tokens."""
    output_price: float
    is_active: bool = True
    capability: str = "chat"

    @property
    def credits_per_1k_tokens(self) -> Decimal:
        mean = Decimal(str(self.input_price + self.output_price)) / 2
        return mean / 1000 * _CREDIT_FACTOR


_MODELS = (
    _Model("gpt-4.1", "GPT-4.1", "openai", 2.0, 8.0),
    _Model("gpt-4.1-mini", "GPT-4.1 mini", "openai", 0.4, 1.6),
    _Model("claude-sonnet-4", "Claude Sonnet 4", "anthropic", 3.0, 15.0),
    _Model("claude-haiku-3-5", "Claude Haiku 3.5", "anthropic", 0.8, 4.0),
    _Model("mistral-large-2411", "Mistral Large", "mistral", 2.0, 6.0),
    _Model("gemini-2.5-flash", "Gemini 2.5 Flash", "google", 0.3, 2.5),
    _Model("llama-3.3-70b-instruct", "Llama 3.3 70B", "self-hosted", 0.6, 0.6),
    _Model(
        "text-embedding-3-large",
        "Text Embedding 3 Large",
        "openai",
        0.13,
        0.0,
        capability="embedding",
    ),
    _Model("gpt-3.5-turbo", "GPT-3.5 Turbo", "openai", 0.5, 1.5, is_active=False),
    _Model("gpt-image-1", "GPT Image", "openai", 5.0, 40.0, capability="image"),
    _Model("whisper-large-v3", "Whisper Large", "self-hosted", 0.2, 0.0, capability="audio"),
    _Model("mistral-ocr-2503", "Mistral OCR", "mistral", 1.0, 3.0, capability="ocr"),
    _Model("bge-reranker-v2", "BGE Reranker", "self-hosted", 0.05, 0.0, capability="rerank"),
)
MODEL_NAMES = [model.name for model in _MODELS]
"""Names of the catalogue, the most used first."""


def add_catalogue(dataset: Dataset) -> None:
    """The models of the platform."""
    for number, model in enumerate(_MODELS):
        dataset.add(
            "copilot.model_catalog",
            id=demo_id("model", model.name),
            model_name=model.name,
            display_name=model.title,
            provider=model.provider,
            source="legacy_backfill" if number % 3 == 2 else "copilot",
            upstream_model_name=f"{model.provider}/{model.name}",
            credits_per_1k_tokens=model.credits_per_1k_tokens,
            is_active=model.is_active,
            metadata=_metadata(number, model),
            created_by="super_admin",
            created_at=dataset.ago(days=400 - number),
            updated_at=dataset.ago(days=30),
        )


def _metadata(number: int, model: _Model) -> dict[str, Any]:
    return {
        "pricing": {
            "credits_factor": _CREDIT_FACTOR,
            "input_cost_per_million_usd": model.input_price,
            "output_cost_per_million_usd": model.output_price,
            "input_credits_per_1k_tokens": model.input_price / 1000 * _CREDIT_FACTOR,
            "output_credits_per_1k_tokens": model.output_price / 1000 * _CREDIT_FACTOR,
        },
        "provider_id": model.provider,
        "capability": model.capability,
        # The old catalogue kept lists as their text.
        "content_capabilities": '["text", "image"]' if number % 3 == 2 else ["text"],
        "sort_order": number,
    }


def add_model_policies(dataset: Dataset, roster: Roster) -> None:
    """Models and features by scope: the account, a group, a team, a person."""
    tenant = roster.tenant
    scopes = [("account", tenant.id, "allowlist", MODEL_NAMES[:4])]
    if tenant.size > 100:
        scopes += [
            ("group", roster.groups[1].id, "allowlist", MODEL_NAMES[:2]),
            ("group", roster.groups[2].id, "inherit", []),
            ("team", roster.teams[3].id, "deny_all", []),
            ("team", roster.teams[4].id, "allowlist", [MODEL_NAMES[1], "gpt-4-retired"]),
            ("user", roster.people[5].id, "all_available", []),
        ]
    for scope_type, scope_id, mode, models in scopes:
        _add_model_policy(dataset, roster, scope_type, scope_id, mode=mode, models=models)
        flags = {"can_generate_images": scope_type != "team", "can_access_models": True}
        _add_feature_policy(dataset, roster, scope_type, scope_id, flags=flags)


def _add_model_policy(
    dataset: Dataset,
    roster: Roster,
    scope_type: str,
    scope_id: str,
    *,
    mode: str,
    models: list[str],
) -> None:
    dataset.add(
        "copilot.model_access_policies",
        id=demo_id("model policy", roster.tenant.key, scope_type, scope_id),
        account_id=roster.tenant.id,
        scope_type=scope_type,
        scope_id=scope_id,
        mode=mode,
        selected_models=models,
        notes="Until the pilot has been evaluated" if mode == "deny_all" else None,
        updated_by=roster.admin.email,
        created_by=roster.admin.email,
        created_at=dataset.ago(days=40),
        updated_at=dataset.ago(days=10),
    )


def _add_feature_policy(
    dataset: Dataset, roster: Roster, scope_type: str, scope_id: str, *, flags: dict[str, bool]
) -> None:
    dataset.add(
        "copilot.feature_flag_policies",
        id=demo_id("feature policy", roster.tenant.key, scope_type, scope_id),
        account_id=roster.tenant.id,
        scope_type=scope_type,
        scope_id=scope_id,
        flags=flags,
        notes="Images need the approval of data protection" if scope_type == "team" else None,
        created_by=roster.admin.email,
        created_at=dataset.ago(days=35),
        updated_at=dataset.ago(days=12),
    )
