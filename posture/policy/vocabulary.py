"""The words a policy can use, taken from the model: paths, types, members, descriptions, and how each is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from enum import StrEnum
from functools import cache
from operator import attrgetter
from types import MappingProxyType
from typing import Annotated, Any, TypeAlias, get_args, get_origin, get_type_hints

from posture.frozen import dataclass
from posture.model.facts import FOREVER, Fact, Forever, Known, Listing, Unknown
from posture.model.subjects import About, Change, Estate, LogSource, LogStore

Value: TypeAlias = str | int | bool | Forever


class Sort(StrEnum):
    """What kind of value a fact has."""

    TEXT = "text"
    ENUM = "enum"
    INTEGER = "integer"
    DURATION = "duration"  # an integer, or forever
    BOOLEAN = "boolean"


class Operator(StrEnum):
    """Everything a test can ask of a value."""

    EQUALS = "equals"
    NOT_EQUALS = "not_equals"
    ONE_OF = "one_of"
    NONE_OF = "none_of"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A fact of a record, by its dotted path. `endless` is how FOREVER reads in it."""

    path: str
    sort: Sort
    description: str
    read: Callable[[object], Fact[Value]] = field(compare=False, repr=False)
    enum: type[StrEnum] | None = None
    endless: str = FOREVER.value

    @property
    def members(self) -> tuple[str, ...]:
        """What an enum can be, in the order of its declaration; nothing for other sorts."""
        return () if self.enum is None else tuple(member.value for member in self.enum)

    def value(self, literal: Value) -> Value | None:
        """A literal as a value of this field; nothing when it cannot be one."""
        match self.sort, literal:
            case (Sort.BOOLEAN, bool()) | (Sort.TEXT, str()) | (Sort.DURATION, Forever()):
                return literal
            case Sort.DURATION, str() if literal == FOREVER.value:
                return FOREVER
            case ((Sort.INTEGER | Sort.DURATION), int()) if not isinstance(literal, bool):
                return literal
            case Sort.ENUM, str() if self.enum is not None and literal in self.members:
                return self.enum(literal)
            case _:
                return None

    def words(self, value: Value) -> str:
        """A value of this fact as evidence says it."""
        return self.endless if value is FOREVER else in_words(value)

    @property
    def operators(self) -> tuple[Operator, ...]:
        """The operators that make sense here."""
        return OPERATORS[self.sort]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListField:
    """A list of records, by its dotted path: what a loop goes over."""

    path: str
    description: str
    item: type[object]
    read: Callable[[object], Listing[object]] = field(compare=False, repr=False)

    @property
    def record(self) -> Record:
        """The words that speak of one item."""
        return record_of(self.item)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A field of a dataclass with its resolved annotation."""

    name: str
    hint: Any
    description: str
    endless: str

    @property
    def plain(self) -> bool:
        """Whether it is identity: a bare value, neither a fact nor a record of facts."""
        return isinstance(self.hint, type) and issubclass(self.hint, str)

    @property
    def listed(self) -> bool:
        """Whether it is a list of records."""
        return get_origin(self.hint) is Listing

    @property
    def nested(self) -> bool:
        """Whether it is a record of facts."""
        return isinstance(self.hint, type) and not self.plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What can be said of one type of record. `identity` are the facts that are always known."""

    name: str
    shape: type[object]
    fields: Mapping[str, Field]
    lists: Mapping[str, ListField]
    identity: Mapping[str, type[StrEnum]]
    members: tuple[Member, ...] = field(repr=False)

    @property
    def naming(self) -> tuple[Field, ...]:
        """What tells a list item from its neighbours: its first text and its kind, and what it lets somebody do."""
        first = next((word for word in self.fields.values() if word.sort is Sort.TEXT), None)
        return tuple(word for word in (first, self.fields.get("kind"), self.fields.get("action")) if word is not None)

    def name_of(self, record: object) -> str:
        """The name of a list item, as far as it is known. Its kind is said where the name is that of everybody."""
        facts = {word.path: word.read(record) for word in self.naming}
        words = {path: in_words(fact.value) for path, fact in facts.items() if isinstance(fact, Known)}
        kind = words.pop("kind", "")
        return ", ".join(f"* ({kind.replace('_', ' ')})" if word == "*" and kind else word for word in words.values())

    @property
    def giving(self) -> Field | None:
        """What tells where a list item comes from, where it has such a fact: the statement that a fix is about."""
        return self.fields.get("via")

    def given_by(self, record: object) -> str:
        """Where a list item comes from; empty where that is not known."""
        fact = self.giving.read(record) if self.giving is not None else None
        return in_words(fact.value) if isinstance(fact, Known) else ""


_EQUALITY = (Operator.EQUALS, Operator.NOT_EQUALS)
_MEMBERSHIP = (Operator.ONE_OF, Operator.NONE_OF)
_ORDER = (Operator.AT_LEAST, Operator.AT_MOST)
OPERATORS: Mapping[Sort, tuple[Operator, ...]] = MappingProxyType(
    {
        Sort.TEXT: _EQUALITY + _MEMBERSHIP,
        Sort.ENUM: _EQUALITY + _MEMBERSHIP,
        Sort.INTEGER: _EQUALITY + _ORDER,
        Sort.DURATION: _EQUALITY + _ORDER,
        Sort.BOOLEAN: _EQUALITY,
    }
)
_IDENTITY = ("provider", "kind", "role", "mode")
_RECORDS: Mapping[About, type[object]] = MappingProxyType(
    {About.STORE: LogStore, About.SOURCE: LogSource, About.ESTATE: Estate, About.CHANGE: Change}
)


def vocabulary(about: About) -> Record:
    """The words for one kind of subject."""
    return record_of(_RECORDS[about])


def record_of(record: type[object]) -> Record:
    """The words that a record's annotations declare."""
    return _record_of(record)  # type: ignore[arg-type]  # mypy takes the hash of instances for that of the class


@cache
def _record_of(record: type[object]) -> Record:
    words = tuple(_words(record, ""))
    members = _members(record)
    return Record(
        name=record.__name__,
        shape=record,
        members=members,
        fields=MappingProxyType({word.path: word for word in words if isinstance(word, Field)}),
        lists=MappingProxyType({word.path: word for word in words if isinstance(word, ListField)}),
        identity=MappingProxyType(
            {member.name: member.hint for member in members if member.name in _IDENTITY and member.plain}
        ),
    )


def sketch(
    record: type[object],
    *,
    facts: Mapping[str, Fact[Value]],
    listings: Mapping[str, Listing[object]],
    otherwise: Unknown,
) -> object:
    """A record of which only the named facts are given and every other is unknown. Its identity means nothing."""
    return _sketched(record, "", facts, listings, otherwise)


def in_words(value: Value) -> str:
    """A value as policies spell it."""
    match value:
        case bool():
            return "true" if value else "false"
        case Forever():
            return str(value.value)
        case _:
            return str(value)


def _members(record: type[object]) -> tuple[Member, ...]:
    members = []
    for name, annotation in get_type_hints(record, include_extras=True).items():
        hint, *notes = get_args(annotation) if get_origin(annotation) is Annotated else (annotation,)
        description, endless = (*map(str, notes), *("", FOREVER.value)[len(notes) :])
        members.append(Member(name=name, hint=hint, description=description, endless=endless))
    return tuple(members)


def _words(record: type[object], prefix: str) -> Iterator[Field | ListField]:
    for member in _members(record):
        path = prefix + member.name
        if member.plain:
            continue
        if member.listed:
            (item,) = get_args(member.hint)
            yield ListField(path=path, description=member.description, item=item, read=attrgetter(path))
        elif member.nested:
            yield from _words(member.hint, path + ".")
        else:
            yield _field(path, member)


def _field(path: str, member: Member) -> Field:
    known = next(option for option in get_args(member.hint) if get_origin(option) is Known)
    (value,) = get_args(known)
    enum = value if isinstance(value, type) and issubclass(value, StrEnum) else None
    sort = Sort.ENUM if enum else _SORTS[frozenset(get_args(value) or (value,))]
    return Field(
        path=path,
        sort=sort,
        description=member.description,
        read=attrgetter(path),
        enum=enum,
        endless=member.endless,
    )


_SORTS: Mapping[frozenset[type], Sort] = MappingProxyType(
    {
        frozenset({str}): Sort.TEXT,
        frozenset({int}): Sort.INTEGER,
        frozenset({int, Forever}): Sort.DURATION,
        frozenset({bool}): Sort.BOOLEAN,
    }
)


def _sketched(
    record: type[object],
    prefix: str,
    facts: Mapping[str, Fact[Value]],
    listings: Mapping[str, Listing[object]],
    otherwise: Unknown,
) -> object:
    values: dict[str, object] = {}
    for member in record_of(record).members:
        path = prefix + member.name
        if member.plain:
            values[member.name] = next(iter(member.hint)) if issubclass(member.hint, StrEnum) else ""
        elif member.listed:
            values[member.name] = listings.get(path) or Listing.unread(otherwise)
        elif member.nested:
            values[member.name] = _sketched(member.hint, path + ".", facts, listings, otherwise)
        else:
            values[member.name] = facts.get(path, otherwise)
    return record(**values)
