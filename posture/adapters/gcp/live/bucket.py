"""Reads everything about one bucket."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from posture.adapters.gcp import calls
from posture.adapters.gcp.calls import SEE_FILTER, Endpoint
from posture.adapters.gcp.config import AclEntry, BucketConfig, IpFilter, ManagedFolder, Uniform
from posture.adapters.gcp.live import bucket_answers as answers
from posture.adapters.gcp.live.callers import Caller
from posture.adapters.gcp.live.hierarchy import may
from posture.adapters.gcp.live.policies import policy
from posture.adapters.gcp.members import Record, listed, setting, text
from posture.model.facts import Fact, Known, Listing, Reason, Source, Unknown
from posture.reading import Answer


def read_bucket(name: str, prefix: str, caller: Caller) -> BucketConfig:
    """The bucket's configuration. Only managed folders that hold the prefix, or lie in it, are looked into."""
    reads: tuple[Callable[[], object], ...] = (
        partial(_ask, calls.GET_BUCKET, name, caller),
        partial(_ask, calls.GET_BUCKET_POLICY, name, caller),
        partial(_folders, name, prefix, caller),
        partial(_notified, name, caller),
    )
    caller.reading.together(*reads)  # side by side; the reading keeps the answers for whoever asks again
    got = _ask(calls.GET_BUCKET, name, caller)
    uniform = setting(got, answers.uniform)
    return BucketConfig(
        name=name,
        project=setting(got, answers.project),
        location=setting(got, answers.location),
        multiple=setting(got, answers.multiple),
        prevention=setting(got, answers.prevention),
        uniform=uniform,
        key=setting(got, answers.key),
        retention=setting(got, answers.retention),
        object_retention=setting(got, answers.object_retention),
        holds_new=setting(got, answers.holds_new),
        soft_delete_seconds=setting(got, answers.soft_delete),
        versioning=setting(got, answers.versioning),
        lifecycle=setting(got, answers.lifecycle),
        has_lifecycle=setting(got, answers.has_lifecycle),
        usage_logs=setting(got, answers.usage_logs),
        website=setting(got, answers.website),
        cors=setting(got, answers.cors),
        ip_filter=_filter(got, caller),
        requester_pays=setting(got, answers.requester_pays),
        turbo=setting(got, answers.turbo),
        labels=setting(got, answers.labels),
        policy=policy(_ask(calls.GET_BUCKET_POLICY, name, caller)),
        acl=_entries(calls.LIST_BUCKET_ACL, name, uniform, caller),
        default_acl=_entries(calls.LIST_DEFAULT_ACL, name, uniform, caller),
        folders=_folders(name, prefix, caller),
        notified=_notified(name, caller),
    )


def _ask(endpoint: Endpoint, bucket: str, caller: Caller) -> Answer:
    more = {"projection": "noAcl"} if endpoint is calls.GET_BUCKET else {"optionsRequestedPolicyVersion": "3"}
    return caller.read(endpoint, resource=bucket, bucket=bucket, **more)


def _filter(got: Answer, caller: Caller) -> Fact[IpFilter | None]:
    """The filter is left out for whoever may not see it, as it is where there is none."""
    told, left_out = setting(got, answers.ip_filter), setting(got, answers.leaves_filter_out)
    if not isinstance(left_out, Known) or not left_out.value:
        return told
    shown = setting(got, answers.project).then(lambda number: may(number, SEE_FILTER, caller))
    hidden = Unknown(
        reason=Reason.DENIED, sources=shown.sources, detail="an IP filter would not be shown to us", needs=SEE_FILTER
    )
    return shown.then(lambda yes: told if yes else hidden)


def _entries(endpoint: Endpoint, bucket: str, uniform: Fact[Uniform], caller: Caller) -> Listing[AclEntry]:
    """Under uniform access lists do not count, and Cloud Storage refuses to show them."""
    match uniform:
        case Unknown():
            return Listing.unread(uniform)
        case Known(value=state, sources=sources):
            if state.enabled:
                return Listing(items=(), sources=sources)
            return listed(caller.read_all(endpoint, resource=bucket, bucket=bucket), answers.acl_entry, "list entry")


def _folders(bucket: str, prefix: str, caller: Caller) -> Listing[ManagedFolder]:
    pages = caller.read_all(calls.LIST_MANAGED_FOLDERS, resource=bucket, bucket=bucket)

    def one(item: Record, _source: Source) -> ManagedFolder | None:
        name = text(item, "name")
        if not name:
            return None
        if not _overlap(name, f"{prefix}/" if prefix else ""):
            return ManagedFolder(name="", policy=Unknown(reason=Reason.NOT_COLLECTED))
        resource = f"{bucket}/{name}"
        more = {"optionsRequestedPolicyVersion": "3"}
        answer = caller.read(calls.GET_FOLDER_POLICY, resource=resource, bucket=bucket, folder=name, **more)
        return ManagedFolder(name=name, policy=policy(answer))

    read = listed(pages, one, "managed folder")
    return Listing(items=tuple(item for item in read.items if item.name), gaps=read.gaps, sources=read.sources)


def _overlap(folder: str, prefix: str) -> bool:
    return prefix.startswith(folder) or folder.startswith(prefix)


def _notified(bucket: str, caller: Caller) -> Listing[str]:
    pages = caller.read_all(calls.LIST_NOTIFICATIONS, resource=bucket, bucket=bucket)
    return listed(pages, lambda item, _source: text(item, "topic") or None, "notification")
