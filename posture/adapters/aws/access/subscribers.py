"""Whom a bucket tells of new objects, and whose topics, queues and functions these are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from posture.adapters.aws.arns import account_of
from posture.adapters.aws.config import EVENT_BUS, BucketConfig
from posture.model.facts import Fact, Known, Listing, Reason, Source, Unknown, united
from posture.model.subjects import HolderKind, Scope, Subscriber
from posture.model.trust import Ground, Holder, scope_of


def subscribers(bucket: BucketConfig, ground: Callable[[str], Ground]) -> Listing[Subscriber]:
    """A notification carries the name of the object, whatever its receiver may do on the bucket."""
    match bucket.notified:
        case Unknown() as unknown:
            return Listing.unread(unknown)
        case Known(value=targets, sources=sources):
            items = tuple(_subscriber(target, bucket.account, ground, sources) for target in targets)
            return Listing(items=items, sources=sources)


def _subscriber(
    target: str, owner: Fact[str], ground: Callable[[str], Ground], sources: tuple[Source, ...]
) -> Subscriber:
    named: Fact[str] = Known(value=target, sources=sources)
    if target == EVENT_BUS:
        return Subscriber(target=named, account=owner, scope=Known(value=Scope.OWN, sources=sources))
    account = account_of(target)
    if not account:
        detail = f"`{target}` does not say whose it is"
        nobody = Unknown(reason=Reason.UNDETERMINED, sources=sources, detail=detail)
        return Subscriber(target=named, account=nobody, scope=nobody)
    holder = Holder(kind=HolderKind.ACCOUNT, name=target, account=account)
    scope = owner.then(lambda own: scope_of(holder, ground(own)))
    scope = replace(scope, sources=united(sources, scope.sources))
    return Subscriber(target=named, account=Known(value=account, sources=sources), scope=scope)
