"""Policies and their controls, bound to the parameters in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from posture.errors import PolicyError, UsageError
from posture.frozen import dataclass
from posture.model.assessment import ControlInfo, PolicyUse, SubjectInfo
from posture.model.logic import Verdict
from posture.model.subjects import About, Subject
from posture.policy.assertions import Assertion, words_used
from posture.policy.notation import rebound, tests
from posture.policy.parameters import Override, Parameter, ParameterValue, operand_misfit, overridden
from posture.policy.plain import Plain
from posture.policy.predicates import parts_of
from posture.policy.vocabulary import Record, vocabulary
from posture.policy.wording import did_you_mean, shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """Facts as the policy file writes them, and the verdict it lists them under."""

    expected: Verdict
    facts: Mapping[str, Plain]
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One rule, bound to the parameters in force. `applies_to` is empty when it concerns every subject of its kind."""

    info: ControlInfo
    applies_to: tuple[tuple[str, tuple[str, ...]], ...]
    require: Assertion
    examples: tuple[Example, ...]
    line: int

    @property
    def record(self) -> Record:
        """The words that the control may use."""
        return vocabulary(self.info.about)

    def applies(self, subject: Subject | SubjectInfo) -> bool:
        """Whether a subject of the kind that the control is about falls under it, by identity alone."""
        return all(getattr(subject, name, None) in values for name, values in self.applies_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A policy as it is in force; `sha256` is of the file, whatever overrides do."""

    id: str
    title: str
    language: int
    file: str
    sha256: str
    parameters: tuple[Parameter, ...]
    controls: tuple[Control, ...]
    retired: tuple[Control, ...]  # deprecated: never evaluated, and their ids stay taken

    @property
    def use(self) -> PolicyUse:
        """As reports show it."""
        return PolicyUse(
            id=self.id,
            title=self.title,
            file=self.file,
            sha256=self.sha256,
            controls=len(self.controls),
            parameters=tuple(parameter.use for parameter in self.parameters),
        )


def with_overrides(policies: tuple[Policy, ...], overrides: Iterable[Override]) -> tuple[Policy, ...]:
    """The policies with parameters set, in each that has them; of two values for a name the later one counts."""
    for override in overrides:
        names = {parameter.name for policy in policies for parameter in policy.parameters}
        if override.name not in names:
            helps = did_you_mean(override.name, names) or "no policy of this run has parameters"
            message = f"unknown parameter {shown(override.name)}"
            raise PolicyError(message, help=helps, file=override.origin)
        policies = tuple(_overridden(policy, override) for policy in policies)
    return policies


def together(policies: Iterable[Policy]) -> tuple[Policy, ...]:
    """The policies of one run: ids of policies and controls are unique over all of them."""
    checked = tuple(policies)
    policy_files: dict[str, str] = {}
    control_files: dict[str, str] = {}
    for policy in checked:
        _take(policy_files, policy.id, "policy", policy.file, None)
        for control in policy.controls + policy.retired:
            _take(control_files, control.info.id, "control", policy.file, control.line)
    return checked


def control_named(policies: Iterable[Policy], name: str) -> Control:
    """The control with this id; raises UsageError with the nearest ids."""
    controls = {control.info.id: control for policy in policies for control in policy.controls}
    if name not in controls:
        hint = did_you_mean(name, controls) or "`posture policy list` shows them all"
        raise UsageError(f"there is no control `{name}`", help=hint)
    return controls[name]


def selected(policies: tuple[Policy, ...], names: Iterable[str]) -> tuple[Policy, ...]:
    """The policies with these controls only, and all of them where none is named; raises UsageError for a wrong id."""
    chosen = {control_named(policies, name).info.id for name in names}
    if not chosen:
        return policies
    narrowed = (
        replace(policy, controls=tuple(control for control in policy.controls if control.info.id in chosen))
        for policy in policies
    )
    return tuple(policy for policy in narrowed if policy.controls)


def facts_of_stores(policies: Iterable[Policy]) -> frozenset[str]:
    """Every fact of a store that some control reads, by its path; those of items are written `grants[].scope`."""
    controls = (control for policy in policies for control in policy.controls)
    return frozenset().union(*(words_used(each.require) for each in controls if each.info.about is About.STORE))


def _overridden(policy: Policy, override: Override) -> Policy:
    if override.name not in {parameter.name for parameter in policy.parameters}:
        return policy
    parameters = tuple(overridden(each, override) if each.name == override.name else each for each in policy.parameters)
    values = {parameter.name: parameter.value for parameter in parameters}
    controls = tuple(_rebound(control, values, override) for control in policy.controls)
    return replace(policy, parameters=parameters, controls=controls)


def _rebound(control: Control, values: Mapping[str, ParameterValue], override: Override) -> Control:
    for test in tests(control.require):
        operator, _ = parts_of(test.predicate)
        if test.parameter and (problem := operand_misfit(test.field, operator, values[test.parameter])):
            helps = f"the control `{control.info.id}` uses it"
            raise PolicyError(problem, help=helps, file=override.origin, path=test.parameter)
    return replace(control, require=rebound(control.require, values))


def _take(taken: dict[str, str], name: str, what: str, file: str, line: int | None) -> None:
    if name in taken:
        message = f"the {what} id {shown(name)} is taken, by {taken[name]}"
        raise PolicyError(message, file=file, line=line)
    taken[name] = file
