"""Policy documents that a plan does not know, rebuilt from their arguments."""

import json

import pytest

from posture.adapters.aws.terraform.merging import ANYTHING
from posture.adapters.aws.terraform.roles import Roles
from posture.iam import parse
from posture.model.facts import Fact
from posture.terraform.place import Place
from tests.adapters.aws.terraform.build import LOGS, beside, bucket, config, configuration, known, plan, tools, unknown
from tests.terraform.plans import Free, change, one, refs, written

DOCUMENT = "data.aws_iam_policy_document.d"
OPEN = "(known after apply)"
POLICY = beside("aws_s3_bucket_policy", unknown=["policy"])
TO_DOCUMENT = refs(f"{DOCUMENT}.json", DOCUMENT)
TO_LOGS = refs("aws_s3_bucket.logs.id", "aws_s3_bucket.logs")
BASE = written("aws_s3_bucket_policy.logs", bucket=TO_LOGS, policy=TO_DOCUMENT)


def rebuilt(
    *documents: dict[str, Free], more: tuple[dict[str, Free], ...] = (), others: tuple[dict[str, Free], ...] = ()
) -> Fact[str]:
    """The policy of the bucket, whose resource refers to the first document."""
    shown = [written(f"data.{each['type']}.{each['name']}") for each in documents]
    named = {item["address"] for item in more}
    root = configuration(LOGS, more=[BASE, *(item for item in shown if item["address"] not in named), *more])
    planned = plan(bucket(), POLICY, *documents, *others, root=root)
    made = tools(planned)
    policy = one(planned, "aws_s3_bucket_policy.logs")
    return made.documents.text(Place(values=policy.after, resource=policy).at("policy"))


def iam(name: str = "d", unknown: Free = None, **arguments: Free) -> dict[str, Free]:
    """A policy document that is read during apply."""
    marks = {"json": True, "minified_json": True, "id": True} | (unknown or {})
    return change(f"data.aws_iam_policy_document.{name}", arguments, marks, actions=("read",))


def statement(**members: Free) -> dict[str, Free]:
    return {
        "sid": None,
        "effect": "Allow",
        "actions": ["s3:GetObject"],
        "not_actions": None,
        "resources": ["arn:aws:s3:::acme-logs/*"],
        "not_resources": None,
        "principals": [{"type": "AWS", "identifiers": ["*"]}],
        "not_principals": [],
        "condition": [],
        **members,
    }


def statements(fact: Fact[str]) -> list[dict[str, Free]]:
    body = json.loads(known(fact))
    found: list[dict[str, Free]] = body["Statement"]
    return found


def test_a_statement_is_written_as_the_provider_writes_it() -> None:
    condition = [
        {"test": "Bool", "variable": "aws:SecureTransport", "values": ["false"]},
        {"test": "StringEquals", "variable": "aws:PrincipalOrgID", "values": ["o-1", "o-2"]},
    ]
    made = statements(
        rebuilt(
            iam(
                statement=[
                    statement(sid="Plain", effect=None),
                    statement(
                        effect="Deny",
                        principals=[{"type": "*", "identifiers": ["*"]}],
                        not_actions=["s3:Get*"],
                        actions=None,
                    ),
                    statement(
                        condition=condition, principals=[{"type": "Service", "identifiers": ["x.amazonaws.com"]}]
                    ),
                ]
            )
        )
    )
    assert made[0] == {
        "Sid": "Plain",
        "Effect": "Allow",
        "Principal": {"AWS": ["*"]},
        "Action": ["s3:GetObject"],
        "Resource": ["arn:aws:s3:::acme-logs/*"],
    }
    assert made[1]["Principal"] == "*"
    assert made[1]["NotAction"] == ["s3:Get*"]
    assert made[2]["Principal"] == {"Service": ["x.amazonaws.com"]}
    assert made[2]["Condition"] == {
        "Bool": {"aws:SecureTransport": ["false"]},
        "StringEquals": {"aws:PrincipalOrgID": ["o-1", "o-2"]},
    }


@pytest.mark.parametrize(
    ("attribute", "element"),
    [
        *(("resources", "Resource"), ("actions", "Action"), ("not_resources", "NotResource")),
        *(("not_actions", "NotAction"), ("effect", "Effect"), ("principals", "Principal"), ("condition", "Condition")),
    ],
)
def test_an_unknown_part_hides_no_other(attribute: str, element: str) -> None:
    """Also where the plan leaves the whole attribute out, and marks it with one word."""
    whole = statement(sid="Some")
    whole.pop(attribute)
    for other in ("actions", "resources"):
        if attribute == f"not_{other}":
            whole.pop(other)
    entry = iam(statement=[whole], unknown={"statement": [{attribute: True}]})
    (made,) = statements(rebuilt(entry))
    rest = {"Sid": "Some", "Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": ["s3:GetObject"]}
    assert {key: value for key, value in made.items() if key in rest and key != element} == {
        key: value for key, value in rest.items() if key in made and key != element
    }
    assert OPEN in json.dumps(made[element])
    parsed = parse(json.dumps({"Version": "2012-10-17", "Statement": [made]}))
    assert parsed.readable
    assert parsed.problems, "the engine has to see that something is open"


def test_an_unknown_element_of_a_set_hides_no_other() -> None:
    entry = iam(
        statement=[statement(resources=["arn:aws:s3:::acme-logs", None])],
        unknown={"statement": [{"resources": [False, True]}]},
    )
    (made,) = statements(rebuilt(entry))
    assert made["Resource"] == ["arn:aws:s3:::acme-logs", OPEN]
    assert made["Principal"] == {"AWS": ["*"]}


def test_a_role_of_the_plan_is_named_by_its_arn() -> None:
    role = change("aws_iam_role.w", {"name": "writer", "path": "/logs/"}, ["arn", "id"])
    entry = iam(
        statement=[statement(principals=[{"type": "AWS", "identifiers": [None]}])],
        unknown={"statement": [{"principals": [{"identifiers": [True]}]}]},
    )
    inside = [{"principals": [{"identifiers": refs("aws_iam_role.w.arn", "aws_iam_role.w")}]}]
    more = (written(DOCUMENT, statement=inside), written("aws_iam_role.w"))
    (made,) = statements(rebuilt(entry, more=more, others=(role,)))
    assert made["Principal"] == {"AWS": ["arn:aws:iam::000000000001:role/logs/writer"]}


def test_a_principal_that_may_be_anybody_stays_open() -> None:
    entry = iam(
        statement=[statement(principals=[{"type": "AWS", "identifiers": [None]}])],
        unknown={"statement": [{"principals": [{"identifiers": [True]}]}]},
    )
    inside = [{"principals": [{"identifiers": refs("local.who")}]}]
    (made,) = statements(rebuilt(entry, more=(written(DOCUMENT, statement=inside),)))
    assert made["Principal"] == {"AWS": [OPEN]}


def test_sources_come_before_the_statements_and_overrides_after_them() -> None:
    def body(sid: str, action: str) -> str:
        return json.dumps({"Statement": [{"Sid": sid, "Effect": "Allow", "Action": action}]})

    entry = iam(
        source_policy_documents=[body("A", "s3:one"), body("B", "s3:one")],
        statement=[statement(sid="B", actions=["s3:two"]), statement(sid="C", actions=["s3:two"])],
        override_policy_documents=[body("C", "s3:three"), body("D", "s3:three")],
    )
    found = {each["Sid"]: each["Action"] for each in statements(rebuilt(entry))}
    assert found == {"A": "s3:one", "B": ["s3:two"], "C": "s3:three", "D": "s3:three"}


def test_documents_that_are_taken_in_are_rebuilt_too() -> None:
    inner = iam("inner", statement=[statement(sid="Inner")])
    outer = iam(
        statement=[statement(sid="Outer")],
        source_policy_documents=[None],
        unknown={"source_policy_documents": [True]},
    )
    to_inner = refs("data.aws_iam_policy_document.inner.json", "data.aws_iam_policy_document.inner")
    made = rebuilt(outer, inner, more=(written(DOCUMENT, source_policy_documents=to_inner),))
    assert [each["Sid"] for each in statements(made)] == ["Inner", "Outer"]


def test_documents_that_take_in_each_other_end() -> None:
    def taking(name: str, other: str) -> tuple[dict[str, Free], dict[str, Free]]:
        address = f"data.aws_iam_policy_document.{other}"
        entry = iam(name, source_policy_documents=[None], unknown={"source_policy_documents": [True]})
        own = written(f"data.aws_iam_policy_document.{name}", source_policy_documents=refs(f"{address}.json", address))
        return entry, own

    (one_entry, one_own), (two_entry, two_own) = taking("d", "e"), taking("e", "d")
    assert statements(rebuilt(one_entry, two_entry, more=(one_own, two_own))) == [ANYTHING]


def vendor(kind: str, marks: dict[str, Free], **arguments: Free) -> dict[str, Free]:
    return change(f"data.{kind}.d", arguments, {"json": True, "id": True, **marks}, actions=("read",))


def bucket_policy_of(
    marks: dict[str, Free], to_role: str = "aws_iam_role.w", **arguments: Free
) -> list[dict[str, Free]]:
    entry = vendor("databricks_aws_bucket_policy", marks, **arguments)
    address = "data.databricks_aws_bucket_policy.d"
    role = change("aws_iam_role.w", {"name": "writer", "path": "/"}, ["arn", "id"])
    more = (written(address, full_access_role=refs(f"{to_role}.arn", to_role)), written("aws_iam_role.w"))
    root = configuration(
        LOGS,
        more=[written("aws_s3_bucket_policy.logs", bucket=TO_LOGS, policy=refs(f"{address}.json", address)), *more],
    )
    planned = plan(bucket(), POLICY, entry, role, root=root)
    return statements(config(planned).policy)


@pytest.mark.parametrize(
    ("marks", "arguments", "principal", "condition"),
    [
        ({"full_access_role": True}, {}, "arn:aws:iam::000000000001:role/writer", None),
        ({}, {"full_access_role": "arn:aws:iam::1:role/x"}, "arn:aws:iam::1:role/x", None),
        ({}, {"full_access_role": None}, "arn:aws:iam::414351767826:root", None),
        (
            {},
            {"full_access_role": None, "databricks_e2_account_id": "abc"},
            "arn:aws:iam::414351767826:root",
            {"StringEquals": {"aws:PrincipalTag/DatabricksAccountId": "abc"}},
        ),
        ({}, {"full_access_role": None, "aws_partition": "aws-us-gov"}, "arn:aws-us-gov:iam::044793339203:root", None),
    ],
)
def test_the_bucket_policy_of_databricks(
    marks: dict[str, Free], arguments: dict[str, Free], principal: str, condition: object
) -> None:
    (made,) = bucket_policy_of(marks, bucket="acme-logs", **arguments)
    partition = principal.split(":")[1]
    assert made["Principal"] == {"AWS": principal}
    assert made.get("Condition") == condition
    assert made["Resource"] == [f"arn:{partition}:s3:::acme-logs/*", f"arn:{partition}:s3:::acme-logs"]
    assert sorted(made["Action"]) == sorted(
        f"s3:{name}"
        for name in ("GetObject", "GetObjectVersion", "PutObject", "DeleteObject", "ListBucket", "GetBucketLocation")
    )


def test_a_role_that_cannot_be_followed_leaves_the_principal_open() -> None:
    (made,) = bucket_policy_of({"full_access_role": True}, "local.role", bucket="acme-logs")
    assert made["Principal"] == {"AWS": OPEN}


@pytest.mark.parametrize(
    ("arguments", "principal"),
    [
        (
            {"for_log_delivery": True},
            "arn:aws:iam::414351767826:role/SaasUsageDeliveryRole-prod-IAMRole-3PLHICCRR1TK",
        ),
        ({"for_log_delivery": None}, "arn:aws:iam::414351767826:root"),
        ({"for_log_delivery": False, "databricks_account_id": "111122223333"}, "arn:aws:iam::111122223333:root"),
        (
            {"for_log_delivery": True, "aws_partition": "aws-us-gov-dod"},
            "arn:aws-us-gov:iam::170661010020:role/SaasUsageDeliveryRole-prod-aws-gov-dod-IAMRole-1DMEHBYR8VC5P",
        ),
    ],
)
@pytest.mark.parametrize("external", ["known", "unknown"])
def test_the_trust_policy_of_databricks(arguments: dict[str, Free], principal: str, external: str) -> None:
    given = {"external_id": "abc"} if external == "known" else {}
    entry = vendor(
        "databricks_aws_assume_role_policy", {"external_id": True} if not given else {}, **given, **arguments
    )
    address = "data.databricks_aws_assume_role_policy.d"
    role = change("aws_iam_role.w", {"name": "writer"}, ["arn", "id", "assume_role_policy"])
    root = configuration(
        LOGS, more=[written("aws_iam_role.w", assume_role_policy=refs(f"{address}.json", address)), written(address)]
    )
    planned = plan(role, entry, root=root)
    trust = Roles(tools(planned)).config(one(planned, "aws_iam_role.w")).trust_policy
    (made,) = statements(trust)
    assert made["Principal"] == {"AWS": principal}
    wanted = {"StringEquals": {"sts:ExternalId": "abc"}} if given else {OPEN: {"sts:ExternalId": OPEN}}
    assert made["Condition"] == wanted


def test_a_policy_that_is_put_together_says_what_would_show_it() -> None:
    root = configuration(
        LOGS, more=[written("aws_s3_bucket_policy.logs", bucket=TO_LOGS, policy=refs("aws_s3_bucket.logs.arn"))]
    )
    why = unknown(config(plan(bucket(), POLICY, root=root)).policy)
    assert "aws_iam_policy_document" in why.needs or "--source" in why.needs or "plan file" in why.needs


def test_policy_variables_are_written_as_policies_have_them() -> None:
    condition = [{"test": "StringLike", "variable": "s3:prefix", "values": ["home/&{aws:username}/*"]}]
    entry = iam(statement=[statement(resources=["arn:aws:s3:::acme-logs/&{aws:username}/*"], condition=condition)])
    (made,) = statements(rebuilt(entry))
    assert made["Resource"] == ["arn:aws:s3:::acme-logs/${aws:username}/*"]
    assert made["Condition"] == {"StringLike": {"s3:prefix": ["home/${aws:username}/*"]}}


def test_statements_whose_names_are_not_known_stay_apart() -> None:
    marks = {"statement": [{"sid": True}, {"sid": True}]}
    both = [statement(effect="Deny"), statement()]
    for each in both:
        each.pop("sid")
    made = statements(rebuilt(iam(statement=both, unknown=marks)))
    assert [each["Effect"] for each in made] == ["Deny", "Allow"]
