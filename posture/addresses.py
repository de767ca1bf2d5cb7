"""What users call a store: `s3://bucket/prefix`, `gs://bucket/prefix`."""

from __future__ import annotations

import re

from posture.errors import UsageError
from posture.model.leads import StoreRef
from posture.model.subjects import Kind, Provider
from posture.policy.wording import shown

_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]")  # wide enough for names from before 2018
_GOOGLE_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")
_ADDRESS = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+")
_ALIAS = ("-s3alias", "--ol-s3", ".mrap")
_KINDS = {"s3": (Provider.AWS, Kind.S3_BUCKET), "gs": (Provider.GCP, Kind.GCS_BUCKET)}
_SUPPORTED = "supported: s3://bucket or s3://bucket/prefix, gs://bucket or gs://bucket/prefix"
_MOST_PREFIX = 1024  # bytes of the name of an object


def parse_store_uri(text: str) -> StoreRef:
    """The store that a URI names, with its prefix as it is written but for slashes at its ends."""
    scheme, mark, rest = text.strip().partition("://")
    text = re.sub(r"//[^/@]*@", "//[redacted]@", text)  # a password has no place here, nor in a message
    known = _KINDS.get(scheme.lower())
    if not mark or known is None:
        helps = f"write {shown(f's3://{rest}')}" if scheme.lower() in {"s3a", "s3n"} else _SUPPORTED
        raise UsageError(f"{shown(text)} does not name a store that posture can read", help=helps)
    bucket, _, prefix = rest.partition("/")
    prefix = prefix.strip("/")
    provider, kind = known
    if problem := _bucket_problem(bucket, provider) or _prefix_problem(prefix):
        raise UsageError(f"{shown(text)} does not name a store: {problem}", help=_SUPPORTED)
    return StoreRef(provider=provider, kind=kind, name=bucket, prefix=prefix)


def _bucket_problem(bucket: str, provider: Provider) -> str:
    if provider is Provider.AWS and bucket.endswith(_ALIAS):
        return "this is an access point; name the bucket behind it"
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
