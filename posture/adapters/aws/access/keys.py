"""Who can use a key, by its policy and its grants; and what that means for those who may read a bucket."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from typing import Any, Final

from posture.adapters.aws.access.collector import NOTHING_CUTS, Collector
from posture.adapters.aws.access.control_policies import NO_RESTRAINT, UNASKED, Restraint, restraint
from posture.adapters.aws.access.delegation import EMPTY, without_delegation
from posture.adapters.aws.access.labels import WRITER_UNKNOWN, Labels
from posture.adapters.aws.access.need import OF_KEY, within
from posture.adapters.aws.access.organisations import organisation_for
from posture.adapters.aws.access.sources import statements_origin
from posture.adapters.aws.access.ways import Resource, ways, without_known
from posture.adapters.aws.arns import account_of
from posture.adapters.aws.config import ControlPolicies, KeyConfig, KeyGrant
from posture.iam import Decisions, Document, parse
from posture.iam.actions import known_actions
from posture.model.facts import Fact, Gap, Known, Listing, Reason, Source, Unknown, united
from posture.model.subjects import ActionClass, Bound, Grant, HolderKind, KeyManager, Scope
from posture.model.trust import Ground, Holder, scope_of

_POLICY: Final = "key policy"
_WEIGHT: Final = ("Decrypt", "GenerateDataKey", "Encrypt")
_UNRESTRAINED: Final = "kms:RetireGrant"
_CLOSED: Final = (
    "objects under the default key also need kms:Decrypt, which its policy does not give them; "
    "objects under another key or none do not"
)


def key_access(
    config: KeyConfig,
    ground: Ground,
    now: datetime,
    controls: ControlPolicies = UNASKED,
    decisions: Decisions | None = None,
) -> Listing[Grant]:
    """Who can use or manage a key; scopes are measured against the key's own account."""
    if isinstance(config.arn, Unknown):
        return Listing.unread(config.arn)
    if isinstance(config.policy, Unknown):
        return Listing.unread(config.policy)
    source = next(iter(config.policy.sources), Source(operation="kms:GetKeyPolicy", resource=config.arn.value))
    policy = parse(config.policy.value or EMPTY, _POLICY)
    restrained = _restraint(config, policy, controls)
    organisation, members = organisation_for((policy, *restrained.documents), ground)
    resource = Resource(
        arn=config.arn.value,
        owner=ground.owner,
        now=now,
        organisation=organisation,
        members=members,
        restraint=restrained,
        decisions=decisions or Decisions(),
    )
    by_policy = _by_policy(config.policy.value, policy, resource, source, ground)
    by_grants = _kept(_by_grants(config.grants, config.arn.value, ground), resource)
    return Listing(
        items=(*by_policy.items, *by_grants.items),
        gaps=(*by_policy.gaps, *config.grants.gaps, *by_grants.gaps),
        sources=united(by_policy.sources, config.grants.sources, restrained.sources),
    )


def _restraint(config: KeyConfig, policy: Document, controls: ControlPolicies) -> Restraint:
    """Control policies do not reach keys that AWS manages, nor the retiring of grants (KMS Developer Guide)."""
    if config.manager == Known(value=KeyManager.PROVIDER, sources=config.manager.sources):
        return NO_RESTRAINT
    found = restraint(controls, policy, only=_restrainable())
    if isinstance(config.manager, Unknown) and found.gates:
        return Restraint(unread=found.unread or config.manager, sources=found.sources)
    return found


@cache
def _restrainable() -> tuple[str, ...]:
    return tuple(each.name for each in known_actions("kms") if each.name != _UNRESTRAINED)


def _by_policy(text: str, policy: Document, resource: Resource, source: Source, ground: Ground) -> Listing[Grant]:
    restrained = resource.restraint
    labels = Labels(
        ground=ground,
        origins={_POLICY: statements_origin(policy, _POLICY, source)},
        need=lambda way: within(OF_KEY, way),
        deputy=lambda _way: True,
        delivers=delivers_unknown,
        restraint=restrained,
    )
    collector = Collector(labels=labels, source=source)
    answer = resource.reach([policy])
    whole = ways(answer)
    collector.take(whole)
    collector.doubt(answer, NOTHING_CUTS)
    by_name = without_delegation(text, ground.owner)
    if by_name != text:  # whom the policy names beside the account, which would cover them
        collector.take(without_known(ways(resource.reach([parse(by_name, _POLICY)])), whole))
    return Listing(items=tuple(collector.grants), gaps=tuple(collector.gaps), sources=(source,))


def delivers_unknown(holder: Holder) -> Fact[bool]:
    """Only a principal can be the role that delivers, and which one it is is said elsewhere."""
    return WRITER_UNKNOWN if holder.kind is HolderKind.PRINCIPAL else Known(value=False, sources=())


def _by_grants(listed: Listing[KeyGrant], arn: str, ground: Ground) -> tuple[Grant, ...]:
    if not listed.items:
        return ()
    source = listed.sources[0] if listed.sources else Source(operation="kms:ListGrants", resource=arn)
    classes = {action.name: ActionClass(action.action_class.value) for action in known_actions("kms")}
    found: list[Grant] = []
    for place, grant in enumerate(listed.items):
        names: dict[ActionClass, list[str]] = {}
        for operation in grant.operations:
            name = f"kms:{operation}"
            names.setdefault(classes.get(name, ActionClass.ADMINISTER), []).append(name)
        found.extend(_grant(grant, action, names[action], source.at("Grants", place), ground) for action in names)
    return tuple(found)


def _kept(grants: tuple[Grant, ...], resource: Resource) -> Listing[Grant]:
    """KMS grants without what a control policy takes away; a gap for each that one may take away."""
    unread = resource.restraint.unread
    if unread is not None:
        return Listing(items=(), gaps=tuple(_hidden(grant, unread) for grant in grants))
    if not resource.restraint.gates:
        return Listing(items=grants)
    items: list[Grant] = []
    gaps: list[Gap] = []
    for grant in grants:
        answer = resource.reach([_as_policy(grant)])
        if answer.undetermined:
            detail = "; ".join(dict.fromkeys(reason for each in answer.undetermined for reason in each.reasons))
            open_one = Unknown(reason=Reason.UNDETERMINED, sources=resource.restraint.sources, detail=detail)
            gaps.append(_hidden(grant, open_one))
        elif answer.classes:
            items.append(grant)
    return Listing(items=tuple(items), gaps=tuple(gaps))


def _hidden(grant: Grant, unknown: Unknown) -> Gap:
    limits = [(name, (str(fact.value),)) for name, fact in _shape(grant) if isinstance(fact, Known)]
    return Gap(unknown=unknown, limits=tuple(limits))


def _shape(grant: Grant) -> tuple[tuple[str, Fact[Any]], ...]:
    return (("action", grant.action), ("kind", grant.kind), ("principal", grant.principal), ("scope", grant.scope))


def _as_policy(grant: Grant) -> Document:
    """The grant as a key policy, which the engine can cut; a service acts for the key's owner."""
    match grant:
        case Grant(principal=Known(value=name), kind=Known(value=kind), actions=Known(value=names)):
            service = kind is HolderKind.SERVICE
            statement = {
                "Effect": "Allow",
                "Principal": {"Service" if service else "AWS": name},
                "Action": names.split(", "),
                "Resource": "*",
            }
            return parse(json.dumps({"Version": "2012-10-17", "Statement": statement}), "key grant")
        case _:  # pragma: no cover - such grants are made here
            raise AssertionError(grant)


def _grant(grant: KeyGrant, action: ActionClass, names: list[str], source: Source, ground: Ground) -> Grant:
    holder = _holder(grant.grantee, ground.owner)
    sources = (source,)

    def known(value: str) -> Fact[str]:
        return Known(value=value, sources=sources)

    return Grant(
        principal=known(holder.name),
        kind=Known(value=holder.kind, sources=sources),
        account=known(holder.account),
        action=Known(value=action, sources=sources),
        actions=known(", ".join(sorted(names, key=lambda name: (name[4:] not in _WEIGHT, name)))),
        scope=scope_of(holder, ground),
        bound=Known(value=Bound.ANYWHERE, sources=sources),
        via=known("key grant"),
        conditions=known(""),
        witness=known(f"{holder.name}: {names[0]}"),
        assumptions=known("the encryption context that the grant may ask for is not read"),
        confused_deputy=Known(value=False, sources=sources),
        within_need=Known(value=frozenset(names) <= OF_KEY, sources=sources),
        delivers=delivers_unknown(holder),
    )


def _holder(grantee: str, owner: str) -> Holder:
    """KMS lets a service hold a grant only for a resource of whoever made it."""
    if ":" not in grantee and "." in grantee:
        return Holder(kind=HolderKind.SERVICE, name=grantee, account=owner, source=owner)
    account = account_of(grantee)
    if grantee.endswith(":root"):
        return Holder(kind=HolderKind.ACCOUNT, name=account, account=account)
    return Holder(kind=HolderKind.PRINCIPAL, name=grantee, account=account)


class KeyGate:
    """The default key of a bucket, as a second lock before objects: it protects those alone that it encrypts."""

    def __init__(self, grants: Listing[Grant] | None, *, provider: bool) -> None:
        self._grants = grants
        self._provider = provider

    def words(self, holder: Holder, scope: Fact[Scope]) -> tuple[str, ...]:
        """What a reader from elsewhere still needs; nothing for our own, or where no key of KMS encrypts."""
        if isinstance(scope, Known) and scope.value is Scope.OWN:
            return ()
        if self._provider:
            return ("objects under the key that AWS keeps for S3 stay closed to other accounts, others do not",)
        if self._grants is None:
            return ()
        if any(_lets_decrypt(grant, holder) for grant in self._grants.items):
            return ("the default key lets them decrypt",)
        if self._grants.gaps:
            return ("objects under the default key also need kms:Decrypt, and who has it is not known",)
        return (_CLOSED,)


def _lets_decrypt(grant: Grant, holder: Holder) -> bool:
    match grant:
        case Grant(
            kind=Known(value=kind), principal=Known(value=name), account=Known(value=account), actions=Known(value=text)
        ):
            if "kms:Decrypt" not in text.split(", "):
                return False
            wide = kind in (HolderKind.ANONYMOUS, HolderKind.ANY_ACCOUNT)
            same = kind is holder.kind and name == holder.name
            return wide or same or (kind is HolderKind.ACCOUNT and account == holder.account != "")
        case _:
            return False


def key_gap(unknown: Unknown) -> Listing[Grant]:
    """The grants of a key of which it is not even known which one it is."""
    return Listing(items=(), gaps=(Gap(unknown=unknown),), sources=unknown.sources)
