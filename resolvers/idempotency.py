"""At most once: a repeated key answers with the first result, a changed input is refused.

Results are stored sealed, because some hold a token that is shown once and stored nowhere else.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable
from datetime import datetime
from decimal import Decimal
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, NamedTuple, Union, cast, get_args, get_origin, get_type_hints

import orjson

from datasources import idempotency
from resolvers.errors import refuse

if TYPE_CHECKING:
    from resolvers.writing import WriteContext

__all__ = ["Once"]

_PURPOSE = "idempotency"


class Once:
    """One use of an idempotency key by one operation."""

    def __init__(self, operation: str, key: str, arguments: dict[str, Any]) -> None:
        self._operation = operation
        self._key = key
        self._digest = _digest(arguments)

    async def claim(
        self, context: WriteContext, writer: Callable[..., Awaitable[NamedTuple]]
    ) -> NamedTuple | None:
        """The first result when the key was used before; None when it is ours now.

        Raises `Refused` with KEY_REUSED when it was used with another input.
        """
        earlier = await idempotency.claim(
            context.database, context.caller.account_id, self._operation, self._key, self._digest
        )
        if earlier is None:
            return None
        if earlier.input_digest != self._digest:
            raise refuse(
                "KEY_REUSED", "This key was used with a different input.", "idempotency_key"
            )
        sealed = cast("dict[str, str]", earlier.response)
        plain = context.services.secrets.open(
            sealed["key_id"], b64decode(sealed["ciphertext"]), purpose=_PURPOSE
        )
        result = _revive(get_type_hints(writer)["return"], orjson.loads(plain))
        return cast("NamedTuple", result)

    async def keep(self, context: WriteContext, result: NamedTuple) -> None:
        """Store the result, in the transaction that made it."""
        plain = orjson.dumps(result, default=_plain)
        key_id, ciphertext = context.services.secrets.seal(plain, purpose=_PURPOSE)
        await idempotency.keep(
            context.database,
            context.caller.account_id,
            self._operation,
            self._key,
            {"key_id": key_id, "ciphertext": b64encode(ciphertext).decode()},
        )


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else list(value)


def _digest(arguments: dict[str, Any]) -> str:
    text = orjson.dumps(arguments, option=orjson.OPT_SORT_KEYS, default=str)
    return hashlib.sha256(text).hexdigest()


def _revive(type_: Any, value: Any) -> Any:  # noqa: PLR0911 - one return a kind of type
    """The value of a type hint that `orjson` wrote: rows, lists of rows, times, decimals."""
    if value is None:
        return None
    origin = get_origin(type_)
    if origin in {Union, UnionType}:
        return _revive(next(arg for arg in get_args(type_) if arg is not NoneType), value)
    if origin in {list, tuple}:
        inner = get_args(type_)[0]
        return origin(_revive(inner, item) for item in value)
    if type_ is datetime:
        return datetime.fromisoformat(value)
    if type_ is Decimal:
        return Decimal(value)
    if isinstance(type_, type) and issubclass(type_, tuple) and hasattr(type_, "_fields"):
        hints = get_type_hints(type_)
        # Columns added since the result was stored come last, and have defaults.
        fields = zip(hints, value, strict=False)
        return cast("Any", type_)(*[_revive(hints[name], item) for name, item in fields])
    return value
