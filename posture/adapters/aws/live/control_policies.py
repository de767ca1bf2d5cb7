"""Reads the resource control policies over an account, where an identity in use may.

AWS answers the management account and its delegated administrators only. The policies never restrict resources of the
management account, and there are none without all features (Organizations User Guide, resource control policies).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from posture.adapters.aws import organisation_calls as calls
from posture.adapters.aws.config import ControlPolicies, NamedPolicy
from posture.adapters.aws.live.answers import Record, document, malformed, record, setting, text
from posture.adapters.aws.live.callers import Caller
from posture.model.facts import Fact, Gap, Known, Listing, Reason, Source, Unknown, united
from posture.reading import Answer, NotConfigured, Pages, Reading

_TYPE = "RESOURCE_CONTROL_POLICY"
_DEEPEST = 10  # AWS nests five levels of units below the root
_REFUSED = frozenset({Reason.DENIED, Reason.NOT_COLLECTED, Reason.NOT_FOUND, Reason.UNSUPPORTED})


def read_control_policies(account: str, caller: Caller, reading: Reading) -> ControlPolicies:
    """Asks the owner's identity, then the default one, then the management account's: the first that may tell."""
    found = _asked(caller, account, reading)
    if found.refused is None:
        return found
    for asker in _others(caller, reading):
        other = _asked(asker, account, reading)
        if other.refused is None:
            return other
    return found


def _others(caller: Caller, reading: Reading) -> Iterator[Caller]:
    default = caller.callers.default(reading)
    management = setting(_describe(caller), _management, absent="")
    named = management.value if isinstance(management, Known) else ""
    manager = caller.callers.for_account(named, reading) if named in caller.callers.accounts else default
    for other in dict.fromkeys((default, manager)):
        if other.refused is None and other.label != caller.label:
            yield other


def _asked(asker: Caller, account: str, reading: Reading) -> ControlPolicies:
    described = _describe(asker)
    own = isinstance(asker.account, Known) and asker.account.value == account
    match described:
        case Unknown():
            return _unread(described)
        case NotConfigured(source=source):
            return _none(source) if own else _unread(_stranger(asker, account, source))
        case _:
            management = setting(described, _management, absent="")
            features = setting(described, _features, absent="")
    if isinstance(management, Unknown):
        return _unread(management)
    if management.value == account or (
        own and features == Known(value="CONSOLIDATED_BILLING", sources=features.sources)
    ):
        return _none(described.source)
    return _above(asker, account, reading)


def _describe(asker: Caller) -> Answer:
    return asker.read(calls.DESCRIBE_ORGANIZATION, resource="", parameters={})


def _management(answer: Record, source: Source) -> Fact[str]:
    place = source.at("Organization", "MasterAccountId")
    name = text(record(answer.get("Organization")), "MasterAccountId")
    return Known(value=name, sources=(place,)) if name else malformed(place, "no MasterAccountId")


def _features(answer: Record, source: Source) -> Fact[str]:
    place = source.at("Organization", "FeatureSet")
    return Known(value=text(record(answer.get("Organization")), "FeatureSet"), sources=(place,))


def _none(source: Source) -> ControlPolicies:
    return ControlPolicies(policies=Listing(items=(), sources=(source,)))


def _unread(unknown: Unknown) -> ControlPolicies:
    """Refused, where that is what the reason says; else a gap, since the next run may well read them."""
    if unknown.reason in _REFUSED:
        return ControlPolicies(policies=Listing(items=(), sources=unknown.sources), refused=unknown)
    return ControlPolicies(policies=Listing.unread(unknown))


def _stranger(asker: Caller, account: str, source: Source) -> Unknown:
    return Unknown(
        reason=Reason.NOT_FOUND,
        sources=(source,),
        detail=f"{asker.label} is in no organisation, so account {account} is not in its own",
    )


def _above(asker: Caller, account: str, reading: Reading) -> ControlPolicies:
    """From the account up to the root; once its parents may be listed, whatever fails is a gap."""
    targets = [account]
    gaps: list[Unknown] = []
    while len(targets) < _DEEPEST:
        above = _parent(asker, targets[-1])
        if isinstance(above, Unknown):
            if len(targets) == 1:
                return _unread(above)
            gaps.append(above)
            break
        targets.append(above.value[0])
        if above.value[1] == "ROOT":
            break
    else:
        gaps.append(malformed(Source(operation=calls.LIST_PARENTS.operation, resource=account), "no root"))
    lists = reading.together(*(partial(_attached, asker, target) for target in targets))
    gaps += [pages.gap for pages in lists if pages.gap is not None]
    names = {
        name: text(head, "Name") for pages in lists for head in map(record, pages.items) for name in [_custom(head)]
    }
    names.pop("", None)
    documents = reading.together(*(partial(_document, asker, name) for name in names))
    return ControlPolicies(
        policies=Listing(
            items=tuple(
                NamedPolicy(name=shown or name, document=document)
                for (name, shown), document in zip(names.items(), documents, strict=True)
            ),
            gaps=tuple(Gap(unknown=gap) for gap in gaps),
            sources=united(pages.source for pages in lists),
        )
    )


def _parent(asker: Caller, child: str) -> Fact[tuple[str, str]]:
    pages = asker.read_all(calls.LIST_PARENTS, resource=child, parameters={"ChildId": child})
    if pages.gap is not None:
        return pages.gap
    match [(text(head, "Id"), text(head, "Type")) for head in map(record, pages.items)]:
        case [(str(name), str(kind))] if name and kind:
            return Known(value=(name, kind), sources=(pages.source,))
        case _:
            return malformed(pages.source, "not one parent")


def _attached(asker: Caller, target: str) -> Pages:
    parameters = {"TargetId": target, "Filter": _TYPE}
    return asker.read_all(calls.LIST_POLICIES_FOR_TARGET, resource=target, parameters=parameters)


def _custom(head: Record) -> str:
    """The id of a policy that somebody wrote; AWS's own, which cannot be detached, lets everything through."""
    return "" if head.get("AwsManaged") is True else text(head, "Id")


def _document(asker: Caller, name: str) -> Fact[str]:
    answer = asker.read(calls.DESCRIBE_POLICY, resource=name, parameters={"PolicyId": name})
    return setting(answer, _content, absent="")


def _content(answer: Record, source: Source) -> Fact[str]:
    return document(record(answer.get("Policy")).get("Content"), source.at("Policy", "Content"))
