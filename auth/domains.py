"""E-mail domains in the one form in which they can be compared."""

from __future__ import annotations

import re

import idna

__all__ = ["domain_of", "normal_domain"]

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+")
_LONGEST = 253


def normal_domain(text: str) -> str | None:
    """The ASCII form of a domain in lower case (IDNA 2008, UTS 46); None when it is none."""
    name = text.strip().rstrip(".").lower()
    try:
        name = idna.encode(name, uts46=True).decode("ascii")
    except idna.IDNAError:
        return None
    is_name = len(name) <= _LONGEST and _NAME.fullmatch(name) is not None
    return name if is_name and not name.rpartition(".")[2].isdecimal() else None


def domain_of(email: str) -> str:
    """The domain of an address in its normal form, as typed when it has none."""
    domain = email.rpartition("@")[2]
    return normal_domain(domain) or domain.strip().lower()
