"""Folders for an embedded server's data.

Run as root, the server works as a user of its own, who must get into the folder; pytest closes its
own folders to everybody else whenever another run of it starts.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["server_folder"]


@contextmanager
def server_folder() -> Iterator[Path]:
    """A folder of a path short enough for a socket, removed with what is in it."""
    directory = Path(tempfile.mkdtemp(prefix="cockpit-"))
    try:
        yield directory
    finally:
        shutil.rmtree(directory)
