"""Public access prevention, lists, networks, websites and CORS."""

from __future__ import annotations

from datetime import UTC, datetime

from posture.adapters.gcp.access.store import prevented, public
from posture.adapters.gcp.config import AclEntry, BucketConfig, IpFilter, ProjectConfig, Uniform
from posture.adapters.gcp.constraints import SERVICE_ACCOUNT_KEYS
from posture.model.facts import Fact, Known, Listing, Reason, Unknown, all_true, any_true, united
from posture.model.subjects import (
    AccessControlList,
    Blocked,
    BlockPublicAccess,
    Credentials,
    Exposure,
    Grant,
    Network,
    NetworkKind,
    NetworkRule,
    Ownership,
    Subscriber,
)

_PUBLIC = frozenset({"allUsers", "allAuthenticatedUsers"})
_EVERY_NETWORK = frozenset({"0.0.0.0/0", "::/0"})
_NO: Fact[bool] = Known(value=False, sources=())
_NOT_TOLD = Unknown(reason=Reason.UNSUPPORTED, detail="Google does not call policies public")
_UNASKED = Unknown(
    reason=Reason.NOT_COLLECTED,
    detail="VPC Service Controls are not read",
    needs="`perimeters: true` under `gcp` in posture.yaml",
)
_WHOSE = Unknown(reason=Reason.UNDETERMINED, detail="whose network it is, its name does not say")


def exposure(bucket: BucketConfig, project: ProjectConfig, subscribers: Listing[Subscriber]) -> Exposure:
    """What the bucket offers to the world. Whoever administers the project can always change its policy."""
    effect = prevented(bucket, project)
    lists_ignored = any_true((effect, bucket.uniform.map(lambda uniform: uniform.enabled)))
    return Exposure(
        blocked=Blocked(
            account=_blocked(project.prevents_public),
            bucket=_blocked(bucket.prevention),
            effective=BlockPublicAccess(
                block_public_acls=lists_ignored,
                ignore_public_acls=lists_ignored,
                block_public_policy=effect,
                restrict_public_buckets=effect,
            ),
        ),
        public_blocked=effect,
        policy_public=_NOT_TOLD,
        policy_public_as_documented=public(bucket, project),
        owner_locked_out=_NO,
        access_points=Listing(items=()),
        website=bucket.website,
        requester_pays=bucket.requester_pays,
        subscribers=subscribers,
        new_outsiders_refused=any_true((project.restricts_domains, project.restricts_members)),
        public_cors=bucket.cors.map(
            lambda rules: any("*" in rule.origins and {"GET", "*"} & {*rule.methods} for rule in rules)
        ),
    )


def _blocked(prevention: Fact[bool]) -> BlockPublicAccess:
    """Prevention refuses new public grants, and takes effect from old ones, by policy and by list alike."""
    return BlockPublicAccess(
        block_public_acls=prevention,
        ignore_public_acls=prevention,
        block_public_policy=prevention,
        restrict_public_buckets=prevention,
    )


def access_list(bucket: BucketConfig, project: ProjectConfig, now: datetime) -> AccessControlList:
    """Without uniform access, whoever writes an object owns it and its list."""
    return AccessControlList(
        ownership=bucket.uniform.map(lambda uniform: Ownership.ENFORCED if uniform.enabled else Ownership.WRITER),
        grants_beyond_owner=bucket.uniform.then(
            lambda uniform: _NO if uniform.enabled else _beyond(bucket, prevented(bucket, project))
        ),
        off_for_good=bucket.uniform.then(lambda uniform: _for_good(uniform, now, project.keeps_uniform)),
    )


def _for_good(uniform: Uniform, now: datetime, kept: Fact[bool]) -> Fact[bool]:
    """Uniform access can be turned off for 90 days, where no constraint keeps it on; the bucket says when these end."""
    if not uniform.enabled:
        return _NO
    return any_true((uniform.locked_from.then(lambda locked_from: _since(locked_from, now)), kept))


def _since(locked_from: str, now: datetime) -> Fact[bool]:
    if not locked_from:
        return _NO
    try:
        moment = datetime.fromisoformat(locked_from)
    except ValueError:
        return Unknown(reason=Reason.MALFORMED, detail=f"lockedTime `{locked_from}` is no time")
    return Known(value=(moment if moment.tzinfo else moment.replace(tzinfo=UTC)) <= now, sources=())


def _beyond(bucket: BucketConfig, effect: Fact[bool]) -> Fact[bool]:
    """The teams of the owner's project are the owner; the public counts where it is not kept out."""

    def strange(entry: AclEntry) -> Fact[bool]:
        if entry.entity in _PUBLIC:
            return effect.map(lambda kept_out: not kept_out)
        teams = ("project-owners-", "project-editors-", "project-viewers-")
        own = bucket.project.map(lambda number: entry.entity in {f"{team}{number}" for team in teams})
        return own.map(lambda mine: not mine)

    entries = (*bucket.acl.items, *bucket.default_acl.items)
    gaps = (*bucket.acl.gaps, *bucket.default_acl.gaps)
    nothing: Fact[bool] = Known(value=False, sources=(*bucket.acl.sources, *bucket.default_acl.sources))
    return any_true((*map(strange, entries), *(gap.unknown for gap in gaps), nothing))


def network(bucket: BucketConfig, project: ProjectConfig) -> Network:
    """By the bucket's own IP filter, and the perimeter around its project; the bounds of grants show what they cut."""
    return Network(
        public_endpoint=Known(value=True, sources=()),
        default_open=bucket.ip_filter.map(lambda found: found is None or bool(_EVERY_NETWORK & {*found.ranges})),
        rules=_rules(bucket.ip_filter),
        trusted_services=bucket.ip_filter.map(lambda found: found is None or found.service_agents),
        private_endpoints=Known(value=0, sources=()),
        perimeter=_UNASKED if project.perimeter is None else project.perimeter.map(lambda it: it.name if it else ""),
    )


def _rules(ip_filter: Fact[IpFilter | None]) -> Listing[NetworkRule]:
    match ip_filter:
        case Unknown():
            return Listing.unread(ip_filter)
        case Known(value=found, sources=sources):
            if found is None:
                return Listing(items=(), sources=sources)
            ranges = [(each, NetworkKind.ADDRESSES) for each in found.ranges]
            networks = [(name, NetworkKind.SUBNET) for name, _ in found.networks]
            return Listing(
                items=tuple(
                    NetworkRule(
                        value=Known(value=name, sources=sources),
                        kind=Known(value=kind, sources=sources),
                        prefix_length=Known(value=_length(name), sources=sources),
                        own=Known(value=False, sources=sources) if kind is NetworkKind.ADDRESSES else _WHOSE,
                    )
                    for name, kind in (*ranges, *networks)
                ),
                sources=sources,
            )


def _length(text: str) -> int:
    """The fixed bits of a range; 32 or 128 where it is one address, and 0 for a network."""
    address, _, bits = text.rpartition("/")
    return int(bits) if address and bits.isdecimal() and "/" not in address else 0


def credentials(project: ProjectConfig, grants: Listing[Grant]) -> Credentials:
    """Cloud Storage knows identities only: HMAC keys and signed URLs act as a service account, which grants show."""
    return Credentials(
        shared_keys=_NO,
        oldest_key_days=Known(value=0, sources=()),
        longest_token_days=Known(value=0, sources=()),
        local_users=_NO,
        identity_keys=_keys(project, grants),
    )


def _keys(project: ProjectConfig, grants: Listing[Grant]) -> Fact[bool]:
    """By keys of the owner's project: those of accounts elsewhere are shown to nobody here.

    Where the project refuses requests that such keys sign, they open nothing.
    """
    keys = project.hmac_keys
    signing = {f"serviceAccount:{key.service_account}" for key in keys.items if key.active}
    if not signing and not keys.gaps:
        return Known(value=False, sources=keys.sources)
    nobody: Fact[bool] = Known(value=False, sources=united(keys.sources, grants.sources))
    reaching = [grant.principal.map(lambda name: name in signing) for grant in grants.items]
    gaps = (gap.unknown for gap in (*keys.gaps, *(grants.gaps if signing else ())))
    taken = project.refused_auth.map(lambda refused: SERVICE_ACCOUNT_KEYS not in refused)
    return all_true((any_true((*reaching, *gaps, nobody)), taken))
