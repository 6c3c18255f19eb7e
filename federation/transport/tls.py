"""Trust in a subgraph, and proof towards it."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Tls"]


@dataclass(frozen=True, slots=True)
class Tls:
    """Certificates of HTTPS connections; the subgraph's is always verified."""

    authority: Path | None = None
    """PEM file of the authorities that vouch for the subgraph; None trusts the system's."""
    certificate: Path | None = None
    """PEM file of the client certificate, with its chain; None sends none."""
    key: Path | None = None
    """PEM file of its private key; None finds it in the file of the certificate."""

    def __post_init__(self) -> None:
        if self.key is not None and self.certificate is None:
            raise ValueError("a private key needs its certificate")

    def context(self) -> ssl.SSLContext:
        """The files read. Raises `OSError` where one is absent or holds no certificate or key."""
        context = ssl.create_default_context(cafile=self.authority)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.certificate is not None:
            context.load_cert_chain(self.certificate, self.key)
        return context
