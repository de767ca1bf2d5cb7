"""Reads what an account decides for all its buckets: Block Public Access, and the trails of a Region."""

from __future__ import annotations

from functools import partial

from posture.adapters.aws import calls, trail_calls
from posture.adapters.aws.config import AccountConfig, Selectors, TrailConfig
from posture.adapters.aws.live import trail_answers
from posture.adapters.aws.live.answers import setting
from posture.adapters.aws.live.bucket_answers import block
from posture.adapters.aws.live.owners import Owner
from posture.model.facts import Fact, Known, Listing, Reason, Unknown, both
from posture.reading import Answer, Reading


def read_account(owner: Owner, region: Fact[str], reading: Reading) -> AccountConfig:
    """The account of a bucket, as far as it concerns buckets of that Region."""
    return AccountConfig(block=block(read_account_block(owner)), trails=_trails(owner, region, reading))


def read_account_block(owner: Owner) -> Answer:
    """Block Public Access of the owner's account; AWS refuses it to identities of other accounts."""
    match owner.account:
        case Unknown():
            return owner.account
        case Known(value=account):
            return owner.caller.read(
                calls.GET_ACCOUNT_PUBLIC_ACCESS_BLOCK, resource=account, parameters={"AccountId": account}
            )


def describe_trails(owner: Owner, region: Fact[str]) -> Answer:
    """The trails that see a Region; shadows of trails at home elsewhere are part of the answer by default."""
    if not owner.is_caller:
        return not_the_owner(owner)
    match region:
        case Unknown():
            return region
        case Known(value=where):
            return owner.caller.read(trail_calls.DESCRIBE_TRAILS, resource=where, parameters={}, region=where)


def not_the_owner(owner: Owner) -> Unknown:
    """Asking an identity of another account would tell of that account's trails instead."""
    match both(owner.account, owner.caller.account):
        case Unknown() as unknown:
            return unknown
        case Known(value=(account, _), sources=sources):
            return Unknown(
                reason=Reason.NOT_COLLECTED,
                sources=sources,
                detail=f"no identity of account {account} is configured",
                needs=f"a profile or role of account {account} in posture.yaml",
            )


def _trails(owner: Owner, region: Fact[str], reading: Reading) -> Listing[TrailConfig]:
    answer = describe_trails(owner, region)
    none: tuple[trail_answers.Head, ...] = ()
    heads = setting(answer, trail_answers.heads, absent=none)
    if isinstance(heads, Unknown):
        return Listing.unread(heads)
    reading.together(*(partial(ask, owner, head) for head in heads.value for ask in (_status, _selectors)))
    return Listing(items=tuple(_trail(owner, head) for head in heads.value), sources=heads.sources)


def _trail(owner: Owner, head: trail_answers.Head) -> TrailConfig:
    return TrailConfig(
        arn=head.arn,
        home_region=head.home_region,
        multi_region=head.multi_region,
        validated=head.validated,
        running=setting(_status(owner, head), trail_answers.running, absent=False),
        selectors=setting(_selectors(owner, head), trail_answers.selectors, absent=Selectors()),
    )


def _status(owner: Owner, head: trail_answers.Head) -> Answer:
    """Whether the trail runs; a shadow is known to its home Region by its ARN only."""
    return owner.caller.read(
        trail_calls.GET_TRAIL_STATUS, resource=head.arn, parameters={"Name": head.arn}, region=head.home_region
    )


def _selectors(owner: Owner, head: trail_answers.Head) -> Answer:
    return owner.caller.read(
        trail_calls.GET_EVENT_SELECTORS, resource=head.arn, parameters={"TrailName": head.arn}, region=head.home_region
    )
