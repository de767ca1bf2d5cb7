"""The answers about one storage account: members in, facts out."""

from __future__ import annotations

import re
from collections.abc import Iterable

from posture.adapters.azure.config import (
    ContainerConfig,
    CopyRule,
    Immutability,
    KeyInVault,
    LifecycleRule,
    LocalUser,
    SignedIdentifier,
)
from posture.adapters.azure.ids import name_of
from posture.adapters.azure.live.arm import fact
from posture.adapters.azure.live.members import Members, whole
from posture.adapters.azure.unsettled import settled
from posture.model.facts import FOREVER, Duration, Fact, Gap, Known, Listing, Unknown
from posture.model.subjects import WormMode
from posture.reading import Answer, Answered, NotConfigured

_SPAN = re.compile(r"(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})", re.ASCII)
_PUBLIC = {"None": "None", "Blob": "Blob", "Container": "Container"}
_STATES = {"Unlocked": WormMode.GOVERNANCE, "Locked": WormMode.COMPLIANCE, "Disabled": WormMode.NONE}
_CLOCKS = ("daysAfterModificationGreaterThan", "daysAfterCreationGreaterThan", "daysAfterLastAccessTimeGreaterThan")


@settled
def token_days(properties: Members) -> Fact[Duration]:
    """How long a shared access signature may live. A policy that only logs longer ones refuses none."""
    policy = properties.inner("sasPolicy")
    source = properties.source.at("sasPolicy")
    if not policy.raw or policy.word("expirationAction").lower() != "block":
        return Known(value=FOREVER, sources=(source,))
    span = _SPAN.fullmatch(policy.word("sasExpirationPeriod"))
    if span is None:
        return policy.malformed("sasExpirationPeriod")
    days, *rest = (int(part or 0) for part in span.groups())
    return Known(value=days + any(rest), sources=(source,))


@settled
def keys_made(properties: Members) -> Fact[tuple[str, ...]]:
    """When both account keys were last made; accounts that never renewed one may not say."""
    made = properties.inner("keyCreationTime")
    times = (made.word("key1"), made.word("key2"))
    if not all(times):
        return made.malformed("time of a key's creation")
    return Known(value=times, sources=(made.source,))


@settled
def key_reminder(properties: Members) -> Fact[Duration]:
    """After how many days Azure reminds of making keys anew."""
    policy = properties.inner("keyPolicy")
    if not policy.raw:
        return Known(value=FOREVER, sources=(properties.source.at("keyPolicy"),))
    days = policy.number("keyExpirationPeriodInDays", absent=0)
    return days.map(lambda count: count or FOREVER)


def stored_policies(container: str, answer: Answer) -> Listing[SignedIdentifier]:
    """The stored access policies of a container; one without a name is none that could be read."""
    match answer:
        case Unknown():
            return Listing.unread(answer)
        case NotConfigured(source=source):
            return Listing.unread(Members({}, source).malformed("access policies"))
        case Answered(value=value, source=source):
            found = tuple(Members(value, source).each("identifiers"))
            gaps = tuple(Gap(unknown=each.malformed("access policy")) for each in found if not each.word("Id"))
            items = tuple(_signed(container, each) for each in found if each.word("Id"))
            return Listing(items=items, gaps=gaps, sources=(source,))


def _signed(container: str, item: Members) -> SignedIdentifier:
    return SignedIdentifier(
        container=container,
        name=item.word("Id"),
        permissions=item.word("Permission"),
        expires=item.word("Expiry"),
        source=item.source,
    )


@settled
def tags(resource: Members) -> Fact[tuple[tuple[str, str], ...]]:
    """The tags of a resource, in the order of their names."""
    found = resource.inner("tags")
    return Known(value=tuple((name, found.word(name)) for name in sorted(found.raw)), sources=(found.source,))


def change_feed(service: Members) -> Fact[bool]:
    """Whether the account lists what happens to its blobs; absent is off."""
    return service.inner("properties").inner("changeFeed").flag("enabled", absent=False)


def versioning(service: Members) -> Fact[bool]:
    """Versions of blobs; absent is off."""
    return service.inner("properties").flag("isVersioningEnabled", absent=False)


@settled
def kept_days(service: Members, policy: str) -> Fact[int]:
    """Days of soft deletion; 0 when it is off."""
    kept = service.inner("properties").inner(policy)
    return kept.flag("enabled", absent=False).then(lambda on: kept.number("days") if on else Known(value=0, sources=()))


@settled
def open_origins(service: Members) -> Fact[bool]:
    """Whether some rule lets scripts of every origin read."""
    rules = service.inner("properties").inner("cors")
    found = any(
        "*" in rule.words("allowedOrigins")
        and {"GET", "HEAD"} & {each.upper() for each in rule.words("allowedMethods")}
        for rule in rules.each("corsRules")
    )
    return Known(value=found, sources=(rules.source,))


def defender(answer: Members) -> Fact[bool]:
    """Whether Defender for Storage is on for this account."""
    return answer.inner("properties").flag("isEnabled")


def defender_overrides(answer: Members) -> Fact[bool]:
    """Whether that holds in spite of the subscription's plan."""
    return answer.inner("properties").flag("overrideSubscriptionLevelSettings", absent=False)


def defender_plan(answer: Members) -> Fact[bool]:
    """Whether the subscription pays for Defender for Storage."""
    return answer.inner("properties").choice("pricingTier", {"Free": False, "Standard": True})


@settled
def of_account(properties: Members) -> Fact[Immutability | None]:
    """Version-level immutability by default for the whole account."""
    storage = properties.inner("immutableStorageWithVersioning")
    policy = storage.inner("immutabilityPolicy")
    source = storage.source
    if storage.get("enabled") is not True or not policy.raw:
        return Known(value=None, sources=(source,))
    return _immutability(policy)


def container(item: Members, policy: Answer | None) -> ContainerConfig:
    """One container; `policy` is its immutability where the listing does not carry it."""
    properties = item.inner("properties")
    return ContainerConfig(
        name=item.word("name"),
        public_access=properties.choice("publicAccess", _PUBLIC, absent="None"),
        legal_hold=properties.flag("hasLegalHold", absent=False),
        hold_appends=_hold_appends(properties.inner("legalHold")),
        immutability=_of_container(properties) if policy is None else fact(policy, _policy),
        scope=properties.word("defaultEncryptionScope"),
        source=item.source,
    )


@settled
def _hold_appends(hold: Members) -> Fact[bool]:
    """A hold says whether append blobs go on growing under it; without the word it stops them."""
    if not hold.raw:
        return hold.malformed("legal hold")
    return hold.inner("protectedAppendWritesHistory").flag("allowProtectedAppendWritesAll", absent=False)


@settled
def _of_container(properties: Members) -> Fact[Immutability | None]:
    has: Fact[bool] = properties.flag("hasImmutabilityPolicy", absent=False)
    inner = properties.inner("immutabilityPolicy")
    return has.then(
        lambda present: _immutability(inner.inner("properties")) if present else Known(value=None, sources=())
    )


def _policy(answer: Members) -> Fact[Immutability | None]:
    return _immutability(answer.inner("properties"))


@settled
def _immutability(policy: Members) -> Fact[Immutability | None]:
    mode = policy.choice("state", _STATES)
    if isinstance(mode, Known) and mode.value is WormMode.NONE:
        return Known(value=None, sources=mode.sources)
    appends = policy.get("allowProtectedAppendWrites") is True or policy.get("allowProtectedAppendWritesAll") is True
    days = policy.number("immutabilityPeriodSinceCreationInDays")
    return mode.then(lambda known: days.map(lambda count: Immutability(mode=known, days=count, appends=appends)))


def scope(item: Members) -> tuple[str, KeyInVault | None] | None:
    """An encryption scope and its key; none of one's own where Azure's encrypts."""
    properties = item.inner("properties")
    uri = properties.inner("keyVaultProperties").word("keyUri")
    if properties.word("source").lower() == "microsoft.storage":
        return item.word("name"), None
    if "/keys/" not in uri:
        return None
    vault, _, rest = uri.partition("/keys/")
    name, _, version = rest.partition("/")
    return item.word("name"), KeyInVault(url=f"{vault}/keys/{name}", version=version)


@settled
def lifecycle(answer: Members) -> Fact[tuple[LifecycleRule, ...]]:
    """The enabled rules; a rule that cannot be read might delete anything."""
    policy = answer.inner("properties").inner("policy")
    rules = [each for each in policy.each("rules") if each.get("enabled") is not False]
    if not isinstance(policy.get("rules"), list | tuple):
        return answer.malformed("rules")
    read = [_rule(each) for each in rules]
    whole_rules = tuple(each for each in read if each is not None)
    if len(whole_rules) != len(read):
        return policy.malformed("rule")
    return Known(value=whole_rules, sources=(answer.source,))


def _rule(rule: Members) -> LifecycleRule | None:
    definition = rule.inner("definition")
    actions, filters = definition.inner("actions"), definition.inner("filters")
    current, older = _deletes(actions.inner("baseBlob")), _deletes(actions.inner("version"))
    if not actions.raw or current == () or older == ():
        return None
    types = filters.words("blobTypes")
    return LifecycleRule(
        name=rule.word("name"),
        prefixes=filters.words("prefixMatch"),
        append_blobs=not types or "appendBlob" in types,
        tagged=bool(tuple(filters.each("blobIndexMatch"))),
        after=current if isinstance(current, int) else None,
        versions_after=older if isinstance(older, int) else None,
        source=rule.source,
    )


def _deletes(action: Members) -> int | tuple[()] | None:
    """Days until the deletion; None for no deletion, an empty tuple for one that cannot be read."""
    if action.get("delete") is None:
        return None
    days = [
        whole(action.inner("delete").get(clock)) for clock in _CLOCKS if action.inner("delete").get(clock) is not None
    ]
    known = [each for each in days if each is not None]
    return min(known) if known and len(known) == len(days) else ()


def copies(policies: Listing[Members], account_id: str) -> Listing[CopyRule]:
    """The rules by which this account is the source."""
    ours = {account_id.lower(), name_of(account_id).lower()}
    items: list[CopyRule] = []
    gaps = list(policies.gaps)
    for policy in policies.items:
        properties = policy.inner("properties")
        target, origin = properties.word("destinationAccount"), properties.word("sourceAccount")
        if not target or not origin:
            gaps.append(Gap(unknown=policy.malformed("replication policy")))
        elif origin.lower() in ours or name_of(origin).lower() in ours:
            items += _rules(properties, target)
    return Listing(items=tuple(items), gaps=tuple(gaps), sources=policies.sources)


def _rules(properties: Members, target: str) -> Iterable[CopyRule]:
    for rule in properties.each("rules"):
        yield CopyRule(
            account=target,
            container=rule.word("sourceContainer"),
            prefixes=rule.inner("filters").words("prefixMatch"),
            source=rule.source,
        )


def local_user(item: Members) -> LocalUser | None:
    """A user and what it may do where; scopes on file shares are not about blobs."""
    scopes = tuple(item.inner("properties").each("permissionScopes"))
    if not item.word("name") or not all(scope.word("service") for scope in scopes):
        return None
    blobs = (scope for scope in scopes if scope.word("service").lower() == "blob")
    return LocalUser(
        name=item.word("name"),
        permissions=tuple((scope.word("resourceName"), scope.word("permissions").lower()) for scope in blobs),
    )
