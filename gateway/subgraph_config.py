"""The file that says how subgraphs are asked over HTTP.

```yaml
all:                                       # for every subgraph; optional
  timeout: 5                               # seconds for one try
subgraphs:
  reviews:
    url: https://reviews.internal/graphql  # instead of the supergraph's
    headers:
      - {forward: X-Tenant, as: X-Account}
    retry: off
```

docs/subgraphs.md lists every key.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

import yaml

from federation.transport.answer import ErrorPolicy
from federation.transport.breaker import BreakerPolicy
from federation.transport.configuration import SubgraphConfig
from federation.transport.headers import Forward, HeaderRule, Remove, Set
from federation.transport.pool import PoolLimits
from federation.transport.retry import RetryPolicy
from federation.transport.signing import HmacKey
from federation.transport.subscriptions import SubscriptionPolicy, SubscriptionProtocol
from federation.transport.tls import Tls

__all__ = ["SubgraphConfigError", "SubgraphConfigs", "read_subgraph_configs"]

_Record = TypeVar("_Record", PoolLimits, RetryPolicy, BreakerPolicy)
_Reader = Callable[[Any, Path], Any]


class SubgraphConfigError(Exception):
    """How a subgraph is asked cannot be used; the message says what to change."""


@dataclass(frozen=True, slots=True)
class SubgraphConfigs:
    """What a file says of subgraphs; a name it does not mention is asked as `all` says."""

    everywhere: Mapping[str, Any] = field(default_factory=dict)
    """Values of `SubgraphConfig` for every subgraph."""
    by_name: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Values that one subgraph has instead."""

    def of(self, addresses: Mapping[str, str]) -> dict[str, SubgraphConfig]:
        """The configuration of each subgraph of a supergraph.

        `addresses` holds the URLs the supergraph knows, by name; an empty one must stand in the
        file. Raises `SubgraphConfigError`.
        """
        unknown = sorted(self.by_name.keys() - addresses.keys())
        if unknown:
            raise SubgraphConfigError(
                f"The supergraph has no subgraph {unknown[0]}, which the file of subgraphs lists."
            )
        return {name: self._of(name, url) for name, url in addresses.items()}

    def _of(self, name: str, url: str) -> SubgraphConfig:
        values = {"url": url, **self.everywhere, **self.by_name.get(name, {})}
        if not values["url"]:
            raise SubgraphConfigError(f"Subgraph {name} has no URL in the supergraph.")
        try:
            return SubgraphConfig(**values)
        except ValueError as error:
            raise SubgraphConfigError(f"Subgraph {name}: {error}.") from error


def read_subgraph_configs(path: Path) -> SubgraphConfigs:
    """What a file says; files it names are read as well, relative to it.

    Raises `SubgraphConfigError`.
    """
    content = _content(path)
    unknown = sorted(str(key) for key in content.keys() - {"all", "subgraphs"})
    if unknown:
        raise SubgraphConfigError(f"{path} has the unknown key {unknown[0]}.")
    subgraphs = _mapping(content.get("subgraphs", {}), "`subgraphs`")
    everywhere = _values("all", content.get("all", {}), path.parent)
    if "url" in everywhere:
        raise SubgraphConfigError("A url belongs to one subgraph: write it below `subgraphs`.")
    return SubgraphConfigs(
        everywhere,
        {str(name): _values(str(name), entry, path.parent) for name, entry in subgraphs.items()},
    )


def _content(path: Path) -> dict[Any, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SubgraphConfigError(f"The file of subgraphs, {path}, does not exist.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SubgraphConfigError(f"{path} cannot be read as UTF-8 text.") from error
    except yaml.YAMLError as error:
        raise SubgraphConfigError(f"{path} is not YAML: {str(error).splitlines()[0]}.") from error
    return _mapping(content, str(path))


def _values(name: str, entry: Any, folder: Path) -> dict[str, Any]:
    """Values of `SubgraphConfig`, by its fields."""
    given = _mapping(entry, f"Subgraph {name}")
    values = {}
    for key, value in given.items():
        reader = _READERS.get(str(key))
        if reader is None:
            raise SubgraphConfigError(f"Subgraph {name} has the unknown key {key}.")
        try:
            values[str(key)] = reader(value, folder)
        except ValueError as error:
            raise SubgraphConfigError(f"Subgraph {name}, {key}: {error}.") from error
        except OSError as error:
            raise SubgraphConfigError(
                f"Subgraph {name}, {key}: a file cannot be read ({error.strerror or error})."
            ) from error
    return values


def _mapping(value: Any, what: str) -> dict[Any, Any]:
    if not isinstance(value, dict):
        raise SubgraphConfigError(f"{what} must hold keys and values.")
    return value


def _text(value: Any, _folder: Path) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("must be a text")
    return value


def _boolean(value: Any, _folder: Path) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")  # noqa: TRY004 - a value of a file, not of a program
    return value


def _integer(value: Any, _folder: Path) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("must be a whole number")  # noqa: TRY004 - as above
    return value


def _number(value: Any, _folder: Path) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise ValueError("must be a number")
    return value


def _errors(value: Any, _folder: Path) -> ErrorPolicy:
    try:
        return ErrorPolicy(value)
    except ValueError:
        raise ValueError(f"must be {', '.join(ErrorPolicy)}") from None


def _record(kind: type[_Record]) -> _Reader:
    """Reads numbers into the fields of a value."""
    readers = {field.name: _integer if field.type == "int" else _number for field in fields(kind)}

    def read(value: Any, folder: Path) -> _Record:
        given = _entry(value, readers.keys())
        return kind(**{key: _named(key, readers[key], item, folder) for key, item in given.items()})

    return read


def _named(key: str, reader: _Reader, value: Any, folder: Path) -> Any:
    try:
        return reader(value, folder)
    except ValueError as error:
        raise ValueError(f"{key} {error}") from None


def _unless_off(reader: _Reader) -> _Reader:
    """Reads `off`, which YAML takes for false, as None."""

    def read(value: Any, folder: Path) -> Any:
        return None if value is False else reader(value, folder)

    return read


def _rules(value: Any, folder: Path) -> tuple[HeaderRule, ...]:
    if not isinstance(value, list):
        raise ValueError("must be a list of rules")  # noqa: TRY004 - as above
    return tuple(_rule(entry, folder) for entry in value)


def _rule(value: Any, folder: Path) -> HeaderRule:
    rule = _entry(value, {"forward", "as", "set", "value", "remove"})
    texts = {key: _named(key, _text, item, folder) for key, item in rule.items()}
    match texts:
        case {"forward": name, "as": rename} if len(texts) == 2:
            return Forward(name, rename)
        case {"forward": name} if len(texts) == 1:
            return Forward(name)
        case {"set": name, "value": given} if len(texts) == 2:
            return Set(name, given)
        case {"remove": name} if len(texts) == 1:
            return Remove(name)
    raise ValueError("a rule is `forward` (with `as`), `set` with `value`, or `remove`")


def _signing(value: Any, folder: Path) -> HmacKey:
    given = _entry(value, {"key_id", "key_file"})
    if len(given) != 2:
        raise ValueError("needs key_id and key_file")
    file = folder / _named("key_file", _text, given["key_file"], folder)
    return HmacKey(_named("key_id", _text, given["key_id"], folder), file.read_bytes().strip())


def _subscriptions(value: Any, folder: Path) -> SubscriptionPolicy:
    given = _entry(value, _SUBSCRIPTIONS.keys())
    read = {key: _named(key, _SUBSCRIPTIONS[key], item, folder) for key, item in given.items()}
    return SubscriptionPolicy(**read)


def _protocol(value: Any, _folder: Path) -> SubscriptionProtocol:
    try:
        return SubscriptionProtocol(value)
    except ValueError:
        raise ValueError(f"must be {', '.join(SubscriptionProtocol)}") from None


_SUBSCRIPTIONS: dict[str, _Reader] = {
    "protocol": _protocol,
    "url": _text,
    "start_seconds": _number,
    "heartbeat_seconds": _number,
    "silence_seconds": _number,
    "connections": _integer,
}


def _tls(value: Any, folder: Path) -> Tls:
    given = _entry(value, {"authority", "certificate", "key"})
    files = {key: folder / _named(key, _text, item, folder) for key, item in given.items()}
    tls = Tls(**files)
    # Read once here, so that a wrong file stops the start and not the first request.
    tls.context()
    return tls


def _entry(value: Any, known: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("must hold keys and values")  # noqa: TRY004 - as above
    unknown = sorted(str(key) for key in value.keys() - known)
    if unknown:
        raise ValueError(f"has the unknown key {unknown[0]}")
    return value


_READERS: dict[str, _Reader] = {
    "url": _text,
    "timeout": _number,
    "max_bytes": _integer,
    "errors": _errors,
    "deduplicate": _boolean,
    "pool": _record(PoolLimits),
    "retry": _unless_off(_record(RetryPolicy)),
    "breaker": _unless_off(_record(BreakerPolicy)),
    "subscriptions": _unless_off(_subscriptions),
    "headers": _rules,
    "signing": _unless_off(_signing),
    "tls": _unless_off(_tls),
}
