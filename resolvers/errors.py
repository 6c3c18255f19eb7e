"""What goes wrong by the client's doing.

ClientError                 a GraphQL error; its sentence may be shown, its code is public
├── BadUserInput            arguments that can be refused at sight: page size, cursor
└── NotFound                something the operation is about does not exist, or not for this caller

Refused                     a mutation's user errors: the payload carries them, nothing changes
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["BadUserInput", "ClientError", "NotFound", "Refused", "UserError", "refuse"]


class ClientError(Exception):
    """Base of errors whose sentence a client may read."""

    code: str

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


class BadUserInput(ClientError):  # noqa: N818 - named as the code it becomes
    """Arguments that can be refused without looking at any object."""

    code = "BAD_USER_INPUT"


class NotFound(ClientError):  # noqa: N818 - named as the code it becomes
    """Something that does not exist, or not for this caller."""

    code = "NOT_FOUND"


class UserError(NamedTuple):
    """A mistake the caller can fix."""

    code: str
    """One of the graph's `UserErrorCode`s."""
    message: str
    path: tuple[str, ...] = ()
    """Names of the arguments concerned, in snake_case, below `input`."""


class Refused(Exception):  # noqa: N818 - named for what happened to the input
    """A mutation that changes nothing because of mistakes the caller can fix."""

    def __init__(self, errors: Sequence[UserError]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(f"{error.code}: {error.message}" for error in errors))


def refuse(code: str, message: str, *path: str) -> Refused:
    """A refusal with one user error; `path` names the argument, in snake_case."""
    return Refused([UserError(code, message, path)])
