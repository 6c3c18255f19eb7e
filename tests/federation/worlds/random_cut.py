"""A schema made at random and cut at random, with every directive that joins subgraphs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random

__all__ = ["random_federation"]

_LINK = """extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: [
  "@key", "@shareable", "@external", "@requires", "@provides", "@override", "@inaccessible",
  "@interfaceObject"])
"""
_NEW = ("@override", "@inaccessible", "@interfaceObject", "resolvable")
"""What Federation 1 does not know."""
_LEAVES = ("Int", "String", "ID", "Boolean", "Float", "Kind")


@dataclass
class _Field:
    name: str
    type: str
    """With wrappers."""
    target: str | None
    """The composite type behind it."""
    arguments: str = ""
    owners: set[str] = field(default_factory=set)


@dataclass
class _Type:
    name: str
    keys: list[str] = field(default_factory=list)
    fields: dict[str, _Field] = field(default_factory=dict)
    interfaces: list[str] = field(default_factory=list)
    graphs: set[str] = field(default_factory=set)


class _Cut:
    """One federation in the making: first the types, then who has what."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.graphs = ["a", "b", "c", "d", "e"][: random.randint(2, 4)]
        self.entities = [_Type(f"E{n}") for n in range(random.randint(2, 4))]
        self.values = [_Type(f"V{n}") for n in range(random.randint(0, 2))]
        self.interfaces = [f"I{n}" for n in range(random.randint(0, 2))]
        self.unions = [f"U{n}" for n in range(random.randint(0, 2))]
        self.lines: dict[str, dict[str, dict[str, str]]] = {name: {} for name in self.graphs}
        """Field lines by subgraph, type and field."""
        self.query: dict[str, list[str]] = {name: [] for name in self.graphs}
        self.mutation: dict[str, list[str]] = {name: [] for name in self.graphs}
        self.lent: dict[str, list[str]] = {}
        """Subgraphs that know an interface as an object, by the interface."""

    def make(self) -> dict[str, str]:
        for value in self.values:
            self._fill(value, leaves_only=True)
            value.graphs = set(self.graphs)
        for entity in self.entities:
            self._fill(entity, leaves_only=False)
            entity.graphs = self._some(self.graphs, least=1)
            entity.interfaces = [name for name in self.interfaces if self._chance(0.6)]
        self._lend()
        for entity in self.entities:
            self._share_out(entity)
        for entity in self.entities:
            self._require(entity)
        self._roots()
        return {name: self._text(name) for name in self.graphs}

    def _fill(self, type_: _Type, *, leaves_only: bool) -> None:
        for number in range(self.random.randint(2, 5)):
            name = f"{type_.name.lower()}f{number}" if self._chance(0.5) else f"f{number}"
            target = None if leaves_only or self._chance(0.5) else self._target()
            text = self._wrapped(target or self.random.choice(_LEAVES))
            arguments = "(n: Int, k: Kind = X)" if self._chance(0.2) else ""
            type_.fields[name] = _Field(name, text, target, arguments)

    def _target(self) -> str:
        names = [entry.name for entry in (*self.entities, *self.values)]
        return self.random.choice([*names, *self.interfaces, *self.unions])

    def _wrapped(self, name: str) -> str:
        text = name + ("!" if self._chance(0.2) else "")
        while self._chance(0.25):
            text = f"[{text}]" + ("!" if self._chance(0.2) else "")
        return text

    def _share_out(self, entity: _Type) -> None:
        """Keys and owners of an entity's fields."""
        keys = ["id", "code", "no { it }", "id rank"]
        offered = ["id", *sorted(self._some(keys[1:], least=0))]
        for graph in sorted(entity.graphs):
            own = sorted(self._some(offered, least=1)) if self._chance(0.5) else ["id"]
            lines = self._of(graph, entity.name)
            for key in own:
                for name in key.replace("{ it }", "").split():
                    text = {"no": "No!", "rank": "Int!"}.get(name, "ID!")
                    lines[name] = f"{name}: {text} @shareable"
            is_lent = any(name in self.lent for name in entity.interfaces)
            if is_lent:
                own = ["id", *(key for key in own if key != "id")]
            if entity.interfaces:
                lines["id"] = "id: ID! @shareable"
            lines[""] = " ".join(self._key(key, must_resolve=is_lent) for key in own)
        for each in entity.fields.values():
            each.owners = self._owners(entity, each)
            mark = " @shareable" if len(each.owners) > 1 else ""
            if self._chance(0.05):
                mark += " @inaccessible"
            for graph in sorted(each.owners):
                # Who shares a field may disagree about nulls.
                is_laxer = len(each.owners) > 1 and self._chance(0.1)
                type_ = each.type.removesuffix("!") if is_laxer else each.type
                text = f"{each.name}{each.arguments}: {type_}{mark}"
                self._of(graph, entity.name)[each.name] = text
            others = sorted(entity.graphs - each.owners)
            if others and len(each.owners) == 1 and self._chance(0.1):
                self._override(entity, each, others[0])

    def _key(self, key: str, *, must_resolve: bool) -> str:
        resolvable = "" if must_resolve or self._chance(0.9) else ", resolvable: false"
        return f'@key(fields: "{key}"{resolvable})'

    def _owners(self, entity: _Type, each: _Field) -> set[str]:
        able = sorted(graph for graph in entity.graphs if self._knows(graph, each.target))
        return set(self.random.sample(able, min(len(able), 1 + self._chance(0.25))))

    def _knows(self, graph: str, target: str | None) -> bool:
        if target in self.interfaces or target in self.unions:
            return self._usable(graph, target)
        return all(entity.name != target or graph in entity.graphs for entity in self.entities)

    def _override(self, entity: _Type, each: _Field, former: str) -> None:
        if not self._knows(former, each.target):
            return
        (owner,) = each.owners
        text = f"{each.name}{each.arguments}: {each.type}"
        self._of(owner, entity.name)[each.name] = f'{text} @override(from: "{former}")'
        self._of(former, entity.name)[each.name] = text

    def _lend(self) -> None:
        """Interface objects: one subgraph adds fields to all implementations of an interface."""
        for name in self.interfaces:
            members = [entity for entity in self.entities if name in entity.interfaces]
            strangers = [
                graph
                for graph in self.graphs
                if members and not any(graph in entity.graphs for entity in members)
            ]
            if strangers and self._chance(0.8):
                self.lent[name] = strangers[:2]
                for number, graph in enumerate(strangers[:2]):
                    self._lend_to(graph, name, number)

    def _lend_to(self, graph: str, name: str, number: int) -> None:
        prefix = name.lower()
        own = self._of(graph, name)
        own["id"] = "id: ID!"
        own["x"] = f"{prefix}x{number}: Int"
        if self._chance(0.5):
            own["peer"] = f"{prefix}peer{number}: {name}"
        if number:
            own["other"] = f"{prefix}x0: Int @external"
            own["r"] = f'{prefix}r: Int @requires(fields: "{prefix}x0")'

    def _require(self, entity: _Type) -> None:
        for graph in sorted(entity.graphs):
            foreign = [
                each
                for each in entity.fields.values()
                if each.owners
                and graph not in each.owners
                and each.name not in self._of(graph, entity.name)
                and self._knows(graph, each.target)
            ]
            if not foreign or self._chance(0.6):
                continue
            chosen = self.random.sample(foreign, min(len(foreign), 1 + self._chance(0.4)))
            parts = [self._requirement(graph, entity, each) for each in chosen]
            if all(parts):
                name = f"r{graph}"
                text = f'{name}: Int @requires(fields: "{" ".join(map(str, parts))}")'
                self._of(graph, entity.name)[name] = text
                entity.fields[name] = _Field(name, "Int", None, owners={graph})

    def _requirement(self, graph: str, entity: _Type, each: _Field) -> str | None:
        """A required field, declared external with whatever is selected of it."""
        arguments = f"(n: {self.random.randint(0, 2)})" if each.arguments else ""
        below = ""
        if each.target is not None:
            selected = self._selected(graph, each.target)
            if selected is None:
                return None
            below = f" {{ {selected} }}"
        text = f"{each.name}{each.arguments}: {each.type} @external"
        self._of(graph, entity.name).setdefault(each.name, text)
        return f"{each.name}{arguments}{below}"

    def _selected(self, graph: str, target: str, depth: int = 0) -> str | None:
        known = {entry.name: entry for entry in (*self.entities, *self.values)}
        if target in known:
            entry = known[target]
            if entry in self.values:
                return self.random.choice(list(entry.fields))
            leaves = [
                each
                for each in entry.fields.values()
                if each.target is None and each.owners and not each.name.startswith("r")
            ]
            below = [
                each
                for each in entry.fields.values()
                if each.target and each.name in self._of(graph, target) and not each.arguments
            ]
            if below and depth < 1 and self._chance(0.4):
                each = self.random.choice(below)
                inner = self._selected(graph, str(each.target), depth + 1)
                return inner and f"{each.name} {{ {inner} }}"
            far = [each for each in leaves if graph not in each.owners]
            if far and self._chance(0.7):
                each = self.random.choice(far)
                text = f"{each.name}{each.arguments}: {each.type} @external"
                self._of(graph, target).setdefault(each.name, text)
                return each.name
            return "id" if "id" in self._of(graph, target) else None
        members = [entity.name for entity in self._members(graph, target)]
        parts = [self._selected(graph, member, depth + 1) for member in members]
        return " ".join(
            f"... on {member} {{ {part} }}" for member, part in zip(members, parts, strict=True)
            if part
        ) or None  # fmt: skip

    def _members(self, graph: str, name: str) -> list[_Type]:
        """Object types behind an interface or union in one subgraph."""
        known = [entity for entity in self.entities if graph in entity.graphs]
        if name in self.interfaces:
            return [entity for entity in known if name in entity.interfaces]
        picks = Random(f"{name}{graph}")  # noqa: S311 - the same members each time it is asked
        return [entity for entity in known if picks.random() < 0.8] or known[:1]

    def _roots(self) -> None:
        number = 0
        for graph in self.graphs:
            names = [entity.name for entity in self.entities if graph in entity.graphs]
            names += [value.name for value in self.values]
            names += [
                name for name in (*self.interfaces, *self.unions) if self._usable(graph, name)
            ]
            for name in self.random.sample(names, min(len(names), self.random.randint(1, 3))):
                number += 1
                text = f"q{number}: {self._wrapped(name)}"
                shared = [other for other in self.graphs if self._can_share(other, name)]
                if len(shared) > 1 and self._chance(0.2):
                    for other in sorted({graph, *shared[:2]}):
                        self.query[other].append(f"{text} @shareable")
                else:
                    self.query[graph].append(f"{text}{self._provides(graph, name)}")
                if self._chance(0.3):
                    mark = " @shareable" if len(shared) > 1 and self._chance(0.3) else ""
                    for other in shared[:2] if mark else [graph]:
                        self.mutation[other].append(f"m{number}(n: Int): {name}{mark}")

    def _usable(self, graph: str, name: str) -> bool:
        return graph in self.lent.get(name, ()) or bool(self._members(graph, name))

    def _can_share(self, graph: str, name: str) -> bool:
        return self._knows(graph, name)

    def _provides(self, graph: str, name: str) -> str:
        """Promise fields that others share of an entity, or of entities behind a name."""
        parts = []
        for entity in self._entities_behind(graph, name):
            promised = self._promised(graph, entity)
            if promised is not None and self._chance(0.6):
                is_whole = entity.name == name
                parts.append(promised if is_whole else f"... on {entity.name} {{ {promised} }}")
        return f' @provides(fields: "{" ".join(parts)}")' if parts else ""

    def _entities_behind(self, graph: str, name: str) -> list[_Type]:
        if graph in self.lent.get(name, ()):
            return []
        if name in self.interfaces or name in self.unions:
            return self._members(graph, name)
        return [entity for entity in self.entities if entity.name == name]

    def _promised(self, graph: str, entity: _Type) -> str | None:
        own = self._of(graph, entity.name)
        for each in entity.fields.values():
            is_free = each.name not in own or own[each.name].endswith("@external")
            is_shared = len(each.owners) > 1 and each.target is None and not each.arguments
            if is_free and is_shared:
                own[each.name] = f"{each.name}: {each.type} @external"
                return each.name
        return None

    def _text(self, graph: str) -> str:
        lines = self.lines[graph]
        parts = [_LINK, "enum Kind { X Y Z }", "type No @shareable { it: ID! }"]
        if self.query[graph]:
            parts.append(_block("type Query", self.query[graph]))
        if self.mutation[graph]:
            parts.append(_block("type Mutation", self.mutation[graph]))
        for value in self.values:
            own = (f"{each.name}{each.arguments}: {each.type}" for each in value.fields.values())
            parts.append(_block(f"type {value.name} @shareable", own))
        parts += [
            self._entity_text(entity, dict(lines[entity.name]))
            for entity in self.entities
            if graph in entity.graphs
        ]
        parts += [self._abstract_text(graph, name) for name in self.interfaces]
        for name in self.unions:
            members = self._members(graph, name)
            if members:
                parts.append(f"union {name} = {' | '.join(each.name for each in members)}")
        text = "\n".join(parts) + "\n"
        is_plain = not any(word in text[len(_LINK) :] for word in _NEW)
        return _as_federation_1(text) if is_plain and self._chance(0.3) else text

    def _entity_text(self, entity: _Type, lines: dict[str, str]) -> str:
        keys = lines.pop("")
        implements = " & ".join(entity.interfaces)
        head = f"type {entity.name}{' implements ' + implements if implements else ''} {keys}"
        return _block(head, lines.values())

    def _abstract_text(self, graph: str, name: str) -> str:
        if graph in self.lent.get(name, ()):
            lent = self._of(graph, name).values()
            return _block(f'type {name} @key(fields: "id") @interfaceObject', lent)
        members = self._members(graph, name)
        if not members:
            return ""
        own = [self._of(graph, entity.name) for entity in members]
        shared = [
            field
            for field in own[0]
            if field
            and self._is_common(name, field)
            and all(_same(each.get(field), own[0][field]) for each in own)
        ]
        lines = ["id: ID!"]
        lines += [_bare(own[0][field]) for field in shared if self._kept(name, field)]
        key = ' @key(fields: "id")' if name in self.lent else ""
        return _block(f"interface {name}{key}", lines)

    def _is_common(self, name: str, field: str) -> bool:
        """Whether all implementations have a field, in whichever subgraph."""
        return all(
            field in entity.fields
            and "@inaccessible"
            not in "".join(self._of(graph, entity.name).get(field, "") for graph in self.graphs)
            for entity in self.entities
            if name in entity.interfaces
        )

    def _kept(self, name: str, field: str) -> bool:
        return Random(f"{name}.{field}").random() < 0.7  # noqa: S311 - alike in all subgraphs

    def _of(self, graph: str, type_name: str) -> dict[str, str]:
        return self.lines[graph].setdefault(type_name, {})

    def _some(self, names: Iterable[str], *, least: int) -> set[str]:
        listed = list(names)
        count = self.random.randint(min(least, len(listed)), len(listed))
        return set(self.random.sample(listed, count))

    def _chance(self, share: float) -> bool:
        return self.random.random() < share


def _as_federation_1(text: str) -> str:
    return text.removeprefix(_LINK).replace(" @shareable", "")


def _block(head: str, lines: Iterable[str]) -> str:
    return f"{head} {{\n  " + "\n  ".join(lines) + "\n}"


def _bare(line: str) -> str:
    return line.split(" @", maxsplit=1)[0]


def _same(one: str | None, other: str) -> bool:
    return one is not None and _bare(one) == _bare(other) and "@external" not in one + other


def random_federation(random: Random) -> dict[str, str]:
    """Subgraph documents by name; many compose, some contradict themselves."""
    return _Cut(random).make()
