"""What a bucket policy turns away, decided over every request and not by the look of a statement."""

from __future__ import annotations

import pytest

from posture.adapters.aws import calls
from posture.adapters.aws.access.refusals import Judge
from posture.adapters.aws.access.ways import Resource
from posture.iam import parse
from posture.model.facts import Reason, Source
from posture.reading import Json
from tests.adapters.aws.access_world import ARN, ENFORCED, STRANGER, WRITER, allow, deny, policy, seen, text
from tests.adapters.aws.recorded import ACCOUNT, KEY, NOW, REGION, encryption, value

CLEAR = {"Bool": {"aws:SecureTransport": "false"}}
OBJECTS_ONLY = f"{ARN}/*"


@pytest.mark.parametrize(
    "statement",
    [
        deny(CLEAR),
        deny({"Bool": {"aws:SecureTransport": False}}),
        deny({"Bool": {"aws:SecureTransport": ["false"]}}),
        deny({"Bool": {"AWS:securetransport": "FALSE"}}),
        deny({"BoolIfExists": {"aws:SecureTransport": "false"}}),
        deny(CLEAR, Principal={"AWS": "*"}),
        deny(CLEAR, Action="*"),
        deny(CLEAR, Resource="*"),
        deny({"StringNotEquals": {"aws:SecureTransport": "true"}}),
    ],
)
def test_clear_text_is_refused_however_it_is_said(statement: dict[str, Json]) -> None:
    found = seen(policy(allow(WRITER), statement), ENFORCED).refusals
    assert value(found.tls_required) is True


@pytest.mark.parametrize(
    "statement",
    [
        allow(WRITER),
        deny(CLEAR, Action="s3:GetObject"),
        deny(CLEAR, Action=["s3:Get*", "s3:List*"]),
        deny(CLEAR, Principal={"AWS": STRANGER}),
        deny(CLEAR, Resource=f"{ARN}/audit/*"),
        deny(CLEAR, Resource=OBJECTS_ONLY),
        deny(CLEAR, Resource=ARN),
        deny({**CLEAR, "StringEquals": {"aws:PrincipalAccount": STRANGER}}),
        deny({**CLEAR, "IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
        deny({"Bool": {"aws:SecureTransport": "true"}}),
        deny({"NumericLessThan": {"s3:TlsVersion": "1.2"}}),  # a request in clear text has no TLS version
        {**deny(CLEAR), "NotAction": "s3:GetObject", "Action": None},
    ],
)
def test_one_hole_is_enough_for_clear_text(statement: dict[str, Json]) -> None:
    clean = {name: part for name, part in statement.items() if part is not None}
    found = seen(policy(clean), ENFORCED).refusals
    assert value(found.tls_required) is False


def test_two_halves_make_a_whole() -> None:
    halves = (deny(CLEAR, Resource=OBJECTS_ONLY), deny(CLEAR, Resource=ARN))
    assert value(seen(policy(*halves), ENFORCED).refusals.tls_required) is True


def test_a_refusal_that_cannot_be_read_is_none_and_no_proof_of_none() -> None:
    found = seen(policy(deny({"Boolean": {"aws:SecureTransport": "false"}})), ENFORCED).refusals
    assert value(found.tls_required) is Reason.UNDETERMINED


def test_everything_is_unknown_with_the_policy() -> None:
    found = seen({calls.GET_BUCKET_POLICY: Reason.DENIED}, ENFORCED)
    assert {value(getattr(found.refusals, name)) for name in found.refusals.__slots__} == {Reason.DENIED}
    assert value(found.exposure.owner_locked_out) is Reason.DENIED


@pytest.mark.parametrize(
    ("statement", "judged", "refused"),
    [
        (deny({"NumericLessThan": {"s3:TlsVersion": "1.2"}}), True, True),
        (deny({"NumericLessThan": {"s3:TlsVersion": 1.2}}), True, True),
        (deny({"NumericLessThan": {"s3:TlsVersion": "1.1"}}), True, False),
        (deny({"NumericLessThan": {"s3:TlsVersion": "1.2"}}, Action="s3:GetObject"), True, False),
        (deny(CLEAR), False, False),
        (allow(WRITER), False, False),
    ],
)
def test_old_tls_is_judged_version_by_version(statement: dict[str, Json], judged: bool, refused: bool) -> None:  # noqa: FBT001 - parametrised
    found = seen(policy(statement), ENFORCED).refusals
    assert (value(found.judges_tls), value(found.old_tls_refused)) == (judged, refused)


SSE, SSE_KEY = "s3:x-amz-server-side-encryption", "s3:x-amz-server-side-encryption-aws-kms-key-id"
PUT = {"Action": "s3:PutObject", "Resource": OBJECTS_ONLY}
NO_HEADER = deny({"Null": {SSE: "true"}}, **PUT)
OTHER_ALGORITHM = deny({"StringNotEquals": {SSE: "aws:kms"}}, **PUT)
OTHER_ALGORITHM_NAMED = deny({"StringNotEqualsIfExists": {SSE: "aws:kms"}, "Null": {SSE: "false"}}, **PUT)
OTHER_KEY = deny({"StringNotEquals": {SSE_KEY: KEY}}, **PUT)
OTHER_KEY_NAMED = deny({"StringNotEquals": {SSE_KEY: KEY}, "Null": {SSE_KEY: "false"}}, **PUT)
DEFAULT_KEY_NAMED = deny({"StringEquals": {SSE: "aws:kms"}, "Null": {SSE_KEY: "true"}}, **PUT)


@pytest.mark.parametrize(
    ("statements", "judged", "unencrypted", "wrong"),
    [
        ((allow(WRITER),), False, False, False),
        ((NO_HEADER,), True, True, False),
        ((OTHER_ALGORITHM,), True, True, False),  # the negated test holds without a header too
        ((OTHER_ALGORITHM, OTHER_KEY), True, True, True),
        ((OTHER_ALGORITHM_NAMED, OTHER_KEY_NAMED, DEFAULT_KEY_NAMED), True, False, True),
        ((OTHER_ALGORITHM_NAMED, OTHER_KEY_NAMED), True, False, False),  # aws:kms without a key is the provider's
        ((deny({"Null": {SSE: "true"}}, Action="s3:PutObject", Resource=f"{ARN}/audit/*"),), True, False, False),
        ((deny({"Null": {SSE: "true"}, "StringNotEquals": {"aws:PrincipalArn": WRITER}}, **PUT),), True, False, False),
    ],
)
def test_uploads_are_judged_by_what_gets_through(
    statements: tuple[dict[str, Json], ...],
    judged: bool,  # noqa: FBT001 - parametrised
    unencrypted: bool,  # noqa: FBT001 - parametrised
    wrong: bool,  # noqa: FBT001 - parametrised
) -> None:
    default = {calls.GET_BUCKET_ENCRYPTION: encryption("aws:kms", KEY)}
    found = seen(policy(*statements), ENFORCED, default).refusals
    assert (
        value(found.judges_uploads),
        value(found.unencrypted_upload_refused),
        value(found.wrong_encryption_refused),
    ) == (
        judged,
        unencrypted,
        wrong,
    )


def test_a_rule_for_the_log_prefix_covers_the_logs() -> None:
    rule = deny({"Null": {SSE: "true"}}, Action="s3:PutObject", Resource=f"{ARN}/audit/*")
    assert value(seen(policy(rule), ENFORCED, prefix="audit").refusals.unencrypted_upload_refused) is True


def test_what_is_wrong_depends_on_the_default() -> None:
    unread = {calls.GET_BUCKET_ENCRYPTION: Reason.DENIED}
    assert value(seen(policy(OTHER_KEY), ENFORCED, unread).refusals.wrong_encryption_refused) is Reason.DENIED
    assert value(seen(policy(OTHER_KEY_NAMED), ENFORCED).refusals.wrong_encryption_refused) is True  # AES256


def test_a_strangers_key_lies_where_the_bucket_does() -> None:
    """A rule that admits keys of this Region, whoever's they are, lets a stranger's through."""
    default = {calls.GET_BUCKET_ENCRYPTION: encryption("aws:kms", KEY)}
    anybodys = deny({"StringNotLike": {SSE_KEY: f"arn:aws:kms:{REGION}:*:key/*"}}, **PUT)
    assert value(seen(policy(OTHER_ALGORITHM, anybodys), ENFORCED, default).refusals.wrong_encryption_refused) is False


def test_an_ordinary_role_is_written_as_in_the_partition_of_the_bucket() -> None:
    everybody = {"aws:PrincipalArn": [f"arn:aws-us-gov:{service}::{ACCOUNT}:*" for service in ("iam", "sts")]}
    statements = [deny({"ArnLike": everybody}, Resource="*")]
    bucket = Resource(arn="arn:aws-us-gov:s3:::acme-audit-logs", owner=ACCOUNT, now=NOW)
    judge = Judge(parse(text(*statements), "bucket policy"), bucket, Source(operation="s3:GetBucketPolicy"))
    assert value(judge.locked_out()) is True


@pytest.mark.parametrize(
    ("statement", "locked"),
    [
        (deny(), True),
        (deny({"StringNotEquals": {"aws:PrincipalAccount": STRANGER}}), True),
        (deny({"ArnNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:root"}}), True),  # the root user alone
        (deny({"ArnNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/admin"}}), False),
        (deny(CLEAR), False),
        (deny({"BoolIfExists": {"aws:SecureTransport": "FALSE"}}), False),
        (deny({"Bool": {"aws:SecureTransport": "true"}}), False),  # plain HTTP is left
        (deny({"Bool": {"aws:SecureTransport": ["true", "false"]}}), True),
        (deny({"ForAnyValue:Bool": {"aws:SecureTransport": "false"}}), False),
        (deny(Action="s3:GetObject"), False),
        (allow(WRITER), False),
    ],
)
def test_the_owner_is_locked_out_when_nobody_but_root_can_change_the_policy(
    statement: dict[str, Json],
    locked: bool,  # noqa: FBT001 - parametrised
) -> None:
    assert value(seen(policy(statement), ENFORCED).exposure.owner_locked_out) is locked
