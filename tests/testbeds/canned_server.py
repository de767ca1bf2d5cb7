"""An AWS that answers at once from a table, for any bucket: what a bench measures is then the client.

Run as a script, with nothing but the standard library (and uvloop where it is installed).
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from urllib.parse import parse_qsl

_XMLNS = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
_OWNER = "<ID>75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a</ID>"
_KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
_FLAGS = "".join(
    f"<{flag}>true</{flag}>"
    for flag in ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
)
_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": ["arn:aws:s3:::{bucket}", "arn:aws:s3:::{bucket}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::123456789012:role/audit-log-delivery"},
            "Action": ["s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:ListBucket", "s3:GetBucketLocation"],
            "Resource": ["arn:aws:s3:::{bucket}", "arn:aws:s3:::{bucket}/*"],
        },
    ],
}


def _absent(code: str) -> tuple[int, str]:
    return 404, f"<Error><Code>{code}</Code><Message>not set</Message><RequestId>canned</RequestId></Error>"


_ACCESS_RULE = (
    f"<ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>{_KEY}</KMSMasterKeyID>"
    "</ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled>"
)
_GRANT = (
    '<Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser">'
    f"{_OWNER}</Grantee><Permission>FULL_CONTROL</Permission></Grant>"
)
S3: Mapping[str, tuple[str, tuple[int, str]]] = {  # sub-resource → operation, status and body
    "location": ("s3:GetBucketLocation", (200, f"<LocationConstraint {_XMLNS}/>")),
    "encryption": (
        "s3:GetBucketEncryption",
        (
            200,
            f"<ServerSideEncryptionConfiguration {_XMLNS}><Rule>{_ACCESS_RULE}</Rule>"
            "</ServerSideEncryptionConfiguration>",
        ),
    ),
    "policy": ("s3:GetBucketPolicy", (200, json.dumps(_POLICY))),
    "policyStatus": (
        "s3:GetBucketPolicyStatus",
        (200, f"<PolicyStatus {_XMLNS}><IsPublic>false</IsPublic></PolicyStatus>"),
    ),
    "publicAccessBlock": (
        "s3:GetPublicAccessBlock",
        (200, f"<PublicAccessBlockConfiguration {_XMLNS}>{_FLAGS}</PublicAccessBlockConfiguration>"),
    ),
    "acl": (
        "s3:GetBucketAcl",
        (
            200,
            f"<AccessControlPolicy {_XMLNS}><Owner>{_OWNER}</Owner><AccessControlList>{_GRANT}</AccessControlList>"
            "</AccessControlPolicy>",
        ),
    ),
    "ownershipControls": (
        "s3:GetBucketOwnershipControls",
        (
            200,
            f"<OwnershipControls {_XMLNS}><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule>"
            "</OwnershipControls>",
        ),
    ),
    "versioning": (
        "s3:GetBucketVersioning",
        (200, f"<VersioningConfiguration {_XMLNS}><Status>Enabled</Status></VersioningConfiguration>"),
    ),
    "object-lock": ("s3:GetObjectLockConfiguration", _absent("ObjectLockConfigurationNotFoundError")),
    "lifecycle": ("s3:GetBucketLifecycleConfiguration", _absent("NoSuchLifecycleConfiguration")),
    "logging": ("s3:GetBucketLogging", (200, f"<BucketLoggingStatus {_XMLNS}/>")),
    "replication": ("s3:GetBucketReplication", _absent("ReplicationConfigurationNotFoundError")),
    "website": ("s3:GetBucketWebsite", _absent("NoSuchWebsiteConfiguration")),
    "cors": ("s3:GetBucketCors", _absent("NoSuchCORSConfiguration")),
    "notification": (
        "s3:GetBucketNotificationConfiguration",
        (200, f"<NotificationConfiguration {_XMLNS}/>"),
    ),
    "tagging": ("s3:GetBucketTagging", _absent("NoSuchTagSet")),
}

S3_CONTROL: Mapping[str, tuple[str, tuple[int, str]]] = {
    "/v20180820/configuration/publicAccessBlock": (
        "s3control:GetPublicAccessBlock",
        (200, f"<PublicAccessBlockConfiguration>{_FLAGS}</PublicAccessBlockConfiguration>"),
    ),
    "/v20180820/accesspoint": (
        "s3control:ListAccessPoints",
        (200, "<ListAccessPointsResult><AccessPointList/></ListAccessPointsResult>"),
    ),
}

_KEY_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
    ],
}
_ORGANIZATION = {
    "Id": "o-exampleorgid",
    "Arn": "arn:aws:organizations::123456789012:organization/o-exampleorgid",
    "MasterAccountId": "123456789012",
    "FeatureSet": "ALL",
}
_MEMBER = {"Id": "123456789012", "Name": "security", "Status": "ACTIVE", "State": "ACTIVE"}
JSON: Mapping[str, tuple[str, object]] = {  # X-Amz-Target, without its prefix → operation, body
    "DescribeKey": (
        "kms:DescribeKey",
        {
            "KeyMetadata": {
                "AWSAccountId": "123456789012",
                "KeyId": _KEY.rpartition("/")[2],
                "Arn": _KEY,
                "Enabled": True,
                "KeyState": "Enabled",
                "KeyManager": "CUSTOMER",
                "Origin": "AWS_KMS",
                "MultiRegion": False,
            }
        },
    ),
    "GetKeyPolicy": ("kms:GetKeyPolicy", {"Policy": json.dumps(_KEY_POLICY), "PolicyName": "default"}),
    "GetKeyRotationStatus": ("kms:GetKeyRotationStatus", {"KeyRotationEnabled": True, "KeyId": _KEY}),
    "ListGrants": ("kms:ListGrants", {"Grants": [], "Truncated": False}),
    "DescribeTrails": ("cloudtrail:DescribeTrails", {"trailList": []}),
    "GetEventSelectors": ("cloudtrail:GetEventSelectors", {"EventSelectors": []}),
    "GetTrailStatus": ("cloudtrail:GetTrailStatus", {"IsLogging": True}),
    "DescribeOrganization": ("organizations:DescribeOrganization", {"Organization": _ORGANIZATION}),
    "ListAccounts": ("organizations:ListAccounts", {"Accounts": [_MEMBER]}),
}


def _query_answer(action: str, result: str) -> str:
    return (
        f"<{action}Response><{action}Result>{result}</{action}Result>"
        f"<ResponseMetadata><RequestId>canned</RequestId></ResponseMetadata></{action}Response>"
    )


_ASSUMED = (
    "<Credentials><AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId><SecretAccessKey>canned</SecretAccessKey>"
    "<SessionToken>canned</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
)
QUERY: Mapping[str, tuple[str, str]] = {
    "GetCallerIdentity": (
        "sts:GetCallerIdentity",
        _query_answer(
            "GetCallerIdentity",
            "<Arn>arn:aws:iam::123456789012:user/bench</Arn><UserId>AIDAEXAMPLE</UserId><Account>123456789012</Account>",
        ),
    ),
    "AssumeRole": ("sts:AssumeRole", _query_answer("AssumeRole", _ASSUMED)),
}


class Canned:
    """The answers, and how often each operation was asked."""

    def __init__(self, buckets: int) -> None:
        self.counts: Counter[str] = Counter()
        self.list_buckets = "".join(
            f"<Bucket><Name>bucket-{number:05}</Name><CreationDate>2026-01-01T00:00:00Z</CreationDate>"
            "<BucketRegion>us-east-1</BucketRegion></Bucket>"
            for number in range(buckets)
        )

    def answer(self, head: str, body: bytes) -> bytes:
        """The whole HTTP answer to one request."""
        request, _, lines = head.partition("\r\n")
        method, target, _ = request.split(" ", 2)
        path, _, query = target.partition("?")
        if path.startswith("/_canned/"):
            return self._about(path)
        name, status, text, extra = self._find(method, path, query, lines, body)
        self.counts[name] += 1
        kind = "application/x-amz-json-1.1" if method == "POST" and text.startswith("{") else "application/xml"
        return _http(status, text, kind, extra, head_only=method == "HEAD")

    def _find(self, method: str, path: str, query: str, lines: str, body: bytes) -> tuple[str, int, str, str]:
        if method == "POST":
            return self._find_post(lines, body)
        if path.startswith("/v20180820/"):
            name, (status, text) = S3_CONTROL.get(path, (f"s3control:{path}", _absent("NoSuchAccessPoint")))
            return name, status, text, ""
        bucket = path.strip("/")
        if not bucket:
            listing = f"<ListAllMyBucketsResult {_XMLNS}><Owner>{_OWNER}</Owner><Buckets>{self.list_buckets}</Buckets>"
            return "s3:ListBuckets", 200, f"{listing}</ListAllMyBucketsResult>", ""
        if method == "HEAD":
            return "s3:HeadBucket", 200, "", "x-amz-bucket-region: us-east-1\r\n"
        asked = next((name for name, _ in parse_qsl(query, keep_blank_values=True) if name in S3), "")
        unknown = (400, "<Error><Code>NotCanned</Code><Message>not in the table</Message></Error>")
        name, (status, text) = S3.get(asked, (f"s3:GET ?{query}", unknown))
        return name, status, text.replace("{bucket}", bucket), ""

    def _find_post(self, lines: str, body: bytes) -> tuple[str, int, str, str]:
        target = next((line for line in lines.split("\r\n") if line.lower().startswith("x-amz-target:")), "")
        if target:
            action = target.rpartition(".")[2].strip()
            name, answer = JSON.get(action, (f"json:{action}", None))
            if answer is not None:
                return name, 200, json.dumps(answer), ""
            return name, 400, json.dumps({"__type": "UnknownOperationException"}), ""
        action = dict(parse_qsl(body.decode())).get("Action", "")
        name, text = QUERY.get(action, (f"query:{action}", ""))
        if text:
            return name, 200, text, ""
        return name, 400, "<ErrorResponse><Error><Code>InvalidAction</Code></Error></ErrorResponse>", ""

    def _about(self, path: str) -> bytes:
        if path == "/_canned/reset":
            self.counts.clear()
        return _http(200, json.dumps(self.counts), "application/json", "", head_only=False)


def _http(status: int, text: str, kind: str, extra: str, *, head_only: bool) -> bytes:
    body = text.encode()
    head = f"HTTP/1.1 {status} canned\r\nContent-Type: {kind}\r\n{extra}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + (b"" if head_only else body)


class Connection(asyncio.Protocol):
    """One kept connection; answers come `latency` seconds after their request."""

    def __init__(self, canned: Canned, latency: float) -> None:
        self.canned = canned
        self.latency = latency
        self.waiting = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where to answer."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole."""
        self.waiting += data
        while (end := self.waiting.find(b"\r\n\r\n")) >= 0:
            head = self.waiting[:end].decode("latin-1")
            size = end + 4 + _length(head)
            if len(self.waiting) < size:
                return
            body, self.waiting = self.waiting[end + 4 : size], self.waiting[size:]
            self._write(self.canned.answer(head, body))

    def _write(self, answer: bytes) -> None:
        assert self.transport is not None
        if self.latency:
            asyncio.get_running_loop().call_later(self.latency, self.transport.write, answer)
        else:
            self.transport.write(answer)


def _length(head: str) -> int:
    for line in head.split("\r\n"):
        if line[:15].lower() == "content-length:":
            return int(line[15:])
    return 0


async def serve(canned: Canned, latency: float) -> None:
    """Listen on a free port for ever."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(canned, latency), "127.0.0.1", 0, backlog=512)
    print(f"Running on http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)  # noqa: T201 the ready line
    await server.serve_forever()


def main() -> None:
    """Serve until ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--buckets", type=int, default=20, help="how many ListBuckets names")
    options = parser.parse_args()
    try:
        import uvloop  # noqa: PLC0415 optional
    except ImportError:
        pass
    else:
        uvloop.install()
    asyncio.run(serve(Canned(options.buckets), options.latency))


if __name__ == "__main__":
    main()
