"""Enumerations of models."""

from __future__ import annotations

from enum import StrEnum

from schema.base.enums import described


@described(
    "What a model is for.",
    CHAT="Text conversation.",
    EMBEDDING="Embeddings.",
    IMAGE="Pictures.",
    AUDIO="Speech and sound.",
    VIDEO="Video.",
    RERANK="Ranking of search results.",
    OTHER="Anything else.",
)
class ModelCapability(StrEnum):
    """What a model is for."""

    CHAT = "CHAT"
    EMBEDDING = "EMBEDDING"
    IMAGE = "IMAGE"
    AUDIO = "AUDIO"
    VIDEO = "VIDEO"
    RERANK = "RERANK"
    OTHER = "OTHER"


@described(
    "How a model came into the catalogue.",
    MANUAL="Entered by a super admin.",
    ROUTER_IMPORT="Imported from the model router.",
    LEGACY_BACKFILL="Carried over from the former application.",
)
class ModelSource(StrEnum):
    """How a model came into the catalogue."""

    MANUAL = "MANUAL"
    ROUTER_IMPORT = "ROUTER_IMPORT"
    LEGACY_BACKFILL = "LEGACY_BACKFILL"


@described(
    "What a policy does to the models left by broader scopes.",
    INHERIT="Leaves them as they are.",
    ALL_AVAILABLE="Keeps all of them; never brings back what a broader scope removed.",
    ALLOWLIST="Keeps only the listed ones.",
    DENY_ALL="Removes all of them.",
)
class ModelPolicyMode(StrEnum):
    """What a policy does to the models left by broader scopes."""

    INHERIT = "INHERIT"
    ALL_AVAILABLE = "ALL_AVAILABLE"
    ALLOWLIST = "ALLOWLIST"
    DENY_ALL = "DENY_ALL"


@described(
    "What models can be sorted by.",
    SORT_ORDER="By place in the catalogue.",
    NAME="By name.",
    CREDITS="By credits for 1,000 tokens.",
    CREATED_AT="By time of creation.",
)
class ModelOrderField(StrEnum):
    """What models can be sorted by."""

    SORT_ORDER = "SORT_ORDER"
    NAME = "NAME"
    CREDITS = "CREDITS"
    CREATED_AT = "CREATED_AT"


@described(
    "What account models can be sorted by.",
    SORT_ORDER="By place in the catalogue.",
    NAME="By name.",
    CREDITS="By credits for 1,000 tokens.",
)
class AccountModelOrderField(StrEnum):
    """What account models can be sorted by."""

    SORT_ORDER = "SORT_ORDER"
    NAME = "NAME"
    CREDITS = "CREDITS"


@described(
    "Layers of an account's model access.",
    GRANT="What the super admin grants.",
    SELECTION="What the account's administrator selects.",
)
class ModelLayer(StrEnum):
    """Layers of an account's model access."""

    GRANT = "GRANT"
    SELECTION = "SELECTION"
