"""The graph's own scalars. Values arrive as Python's natural types and leave ready for JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal as PythonDecimal
from decimal import InvalidOperation
from typing import Any, NewType
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig
from strawberry.types.scalar import ScalarDefinition, scalar

from resolvers.times import write_datetime

__all__ = ["JSON", "URL", "BigInt", "Credits", "DateTime", "Decimal", "EmailAddress", "config"]

_MAX_SAFE_INTEGER = 2**53 - 1

DateTime = NewType("DateTime", datetime)
Credits = NewType("Credits", int)
BigInt = NewType("BigInt", int)
Decimal = NewType("Decimal", PythonDecimal)
EmailAddress = NewType("EmailAddress", str)
URL = NewType("URL", str)
JSON = NewType("JSON", object)


def read_datetime(value: Any) -> datetime:
    """A time with its zone from RFC 3339 text."""
    if not isinstance(value, str):
        raise GraphQLError("A DateTime is a string, such as 2026-03-01T09:30:00Z.")
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        raise GraphQLError("A DateTime looks like 2026-03-01T09:30:00Z.") from None
    if time.tzinfo is None:
        raise GraphQLError("A DateTime needs a zone: end it with Z.")
    return time.astimezone(UTC)


def write_decimal(value: PythonDecimal | str) -> str:
    """All its digits, never an exponent; text is a number written so already."""
    return value if isinstance(value, str) else format(value, "f")


def _read_whole(name: str, least: int) -> Any:
    def read(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise GraphQLError(f"{name} is a whole number.")
        if not least <= value <= _MAX_SAFE_INTEGER:
            raise GraphQLError(f"{name} lies between {least} and {_MAX_SAFE_INTEGER}.")
        return value

    return read


def _read_decimal(value: Any) -> PythonDecimal:
    if not isinstance(value, str):
        raise GraphQLError('A Decimal is a string, such as "12.50".')
    try:
        number = PythonDecimal(value)
    except InvalidOperation:
        raise GraphQLError('A Decimal looks like "12.50".') from None
    if not number.is_finite():
        raise GraphQLError("A Decimal is a finite number.")
    return number


def _read_email(value: Any) -> str:
    if not isinstance(value, str):
        raise GraphQLError("An EmailAddress is a string.")
    try:
        checked = validate_email(value.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise GraphQLError(f"This is not an e-mail address: {error}") from None
    return checked.normalized.lower()


def _read_url(value: Any) -> str:
    if not isinstance(value, str):
        raise GraphQLError("A URL is a string.")
    text = value.strip()
    try:
        parts = urlsplit(text)
    except ValueError:
        raise GraphQLError("This is not a URL.") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise GraphQLError("A URL is an absolute http or https address.")
    return text


def _unchanged(value: Any) -> Any:
    return value


_SCALARS: dict[object, ScalarDefinition] = {
    DateTime: scalar(
        name="DateTime",
        description="Point in time: RFC 3339 in UTC, such as 2026-03-01T09:30:00Z.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time.html",
        serialize=write_datetime,
        parse_value=read_datetime,
    ),
    Credits: scalar(
        name="Credits",
        description="Whole number of credits, at most 2^53-1, sent as a JSON number. "
        "Inputs are never negative.",
        serialize=_unchanged,
        parse_value=_read_whole("Credits", 0),
    ),
    BigInt: scalar(
        name="BigInt",
        description="Whole number, at most 2^53-1, sent as a JSON number; for counts that "
        "outgrow Int.",
        serialize=_unchanged,
        parse_value=_read_whole("BigInt", -_MAX_SAFE_INTEGER),
    ),
    Decimal: scalar(
        name="Decimal",
        description='Exact decimal number sent as a string, such as "12.50"; for money, rates '
        "and factors.",
        serialize=write_decimal,
        parse_value=_read_decimal,
    ),
    EmailAddress: scalar(
        name="EmailAddress",
        description="E-mail address; trimmed and lower-cased on write.",
        specified_by_url="https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address",
        serialize=_unchanged,
        parse_value=_read_email,
    ),
    URL: scalar(
        name="URL",
        description="Absolute http or https address.",
        specified_by_url="https://url.spec.whatwg.org/",
        serialize=_unchanged,
        parse_value=_read_url,
    ),
    JSON: scalar(
        name="JSON",
        description="Any JSON value, delivered decoded. Used only where the shape belongs to "
        "someone else.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc8259",
        serialize=_unchanged,
        parse_value=_unchanged,
    ),
}


def config() -> StrawberryConfig:
    """What Strawberry must know to read these annotations."""
    return StrawberryConfig(scalar_map=_SCALARS)
