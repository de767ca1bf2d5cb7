"""Which account owns a bucket, and so which identity reads it."""

from __future__ import annotations

import threading
from functools import partial

from posture.adapters.aws.calls import LIST_BUCKETS
from posture.adapters.aws.live.answers import record, text
from posture.adapters.aws.live.callers import Caller, Callers
from posture.frozen import dataclass
from posture.model.facts import Fact, Known, Reason, Source, Unknown, united
from posture.reading import Json, Pages, Reading

_KEPT = frozenset({"Name", "BucketRegion"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Who reads a bucket, who owns it, and its Region as the owner's list of buckets has it."""

    caller: Caller
    account: Fact[str]
    listed_region: str = ""

    @property
    def is_caller(self) -> bool:
        """Whether the reading identity is known to lie in the owner's account: only then can it see its trails."""
        match self.account, self.caller.account:
            case Known(value=owner), Known(value=caller):
                return owner == caller
            case _:
                return False


class Owners:
    """Finds owners by the lists of buckets, each taken once per identity and searched by name."""

    def __init__(self, callers: Callers) -> None:
        self._callers = callers
        self._lock = threading.Lock()
        self._indexes: dict[str, tuple[tuple[Json, ...], dict[str, str]]] = {}

    def of(self, bucket: str, hint: str, reading: Reading) -> Owner:
        """The owner that the lead or the configuration names, else the one whose list shows the bucket."""
        if hint:
            caller = self._callers.for_account(hint, reading)
            source = Source(operation="posture:configuration", resource=bucket)
            return Owner(caller=caller, account=Known(value=hint, sources=(source,)))
        default = self._callers.default(reading)
        listed = self._listed(default, bucket)
        if isinstance(listed, str):
            return self._own(default, listed, reading)
        return self._among_accounts(bucket, default, listed, reading)

    def _own(self, default: Caller, region: str, reading: Reading) -> Owner:
        """A bucket of the default identity's account, for which the configuration may name another identity."""
        match default.account:
            case Known(value=account) if account in self._callers.accounts:
                named = self._callers.for_account(account, reading)
                return Owner(caller=named, account=default.account, listed_region=region)
            case _:
                return Owner(caller=default, account=default.account, listed_region=region)

    def _among_accounts(self, bucket: str, default: Caller, listed: Pages, reading: Reading) -> Owner:
        callers = reading.together(
            *(partial(self._callers.for_account, account, reading) for account in self._callers.accounts)
        )
        seen = reading.together(*(partial(self._listed, caller, bucket) for caller in callers))
        for caller, region in zip(callers, seen, strict=True):
            if isinstance(region, str):
                return Owner(caller=caller, account=caller.account, listed_region=region)
        lists = (listed, *(pages for pages in seen if not isinstance(pages, str)))
        return Owner(caller=default, account=_nobody(lists))

    def _listed(self, caller: Caller, bucket: str) -> str | Pages:
        """The Region beside the bucket in the caller's list, empty where the list names none; the list when absent."""
        pages = caller.read_all(LIST_BUCKETS, resource="", parameters={}, keep=_KEPT)
        region = self._index(caller.label, pages).get(bucket)
        return pages if region is None else region

    def _index(self, label: str, pages: Pages) -> dict[str, str]:
        with self._lock:
            items, index = self._indexes.get(label, ((), {}))
            if items is not pages.items:
                index = {text(record(item), "Name"): text(record(item), "BucketRegion") for item in pages.items}
                self._indexes[label] = (pages.items, index)
            return index


def _nobody(lists: tuple[Pages, ...]) -> Unknown:
    for pages in lists:
        if pages.gap is not None:
            return pages.gap
    return Unknown(
        reason=Reason.NOT_COLLECTED,
        sources=united(*((pages.source,) for pages in lists)),
        detail="no identity in use owns the bucket",
        needs="the account of the store, and a profile or role of it, in posture.yaml",
    )
