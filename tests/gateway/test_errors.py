from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest
from graphql import GraphQLError

from auth.errors import Forbidden, KeysUnavailable, Unauthenticated
from datasources.errors import DatabaseUnavailable, MigrationError, StatementTimeout
from federation.errors import OperationError, OperationTooComplexError, PlanningError
from federation.execution.response import ResponseError
from gateway import errors
from gateway.errors import CODES, GatewayError, entry_of, refusal_of

DOCUMENT = Path(__file__).parents[2] / "docs" / "errors.md"
SECRET = 'SELECT secret FROM copilot."users" at /srv/app.py'


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.BadRequest("Words."), 400, "BAD_USER_INPUT"),
        (errors.MethodNotAllowed("Words.", allow="POST"), 405, "BAD_USER_INPUT"),
        (errors.NotAcceptable("Words."), 406, "BAD_USER_INPUT"),
        (errors.ContentTooLarge("Words."), 413, "BAD_USER_INPUT"),
        (errors.UnsupportedMediaType("Words."), 415, "BAD_USER_INPUT"),
        (errors.CrossSiteRequest("Words."), 403, "FORBIDDEN"),
        (errors.OperationTooComplex("Words."), 400, "OPERATION_TOO_COMPLEX"),
        (errors.RequestTimeout("Words."), 504, "TIMEOUT"),
        (Unauthenticated("Words."), 401, "UNAUTHENTICATED"),
        (Forbidden("Words."), 403, "FORBIDDEN"),
        (KeysUnavailable("Words."), 503, "UPSTREAM_ERROR"),
    ],
)
def test_errors_written_for_clients_speak(error: Exception, status: int, code: str) -> None:
    refusal = refusal_of(error, "request-1")
    assert refusal.status == status
    [entry] = refusal.errors
    assert (entry["message"], entry["extensions"]["code"]) == ("Words.", code)


@pytest.mark.parametrize(
    ("error", "status", "code", "message"),
    [
        (RuntimeError(SECRET), 500, "INTERNAL", "Internal error."),
        (PlanningError(SECRET), 500, "INTERNAL", "Internal error."),
        (MigrationError(SECRET), 500, "INTERNAL", "Internal error."),
        (DatabaseUnavailable(SECRET), 503, "INTERNAL", "The database cannot be reached"),
        (StatementTimeout(SECRET), 504, "TIMEOUT", "The database took too long."),
    ],
)
def test_faults_are_logged_under_the_request_id_that_the_client_is_given(
    error: Exception,
    status: int,
    code: str,
    message: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR):
        refusal = refusal_of(error, "request-1")
    [entry] = refusal.errors
    assert (refusal.status, entry["extensions"]) == (
        status,
        {"code": code, "requestId": "request-1"},
    )
    assert entry["message"].startswith(message)
    assert SECRET not in str(refusal)
    assert "request-1" in caplog.text
    assert SECRET in caplog.text


def test_a_plan_beyond_the_budget_is_the_clients_to_mend() -> None:
    refusal = refusal_of(OperationTooComplexError("sites: 100000"), "request-1")
    assert (refusal.status, refusal.is_document) == (400, True)
    assert refusal.errors[0]["extensions"] == {"code": "OPERATION_TOO_COMPLEX"}


def test_an_unauthenticated_request_is_told_how_to_authenticate() -> None:
    assert refusal_of(Unauthenticated("No."), "r").headers == {"WWW-Authenticate": "Bearer"}


def test_every_mistake_of_a_document_is_reported() -> None:
    mistakes = [GraphQLError("One."), GraphQLError("Two.")]
    refusal = refusal_of(OperationError(mistakes), "request-1")
    assert [entry["message"] for entry in refusal.errors] == ["One.", "Two."]


def test_a_resolvers_fault_is_masked_at_its_path(caplog: pytest.LogCaptureFixture) -> None:
    fault = ResponseError(SECRET, ("users", 3), {"code": "INTERNAL"}, RuntimeError(SECRET))
    with caplog.at_level(logging.ERROR):
        entry = entry_of(fault, "request-1")
    assert entry == {
        "message": "Internal error.",
        "path": ["users", 3],
        "extensions": {"code": "INTERNAL", "requestId": "request-1"},
    }
    assert SECRET in caplog.text


def test_a_resolver_without_database_says_to_try_again() -> None:
    away = DatabaseUnavailable(SECRET)
    entry = entry_of(ResponseError(SECRET, ("a",), {"code": "INTERNAL"}, away), "request-1")
    assert entry["message"] == (
        "The database cannot be reached right now. Try again in a few seconds."
    )
    assert entry["extensions"]["code"] == "INTERNAL"


def test_a_code_no_client_knows_is_a_fault() -> None:
    error = ResponseError(SECRET, None, {"code": "ENOENT"}, OSError(SECRET))
    assert entry_of(error, "request-1")["extensions"]["code"] == "INTERNAL"


def test_what_another_service_reported_keeps_its_words() -> None:
    error = ResponseError("No such book.", ("book",), {"code": "BOOK_GONE", "shelf": 3})
    assert entry_of(error, "request-1") == {
        "message": "No such book.",
        "path": ["book"],
        "extensions": {"code": "BOOK_GONE", "shelf": 3},
    }


def test_every_code_is_documented_with_its_meaning() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.+?) \|", DOCUMENT.read_text(), re.MULTILINE)
    assert dict(rows) == dict(CODES)


def test_every_error_of_the_gateway_has_a_rule_of_its_own() -> None:
    assert set(GatewayError.__subclasses__()) <= set(errors._TABLE)
    assert {rule.code for rule in errors._TABLE.values()} <= set(CODES)
