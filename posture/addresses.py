"""What users call a store: `s3://bucket/prefix`, `gs://bucket/prefix`, `https://account.blob.core.windows.net`."""

from __future__ import annotations

import re

from posture.errors import UsageError
from posture.model.leads import StoreRef
from posture.model.subjects import Kind, Provider
from posture.policy.wording import shown
from posture.redaction import redact

_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]")  # wide enough for names from before 2018
_GOOGLE_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")
_ADDRESS = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+")
_ALIAS = ("-s3alias", "--ol-s3", ".mrap")
_KINDS = {"s3": (Provider.AWS, Kind.S3_BUCKET), "gs": (Provider.GCP, Kind.GCS_BUCKET)}
_AZURE_DOMAINS = r"(windows\.net|usgovcloudapi\.net|chinacloudapi\.cn)"
_STORAGE = re.compile(rf"(?P<account>[a-z0-9]{{3,24}})\.(blob|dfs)\.(?P<suffix>core\.{_AZURE_DOMAINS})")
_CONTAINER = re.compile(r"[a-z0-9](-?[a-z0-9]){2,62}")
_DELIVERED = "insights-logs-"
_NAMESPACE = re.compile(rf"[a-z][a-z0-9-]{{4,48}}[a-z0-9]\.servicebus\.{_AZURE_DOMAINS}")
_SUPPORTED = (
    "supported: s3://bucket or s3://bucket/prefix, gs://bucket or gs://bucket/prefix, "
    "https://account.blob.core.windows.net (a container of copies behind it), https://namespace.servicebus.windows.net/hub"
)
_MOST_PREFIX = 1024  # bytes of the name of an object


def parse_store_uri(text: str) -> StoreRef:
    """The store that a URI names, with its prefix as it is written but for slashes at its ends."""
    scheme, mark, rest = text.strip().partition("://")
    text = re.sub(r"//[^/@]*@", "//[redacted]@", redact(text))  # a secret has no place here, nor in a message
    match scheme.lower() if mark else "":
        case "s3" | "gs" as known:
            return _bucket(rest, text, *_KINDS[known])
        case "https":
            return _azure(rest, text)
        case "s3a" | "s3n":
            raise _unreadable(text, f"write {shown(f's3://{rest}')}")
        case "abfss" | "wasbs" if "@" in rest:
            raise _unreadable(text, f"write {shown('https://' + rest.partition('@')[2].partition('/')[0])}")
        case _:
            raise _unreadable(text, _SUPPORTED)


def _bucket(rest: str, text: str, provider: Provider, kind: Kind) -> StoreRef:
    bucket, _, prefix = rest.partition("/")
    prefix = prefix.strip("/")
    if problem := _bucket_problem(bucket, provider) or _prefix_problem(prefix):
        raise UsageError(f"{shown(text)} does not name a store: {problem}", help=_SUPPORTED)
    return StoreRef(provider=provider, kind=kind, name=bucket, prefix=prefix)


def _azure(rest: str, text: str) -> StoreRef:
    host, _, path = rest.partition("/")
    path = path.strip("/")
    if found := _STORAGE.fullmatch(host.lower()):
        if path and (not _CONTAINER.fullmatch(path) or path.startswith(_DELIVERED)):
            about = (
                "a storage account is one store, with all its containers of logs; copies may lie in another container"
            )
            help_ = f"write {shown(f'https://{host}')}, or behind it the name of the container of copies"
            raise UsageError(f"{shown(text)} does not name a store: {about}", help=help_)
        name = f"{found['account']}.blob.{found['suffix']}"
        return StoreRef(provider=Provider.AZURE, kind=Kind.STORAGE_ACCOUNT, name=name, prefix=path)
    if _NAMESPACE.fullmatch(host.lower()) and re.fullmatch(r"[A-Za-z0-9._-]*", path):
        return StoreRef(provider=Provider.AZURE, kind=Kind.EVENT_HUB, name=host.lower(), prefix=path)
    raise _unreadable(text, _SUPPORTED)


def _unreadable(text: str, help_: str) -> UsageError:
    return UsageError(f"{shown(text)} does not name a store that posture can read", help=help_)


def _bucket_problem(bucket: str, provider: Provider) -> str:
    if provider is Provider.AWS and bucket.endswith(_ALIAS):
        return "this is an access point; name the bucket behind it"
    if "@" in bucket:  # what stands before it may be a password
        return "no user belongs into it"
    name = _GOOGLE_BUCKET if provider is Provider.GCP else _BUCKET
    if not name.fullmatch(bucket) or ".." in bucket or _ADDRESS.fullmatch(bucket):
        return f"{shown(bucket)} cannot be the name of a bucket"
    return ""


def _prefix_problem(prefix: str) -> str:
    if len(prefix.encode("utf-8", "surrogatepass")) > _MOST_PREFIX:
        return f"a prefix has at most {_MOST_PREFIX} bytes"
    if not all(letter.isprintable() for letter in prefix):
        return "the prefix holds a control character"
    return ""
