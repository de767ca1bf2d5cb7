"""The examples inside a control: facts in, the expected verdict out. They are its tests and its documentation."""

from __future__ import annotations

from collections.abc import Mapping

from posture.frozen import dataclass
from posture.model.assessment import Evidence
from posture.model.facts import Fact, Known, Listing, Reason, Unknown
from posture.model.logic import Verdict
from posture.policy.assertions import evaluate
from posture.policy.controls import Control, Example
from posture.policy.plain import Plain, mapping_of, text_of
from posture.policy.vocabulary import Record, Value, record_of, sketch
from posture.policy.wording import plainly

UNNAMED = Unknown(reason=Reason.NOT_COLLECTED, detail="the example does not name it")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleRun:
    """An example, and what the evaluator made of it."""

    control: str
    example: Example
    expected: Verdict
    got: Verdict
    evidence: tuple[Evidence, ...]

    @property
    def kept(self) -> bool:
        """Whether the example gives the verdict it is listed under."""
        return self.got is self.expected

    @property
    def told(self) -> str:
        """What the example was listed under and what decided otherwise, on one line."""
        reasons = "; ".join(f"{seen.path}: found {seen.found}, expected {seen.expected}" for seen in self.evidence)
        wanted, got = self.expected.name.lower(), self.got.name.lower()
        return f"`{self.control}`: an example listed under {wanted}, gives {got} ({reasons})"


def run_examples(control: Control) -> tuple[ExampleRun, ...]:
    """Every example of a control, with the parameters that the control is bound to."""
    return tuple(_run(example, control) for example in control.examples)


def imagined(facts: Mapping[str, Plain], record: Record) -> object:
    """A record with the facts that an example names; every other is unknown."""
    known: dict[str, Fact[Value]] = {}
    listings: dict[str, Listing[object]] = {}
    for path, given in facts.items():
        if path in record.lists:
            listings[path] = _listing(given, record_of(record.lists[path].item))
        else:
            known[path] = _fact(path, given, record)
    return sketch(record.shape, facts=known, listings=listings, otherwise=UNNAMED)


def _run(example: Example, control: Control) -> ExampleRun:
    got, evidence = evaluate(control.require, imagined(example.facts, control.record))
    return ExampleRun(control=control.info.id, example=example, expected=example.expected, got=got, evidence=evidence)


def _listing(given: Plain, item: Record) -> Listing[object]:
    if isinstance(given, list):
        return Listing(items=tuple(imagined(mapping_of(each), item) for each in given))
    return Listing.unread(_unknown(given))


def _fact(path: str, given: Plain, record: Record) -> Fact[Value]:
    if isinstance(given, dict):
        return _unknown(given)
    value = None if isinstance(given, list) else record.fields[path].value(given)
    if value is None:
        raise TypeError(plainly(given))
    return Known(value=value, sources=())


def _unknown(given: Plain) -> Unknown:
    return Unknown(reason=Reason(text_of(mapping_of(given)["unknown"])))
