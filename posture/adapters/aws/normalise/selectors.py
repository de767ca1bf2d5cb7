"""Which object events a trail's selectors take: decided for every object under the log prefix, or undetermined."""

from __future__ import annotations

from collections.abc import Iterable

from posture.adapters.aws.config import FieldSelector, ObjectSelector, Selectors
from posture.model.facts import Fact, Known, Reason, Unknown, all_true, any_true

_YES: Fact[bool] = Known(value=True, sources=())
_NO: Fact[bool] = Known(value=False, sources=())


def records(selectors: Selectors, objects: str, *, read_only: str) -> Fact[bool]:
    """Whether all events of one kind on objects whose ARN begins with `objects` are recorded.

    `read_only` is `true` for reads, `false` for writes, as CloudTrail writes it.
    """
    fixed = {
        "eventCategory": "Data",
        "resources.type": "AWS::S3::Object",
        "readOnly": read_only,
        "eventSource": "s3.amazonaws.com",
    }
    classic = (_classic(selector, objects, read_only) for selector in selectors.classic)
    advanced = (_advanced(selector, objects, fixed) for selector in selectors.advanced)
    whole = any_true((*classic, *advanced))
    return whole.then(lambda taken: _YES if taken else _shared(selectors, fixed))


def _shared(selectors: Selectors, fixed: dict[str, str]) -> Fact[bool]:
    """No selector takes all by itself, and perhaps several do together.

    Those that take names with some beginning always leave a gap; one that leaves such names out, another can complete.
    """
    concerned = [selector for selector in selectors.advanced if _concerns(selector, fixed)]
    leaving_out = any(
        condition.not_starts_with or condition.not_equals or condition.not_ends_with
        for selector in concerned
        for condition in selector
        if condition.field == "resources.ARN"
    )
    if len(concerned) > 1 and leaving_out:
        return _undetermined("several selectors, each with a part of the objects,")
    return _NO


def _concerns(selector: tuple[FieldSelector, ...], fixed: dict[str, str]) -> bool:
    named = {condition.field for condition in selector}
    met = all(_passes(condition, fixed[condition.field]) for condition in selector if condition.field in fixed)
    return met and {"eventCategory", "resources.type"} <= named


def _classic(selector: ObjectSelector, objects: str, read_only: str) -> Fact[bool]:
    """A value is a prefix of object ARNs: the service alone, a bucket with its slash, or a bucket with a prefix."""
    taken = selector.reads if read_only == "true" else selector.writes
    if not taken:
        return _NO
    partition = objects.split(":")[1]
    if any(_names_all(value, objects, partition) for value in selector.prefixes):
        return _YES
    if any(f"{value}/" == objects[: len(value) + 1] for value in selector.prefixes):
        return _undetermined("a selector that names a bucket without the slash at its end")
    return _NO


def _names_all(value: str, objects: str, partition: str) -> bool:
    if value in {f"arn:{partition}:s3", f"arn:{partition}:s3:::"}:
        return True
    return "/" in value and objects.startswith(value)


def _advanced(selector: tuple[FieldSelector, ...], objects: str, fixed: dict[str, str]) -> Fact[bool]:
    """An event is taken when it meets every condition; one without a condition on data events takes none of ours."""
    if not _concerns(selector, fixed):
        return _NO
    return all_true(_condition(condition, fixed, objects) for condition in selector)


def _condition(condition: FieldSelector, fixed: dict[str, str], objects: str) -> Fact[bool]:
    if condition.field in fixed:
        return _YES if _passes(condition, fixed[condition.field]) else _NO
    if condition.field == "resources.ARN":
        return all_true((_selected(condition, objects), *_not_deselected(condition, objects)))
    return _undetermined(f"a selector that narrows events by `{condition.field}`")


def _passes(condition: FieldSelector, value: str) -> bool:
    """Selecting operators are alternatives; every deselecting one must let the value through."""
    selecting = (
        *(value == one for one in condition.equals),
        *(value.startswith(one) for one in condition.starts_with),
        *(value.endswith(one) for one in condition.ends_with),
    )
    deselected = (
        value in condition.not_equals
        or value.startswith(condition.not_starts_with)
        or value.endswith(condition.not_ends_with)
    )
    return (any(selecting) or not selecting) and not deselected


def _selected(condition: FieldSelector, objects: str) -> Fact[bool]:
    """Whether the ARN of every one of the objects is selected."""
    alternatives: Iterable[Fact[bool]] = (
        *(_YES if objects.startswith(one) else _NO for one in condition.starts_with),
        *(_exact(one, objects) for one in condition.equals),
        *(_undetermined(f"a selector for objects whose name ends with `{one}`") for one in condition.ends_with),
    )
    return any_true(alternatives) if condition.starts_with or condition.equals or condition.ends_with else _YES


def _exact(value: str, objects: str) -> Fact[bool]:
    """No list of names covers all objects; but AWS also documents a bucket with its slash as an exact value."""
    if value.endswith("/") and objects.startswith(value):
        return _undetermined(f"a selector for exactly `{value}`")
    return _NO


def _not_deselected(condition: FieldSelector, objects: str) -> tuple[Fact[bool], ...]:
    """Whether none of the objects is left out, by each operator."""
    return (
        *(_NO if one.startswith(objects) or objects.startswith(one) else _YES for one in condition.not_starts_with),
        *(_not_exact(one, objects) for one in condition.not_equals),
        *(_undetermined(f"a selector that leaves out names that end with `{one}`") for one in condition.not_ends_with),
    )


def _not_exact(value: str, objects: str) -> Fact[bool]:
    if value.startswith(objects):
        return _NO
    return _exact(value, objects).map(lambda _: True)


def _undetermined(what: str) -> Unknown:
    return Unknown(reason=Reason.UNDETERMINED, detail=f"{what} may or may not take every object under the prefix")
