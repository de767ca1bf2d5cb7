"""Reads the organisation of the default identity's account, where it may."""

from __future__ import annotations

from posture.adapters.aws import organisation_calls as calls
from posture.adapters.aws.config import OrganisationConfig
from posture.adapters.aws.live.answers import Record, found, record, setting, text
from posture.adapters.aws.live.callers import Caller
from posture.model.facts import Fact, Gap, Listing, Source


def read_organisation(caller: Caller) -> OrganisationConfig:
    """Its id and accounts; only the management account and delegated administrators may list the accounts."""
    described = caller.read(calls.DESCRIBE_ORGANIZATION, resource="", parameters={})
    pages = caller.read_all(calls.LIST_ACCOUNTS, resource="", parameters={}, keep=frozenset({"Id"}))
    accounts = Listing(
        items=tuple(text(record(item), "Id") for item in pages.items),
        gaps=() if pages.gap is None else (Gap(unknown=pages.gap),),
        sources=(pages.source,),
    )
    return OrganisationConfig(id=setting(described, _id, absent=""), accounts=accounts)


def _id(answer: Record, source: Source) -> Fact[str]:
    return found(text(record(answer.get("Organization")), "Id") or None, source.at("Organization", "Id"), "Id")
