"""Names of people by language, and the e-mail addresses made of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from random import Random
from typing import NamedTuple

import orjson

__all__ = ["FullName", "Language", "address_part", "pick_name"]

Language = str
"""ISO 639-1 code."""


class FullName(NamedTuple):
    """What somebody is called."""

    given: str
    family: str

    def __str__(self) -> str:
        return f"{self.given} {self.family}"

    @property
    def local_part(self) -> str:
        """What stands before the `@` of an address made of the name."""
        return f"{address_part(self.given)}.{address_part(self.family)}"


class _Names(NamedTuple):
    given: tuple[str, ...]
    family: tuple[str, ...]


_SPELLINGS = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ß": "ss",
        "æ": "ae",
        "ø": "oe",
        "å": "aa",
        "ð": "d",
        "þ": "th",
        "ł": "l",
        "đ": "d",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
    }
)


def pick_name(random: Random, languages: Mapping[Language, int]) -> FullName:
    """A name in one of these languages, each as likely as its weight."""
    (language,) = random.choices(list(languages), weights=list(languages.values()))
    names = _names()[language]
    return FullName(random.choice(names.given), random.choice(names.family))


def address_part(name: str) -> str:
    """A name as it is written in an e-mail address: `Jörg Weiß` is `joerg.weiss`."""
    plain = unicodedata.normalize("NFKD", name.lower().translate(_SPELLINGS))
    kept = (c for c in plain if c.isascii() and (c.isalnum() or c in " -"))
    return "".join(kept).replace(" ", ".")


@cache
def _names() -> Mapping[Language, _Names]:
    """Usual names by language."""
    document = orjson.loads(files("datasources.demo").joinpath("names.json").read_bytes())
    return {
        language: _Names(tuple(names["given"]), tuple(names["family"]))
        for language, names in document.items()
    }
