"""What holds for every plan: hiding values only takes away, names mean nothing, and nothing is an error."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from posture.adapters.planned import placeholder
from posture.errors import PlanError
from posture.model.contributions import StoreContribution
from posture.model.facts import Known, Listing, Unknown
from posture.terraform.document import Kind
from posture.terraform.read import parse_plan
from tests.adapters.aws.terraform.build import GENERATED, LOGS, REGION, bucket, known, plan, store, tools, verdicts
from tests.terraform.mutations import mutated, places
from tests.terraform.plans import Free, change, document, module, one, read, refs, written

TO_LOGS = refs("aws_s3_bucket.logs.id", "aws_s3_bucket.logs")
ROLE = "arn:aws:iam::111122223333:role/writer"
REFUSAL = {
    "effect": "Deny",
    "actions": ["s3:*"],
    "principals": [{"type": "*", "identifiers": ["*"]}],
    "resources": ["arn:aws:s3:::acme-logs", "arn:aws:s3:::acme-logs/*"],
    "condition": [{"test": "Bool", "variable": "aws:SecureTransport", "values": ["false"]}],
}
ALLOWED = {
    "effect": "Allow",
    "actions": ["s3:PutObject"],
    "principals": [{"type": "AWS", "identifiers": [ROLE]}],
    "resources": ["arn:aws:s3:::acme-logs/*"],
    "condition": [],
}
BESIDE: dict[str, dict[str, Free]] = {
    "aws_s3_bucket_versioning": {"versioning_configuration": [{"status": "Enabled", "mfa_delete": "Disabled"}]},
    "aws_s3_bucket_public_access_block": {
        "block_public_acls": True,
        "block_public_policy": True,
        "ignore_public_acls": True,
        "restrict_public_buckets": False,
    },
    "aws_s3_bucket_server_side_encryption_configuration": {
        "rule": [
            {
                "apply_server_side_encryption_by_default": [
                    {"sse_algorithm": "aws:kms", "kms_master_key_id": "arn:aws:kms:eu-west-1:111122223333:key/k"}
                ],
                "bucket_key_enabled": True,
            }
        ]
    },
    "aws_s3_bucket_lifecycle_configuration": {
        "rule": [
            {
                "id": "r",
                "status": "Enabled",
                "filter": [{"prefix": "", "and": [], "tag": []}],
                "expiration": [{"days": 400, "date": None}],
                "noncurrent_version_expiration": [{"noncurrent_days": 30}],
            }
        ]
    },
    "aws_s3_bucket_logging": {"target_bucket": "trace", "target_prefix": "s3/"},
    "aws_s3_bucket_ownership_controls": {"rule": [{"object_ownership": "BucketOwnerPreferred"}]},
    "aws_s3_bucket_acl": {"acl": "log-delivery-write"},
    "aws_s3_bucket_object_lock_configuration": {
        "rule": [{"default_retention": [{"mode": "COMPLIANCE", "days": 365, "years": None}]}]
    },
    "aws_s3_bucket_cors_configuration": {"cors_rule": [{"allowed_methods": ["GET"], "allowed_origins": ["*"]}]},
    "aws_s3_bucket_replication_configuration": {
        "rule": [
            {
                "id": "c",
                "status": "Enabled",
                "filter": [{"prefix": ""}],
                "destination": [{"bucket": "arn:aws:s3:::copy", "account": "222233334444"}],
                "source_selection_criteria": [{"sse_kms_encrypted_objects": [{"status": "Enabled"}]}],
            }
        ]
    },
    "aws_s3_bucket_policy": {},
}
DOCUMENT = "data.aws_iam_policy_document.d"
ACCOUNT = {"name": "aws", "expressions": {"allowed_account_ids": {"constant_value": ["111122223333"]}}}


def whole() -> tuple[list[dict[str, Free]], dict[str, Free]]:
    """A bucket with everything beside it, all values known, joined by reference."""
    entries = [change(f"{kind}.logs", {"bucket": "acme-logs", **after}, ["id"]) for kind, after in BESIDE.items()]
    entries[-1]["change"]["after_unknown"]["policy"] = True
    document_marks = {"json": True, "id": True}
    entries.append(change(DOCUMENT, {"statement": [REFUSAL, ALLOWED]}, document_marks, actions=("read",)))
    items = [written(f"{kind}.logs", bucket=TO_LOGS) for kind in BESIDE]
    items[-1]["expressions"]["policy"] = refs(f"{DOCUMENT}.json", DOCUMENT)
    root = module(written(LOGS), written(DOCUMENT), *items)
    return [bucket(), *entries], root


ENTRIES, ROOT = whole()
ORIGINAL = store(plan(*ENTRIES, root=ROOT, provider=ACCOUNT))


def hidden(entry: dict[str, Free], chance: random.Random) -> None:
    """Mark one place in the values of a resource as known only after apply, the way Terraform does."""
    after, marks = entry["change"]["after"], entry["change"]["after_unknown"]
    while after:
        step = chance.choice(list(after) if isinstance(after, dict) else range(len(after)))
        deeper = isinstance(after[step], (dict, list)) and after[step] and chance.random() < 0.8
        if isinstance(marks, list):
            marks.extend({} for _ in range(len(after) - len(marks)))
        if not deeper or (isinstance(marks, dict) and marks.get(step) is True):
            if isinstance(after, list):
                after[step] = None
            else:
                del after[step]
            marks[step] = True
            return
        if isinstance(marks, dict) and not isinstance(marks.get(step), (dict, list)):
            marks[step] = [] if isinstance(after[step], list) else {}
        if isinstance(marks, list) and not isinstance(marks[step], (dict, list)):
            marks[step] = [] if isinstance(after[step], list) else {}
        after, marks = after[step], marks[step]


def facts(record: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Every fact and listing of a record."""
    if isinstance(record, (Known, Unknown, Listing)):
        yield path, record
    elif is_dataclass(record) and not isinstance(record, type):
        for field in fields(record):
            yield from facts(getattr(record, field.name), f"{path}.{field.name}")


def plain(value: object) -> object:
    """A value without where it was found."""
    if isinstance(value, Known):
        return plain(value.value)
    if isinstance(value, Unknown):
        return "?"
    if isinstance(value, tuple):
        return tuple(plain(item) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: plain(getattr(value, field.name))
            for field in fields(value)
            if field.name not in {"sources", "source", "gaps", "conditions", "witness", "via"}
        }
    return value


@settings(max_examples=100)
@given(st.integers(0, 2**32))
def test_hiding_values_only_takes_away(seed: int) -> None:
    """A fact is what it was, or unknown; a list is what it was, or may lack something."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    entries = copy.deepcopy(ENTRIES)
    for _ in range(chance.choice((1, 1, 2))):
        hidden(chance.choice(entries[1:]), chance)
    found = dict(facts(store(plan(*entries, root=ROOT, provider=ACCOUNT))))
    for path, old in facts(ORIGINAL):
        new = found[path]
        if path == ".policy" or isinstance(new, Unknown):  # an open text stands in the policy
            continue
        if isinstance(new, Listing):
            assert isinstance(old, Listing)
            same = plain(new.items) == plain(old.items)
            assert same or new.gaps or any("?" in str(plain(item)) for item in new.items), path
        elif isinstance(old, Known):
            assert isinstance(new, Known)
            assert plain(new.value) == plain(old.value), path


REFERENCE = (GENERATED / "reference-create.json").read_text(encoding="utf-8")


def test_names_of_resources_and_modules_mean_nothing() -> None:
    first, second = (parse_plan(text.encode(), "plan.json") for text in (REFERENCE, _consistent(REFERENCE)))
    assert verdicts(first) == verdicts(second)


def _consistent(text: str) -> str:
    """The plan with every resource and module renamed, wherever its address or a reference stands."""
    body = json.loads(text)
    names = {entry["name"] for entry in body["resource_changes"]}
    modules = set(re.findall(r"module\.(\w+)", text))

    def renamed(value: Free, key: str = "") -> Free:
        if isinstance(value, dict):
            if key == "module_calls":
                return {f"m_{name}": renamed(item, name) for name, item in value.items()}
            whole = {name: renamed(item, name) for name, item in value.items()}
            if "type" in whole and "name" in whole and whole["name"] in names:
                whole["name"] = f"n_{whole['name']}"
            return whole
        if isinstance(value, list):
            return [renamed(item, key) for item in value]
        if isinstance(value, str) and key in {"address", "module_address", "references"}:
            for name in modules:
                value = re.sub(rf"\bmodule\.{name}\b", f"module.m_{name}", value)
            pattern = r"\b((?:data\.)?(?:aws|databricks|time)_\w+)\.(\w+)"
            return re.sub(pattern, lambda match: f"{match[1]}.n_{match[2]}", value)
        return value

    found: str = json.dumps(renamed(body))
    return found


@given(st.text(min_size=1, max_size=40))
def test_no_placeholder_is_a_name_that_aws_takes(key: str) -> None:
    address = f"aws_s3_bucket.b[{json.dumps(key, ensure_ascii=False)}]"
    try:
        made = read(document([bucket(address, None)], module(written("aws_s3_bucket.b"))))
    except PlanError:
        return
    name = placeholder(one(made, made.resources[0].address.text))
    assert not re.fullmatch(r"[A-Za-z0-9._-]{3,255}", name)  # a bucket, now or before 2018
    assert not re.fullmatch(r"[\w+=,.@-]{1,64}", name, re.ASCII)  # a role
    assert not set(name) & set("*?$/:")
    parsed = tools(made).names.bucket_arn(made.resources[0])
    assert parsed == f"arn:aws:s3:::{name}"


SOURCES = [
    path.read_text(encoding="utf-8") for path in (GENERATED / "reference-create.json", GENERATED / "changes.json")
]
BODIES = [json.loads(text) for text in SOURCES]
WHERE = [list(places(body)) for body in BODIES]


@settings(max_examples=100)
@given(st.integers(0, 2**32))
def test_no_plan_is_an_error(seed: int) -> None:
    """With something wrong anywhere in it, a plan is refused, or every bucket of it has its rows."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    index = chance.randrange(len(BODIES))
    body = mutated(BODIES[index], WHERE[index], chance)
    try:
        made = parse_plan(json.dumps(body).encode(), "plan.json", kinds=frozenset(Kind))
    except PlanError:
        return
    for each in made.of_kind("aws_s3_bucket"):
        store(made, each.address.text)


def test_a_stand_in_is_equal_only_to_itself() -> None:
    """A literal account that nobody told us is ours may be the one that is stood for."""
    trusted = change(
        "aws_s3_bucket_policy.logs",
        {
            "policy": json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"AWS": "arn:aws:iam::222233334444:root"},
                            "Action": "s3:GetObject",
                            "Resource": "arn:aws:s3:::acme-logs/*",
                        }
                    ],
                }
            )
        },
        ["bucket", "id"],
    )
    (grant,) = store(plan(bucket(), trusted)).grants.items
    assert isinstance(grant.scope, Unknown)
    assert "allowed_account_ids" in grant.scope.needs
    (told,) = store(plan(bucket(), trusted, provider=ACCOUNT)).grants.items
    assert known(told.scope) == "outside"


def by_policy(statement: dict[str, Free], provider: dict[str, Free] | None = None) -> StoreContribution:
    """What is said of a bucket whose policy has one more statement."""
    body = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    entry = change("aws_s3_bucket_policy.logs", {"policy": body}, ["bucket", "id"])
    return store(plan(bucket(), entry, provider=provider or REGION))


LOCK = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": ["arn:aws:s3:::acme-logs", "arn:aws:s3:::acme-logs/*"],
    "Condition": {"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}},
}


def test_a_refusal_by_account_may_be_of_our_own() -> None:
    assert isinstance(by_policy(LOCK).exposure.owner_locked_out, Unknown)
    assert by_policy(LOCK).grants.gaps
    assert known(by_policy(LOCK, ACCOUNT).exposure.owner_locked_out) is False
    other = {**LOCK, "Condition": {"StringNotEquals": {"aws:PrincipalAccount": "222233334444"}}}
    assert known(by_policy(other, ACCOUNT).exposure.owner_locked_out) is True


def test_a_grant_that_is_tied_to_the_account_of_the_bucket_may_hold() -> None:
    tied = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::acme-logs/*",
        "Condition": {"StringEquals": {"aws:ResourceAccount": "111122223333"}},
    }
    assert by_policy(tied).grants.gaps
    assert by_policy({**tied, "Condition": {}}).grants.gaps == ()
