from __future__ import annotations

from federation.execution.answers import Answers
from federation.plan import Rename, RequiredType
from tests.federation.plans import fetch

ABSTRACT = {"Node": frozenset({"User", "Group"})}
ENTITIES = "query($representations: [_Any!]!) { _entities(representations: $representations) "


def test_a_root_fetch_answers_its_root_keys() -> None:
    text = "{ a: me { id } ...F ... { other } } fragment F on Query { count }"
    answers = Answers.of(fetch("s", text))
    assert answers.keys == {"a", "count", "other"}
    assert answers.expected(None, {}) == ["a", "count", "other"]


def test_an_entity_fetch_answers_keys_by_type() -> None:
    text = (
        ENTITIES
        + """{ __typename size ... on User { name ...F } ...G ... { extra } } }
        fragment F on User { age } fragment G on Group { members { id } }"""
    )
    answers = Answers.of(fetch("s", text, RequiredType("User", ())))
    assert answers.keys == {"__typename", "size", "name", "age", "members", "extra"}
    assert answers.expected("User", ABSTRACT) == ["size", "extra", "name", "age"]
    assert answers.expected("Group", ABSTRACT) == ["size", "extra", "members"]
    assert answers.expected("Robot", ABSTRACT) == ["size", "extra"]


def test_an_object_known_by_its_interface_may_expect_any_keys() -> None:
    text = ENTITIES + "{ ... on User { name } ... on Node { id } } }"
    answers = Answers.of(fetch("s", text, RequiredType("Node", ())))
    assert answers.expected("Node", ABSTRACT) == ["name", "id"]
    assert answers.expected("Group", ABSTRACT) == ["id"]


def test_renamed_keys_count_under_the_clients_name() -> None:
    rename = Rename((), None, "_internal", "a")
    answers = Answers.of(fetch("s", "{ _internal: me }", renames=(rename,)))
    assert answers.keys == {"a"}
