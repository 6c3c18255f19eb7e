"""Where a command's log goes."""

from __future__ import annotations

import logging

__all__ = ["log_to_stderr"]


def log_to_stderr(level: str) -> None:
    """Write records of this level and above to standard error, a line each.

    What libraries say about their normal course shows at DEBUG only.
    """
    logging.basicConfig(
        level=level, format="%(asctime)s %(levelname)s %(name)s %(message)s", force=True
    )
    if level != "DEBUG":
        for library in ("alembic", "uvicorn"):
            logging.getLogger(library).setLevel(logging.WARNING)
