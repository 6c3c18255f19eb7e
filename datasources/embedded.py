"""A PostgreSQL server of our own: started on demand, shared, stopped by whoever leaves last.

It listens on a Unix socket inside its data directory only, so nobody else on the machine reaches
it. Whoever uses the server holds a shared lock on a file beside it: the kernel drops that lock
however a process ends, so there is no count that a killed process could falsify.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shlex
import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psutil

from datasources.errors import DataDirectoryError, EmbeddedServerError
from datasources.postgres_binaries import Finished, hand_over, run, system_user

__all__ = ["EmbeddedServer", "running"]

_DATABASE = "cockpit"
_SUPERUSER = "postgres"
_SOCKET = ".s.PGSQL.5432"
_LONGEST_SOCKET_PATH = 100
"""Bytes of `sockaddr_un.sun_path` that every system we run on has, less a little."""
_ATTEMPTS = 5
_LONGEST_STOP = "300"
"""Seconds for writing out what was changed, on a slow disk."""
_SETTINGS = {"listen_addresses": "", "max_connections": "200", "timezone": "UTC"}


class EmbeddedServer:
    """One process's use of the server whose data lies in a home directory."""

    def __init__(self, settings: Mapping[str, str] | None = None) -> None:
        """Take server settings such as `fsync`; they count only for whoever starts the server."""
        self._settings = {**_SETTINGS, **(settings or {})}
        self._home: Path | None = None
        self._user: str | None = None
        self._usage: IO[str] | None = None
        self._process = os.getpid()

    def start(self, home: Path) -> str:
        """Start the server of `home`, or join it where it runs already, and answer its URL.

        The data is made on first use, in `home/postgres`. Raises `DataDirectoryError` where `home`
        cannot hold it, and `EmbeddedServerError` where the server does not start.
        """
        self._home = home = home.expanduser().resolve()
        with _locked(home):
            self._user = system_user()
            usage = _open_for_locking(home / "postgres.users")
            fcntl.flock(usage, fcntl.LOCK_SH)
            try:
                self._ensure_data()
                self._ensure_running()
            except BaseException:
                usage.close()
                raise
            self._usage = usage
        atexit.register(self.stop)
        host = quote(str(self._socket_directory()), safe="/")
        return f"postgresql://{_SUPERUSER}@/{_DATABASE}?host={host}"

    def stop(self) -> bool:
        """Leave the server; True if that ended it because nobody else uses it. May be repeated."""
        usage = self._usage
        if usage is None or self._home is None or os.getpid() != self._process:
            return False
        atexit.unregister(self.stop)
        self._usage = None
        with usage, _locked(self._home):
            try:
                fcntl.flock(usage, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            _expect(
                self._control("stop", "-m", "fast", "-t", _LONGEST_STOP),
                f"PostgreSQL does not stop in {self._data}",
            )
            if self._socket_directory() != self._data:
                shutil.rmtree(self._socket_directory())
            return True

    @property
    def _data(self) -> Path:
        if self._home is None:
            raise EmbeddedServerError("The server was not started.")
        return self._home / "postgres"

    def _socket_directory(self) -> Path:
        path = self._data
        if len(os.fsencode(path / _SOCKET)) < _LONGEST_SOCKET_PATH and "," not in str(path):
            return path
        digest = sha256(os.fsencode(path)).hexdigest()[:16]
        return Path(tempfile.gettempdir(), f"cockpit-{digest}")

    def _ensure_data(self) -> None:
        """Make the data where there is none; what an interruption left half made is made anew."""
        if (self._data / "PG_VERSION").exists():
            return
        partial = self._data.with_name("postgres.partial")
        if partial.exists():
            shutil.rmtree(partial)
        try:
            partial.mkdir(mode=0o700)
            hand_over(partial, self._user)
        except OSError as error:
            raise _unusable(partial.parent, error) from error
        _expect(
            run(
                "initdb",
                "--pgdata",
                str(partial),
                f"--username={_SUPERUSER}",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--no-sync",
                user=self._user,
            ),
            "PostgreSQL cannot make its data directory",
        )
        _expect(
            run(
                "postgres",
                "--single",
                "-D",
                str(partial),
                "postgres",
                user=self._user,
                text=f"CREATE DATABASE {_DATABASE}\n",
            ),
            "PostgreSQL cannot create its database",
        )
        partial.rename(self._data)

    def _ensure_running(self) -> None:
        directory = self._socket_directory()
        if directory != self._data:
            directory.mkdir(mode=0o700, exist_ok=True)
            hand_over(directory, self._user)
        if self._is_ready():
            return
        options = {**self._settings, "unix_socket_directories": str(directory)}
        text = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in options.items())
        for _ in range(_ATTEMPTS):
            _drop_stale_locks(self._data, directory)
            done = self._control("start", "-l", str(self._data / "server.log"), "-o", text)
            if done.returncode == 0 or self._is_ready():
                return
        raise EmbeddedServerError(
            f"PostgreSQL does not start in {self._data}: {self._last_words() or done.stdout} "
            f"(see {self._data / 'server.log'})"
        )

    def _is_ready(self) -> bool:
        arguments = ("-h", str(self._socket_directory()), "-t", "30", "-q")
        return run("pg_isready", *arguments, user=None).returncode == 0

    def _control(self, *arguments: str) -> Finished:
        return run("pg_ctl", *arguments, "-D", str(self._data), "-w", "-s", user=self._user)

    def _last_words(self) -> str:
        log = self._data / "server.log"
        lines = log.read_text("utf-8", "replace").splitlines() if log.exists() else []
        return next((line for line in reversed(lines) if "FATAL" in line), "")


@contextmanager
def running(home: Path) -> Iterator[str]:
    """The server for the length of a block; SIGTERM, like Ctrl-C, leaves the block in order.

    Yields the URL. Raises as `EmbeddedServer.start`; must be entered in the main thread.
    """
    server = EmbeddedServer()
    before = signal.signal(signal.SIGTERM, _exit)
    try:
        yield server.start(home)
    finally:
        server.stop()
        signal.signal(signal.SIGTERM, before)


def _exit(number: int, frame: object) -> None:
    raise SystemExit(128 + number)


@contextmanager
def _locked(home: Path) -> Iterator[None]:
    """Hold the lock under which a server is started and stopped."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = _open_for_locking(home / "postgres.lock")
    except OSError as error:
        raise _unusable(home, error) from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _open_for_locking(path: Path) -> IO[str]:
    return path.open("a", encoding="utf-8")


def _unusable(home: Path, error: OSError) -> DataDirectoryError:
    return DataDirectoryError(
        f"The data directory {home} cannot be written ({error.strerror}). "
        "Name another with COCKPIT_HOME, or set DATABASE_URL to use a server of yours."
    )


def _expect(done: Finished, complaint: str) -> None:
    if done.returncode != 0:
        raise EmbeddedServerError(f"{complaint}: {done.stdout.strip()}")


def _drop_stale_locks(data: Path, sockets: Path) -> None:
    """Remove lock files that a killed server left, once no process of it works on the data.

    PostgreSQL itself looks only whether the number in them is in use, and would refuse to start
    for ever: in a restarted container that number is usually our own.
    """
    living = psutil.process_iter(["name", "cwd", "status"])
    if any(
        one.info["name"] == "postgres"
        and one.info["cwd"] == str(data)
        and one.info["status"] != psutil.STATUS_ZOMBIE
        for one in living
    ):
        return
    (data / "postmaster.pid").unlink(missing_ok=True)
    (sockets / f"{_SOCKET}.lock").unlink(missing_ok=True)
