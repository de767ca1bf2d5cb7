"""Policies and their controls, bound to the parameters in force."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from posture.errors import PolicyError
from posture.model.assessment import ControlInfo, PolicyUse, SubjectInfo
from posture.model.subjects import Subject
from posture.policy.assertions import Assertion
from posture.policy.examples import Example, ExampleRun, run_example
from posture.policy.notation import rebound, tests
from posture.policy.parameters import Override, Parameter, operand_misfit, overridden, unknown_parameter
from posture.policy.predicates import parts_of
from posture.policy.vocabulary import Record, vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One rule, bound to the parameters in force. `applies_to` is empty when it concerns every subject of its kind."""

    info: ControlInfo
    applies_to: tuple[tuple[str, tuple[str, ...]], ...]
    require: Assertion
    examples: tuple[Example, ...]
    deprecated: bool
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
    """A policy as it is in force; `sha256` is of the file, without overrides."""

    id: str
    title: str
    language: int
    file: str
    sha256: str
    parameters: tuple[Parameter, ...]
    controls: tuple[Control, ...]

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
            raise unknown_parameter(override, names)
        policies = tuple(_overridden(policy, override) for policy in policies)
    return policies


def run_examples(control: Control) -> tuple[ExampleRun, ...]:
    """Every example of a control with the verdict it gets."""
    return tuple(run_example(example, control.require, control.record) for example in control.examples)


def _overridden(policy: Policy, override: Override) -> Policy:
    parameters = overridden(policy.parameters, override)
    if parameters == policy.parameters:
        return policy
    values = {parameter.name: parameter.value for parameter in parameters}
    for control in policy.controls:
        for test in tests(control.require):
            operator, _ = parts_of(test.predicate)
            if test.parameter and (problem := operand_misfit(test.field, operator, values[test.parameter])):
                helps = f"control `{control.info.id}` uses it"
                raise PolicyError(problem, help=helps, file=override.origin, path=override.name)
    controls = tuple(replace(control, require=rebound(control.require, values)) for control in policy.controls)
    return replace(policy, parameters=parameters, controls=controls)
