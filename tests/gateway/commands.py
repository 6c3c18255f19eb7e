"""Commands as real processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

REPOSITORY = Path(__file__).parents[2]
_SECONDS = 120


class Finished(NamedTuple):
    code: int
    out: str
    err: str


def _environment(folder: Path, values: Mapping[str, str]) -> dict[str, str]:
    home = {"HOME": str(folder), "COCKPIT_HOME": str(folder / "home")}
    return {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(REPOSITORY), **home, **values}


def cockpit(*arguments: str | Path, folder: Path, **environment: str) -> Finished:
    """Run a command in a folder, with no environment but what is given, to its end."""
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "gateway.cli", *map(str, arguments)],
        cwd=folder,
        env=_environment(folder, environment),
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    return Finished(done.returncode, done.stdout, done.stderr)


class Running(NamedTuple):
    process: subprocess.Popen[str]
    first_line: str

    def stop(self, number: int) -> int:
        """Send a signal and wait for the end; answers the exit code."""
        self.process.send_signal(number)
        return self.process.wait(_SECONDS)

    @property
    def rest(self) -> str:
        """What it printed after its first line, once it has ended."""
        out: IO[str] | None = self.process.stdout
        assert out is not None
        return out.read()


@contextmanager
def running(
    *arguments: str | Path, folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """A command that serves, from its first line of output on; killed if it outlives the block."""
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "gateway.cli", *map(str, arguments)],
        cwd=folder,
        env=_environment(folder, environment or {}),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield Running(process, process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
