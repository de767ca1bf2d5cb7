"""Who can reach a bucket: policy, access control list and access points, cut by refusals and Block Public Access."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field, replace
from datetime import datetime
from functools import partial

from posture.adapters.aws.access import acl as lists
from posture.adapters.aws.access.answer import StoreAccess
from posture.adapters.aws.access.collector import Collector
from posture.adapters.aws.access.control_policies import UNASKED, restraint
from posture.adapters.aws.access.delegation import EMPTY, without_delegation
from posture.adapters.aws.access.deputies import Deputies
from posture.adapters.aws.access.doors import FRONT_DOOR, House, described, through_doors
from posture.adapters.aws.access.filters import (
    DIFFERENT,
    concerned,
    differ,
    documented_status,
    meant,
    public_status,
    restricted_to,
)
from posture.adapters.aws.access.keys import KeyGate, delivers_unknown
from posture.adapters.aws.access.labels import Labels
from posture.adapters.aws.access.need import StoreNeed
from posture.adapters.aws.access.organisations import organisation_for
from posture.adapters.aws.access.refusals import Judge, everything, refusals, unread_refusals
from posture.adapters.aws.access.sources import statements_origin
from posture.adapters.aws.access.subscribers import subscribers
from posture.adapters.aws.access.ways import Origin, Resource, Way, ways
from posture.adapters.aws.config import AccountConfig, BucketConfig, ControlPolicies
from posture.frozen import dataclass
from posture.iam import ActionClass, Decisions, Gate, GateKind, names_whom_it_lets_in, parse
from posture.model.facts import Fact, Known, Listing, Reason, Source, Unknown, all_true, any_true, united
from posture.model.subjects import Scope
from posture.model.trust import Ground

POLICY = "bucket policy"
VENDOR_TAG = "aws:PrincipalTag/DatabricksAccountId"
_OBJECT_READS = ("s3:GetObject", "s3:GetObjectVersion")
_UNDOCUMENTED = Unknown(
    reason=Reason.UNDETERMINED,
    detail="whether RestrictPublicBuckets also cuts what an access control list gives is not documented",
    needs="object ownership BucketOwnerEnforced, or no public bucket policy",
)
_NAMELESS = Unknown(
    reason=Reason.UNDETERMINED,
    detail="whether this canonical user is the owner is not known",
    needs="the canonical id of the owner, which the access control list of the bucket names",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Everything about a bucket that decides who gets in; `prefix` ends with a slash or is empty."""

    config: BucketConfig
    account: AccountConfig
    arn: str
    prefix: str
    now: datetime
    ground: Callable[[str], Ground]  # what scopes are measured against, for an owner
    key: Callable[[], KeyGate]  # read only where somebody from elsewhere may read
    controls: ControlPolicies = UNASKED
    decisions: Decisions = field(default_factory=Decisions)


def store_access(bucket: Bucket) -> StoreAccess:
    """Compose everything; without the owner or the policy, nothing can be said of anybody."""
    owner, policy = bucket.config.account, bucket.config.policy
    if isinstance(owner, Unknown):
        return _unread(bucket, owner)
    if isinstance(policy, Unknown):
        return _unread(bucket, policy)
    source = next(iter(policy.sources), Source(operation="s3:GetBucketPolicy", resource=bucket.config.name))
    return _Composition(bucket, bucket.ground(owner.value), policy.value, source).access()


def _unread(bucket: Bucket, unknown: Unknown) -> StoreAccess:
    return StoreAccess(
        grants=Listing.unread(unknown),
        refusals=unread_refusals(unknown),
        policy_public=unknown,
        owner_locked_out=unknown,
        access_points=described(bucket.config.access_points, lambda _name: unknown),
        subscribers=subscribers(bucket.config, bucket.ground),
    )


def _canonical_id(config: BucketConfig) -> Fact[str]:
    """Of the owner, as the access control list names it."""
    if isinstance(config.acl, Unknown):
        return config.acl
    return Known(value=config.acl.value.owner, sources=()) if config.acl.value.owner else _NAMELESS


class _Composition:
    """One bucket whose owner is known and whose policy was read."""

    def __init__(self, bucket: Bucket, ground: Ground, text: str, source: Source) -> None:
        self.bucket = bucket
        self.config = bucket.config
        ground = replace(ground, canonical_id=_canonical_id(self.config))
        self.owner = ground.owner
        self.source = source
        self.policy = parse(text or EMPTY, POLICY)
        self.granting = parse(without_delegation(text, ground.owner), POLICY) if text else self.policy
        restrained = restraint(bucket.controls, self.granting)
        organisation, members = organisation_for((self.policy, *restrained.documents), ground)
        self.resource = Resource(
            arn=bucket.arn,
            owner=ground.owner,
            now=bucket.now,
            organisation=organisation,
            members=members,
            prefix=bucket.prefix,
            restraint=restrained,
            decisions=bucket.decisions,
        )
        self.judge = Judge(self.policy, self.resource, source)
        self.documented = documented_status(self.policy, source)
        self.origins: dict[str, Origin] = {POLICY: statements_origin(self.policy, POLICY, source)}
        self.levels = (bucket.account.block, self.config.block)
        labels = Labels(
            ground=ground,
            origins=self.origins,
            need=StoreNeed((self.granting,), self.resource, bucket.prefix).within,
            deputy=Deputies(VENDOR_TAG, self.policy, self.resource, FRONT_DOOR).any_customer,
            delivers=delivers_unknown,
            further=partial(_key_words, bucket.key),
            restraint=restrained,
        )
        self.collector = Collector(labels=labels, source=source)

    def access(self) -> StoreAccess:
        """Everything at once."""
        front, cut = self._front_door()
        self._lists(cut)
        house = House(
            policy=self.granting,
            resource=self.resource,
            collector=self.collector,
            origins=self.origins,
            levels=self.levels,
            cut=cut,
            front=front,
        )
        through_doors(house, self.config.access_points)
        none: Fact[bool] = Known(value=False, sources=(self.source,))
        return StoreAccess(
            grants=Listing(
                items=tuple(self.collector.grants),
                gaps=tuple(dict.fromkeys(self.collector.gaps)),
                sources=self._sources(cut),
            ),
            refusals=refusals(self.judge, self.config.encryption, self.config.region),
            policy_public=self.documented,
            owner_locked_out=self.judge.locked_out(),
            access_points=described(self.config.access_points, lambda name: house.widened.get(name, none)),
            subscribers=subscribers(self.config, self.bucket.ground),
        )

    def _sources(self, cut: Fact[bool]) -> tuple[Source, ...]:
        """Every answer that decides who is in the list."""
        config = self.config
        return united(
            (self.source, *self.resource.restraint.sources),
            cut.sources,
            () if lists.enforced(config.ownership) else config.acl.sources,
            config.ownership.sources,
            config.access_points.sources,
        )

    def _front_door(self) -> tuple[tuple[Way, ...], Fact[bool]]:
        """What the bucket policy gives to requests that name the bucket itself."""
        public = public_status(self.config.policy_public, self.documented, named=names_whom_it_lets_in(self.policy))
        cut = all_true((public, any_true(level.restrict_public_buckets for level in self.levels)))
        if not self.policy.statements and self.policy.readable:
            return (), cut
        answer = meant(self.resource.reach([self.granting], context=FRONT_DOOR), self.granting)
        found = ways(answer)
        note = DIFFERENT if differ(self.config.policy_public, self.documented) else ""
        self.collector.take(found, cut, spared=self._spared, note=note)
        self.collector.doubt(answer, cut)
        return found, cut

    def _spared(self) -> tuple[Way, ...]:
        gate = restricted_to(self.owner)
        answer = self.resource.reach([self.granting], gates=[gate], context=FRONT_DOOR)
        return ways(meant(answer, self.granting))

    def _lists(self, cut: Fact[bool]) -> None:
        """What the access control lists of the bucket and of its objects give."""
        ownership = self.config.ownership
        ignored = any_true(level.ignore_public_acls for level in self.levels)
        match self.config.acl:
            case Unknown() as unknown:
                self.collector.gaps.extend(lists.unread_list(unknown, ownership, ignored))
            case Known(value=acl, sources=sources):
                source = sources[0] if sources else Source(operation="s3:GetBucketAcl", resource=self.config.name)
                for listed in lists.listed_grants(acl, self.owner, source, self.bucket.arn):
                    counts = lists.in_force(ownership, ignored, public=listed.public)
                    self._listed(listed, counts, cut)
                self.collector.gaps.extend(lists.unread_lines(acl.unread, ownership, ignored))
        of_objects = lists.unread_objects(ownership, ignored)
        if of_objects and self._strangers_may_read():
            self.collector.gaps.extend(of_objects)

    def _listed(self, listed: lists.ListedGrants, counts: Fact[bool], cut: Fact[bool]) -> None:
        if isinstance(counts, Known) and not counts.value:
            return
        self.origins[lists.LIST_NAME] = Origin(label=lists.LIST_NAME, statements=listed.sources, names=listed.names)
        gate = Gate(policy=self.policy, kind=GateKind.CUTS, name=POLICY)
        answer = listed.told(self.resource.reach([listed.document], gates=[gate], context=FRONT_DOOR))
        found = ways(answer)
        if isinstance(counts, Unknown):
            self.collector.hide(found, counts, "unless the list does not count, which is not known")
        elif isinstance(cut, Known) and not cut.value:
            self.collector.take(found)
        else:
            self.collector.take(way for way in found if not concerned(way, self.owner))
            others = [way for way in found if concerned(way, self.owner)]
            self.collector.hide(others, _UNDOCUMENTED, "unless Block Public Access forbids it")
        self.collector.doubt(answer, Known(value=False, sources=()))

    def _strangers_may_read(self) -> bool:
        """Whether the policy's refusals leave anybody but our own to whom an object's list could give the object."""
        if not self.judge.denies and self.policy.readable:
            return True
        gate = Gate(policy=self.policy, kind=GateKind.CUTS, name=POLICY)
        answer = self.resource.reach([everything("*", _OBJECT_READS)], gates=[gate], actions=_OBJECT_READS)
        return bool(answer.undetermined) or any(not self._own(way) for way in ways(answer))

    def _own(self, way: Way) -> bool:
        scope = self.collector.labels.scope(way.holder)
        return isinstance(scope, Known) and scope.value is Scope.OWN


def _key_words(key: Callable[[], KeyGate], way: Way, scope: Fact[Scope]) -> tuple[str, ...]:
    """What the key says of somebody from elsewhere who may read.

    It knows no composition: one that knew itself would stay in memory until somebody looks for cycles.
    """
    if way.action is not ActionClass.READ or not set(way.actions) & set(_OBJECT_READS):
        return ()
    if isinstance(scope, Known) and scope.value is Scope.OWN:
        return ()
    return key().words(way.holder, scope)
