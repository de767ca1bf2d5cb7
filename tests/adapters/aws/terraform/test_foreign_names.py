"""A bucket without a name may be the one that its policy names."""

import json

import pytest

from posture.model.facts import Known
from tests.adapters.aws.terraform.build import LOGS, beside, bucket, config, configuration, plan, unknown
from tests.terraform.plans import refs, written

TO_LOGS = refs("aws_s3_bucket.logs.id", "aws_s3_bucket.logs")
NAMED = "arn:aws:s3:::acme-logs/*"


def policy(*resources: object) -> str:
    allow = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**allow, "Resource": each} for each in resources]})


def made(name: str | None, text: str) -> object:
    satellite = beside("aws_s3_bucket_policy", policy=text)
    root = configuration(LOGS, more=[written("aws_s3_bucket_policy.logs", bucket=TO_LOGS)])
    return config(plan(bucket(name=name), satellite, root=root)).policy


@pytest.mark.parametrize(
    "text",
    [policy(NAMED), policy("*", ["arn:aws:s3:::*", NAMED]), policy(NAMED).replace('"Resource"', '"NotResource"')],
)
def test_a_name_in_the_policy_may_be_that_of_the_bucket(text: str) -> None:
    assert "acme-logs" in unknown(made(None, text)).detail  # type: ignore[arg-type] # a fact
    assert isinstance(made("acme-logs", text), Known)
    assert isinstance(made("other-logs", text), Known)


@pytest.mark.parametrize(
    "text",
    [
        "", "no policy", "[]", '{"Statement": [1]}', policy("*"), policy("arn:aws:s3:::acme-*/*"), policy(7, ["x"]),
        policy("arn:aws:s3:::(aws_s3_bucket.logs)/*"), policy("arn:aws:s3:eu-west-1:111122223333:accesspoint/door"),
    ],
)  # fmt: skip
def test_what_names_no_bucket_is_as_it_is(text: str) -> None:
    assert isinstance(made(None, text), Known)
