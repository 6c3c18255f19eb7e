"""The file that lists subgraphs to compose.

```yaml
subgraphs:
  reviews:
    url: http://reviews.internal/graphql   # where the gateway sends requests
    file: reviews.graphql                  # its document, relative to this file
  stock:
    url: http://stock.internal/graphql     # without a file, the running subgraph is asked
```
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import orjson
import yaml

from federation.composition import SubgraphSource

__all__ = ["ComposeConfigError", "read_sources"]

_SERVICE = "{ _service { sdl } }"
_SECONDS = 10
_KEYS = {"url", "file", "schema"}


class ComposeConfigError(Exception):
    """A list of subgraphs that cannot be used; the message says what to change."""


def read_sources(path: Path) -> list[SubgraphSource]:
    """The subgraphs of a file, with their documents read or asked for.

    Raises `ComposeConfigError`. Blocks while it asks: for commands and the start of a process.
    """
    return [
        SubgraphSource(name, entry.get("url"), _document(path.parent, name, entry))
        for name, entry in _entries(path).items()
    ]


def _document(folder: Path, name: str, entry: Mapping[str, str]) -> str:
    if "schema" in entry:
        return entry["schema"]
    if "file" in entry:
        return _text(folder / entry["file"], f"The file of subgraph {name}")
    return _ask(name, entry["url"])


def _ask(name: str, url: str) -> str:
    """The document that a running subgraph tells about itself (Federation, `_service`)."""
    request = Request(  # noqa: S310 - the scheme was checked when the file was read
        url, data=orjson.dumps({"query": _SERVICE}), headers={"Content-Type": "application/json"}
    )
    try:
        with urlopen(request, timeout=_SECONDS) as response:  # noqa: S310 - as above
            sdl = orjson.loads(response.read())["data"]["_service"]["sdl"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ComposeConfigError(
            f"Subgraph {name} at {url} does not tell its document. Start it, or name a file."
        ) from error
    if not isinstance(sdl, str):
        raise ComposeConfigError(f"Subgraph {name} at {url} answers no text for its document.")
    return sdl


def _entries(path: Path) -> dict[str, dict[str, str]]:
    try:
        content = yaml.safe_load(_text(path, "The list of subgraphs"))
    except yaml.YAMLError as error:
        raise ComposeConfigError(f"{path} is not YAML: {_first_line(error)}.") from error
    subgraphs = content.get("subgraphs") if isinstance(content, dict) else None
    if not isinstance(subgraphs, dict) or not subgraphs:
        raise ComposeConfigError(f"{path} lists no subgraphs: write them below `subgraphs:`.")
    return {str(name): _entry(str(name), entry) for name, entry in subgraphs.items()}


def _entry(name: str, entry: Any) -> dict[str, str]:
    if not isinstance(entry, dict) or not all(isinstance(value, str) for value in entry.values()):
        raise ComposeConfigError(f"Subgraph {name} needs texts for `url`, and `file` or `schema`.")
    unknown = sorted(entry.keys() - _KEYS)
    if unknown:
        raise ComposeConfigError(f"Subgraph {name} has the unknown key {unknown[0]}.")
    if not entry:
        raise ComposeConfigError(f"Subgraph {name} needs a `url`, a `file` or a `schema`.")
    if not entry.get("url", "http://").startswith(("http://", "https://")):
        raise ComposeConfigError(f"The url of subgraph {name} must begin with http:// or https://.")
    return entry


def _text(path: Path, what: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ComposeConfigError(f"{what}, {path}, does not exist.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ComposeConfigError(f"{what}, {path}, cannot be read as UTF-8 text.") from error


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
