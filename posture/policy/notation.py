"""Assertions as policy files write them: read into a tree, and written back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field, replace

from posture.frozen import dataclass
from posture.policy.assertions import AllOf, AnyOf, Assertion, Compare, ForEach
from posture.policy.parameters import Parameter, ParameterValue, operand_misfit
from posture.policy.plain import Path, Plain, items_of, mapping_of, text_of
from posture.policy.predicates import parts_of, predicate_of
from posture.policy.problems import Problem
from posture.policy.vocabulary import Field, Operator, Record
from posture.policy.wording import did_you_mean, plainly, shown

_NOTHING = AllOf(children=())  # stands where a problem was noted; a policy with problems is never evaluated


@dataclass(frozen=True, slots=True, kw_only=True)
class AssertionReader:
    """Reads assertions; `problems` collects what is wrong with them."""

    parameters: Mapping[str, Parameter]
    problems: list[Problem] = field(default_factory=list)

    def read(self, data: Plain, record: Record, path: Path) -> Assertion:
        """The tree of an assertion about a record."""
        mapping = mapping_of(data)
        if "for_each" in mapping:
            return self._loop(mapping, record, path)
        entries = [self._entry(key, value, record, path) for key, value in mapping.items()]
        return entries[0] if len(entries) == 1 else AllOf(children=tuple(entries))

    def _entry(self, key: str, value: Plain, record: Record, path: Path) -> Assertion:
        if key in {"all_of", "any_of"}:
            items = enumerate(items_of(value))
            children = tuple(self.read(item, record, (*path, key, index)) for index, item in items)
            return AllOf(children=children) if key == "all_of" else AnyOf(children=children)
        if (tested := record.fields.get(key)) is None:
            return self._note(path, f"unknown field {shown(key)}", did_you_mean(key, record.fields), (*path, key))
        return self._test(tested, mapping_of(value), (*path, key))

    def _loop(self, mapping: Mapping[str, Plain], record: Record, path: Path) -> Assertion:
        name = text_of(mapping["for_each"])
        if (listing := record.lists.get(name)) is None:
            return self._note(
                path, f"unknown list {shown(name)}", did_you_mean(name, record.lists), (*path, "for_each")
            )
        item = listing.record
        where = self.read(mapping["where"], item, (*path, "where")) if "where" in mapping else None
        require = self.read(mapping["require"], item, (*path, "require"))
        return ForEach(listing=listing, where=where, require=require)

    def _test(self, tested: Field, test: Mapping[str, Plain], path: Path) -> Assertion:
        ((word, operand),) = test.items()
        operator, name = Operator(word), ""
        if isinstance(operand, dict):
            name = text_of(operand["parameter"])
            if name not in self.parameters:
                helps = did_you_mean(name, self.parameters) or "declare it under `parameters`"
                return self._note((*path, word), f"unknown parameter {shown(name)}", helps)
        value = self.parameters[name].value if name else _literal(operand)
        if problem := operand_misfit(tested, operator, value):
            about = f"parameter `{name}`: {problem}" if name else problem
            return self._note((*path, word), about)
        return Compare(field=tested, predicate=predicate_of(operator, value), parameter=name)

    def _note(self, path: Path, message: str, helps: str = "", at: Path | None = None) -> Assertion:
        self.problems.append(Problem(path=path, message=message, help=helps, at=at))
        return _NOTHING


def render(assertion: Assertion) -> dict[str, Plain]:
    """The assertion as a policy file writes it; reading that gives the same tree."""
    match assertion:
        case Compare(field=tested, predicate=predicate, parameter=parameter):
            operator, operand = parts_of(predicate)
            return {tested.path: {operator.value: {"parameter": parameter} if parameter else _written(operand)}}
        case AllOf(children=children):
            return _flat(children) or {"all_of": [render(child) for child in children]}
        case AnyOf(children=children):
            return {"any_of": [render(child) for child in children]}
        case ForEach(listing=listing, where=where, require=require):
            condition: dict[str, Plain] = {} if where is None else {"where": render(where)}
            return {"for_each": listing.path, **condition, "require": render(require)}


def rebound(assertion: Assertion, values: Mapping[str, ParameterValue]) -> Assertion:
    """The same assertion with other values of its parameters."""
    match assertion:
        case Compare(predicate=predicate, parameter=parameter):
            if not parameter:
                return assertion
            operator, _ = parts_of(predicate)
            return replace(assertion, predicate=predicate_of(operator, values[parameter]))
        case AllOf(children=children) | AnyOf(children=children):
            return replace(assertion, children=tuple(rebound(child, values) for child in children))
        case ForEach(where=where, require=require):
            condition = None if where is None else rebound(where, values)
            return replace(assertion, where=condition, require=rebound(require, values))


def tests(assertion: Assertion) -> Iterator[Compare]:
    """Every test in an assertion."""
    match assertion:
        case Compare():
            yield assertion
        case AllOf(children=children) | AnyOf(children=children):
            for child in children:
                yield from tests(child)
        case ForEach(where=where, require=require):
            if where is not None:
                yield from tests(where)
            yield from tests(require)


def _literal(operand: Plain) -> ParameterValue:
    match operand:
        case list():
            return tuple(text_of(item) for item in operand)
        case str() | int():
            return operand
        case _:
            raise TypeError(plainly(operand))


def _written(operand: object) -> Plain:
    match operand:
        case tuple():
            return [str(value) for value in operand]
        case bool() | int():
            return operand
        case _:
            return str(operand)


def _flat(children: tuple[Assertion, ...]) -> dict[str, Plain]:
    """Tests of different fields as one mapping; empty where that would read back as something else."""
    tested = {child.field.path: render(child)[child.field.path] for child in children if isinstance(child, Compare)}
    return tested if len(tested) == len(children) > 1 else {}
