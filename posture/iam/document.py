"""A policy document as typed statements; what AWS would refuse becomes a doubt beside what could be read."""

import json
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Final

from posture.frozen import dataclass
from posture.iam.conditions import DUPLICATE, Doubt, Test, parse_condition
from posture.iam.keys import is_known
from posture.iam.principals import NO_PRINCIPALS, Principals, parse_principals
from posture.iam.templates import Style, Template, TemplateError, template
from posture.iam.wildcard import ARN_PARTS

PolicySource = str | bytes | Mapping[str, object]

LONGEST_TEXT: Final = 1 << 20  # AWS accepts 20 KB for a bucket policy, 32 KB for a key policy
VERSIONS: Final = ("2012-10-17", "2008-10-17")
TOP_KEYS: Final = frozenset({"Version", "Id", "Statement", DUPLICATE})
STATEMENT_KEYS: Final = frozenset(
    {
        *("Sid", "Effect", "Principal", "NotPrincipal", "Action"),
        *("NotAction", "Resource", "NotResource", "Condition", DUPLICATE),
    }
)
WITHOUT_RESOURCE: Final = ("sts:", "ecr:")  # services whose resource policies have no Resource element


class Effect(StrEnum):
    """What a statement does to a request that it matches."""

    ALLOW = "Allow"
    DENY = "Deny"


@dataclass(frozen=True, slots=True)
class Actions:
    """An `Action` or `NotAction` element, in lower case."""

    negated: bool
    patterns: tuple[str, ...]
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Resources:
    """A `Resource` or `NotResource` element."""

    negated: bool
    values: tuple[Template, ...]
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement; `doubts` are the parts that leave open whether it applies at all."""

    index: int
    sid: str
    effects: frozenset[Effect]  # both where the element names neither
    unclear_effect: tuple[Doubt, ...]
    principals: Principals
    actions: Actions
    resources: Resources
    tests: tuple[Test, ...]
    doubts: tuple[Doubt, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A parsed policy; `raw` is kept for the second evaluator."""

    name: str
    raw: PolicySource
    statements: tuple[Statement, ...]
    problems: tuple[str, ...]
    readable: bool


def parse(source: PolicySource, name: str = "policy") -> Document:
    """Read a policy; never raises for what is in it."""
    return _parsed_text(source, name) if isinstance(source, str) else _parsed(source, name)


@lru_cache(maxsize=256)  # every room that judges a resource reads its policy, and many resources have the same one
def _parsed_text(source: str, name: str) -> Document:
    return _parsed(source, name)


def _parsed(source: PolicySource, name: str) -> Document:
    top, problem = _load(source)
    if top is None:
        return Document(name=name, raw=source, statements=(), problems=(problem,), readable=False)
    doubts = _top_doubts(top)
    variables = "yes" if top.get("Version") == VERSIONS[0] else "no"
    raw = top.get("Statement")
    items = raw if isinstance(raw, list | tuple) else [raw]
    if raw is None or not all(isinstance(item, Mapping) for item in items):
        doubts = (*doubts, Doubt("a statement is missing or is not an object", repr(raw)[:200]))
        readable = False
    else:
        readable = True
    statements = tuple(
        _statement(index, item, variables, doubts) for index, item in enumerate(items) if isinstance(item, Mapping)
    )
    found = [doubt.reason for doubt in doubts]
    found.extend(
        f"statement {entry.index}: {doubt.reason}"
        for entry in statements
        for doubt in all_doubts(entry)
        if doubt not in doubts
    )
    keys = {(entry.index, test.key) for entry in statements for test in entry.tests if not is_known(test.key)}
    found.extend(f"statement {index}: `{key}` is no known condition key" for index, key in sorted(keys))
    return Document(
        name=name, raw=source, statements=statements, problems=tuple(dict.fromkeys(found)), readable=readable
    )


def all_doubts(statement: Statement) -> tuple[Doubt, ...]:
    """Every doubt of a statement, in the order of its elements."""
    return (
        *statement.unclear_effect,
        *statement.doubts,
        *statement.principals.doubts,
        *statement.actions.doubts,
        *statement.resources.doubts,
    )


def _load(source: PolicySource) -> tuple[Mapping[str, object] | None, str]:
    if isinstance(source, Mapping):
        return source, ""
    if len(source) > LONGEST_TEXT:
        return None, f"the policy is longer than {LONGEST_TEXT} bytes"
    try:
        text = source.decode("utf-8") if isinstance(source, bytes) else source
        loaded = json.loads(text, object_pairs_hook=_pairs, parse_constant=_refuse)
    except UnicodeDecodeError:
        return None, "the policy is not UTF-8"
    except RecursionError:
        return None, "the policy is nested too deeply"
    except ValueError as error:
        return None, f"the policy is not JSON: {error}"
    if not isinstance(loaded, dict):
        return None, "the policy is not a JSON object"
    if DUPLICATE in loaded:
        return None, "the policy has a key twice"  # which of the two counts is anybody's guess
    return loaded, ""


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        found[DUPLICATE] = True
    return found


def _refuse(constant: str) -> object:
    message = f"`{constant}` is no JSON value"
    raise ValueError(message)


def _duplicates(raw: object, depth: int = 0) -> bool:
    if isinstance(raw, str):
        return False
    if isinstance(raw, Mapping):
        return DUPLICATE in raw or any(_duplicates(item, depth + 1) for item in raw.values())
    return (
        isinstance(raw, list) and depth < 64 and any(_duplicates(item, depth + 1) for item in raw)  # noqa: PLR2004  # fixed by the format
    )  # deeper is refused elsewhere


def _top_doubts(top: Mapping[str, object]) -> tuple[Doubt, ...]:
    doubts = [Doubt(f"`{key}` is no element of a policy", str(key)) for key in top if key not in TOP_KEYS]
    if "Version" in top and top["Version"] not in VERSIONS:
        doubts.append(Doubt(f"`{top['Version']}` is no policy version", "Version"))
    return tuple(doubts)


def _statement(index: int, raw: Mapping[str, object], variables: str, outer: tuple[Doubt, ...]) -> Statement:
    shown = repr(raw)
    doubts = list(outer)
    doubts.extend(Doubt(f"`{key}` is no element of a statement", shown) for key in raw if key not in STATEMENT_KEYS)
    if _duplicates(raw):
        return _unclear(index, Doubt("an object has a key twice", shown), outer)
    sid = raw.get("Sid", "")
    if not isinstance(sid, str):
        doubts.append(Doubt("the Sid is not a text", shown))
    effect = raw.get("Effect")
    effects = frozenset(item for item in Effect if item.value == effect)
    unclear: tuple[Doubt, ...] = ()
    if not effects:
        unclear = (Doubt(f"`{effect}` is no effect", shown),)
        effects = frozenset(Effect)
    actions = _actions(raw, shown)
    conditions = parse_condition(raw["Condition"], variables) if "Condition" in raw else ()
    doubts.extend(part for part in conditions if isinstance(part, Doubt))
    return Statement(
        index=index,
        sid=sid if isinstance(sid, str) else "",
        effects=effects,
        unclear_effect=unclear,
        principals=_principals(raw, shown),
        actions=actions,
        resources=_resources(raw, actions, variables, shown),
        tests=tuple(part for part in conditions if isinstance(part, Test)),
        doubts=tuple(doubts),
    )


def _unclear(index: int, doubt: Doubt, outer: tuple[Doubt, ...]) -> Statement:
    """A statement of which nothing can be relied on: it may allow anything, and it may deny anything."""
    return Statement(
        index=index,
        sid="",
        effects=frozenset(Effect),
        unclear_effect=(doubt,),
        principals=NO_PRINCIPALS.doubting(doubt),
        actions=Actions(negated=False, patterns=(), doubts=(doubt,)),
        resources=Resources(negated=False, values=(), doubts=(doubt,)),
        tests=(),
        doubts=outer,
    )


def _principals(raw: Mapping[str, object], shown: str) -> Principals:
    if ("Principal" in raw) == ("NotPrincipal" in raw):
        what = "both Principal and NotPrincipal" if "Principal" in raw else "no Principal"
        return NO_PRINCIPALS.doubting(Doubt(f"the statement has {what}", shown))
    negated = "NotPrincipal" in raw
    return parse_principals(raw["NotPrincipal" if negated else "Principal"], negated=negated)


def _texts(value: object) -> tuple[str, ...] | None:
    items = value if isinstance(value, list | tuple) else [value]
    if not items or not all(isinstance(item, str) for item in items):
        return None
    return tuple(items)


def _actions(raw: Mapping[str, object], shown: str) -> Actions:
    if ("Action" in raw) == ("NotAction" in raw):
        what = "both Action and NotAction" if "Action" in raw else "no Action"
        return Actions(negated=False, patterns=(), doubts=(Doubt(f"the statement has {what}", shown),))
    negated = "NotAction" in raw
    texts = _texts(raw["NotAction" if negated else "Action"])
    if texts is None:
        return Actions(negated=False, patterns=(), doubts=(Doubt("the actions are no texts", shown),))
    good = tuple(text.lower() for text in texts if _is_action(text))
    doubts = tuple(Doubt(f"`{text}` is no action", text) for text in texts if not _is_action(text))
    return Actions(negated=negated, patterns=good, doubts=doubts)


def _is_action(text: str) -> bool:
    service, colon, name = text.partition(":")
    if text in ("*", "*:*"):
        return True
    return bool(colon and name and service.replace("-", "").isalnum() and not set(name) & set(" :/"))


def _resources(raw: Mapping[str, object], actions: Actions, variables: str, shown: str) -> Resources:
    if "Resource" not in raw and "NotResource" not in raw:
        if actions.patterns and all(pattern.startswith(WITHOUT_RESOURCE) for pattern in actions.patterns):
            return Resources(negated=True, values=())
        return Resources(negated=False, values=(), doubts=(Doubt("the statement has no Resource", shown),))
    if "Resource" in raw and "NotResource" in raw:
        both = Doubt("the statement has both Resource and NotResource", shown)
        return Resources(negated=False, values=(), doubts=(both,))
    negated = "NotResource" in raw
    texts = _texts(raw["NotResource" if negated else "Resource"])
    if texts is None:
        return Resources(negated=False, values=(), doubts=(Doubt("the resources are no texts", shown),))
    values: list[Template] = []
    doubts: list[Doubt] = []
    for text in texts:
        if text != "*" and (not text.startswith("arn:") or text.count(":") < ARN_PARTS - 1):
            doubts.append(Doubt(f"`{text}` is no resource ARN", text))
            continue
        try:
            values.append(template(text, Style.GLOB, "tail" if variables == "yes" else "no"))
        except TemplateError as error:
            doubts.append(Doubt(str(error), text))
    return Resources(negated=negated, values=tuple(values), doubts=tuple(doubts))
