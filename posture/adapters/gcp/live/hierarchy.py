"""Reads the project of a bucket, every folder above it, and the organisation; each once in a run."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from posture.adapters.gcp import calls
from posture.adapters.gcp.config import DenyRule, Level
from posture.adapters.gcp.live.callers import Caller
from posture.adapters.gcp.live.policies import deny_rules, policy
from posture.adapters.gcp.members import Record, found, malformed, record, setting, text
from posture.frozen import dataclass
from posture.model.facts import Fact, Gap, Known, Listing, Source, Unknown, united

_MOST_FOLDERS = 12  # Google allows ten
_POLICIES = {
    "projects": (calls.GET_PROJECT_POLICY, "project"),
    "folders": (calls.GET_FOLDER_OF_PROJECTS_POLICY, "folder"),
    "organizations": (calls.GET_ORGANISATION_POLICY, "organisation"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ancestry:
    """What lies above a project, nearest first, as far as it can be read; `top` is the organisation, or empty."""

    id: Fact[str]
    number: Fact[str]
    names: tuple[str, ...]
    gap: Unknown | None
    top: Fact[str]


def ancestry(project: str, caller: Caller) -> Ancestry:
    """From a project, by its id or number, up to where nothing lies above."""
    answer = caller.read(calls.GET_PROJECT, resource=project, project=project)
    number = setting(answer, _number)
    names, parent = [f"projects/{number.value}"] if isinstance(number, Known) else [], setting(answer, _parent)
    while isinstance(parent, Known) and parent.value.startswith("folders/") and len(names) <= _MOST_FOLDERS:
        names.append(parent.value)
        parent = parent_of(parent.value, caller)
    if isinstance(parent, Known) and parent.value:
        names.append(parent.value)
    return Ancestry(
        id=setting(answer, _id),
        number=number,
        names=tuple(names),
        gap=parent if isinstance(parent, Unknown) else None,
        top=parent,
    )


def parent_of(name: str, caller: Caller) -> Fact[str]:
    """What a project or folder lies in; empty where it lies in nothing."""
    kind, _, identity = name.partition("/")
    if kind == "folders":
        return setting(caller.read(calls.GET_FOLDER, resource=name, folder=identity), _parent)
    return setting(caller.read(calls.GET_PROJECT, resource=identity, project=identity), _parent)


def levels(above: Ancestry, caller: Caller, *, deny_policies: bool) -> Listing[Level]:
    """The policies of a project and of everything above it."""
    each = partial(level, caller=caller, deny_policies=deny_policies)
    read = caller.reading.together(*(partial(each, name) for name in above.names))
    gaps = () if above.gap is None else (Gap(unknown=above.gap),)
    return Listing(items=tuple(read), gaps=gaps, sources=above.top.sources)


def domain(top: Fact[str], caller: Caller) -> Fact[str]:
    """The domain that an organisation is named after; empty where there is no organisation."""

    def named(name: str) -> Fact[str]:
        if not name:
            return Known(value="", sources=())
        identity = name.partition("/")[2]
        return setting(caller.read(calls.GET_ORGANISATION, resource=name, organisation=identity), _domain)

    return top.then(named)


def shows_all(organisation: str, caller: Caller) -> Fact[bool]:
    """Whether we may see every project of an organisation."""
    permission = calls.GET_PROJECT.call.permission
    identity = organisation.partition("/")[2]
    answer = caller.read(calls.TEST_ORGANISATION, resource=organisation, organisation=identity, permissions=permission)
    return setting(answer, lambda value, source: _granted(value, permission, source))


def may(project: str, permission: str, caller: Caller) -> Fact[bool]:
    """Whether we have a permission on a project, and so on everything in it."""
    answer = caller.read(calls.TEST_PROJECT, resource=f"projects/{project}", project=project, permissions=permission)
    return setting(answer, lambda value, source: _granted(value, permission, source))


def level(name: str, caller: Caller, *, deny_policies: bool, but: frozenset[str] = frozenset()) -> Level:
    """The policies of one level. `but` are the names of deny policies to leave out."""
    kind, _, identity = name.partition("/")
    endpoint, parameter = _POLICIES[kind]
    allowed = policy(caller.read(endpoint, resource=name, **{parameter: identity}))
    return Level(name=name, policy=allowed, denied=denied(name, caller, but) if deny_policies else Listing(items=()))


def denied(name: str, caller: Caller, but: frozenset[str] = frozenset()) -> Listing[DenyRule]:
    """The rules of all deny policies that are attached to one resource; the list itself leaves rules out."""
    point = f"cloudresourcemanager.googleapis.com%2F{name.replace('/', '%2F')}"
    pages = caller.read_all(calls.LIST_DENY_POLICIES, resource=name, point=point)
    names = [text(record(item), "name").rpartition("/")[2] for item in pages.items]
    read = [_rules(name, point, policy, caller, pages.source) for policy in names if policy not in but]
    gaps = [pages.gap, *(rules for rules in read if isinstance(rules, Unknown))]
    return Listing(
        items=tuple(rule for rules in read if isinstance(rules, Known) for rule in rules.value),
        gaps=tuple(Gap(unknown=_may_stop(name, gap)) for gap in gaps if gap is not None),
        sources=united((pages.source,), *(rules.sources for rules in read)),
    )


def _may_stop(name: str, gap: Unknown) -> Unknown:
    """Everybody can be stopped by a deny policy, whoever has not signed in among them."""
    choice = "(`deny_policies: false` under `gcp` takes for granted that none does)"
    return replace(gap, detail=f"a deny policy of {name} may stop it {choice}, and could not be read: {gap.detail}")


def _rules(name: str, point: str, identity: str, caller: Caller, source: Source) -> Fact[tuple[DenyRule, ...]]:
    if not identity:
        return malformed(source, "a deny policy without a name")
    return deny_rules(caller.read(calls.GET_DENY_POLICY, resource=name, point=point, policy=identity))


def _id(answer: Record, source: Source) -> Fact[str]:
    return found(text(answer, "projectId") or None, source.at("projectId"), "projectId")


def _number(answer: Record, source: Source) -> Fact[str]:
    return found(text(answer, "name").partition("projects/")[2] or None, source.at("name"), "name")


def _parent(answer: Record, source: Source) -> Fact[str]:
    """A project of a person, outside of every organisation, has no parent."""
    parent = text(answer, "parent")
    if parent and parent.partition("/")[0] not in _POLICIES:
        return malformed(source.at("parent"), "an unknown kind of parent")
    return Known(value=parent, sources=(source.at("parent"),))


def _domain(answer: Record, source: Source) -> Fact[str]:
    return found(text(answer, "displayName").lower() or None, source.at("displayName"), "displayName")


def _granted(answer: Record, permission: str, source: Source) -> Fact[bool]:
    """No permission at all is an empty answer."""
    given = answer.get("permissions", [])
    if not isinstance(given, list) or answer.keys() - {"permissions"}:
        return malformed(source, "no usable permissions")
    return Known(value=permission in given, sources=(source,))
