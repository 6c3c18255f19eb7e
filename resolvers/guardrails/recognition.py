"""What the guards find by themselves: personal data, toxic words, attempts to break out.

Candidates are found by expressions that run in linear time; whether digits are a card, an account
or a telephone number is decided by their check digits and the numbering plans.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import ip_address
from typing import Any, NamedTuple

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from stdnum import iban, luhn
from stdnum.ch import ssn as swiss_number
from stdnum.de import idnr as german_number
from stdnum.fr import nir as french_number
from stdnum.us import ssn as american_number

from resolvers.guardrails.expressions import compiled

__all__ = ["Passage", "recognise"]


class Passage(NamedTuple):
    """A passage that a guard recognised."""

    start: int
    end: int
    category: str
    score: float


class _Kind(NamedTuple):
    category: str
    expression: str
    holds: Callable[[str], bool]
    score: float


def _is_email(text: str) -> bool:
    try:
        validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True


def _is_phone(text: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text))
    except phonenumbers.NumberParseException:
        return False


def _is_card(text: str) -> bool:
    digits = text.replace(" ", "").replace("-", "")
    return 13 <= len(digits) <= 19 and bool(luhn.is_valid(digits)) and len(set(digits)) > 1


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _always(_text: str) -> bool:
    return True


_PERSONAL = (
    _Kind("E-mail address", r"[\pL\pN._%+\-]+@[\pL\pN.\-]+\.\pL{2,}", _is_email, 99.0),
    _Kind("IBAN", r"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]){11,30}\b", iban.is_valid, 99.0),
    _Kind("Card number", r"\b[0-9](?:[ \-]?[0-9]){12,18}\b", _is_card, 95.0),
    _Kind("Telephone number", r"\+[0-9][0-9 ()./\-]{5,24}[0-9]", _is_phone, 90.0),
    _Kind("Social security number (CH)", r"\b756[. ]?[0-9]{4}[. ]?[0-9]{4}[. ]?[0-9]{2}\b",
          swiss_number.is_valid, 99.0),
    _Kind("Social security number (FR)", r"\b[12][0-9]{4}[0-9AB][0-9]{7}(?: ?[0-9]{2})\b",
          french_number.is_valid, 97.0),
    _Kind("Social security number (US)", r"\b[0-9]{3}-[0-9]{2}-[0-9]{4}\b",
          american_number.is_valid, 85.0),
    _Kind("Tax number (DE)", r"\b[1-9][0-9]{10}\b", german_number.is_valid, 85.0),
    _Kind("IP address", r"\b[0-9]{1,3}(?:\.[0-9]{1,3}){3}\b", _is_address, 80.0),
)  # fmt: skip

_BREAKING_OUT = (
    _Kind(
        "Ignoring instructions",
        r"(?i)\b(?:ignore|disregard|forget|override|bypass)\b[^.!?\n]{0,40}"
        r"\b(?:previous|prior|above|earlier|all|your|system)\b[^.!?\n]{0,40}"
        r"\b(?:instructions?|prompts?|rules?|guidelines?|directives?)\b",
        _always,
        95.0,
    ),
    _Kind(
        "Ignoring instructions",
        r"(?i)\b(?:ignoriere?|vergiss|missachte|ignorez?|oubliez?|ignora|olvida)\b[^.!?\n]{0,60}"
        r"(?:anweisung|vorgabe|regeln|instruction|consigne|instruccion|istruzion)",
        _always,
        90.0,
    ),
    _Kind(
        "Revealing the system prompt",
        r"(?i)\b(?:reveal|print|show|repeat|output|leak)\b[^.!?\n]{0,40}"
        r"\b(?:system|hidden|initial|developer)\s+(?:prompt|message|instructions?)\b",
        _always,
        90.0,
    ),
    _Kind(
        "Playing without limits",
        r"(?i)\b(?:do anything now|DAN mode|developer mode|jailbreak(?:ed)? mode|god mode|"
        r"without (?:any )?(?:restrictions|filters|limits|censorship)|"
        r"no (?:ethical|moral|content) (?:guidelines|restrictions|limits))\b",
        _always,
        85.0,
    ),
    _Kind(
        "Posing as the system",
        r"(?i)(?:<\|?(?:im_start|system|endoftext)\|?>|\[/?INST\]|^\s*#{2,}\s*system\s*:)",
        _always,
        90.0,
    ),
)

_INSULTS = (
    "arsehole", "asshole", "bastard", "bitch", "bullshit", "cunt", "dickhead", "dipshit",
    "douchebag", "fuck", "fucked", "fucker", "fucking", "fuckwit", "moron", "motherfucker", "prick",
    "retard", "scumbag", "shithead", "slut", "twat", "wanker", "whore", "arschloch", "fotze",
    "hurensohn", "missgeburt", "schlampe", "wichser", "connard", "connasse", "enculé", "salope",
    "batard", "bâtard", "pute", "cabrón", "gilipollas", "puta", "stronzo", "troia", "vaffanculo",
)  # fmt: skip
_THREATS = (
    "i will kill you",
    "i'll kill you",
    "go kill yourself",
    "kill yourself",
    "i will hurt you",
    "hope you die",
    "ich bring dich um",
    "je vais te tuer",
    "te voy a matar",
)
_LOOKALIKES = str.maketrans("013457@$", "oieastas")
_TOXIC = dict.fromkeys(_INSULTS, ("Insult", 90.0)) | dict.fromkeys(_THREATS, ("Threat", 95.0))
_LONGEST_PHRASE = max(len(phrase.split()) for phrase in _TOXIC)
_WORD = r"[\pL\pN@$]+(?:['\x{2019}][\pL]+)?"


def recognise(guard: str, text: str, settings: dict[str, Any]) -> Iterator[Passage]:
    """Every passage the guard recognises by itself; `settings` are the account's for the guard."""
    if guard == "TOXIC":
        return _toxic(text, settings)
    return _matching(_PERSONAL if guard == "PII" else _BREAKING_OUT, text)


def _matching(kinds: tuple[_Kind, ...], text: str) -> Iterator[Passage]:
    for kind in kinds:
        for match in compiled(kind.expression).finditer(text):
            if kind.holds(match.group()):
                yield Passage(match.start(), match.end(), kind.category, kind.score)


def _toxic(text: str, settings: dict[str, Any]) -> Iterator[Passage]:
    """Words and phrases of the list, and of the account's own `words`, written as they may be."""
    own = settings.get("words")
    listed = (
        [word.lower() for word in own if isinstance(word, str)] if isinstance(own, list) else []
    )
    wanted = _TOXIC | dict.fromkeys(listed, ("Word of the account", 99.0))
    found = [(one.start(), one.end()) for one in compiled(_WORD).finditer(text)]
    words = [text[start:end].lower().replace("\u2019", "'") for start, end in found]
    plain = [word.translate(_LOOKALIKES) for word in words]
    for i in range(len(words)):
        for j in range(i + 1, min(i + _LONGEST_PHRASE, len(words)) + 1):
            for form in {" ".join(words[i:j]), " ".join(plain[i:j])} & wanted.keys():
                category, score = wanted[form]
                yield Passage(found[i][0], found[j - 1][1], category, score)
                break
