"""The form of fields on a small module of its own: what each declaration answers with."""

from __future__ import annotations

import inspect
from enum import StrEnum
from typing import Any, NamedTuple

import pytest
import strawberry
from graphql import ExecutionResult, execute, parse, print_ast, validate
from sqlalchemy import Text, bindparam, func, insert, select

from auth.caller import Caller
from datasources.audit import AuditEvent
from datasources.base import Statement
from datasources.conditions import any_of, contains
from datasources.database import Pool
from datasources.pages import Pages
from datasources.paging import Sorting
from datasources.reads import Many, One
from datasources.references import AccountRef, reachable_accounts
from datasources.tables import users
from resolvers.base import RequestContext
from resolvers.errors import refuse
from resolvers.writing import WriteContext
from schema.base.core import (
    AccountScoped,
    Connection,
    MutationPayload,
    Node,
    OrderDirection,
    TenantInput,
)
from schema.base.enums import described
from schema.base.fields import (
    absent,
    argument,
    column,
    computed,
    given,
    many,
    mutation,
    outcome,
    page,
)
from schema.base.guards import FeatureKey, Role, roles
from schema.base.modules import Module, ModuleSubgraph, build, entity
from schema.base.roots import account_root
from tests.harness.callers import nobody, person, super_admin
from tests.harness.services import services


class PersonRow(NamedTuple):
    id: str
    account_id: str
    email: str
    name: str
    mood: str


MOOD = func.upper(users.c.profile_image, type_=Text())
SOURCE = select(
    users.c.id,
    users.c.account_id,
    users.c.email,
    users.c.name,
    MOOD.label("mood"),
    func.lower(users.c.name, type_=Text()).label("sort_name"),
)
PERSON_BY_ID = One(PersonRow, SOURCE)
PEOPLE_OF = Many(PersonRow, SOURCE, key="account_id", order=("name",))
PEOPLE = Pages(
    PersonRow,
    SOURCE,
    orders={"NAME": ("sort_name",)},
    default=Sorting("NAME"),
    conditions={"search": contains(users.c.name), "moods": any_of(MOOD)},
)


@described("How somebody is.", FINE="Well.", TIRED="Less so.")
class Mood(StrEnum):
    FINE = "FINE"
    TIRED = "TIRED"


@described("What to sort by.", NAME="By name.")
class PersonOrderField(StrEnum):
    NAME = "NAME"


@strawberry.input
class PersonFilter:
    search: str | None = absent("Text in the name.")
    moods: list[Mood] | None = absent("Only these moods.")


@strawberry.input
class PersonOrder:
    field: PersonOrderField = given("What to sort by.")
    direction: OrderDirection = given("Which way.", default=OrderDirection.ASC)


def greeting(context: RequestContext, row: PersonRow, loud: bool, by: str | None = None) -> str:
    text = f"Hello {row.name}, says {by or context.caller.name}"
    return text.upper() if loud else text


@entity(PersonRow, PERSON_BY_ID, "A person.")
class Person(Node, AccountScoped):
    title: str = column("Name.", of="name")
    email: str = column("Address.", guard=roles(Role.ACCOUNT_ADMIN, scopes=["people:read"]))
    mood: Mood = column("How they are.")
    greeting: str = computed(
        greeting,
        "A greeting.",
        arguments=[
            argument("loud", bool, "In capitals.", default=False),
            argument("by", str | None, "Who greets."),
        ],
    )


@entity(AccountRef, reachable_accounts, "A tenant.")
class Account:
    id: strawberry.ID = column("Stored identifier.")
    people: Connection[Person] = page(
        PEOPLE, "People.", by="id", filter=PersonFilter, order=PersonOrder
    )
    everybody: list[Person] = many(
        PEOPLE_OF,
        "People.",
        by="id",
        arguments=[argument("first", int, "How many.", default=2)],
        guard=roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, feature=FeatureKey.SSO),
    )


class Renamed(NamedTuple):
    person: PersonRow | None
    old_name: str
    given: list[str]


@strawberry.input
class RenameInput(TenantInput):
    id: strawberry.ID = given("Who.")
    name: str = given("New name.")
    nick_name: str | None = absent("Another.")
    is_polite: bool = given("Whether to ask.", default=True)
    idempotency_key: str | None = absent("At most once.")
    dry_run: bool = given("Change nothing.", default=False)


@strawberry.type
class RenamePayload(MutationPayload):
    person: Person | None = outcome("The person.")
    old_name: str | None = outcome("What it was.")
    given: list[str] = outcome("What was given.", otherwise=())


_RENAME = Statement(
    users.update()
    .where(users.c.id == bindparam("id_", type_=users.c.id.type))
    .where(users.c.account_id == bindparam("mine", type_=Text()))
    .values(name=bindparam("new_name", type_=Text()))
)


async def rename(context: WriteContext, **values: Any) -> Renamed:
    (before,) = await PERSON_BY_ID(context.database, context.caller, [values["id"]])
    if before is None:
        raise refuse("NOT_FOUND", "There is no such person.", "id")
    await context.database.execute(
        _RENAME, id_=before.id, mine=context.account_id, new_name=values["name"]
    )
    if values["name"] == "nobody":
        raise refuse("INVALID", "Not this name.", "nick_name")
    if values["name"] != "unrecorded":
        event = AuditEvent("copilot_directory", "update", "user", before.id, "Renamed.", {})
        await context.audit(event)
    (after,) = await PERSON_BY_ID(context.database, context.caller, [before.id])
    return Renamed(after, before.name, sorted(values))


@strawberry.type
class Query:
    account: Account | None = account_root()


@strawberry.type
class Mutation:
    rename: RenamePayload | None = mutation(
        rename, RenameInput, "Renames.", guard=roles(Role.ACCOUNT_ADMIN)
    )


@pytest.fixture(scope="module")
def subgraph() -> ModuleSubgraph:
    return build(Module("people", Query, Mutation, entities=[Account, Person]))


_INSERT = Statement(
    insert(users)
    .values(
        {
            name: bindparam(name, type_=users.c[name].type)
            for name in ("account_id", "email", "name", "profile_image")
        }
    )
    .returning(users.c.id)
)


class Graph:
    """Runs operations of one test and counts their statements."""

    def __init__(self, subgraph: ModuleSubgraph, pool: Pool) -> None:
        self.schema = subgraph.schema
        self.pool = pool
        self.services = services(pool)
        self.ids: dict[str, str] = {}

    async def run(self, caller: Caller, text: str, **variables: Any) -> ExecutionResult:
        document = parse(text)
        assert validate(self.schema, document) == []
        context = RequestContext(caller, self.services, "test")
        result: Any = execute(
            self.schema, document, context_value=context, variable_values=variables
        )
        answer: ExecutionResult = await result if inspect.isawaitable(result) else result
        return answer

    async def data(self, caller: Caller, text: str, **variables: Any) -> Any:
        result = await self.run(caller, text, **variables)
        assert result.errors is None
        return result.data


@pytest.fixture
async def graph(subgraph: ModuleSubgraph, pool: Pool) -> Graph:
    made = Graph(subgraph, pool)
    for account, name, mood in (
        ("a", "Ann", "fine"),
        ("a", "Ben", "tired"),
        ("a", "Cal", "fine"),
        ("b", "Dan", "fine"),
        ("b", "Eve", "furious"),
    ):
        record = await pool.fetchrow(
            _INSERT, account_id=account, name=name, email=f"{name}@x.test", profile_image=mood
        )
        assert record is not None
        made.ids[name] = record[0]
    return made


async def test_columns_references_and_computed_fields(graph: Graph) -> None:
    data = await graph.data(
        person("a"),
        """{ account { everybody(first: 1) {
            __typename id title email mood accountId account { id }
            greeting loud: greeting(loud: true, by: "x") } } }""",
    )
    assert data["account"]["everybody"] == [
        {
            "__typename": "Person",
            "id": graph.ids["Ann"],
            "title": "Ann",
            "email": "Ann@x.test",
            "mood": "FINE",
            "accountId": "a",
            "account": {"id": "a"},
            "greeting": "Hello Ann, says Ada Admin",
            "loud": "HELLO ANN, SAYS X",
        }
    ]


async def test_a_connection_reads_only_what_is_asked_for(graph: Graph) -> None:
    caller = person("a")
    before = graph.pool.statements
    data = await graph.data(caller, "{ account { people { totalCount } } }")
    assert (data["account"]["people"], graph.pool.statements - before) == ({"totalCount": 3}, 1)
    before = graph.pool.statements
    data = await graph.data(
        caller,
        """{ account { people(first: 2) {
            nodes { title } edges { cursor node { title } } pageInfo { hasNextPage endCursor }
        } } }""",
    )
    people = data["account"]["people"]
    assert graph.pool.statements - before == 1
    assert [node["title"] for node in people["nodes"]] == ["Ann", "Ben"]
    assert people["pageInfo"] == {"hasNextPage": True, "endCursor": people["edges"][1]["cursor"]}


async def test_filters_orders_and_cursors(graph: Graph) -> None:
    data = await graph.data(
        person("a"),
        """{ account {
            tired: people(filter: {moods: [TIRED], search: null}) { nodes { title } }
            down: people(orderBy: {field: NAME, direction: DESC}) { nodes { title } }
            last: people(last: 1) { nodes { title } pageInfo { hasPreviousPage } }
        } }""",
    )
    assert [n["title"] for n in data["account"]["tired"]["nodes"]] == ["Ben"]
    assert [n["title"] for n in data["account"]["down"]["nodes"]] == ["Cal", "Ben", "Ann"]
    assert [n["title"] for n in data["account"]["last"]["nodes"]] == ["Cal"]
    assert data["account"]["last"]["pageInfo"]["hasPreviousPage"] is True


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("first: 100000", "first may be 0 to 200; 100000 was asked for."),
        ("last: -1", "last may be 0 to 200; -1 was asked for."),
        ("first: 1, last: 1", "Ask for a page from the start (first) or the end (last), not both."),
        ('first: 1, before: "x"', "before goes with last; use after with first."),
        ('last: 1, after: "x"', "after goes with first; use before with last."),
        ('after: "x"', "This is not a cursor of this list."),
    ],
)
async def test_bad_paging_is_refused_with_a_sentence(
    graph: Graph, arguments: str, sentence: str
) -> None:
    result = await graph.run(
        person("a"), f"{{ account {{ people({arguments}) {{ nodes {{ id }} }} }} }}"
    )
    assert [error.message for error in result.errors or []] == [sentence]
    original = (result.errors or [])[0].original_error
    assert getattr(original, "code", None) == "BAD_USER_INPUT"


async def test_a_value_outside_an_enum_spoils_only_its_place(graph: Graph) -> None:
    result = await graph.run(
        super_admin(), '{ account(id: "b") { people { edges { node { title mood } } } } }'
    )
    assert result.data == {"account": None}
    result = await graph.run(person("b"), "{ account { everybody { title mood } } }")
    assert [error.path for error in result.errors or []] == [["account", "everybody", 1, "mood"]]


async def test_entities_are_one_read_a_type_and_foreign_ids_read_as_absent(graph: Graph) -> None:
    before = graph.pool.statements
    data = await graph.data(
        person("a"),
        """query($of: [_Any!]!) { _entities(representations: $of) {
            __typename ... on Person { title } ... on Account { id } } }""",
        of=[
            {"__typename": "Person", "id": graph.ids["Ben"]},
            {"__typename": "Person", "id": graph.ids["Dan"]},
            {"__typename": "Account", "id": "a"},
            {"__typename": "Account", "id": "b"},
            {"__typename": "Person", "id": "malformed"},
            {"__typename": "Person", "id": graph.ids["Ann"]},
        ],
    )
    assert graph.pool.statements - before == 1
    assert data["_entities"] == [
        {"__typename": "Person", "title": "Ben"},
        None,
        {"__typename": "Account", "id": "a"},
        None,
        None,
        {"__typename": "Person", "title": "Ann"},
    ]


RENAME = """mutation($input: RenameInput!) { rename(input: $input) {
    person { title } oldName given clientMutationId userErrors { code message path } } }"""


async def renamed(graph: Graph, caller: Caller, **input: Any) -> Any:
    return (await graph.data(caller, RENAME, input=input))["rename"]


async def audited(graph: Graph) -> int:
    statement = Statement(
        select(func.count()).select_from(users.metadata.tables["copilot.audit_log"])
    )
    record = await graph.pool.fetchrow(statement)
    assert record is not None
    return int(record[0])


async def test_a_write_hands_over_what_was_given_and_answers_its_result(graph: Graph) -> None:
    answer = await renamed(
        graph, person("a"), id=graph.ids["Ann"], name="Anna", nickName=None, clientMutationId="7"
    )
    assert answer == {
        "person": {"title": "Anna"},
        "oldName": "Ann",
        "given": ["dry_run", "id", "is_polite", "name", "nick_name"],
        "clientMutationId": "7",
        "userErrors": [],
    }
    assert await audited(graph) == 1


async def test_a_refusal_changes_nothing_and_names_the_argument(graph: Graph) -> None:
    answer = await renamed(graph, person("a"), id=graph.ids["Ann"], name="nobody")
    assert (answer["person"], answer["given"]) == (None, [])
    assert answer["userErrors"] == [
        {"code": "INVALID", "message": "Not this name.", "path": ["input", "nickName"]}
    ]
    data = await graph.data(person("a"), "{ account { everybody { title } } }")
    assert data["account"]["everybody"][0] == {"title": "Ann"}


async def test_a_change_nobody_recorded_is_a_fault_and_is_taken_back(graph: Graph) -> None:
    result = await graph.run(
        person("a"), RENAME, input={"id": graph.ids["Ann"], "name": "unrecorded"}
    )
    assert result.data == {"rename": None}
    data = await graph.data(person("a"), "{ account { everybody { title } } }")
    assert data["account"]["everybody"][0] == {"title": "Ann"}


async def test_a_dry_run_answers_like_the_real_one_and_changes_nothing(graph: Graph) -> None:
    dry = await renamed(graph, person("a"), id=graph.ids["Ann"], name="Anna", dryRun=True)
    assert (dry["person"], await audited(graph)) == ({"title": "Anna"}, 0)
    data = await graph.data(person("a"), "{ account { everybody { title } } }")
    assert data["account"]["everybody"][0] == {"title": "Ann"}


async def test_a_repeated_key_answers_with_the_first_result(graph: Graph) -> None:
    first = await renamed(graph, person("a"), id=graph.ids["Ann"], name="Anna", idempotencyKey="k")
    again = await renamed(graph, person("a"), id=graph.ids["Ann"], name="Anna", idempotencyKey="k")
    assert first == again
    assert await audited(graph) == 1
    other = await renamed(graph, person("a"), id=graph.ids["Ann"], name="Else", idempotencyKey="k")
    assert other["userErrors"][0]["code"] == "KEY_REUSED"


async def test_a_write_acts_in_the_account_it_names_if_the_caller_reaches_it(graph: Graph) -> None:
    answer = await renamed(graph, super_admin(), accountId="b", id=graph.ids["Dan"], name="Don")
    assert answer["userErrors"][0]["path"] == ["input", "accountId"]
    foreign = await renamed(graph, person("a"), id=graph.ids["Dan"], name="Mine")
    missing = await renamed(
        graph, person("a"), id="00000000-0000-4000-8000-000000000000", name="Mine"
    )
    assert foreign == missing
    for caller, account in ((person("a"), "b"), (person("a"), "none"), (nobody(), "a")):
        result = await graph.run(
            caller, RENAME, input={"accountId": account, "id": graph.ids["Dan"], "name": "x"}
        )
        assert [e.message for e in result.errors or []] == ["This account is not yours."]
    result = await graph.run(super_admin(), RENAME, input={"id": graph.ids["Dan"], "name": "x"})
    assert [e.message for e in result.errors or []] == [
        "Name the account: you have none of your own."
    ]


def test_guards_are_printed_as_the_graphs_own_and_as_policies(subgraph: ModuleSubgraph) -> None:
    document = parse(subgraph.sdl)
    printed = {
        field.name.value: sorted(print_ast(directive) for directive in field.directives or ())
        for definition in document.definitions
        for field in getattr(definition, "fields", None) or ()
    }
    assert printed["email"] == [
        '@policy(policies: [["role:ACCOUNT_ADMIN"]])',
        "@requiresRole(anyOf: [ACCOUNT_ADMIN])",
        '@requiresScopes(scopes: [["people:read"]])',
    ]
    assert printed["everybody"] == [
        '@policy(policies: [["role:ACCOUNT_ADMIN", "feature:SSO"],'
        ' ["role:AUDITOR", "feature:SSO"]])',
        "@requiresFeature(feature: SSO)",
        "@requiresRole(anyOf: [ACCOUNT_ADMIN, AUDITOR])",
    ]


NARROW = Pages(PersonRow, SOURCE, orders={"NAME": ("sort_name",)}, default=Sorting("NAME"))


@entity(AccountRef, reachable_accounts, "A tenant.", name="Account")
class Lacking:
    id: strawberry.ID = column("Stored identifier.")
    people: Connection[Person] = page(NARROW, "People.", by="id", filter=PersonFilter)


@strawberry.type(name="Query")
class LackingQuery:
    account: Lacking | None = account_root()


def test_a_list_whose_filter_names_what_it_does_not_know_is_refused() -> None:
    with pytest.raises(LookupError, match="do not know \\['moods', 'search'\\]"):
        build(Module("lacking", LackingQuery, entities=[Lacking, Person]))
