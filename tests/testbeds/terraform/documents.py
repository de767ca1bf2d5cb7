"""What the data sources say, for those that are answered without asking anybody: policy documents and identities.

Each after its provider's documentation, and apart from posture's own reading of the same arguments, so that one can be
held against the other.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from tests.testbeds.statements import DELIVERY_ROLE, VENDOR
from tests.testbeds.terraform.schema import Value
from tests.testbeds.terraform.values import Object

_ORGANISATION: Final = "organizations/900100"  # as in the stand-in of Google's APIs

ReadData = Callable[[Object, Mapping[str, str]], Mapping[str, Value]]


def policy_document(config: Object, settings: Mapping[str, str]) -> Mapping[str, Value]:
    """`aws_iam_policy_document`: source documents, then its own statements, then those that override by their Sid."""
    del settings
    statements: list[Object] = []
    for text in config["source_policy_documents"] or ():
        _lay_over(statements, _statements(text))
    _lay_over(statements, [_statement(each) for each in config["statement"] or ()])
    for text in config["override_policy_documents"] or ():
        _lay_over(statements, _statements(text))
    head = {"Id": config["policy_id"]} if config["policy_id"] else {}
    body = {"Version": config["version"] or "2012-10-17", **head, "Statement": statements}
    return {**_both(body), "version": body["Version"], "id": str(len(json.dumps(body)))}


def bucket_policy(config: Object, settings: Mapping[str, str]) -> Mapping[str, Value]:
    """`databricks_aws_bucket_policy`: one statement for the whole bucket."""
    del settings
    partition = config["aws_partition"] or "aws"
    names = ("GetObject", "GetObjectVersion", "PutObject", "DeleteObject", "ListBucket", "GetBucketLocation")
    statement: Object = {
        "Effect": "Allow",
        "Action": [f"s3:{name}" for name in names],
        "Resource": [f"arn:{partition}:s3:::{config['bucket']}/*", f"arn:{partition}:s3:::{config['bucket']}"],
        "Principal": {"AWS": config["full_access_role"] or f"arn:{partition}:iam::{VENDOR}:root"},
    }
    if account := config["databricks_e2_account_id"]:
        statement["Condition"] = {"StringEquals": {"aws:PrincipalTag/DatabricksAccountId": account}}
    return _databricks([statement])


def assume_role_policy(config: Object, settings: Mapping[str, str]) -> Mapping[str, Value]:
    """`databricks_aws_assume_role_policy`: trusts the delivery role, or all of the vendor's account."""
    del settings
    account = f"arn:{config['aws_partition'] or 'aws'}:iam::{VENDOR}:root"
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": DELIVERY_ROLE if config["for_log_delivery"] else account},
        "Condition": {"StringEquals": {"sts:ExternalId": config["external_id"]}},
    }
    return _databricks([statement])


def caller_identity(config: Object, settings: Mapping[str, str]) -> Mapping[str, Value]:
    """`aws_caller_identity`: the account that the provider is configured for."""
    del config
    account = settings["account"]
    arn = f"arn:aws:iam::{account}:role/deploy"
    return {"account_id": account, "arn": arn, "id": account, "user_id": "AROAEXAMPLE"}


def service_account(config: Object, settings: Mapping[str, str]) -> Mapping[str, Value]:
    """`google_storage_project_service_account`: whom Cloud Storage acts as in a project."""
    project = config["project"] or settings["project"]
    address = "service-123456789012@gs-project-accounts.iam.gserviceaccount.com"
    return {"project": project, "id": address, "email_address": address, "member": f"serviceAccount:{address}"}


def organization(config: Object, settings: Mapping[str, str]) -> Mapping[str, Value]:
    """`google_organization`: the one that is named after a domain."""
    del settings
    return {
        "domain": config["domain"],
        "id": _ORGANISATION,
        "name": _ORGANISATION,
        "org_id": _ORGANISATION.partition("/")[2],
        "directory_customer_id": "C01",
        "lifecycle_state": "ACTIVE",
        "create_time": "2026-01-01T00:00:00Z",
    }


def iam_policy(config: Object, settings: Mapping[str, str]) -> Mapping[str, Value]:
    """`google_iam_policy`: its bindings in the order of their roles, with their members in order."""
    del settings
    bindings = [
        {
            "role": each["role"],
            "members": sorted(each["members"]),
            **({"condition": each["condition"][0]} if each["condition"] else {}),
        }
        for each in config["binding"] or ()
    ]
    audits = [
        {
            "service": each["service"],
            "auditLogConfigs": [{"logType": one["log_type"]} for one in each["audit_log_configs"]],
        }
        for each in config["audit_config"] or ()
    ]
    body = {"bindings": sorted(bindings, key=json.dumps), **({"auditConfigs": audits} if audits else {})}
    return {"id": "policy", "policy_data": json.dumps(body, separators=(",", ":"))}


DATA: Final[Mapping[str, ReadData]] = {
    "aws_iam_policy_document": policy_document,
    "aws_caller_identity": caller_identity,
    "aws_partition": lambda _, __: {"id": "aws", "partition": "aws", "dns_suffix": "amazonaws.com"},
    "aws_region": lambda _, settings: {"id": settings["region"], "name": settings["region"]},
    "aws_s3_bucket": lambda config, _: {"id": config["bucket"], "arn": f"arn:aws:s3:::{config['bucket']}"},
    "azurerm_client_config": lambda _, settings: {"id": "client", "subscription_id": settings["subscription"]},
    "google_iam_policy": iam_policy,
    "google_organization": organization,
    "google_storage_project_service_account": service_account,
    "databricks_aws_bucket_policy": bucket_policy,
    "databricks_aws_assume_role_policy": assume_role_policy,
}


def _statement(written: Object) -> Object:
    negated = {"actions": "Action", "resources": "Resource", "principals": "Principal"}
    result: Object = {"Effect": written["effect"] or "Allow"}
    if written["sid"]:
        result["Sid"] = written["sid"]
    for name, member in negated.items():
        for given, word in ((written[name], member), (written[f"not_{name}"], f"Not{member}")):
            if given:
                result[word] = _principals(given) if name == "principals" else _one_or_all(given)
    if written["condition"]:
        result["Condition"] = _conditions(written["condition"])
    return result


def _principals(written: Iterable[Object]) -> Value:
    found: dict[str, list[str]] = {}
    for each in written:
        found.setdefault(each["type"], []).extend(each["identifiers"])
    return "*" if found == {"*": ["*"]} else {kind: _one_or_all(names) for kind, names in found.items()}


def _conditions(written: Iterable[Object]) -> Object:
    found: dict[str, Object] = {}
    for each in written:
        found.setdefault(each["test"], {})[each["variable"]] = _one_or_all(each["values"])
    return found


def _one_or_all(values: Iterable[str]) -> Value:
    found = sorted(values, reverse=True)
    return found[0] if len(found) == 1 else found


def _statements(text: str) -> list[Object]:
    body = json.loads(text)["Statement"] if text else []
    return body if isinstance(body, list) else [body]


def _lay_over(statements: list[Object], others: Iterable[Object]) -> None:
    for other in others:
        place = next(
            (i for i, each in enumerate(statements) if other.get("Sid") and each.get("Sid") == other["Sid"]), -1
        )
        if place < 0:
            statements.append(other)
        else:
            statements[place] = other


def _databricks(statements: list[Object]) -> Mapping[str, Value]:
    return {"id": "policy", "json": json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)}


def _both(body: Object) -> Mapping[str, Value]:
    return {"json": json.dumps(body, indent=2), "minified_json": json.dumps(body, separators=(",", ":"))}
