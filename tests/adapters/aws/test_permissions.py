"""The printed role allows what is called, and nothing else."""

from __future__ import annotations

import json
import re
from typing import Any

from posture.adapters.aws.calls import ASSUME_ROLE, CALLS
from posture.adapters.aws.permissions import least_privilege, least_privilege_hcl
from posture.reading import Needs

READS = re.compile(r"\w+:(Get|List|Describe)\w+")


def statements(document: Any) -> dict[str, dict[str, Any]]:  # noqa: ANN401 - a JSON document
    return {statement["Sid"]: statement for statement in document["Statement"]}


def test_every_permission_is_granted_on_its_resource_and_no_other_is() -> None:
    granted = {
        (action, resource)
        for statement in statements(least_privilege()).values()
        for action in statement["Action"]
        for resource in statement["Resource"]
    }
    assert granted == {(call.permission, call.resource) for call in CALLS if call.permission and call != ASSUME_ROLE}


def test_what_is_not_needed_is_not_granted() -> None:
    granted = {
        name: statement["Action"]
        for name, statement in statements(least_privilege(needs=Needs(("encryption.key_rotating",)))).items()
    }
    assert granted == {
        "ReadAccountAndOrganisation": ["s3:ListAllMyBuckets"],
        "ReadBucketConfiguration": [
            "s3:GetBucketLocation",
            "s3:GetBucketVersioning",
            "s3:GetEncryptionConfiguration",
            "s3:GetReplicationConfiguration",
        ],
        "ReadKeys": ["kms:DescribeKey", "kms:GetKeyRotationStatus"],
    }


def test_nothing_but_reading_and_no_wildcard_in_an_action() -> None:
    for statement in statements(least_privilege()).values():
        assert statement["Effect"] == "Allow"
        assert statement["Action"]
        assert all(READS.fullmatch(action) for action in statement["Action"])


def test_no_object_can_be_read() -> None:
    assert "s3:GetObject" not in {call.permission for call in CALLS}
    assert not any(call.resource.endswith(("*/*", ":::*/")) and ":s3:::" in call.resource for call in CALLS)


def test_roles_to_assume_are_named_one_by_one() -> None:
    assert "sts:AssumeRole" not in json.dumps(least_privilege())
    named = ["arn:aws:iam::222222222222:role/posture-reader"]
    become = statements(least_privilege(assume=named))["BecomeReadersOfOtherAccounts"]
    assert (become["Action"], become["Resource"]) == (["sts:AssumeRole"], named)


def test_other_partitions() -> None:
    resources = [
        one for each in statements(least_privilege(partition="aws-us-gov")).values() for one in each["Resource"]
    ]
    assert all(resource == "*" or resource.startswith("arn:aws-us-gov:") for resource in resources)


def test_terraform_says_the_same() -> None:
    hcl = least_privilege_hcl(assume=["arn:aws:iam::222222222222:role/posture-reader"])
    found = [
        (
            re.search(r'sid\s+= "(\w+)"', block)[1],  # type: ignore[index]  # None would fail the test as well
            re.findall(r'^\s+"([\w:]+)", +#', block, re.MULTILINE),
            re.findall(r'"([^"]+)"', re.search(r"resources\s+= \[(.*)\]", block)[1]),  # type: ignore[index]  # the same
        )
        for block in hcl.split("  statement {")[1:]
    ]
    document = least_privilege(assume=["arn:aws:iam::222222222222:role/posture-reader"])
    assert found == [(sid, one["Action"], one["Resource"]) for sid, one in statements(document).items()]
    assert hcl.count("{") == hcl.count("}")
