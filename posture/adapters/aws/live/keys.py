"""Reads a KMS key, as the identity that owns it."""

from __future__ import annotations

from functools import partial

from posture.adapters.aws import key_calls as calls
from posture.adapters.aws.arns import region_of
from posture.adapters.aws.calls import GET_BUCKET_ENCRYPTION
from posture.adapters.aws.config import KeyConfig, KeyGrant
from posture.adapters.aws.live.answers import (
    Record,
    document,
    each,
    flag,
    found,
    malformed,
    record,
    setting,
    text,
    texts,
)
from posture.adapters.aws.live.callers import Caller
from posture.model.facts import Fact, Gap, Known, Listing, Source, Unknown
from posture.model.leads import KeyRef
from posture.model.subjects import KeyManager
from posture.reading import Answer, Call, Pages, Reading

_MANAGERS = {"AWS": KeyManager.PROVIDER, "CUSTOMER": KeyManager.CUSTOMER}
_METADATA = "KeyMetadata"


def read_key(ref: KeyRef, caller: Caller, reading: Reading) -> KeyConfig:
    """The key; an alias is resolved first, since only DescribeKey takes one."""
    arn, region = _arn(ref, caller), _region(ref)
    reading.together(
        partial(_describe, ref, caller),
        partial(_ask, calls.GET_KEY_POLICY, arn, caller, region),
        partial(_ask, calls.GET_KEY_ROTATION_STATUS, arn, caller, region),
        partial(_grants, arn, caller, region),
    )
    described = _describe(ref, caller)
    return KeyConfig(
        arn=arn,
        manager=setting(described, _manager, absent=KeyManager.NONE),
        enabled=setting(described, _enabled, absent=False),
        state=setting(described, _state, absent=""),
        rotating=setting(_ask(calls.GET_KEY_ROTATION_STATUS, arn, caller, region), _rotating, absent=False),
        policy=setting(_ask(calls.GET_KEY_POLICY, arn, caller, region), _policy, absent=""),
        grants=_listed(_grants(arn, caller, region)),
    )


def _describe(ref: KeyRef, caller: Caller) -> Answer:
    return caller.read(calls.DESCRIBE_KEY, resource=ref.key_id, parameters={"KeyId": ref.key_id}, region=_region(ref))


def _region(ref: KeyRef) -> str:
    return ref.region or region_of(ref.key_id)


def _arn(ref: KeyRef, caller: Caller) -> Fact[str]:
    if ":key/" in ref.key_id:
        source = Source(operation=GET_BUCKET_ENCRYPTION.operation)
        return Known(value=ref.key_id, sources=(source,))
    return setting(_describe(ref, caller), _key_arn, absent="")


def _ask(call: Call, arn: Fact[str], caller: Caller, region: str) -> Answer:
    match arn:
        case Unknown():
            return arn
        case Known(value=key):
            return caller.read(call, resource=key, parameters={"KeyId": key, **_more(call)}, region=region)


def _more(call: Call) -> dict[str, str]:
    """A key has one policy, and its name is always the same."""
    return {"PolicyName": "default"} if call == calls.GET_KEY_POLICY else {}


def _grants(arn: Fact[str], caller: Caller, region: str) -> Pages:
    match arn:
        case Unknown():
            return Pages(items=(), source=Source(operation=calls.LIST_GRANTS.operation), gap=arn)
        case Known(value=key):
            return caller.read_all(calls.LIST_GRANTS, resource=key, parameters={"KeyId": key}, region=region)


def _listed(pages: Pages) -> Listing[KeyGrant]:
    grants = each(pages.items, _grant, pages.source)
    gap = malformed(pages.source, "no usable grants") if grants is None else pages.gap
    return Listing(items=grants or (), gaps=() if gap is None else (Gap(unknown=gap),), sources=(pages.source,))


def _grant(grant: Record, _source: Source) -> KeyGrant | None:
    grantee = text(grant, "GranteePrincipal") or text(grant, "GranteeServicePrincipal")
    return KeyGrant(grantee=grantee, operations=texts(grant, "Operations"))


def _key_arn(answer: Record, source: Source) -> Fact[str]:
    return found(text(record(answer.get(_METADATA)), "Arn") or None, source.at(_METADATA, "Arn"), "Arn")


def _manager(answer: Record, source: Source) -> Fact[KeyManager]:
    place = source.at(_METADATA, "KeyManager")
    return found(_MANAGERS.get(text(record(answer.get(_METADATA)), "KeyManager")), place, "KeyManager")


def _enabled(answer: Record, source: Source) -> Fact[bool]:
    return found(flag(record(answer.get(_METADATA)), "Enabled"), source.at(_METADATA, "Enabled"), "Enabled")


def _state(answer: Record, source: Source) -> Fact[str]:
    return found(text(record(answer.get(_METADATA)), "KeyState") or None, source.at(_METADATA, "KeyState"), "KeyState")


def _rotating(answer: Record, source: Source) -> Fact[bool]:
    return found(flag(answer, "KeyRotationEnabled"), source.at("KeyRotationEnabled"), "KeyRotationEnabled")


def _policy(answer: Record, source: Source) -> Fact[str]:
    return document(answer.get("Policy"), source.at("Policy"))
