"""Short ways to write policies and to read answers, for the tests of this folder only."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from posture.iam import BoundKind, PrincipalKind, Reach, reach

OWNER = "111122223333"
FRIEND = "444455556666"
OTHER = "777788889999"
ORG = "o-a1b2c3d4e5"
BUCKET = "arn:aws:s3:::logs"
OBJECTS = "arn:aws:s3:::logs/*"
NOW = datetime(2026, 6, 1, tzinfo=UTC)
BOTH = [BUCKET, OBJECTS]


def policy(*statements: Mapping[str, Any], version: str = "2012-10-17") -> dict[str, object]:
    return {"Version": version, "Statement": list(statements)}


def allow(
    principal: object = "*",
    action: object = "s3:GetObject",
    resource: object = OBJECTS,
    **rest: Any,  # noqa: ANN401  # any JSON
) -> dict[str, Any]:  # any JSON
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource, **rest}


def deny(
    principal: object = "*",
    action: object = "s3:*",
    resource: object = None,
    **rest: Any,  # noqa: ANN401  # any JSON
) -> dict[str, Any]:  # any JSON
    return {"Effect": "Deny", "Principal": principal, "Action": action, "Resource": resource or BOTH, **rest}


def ask(*policies: Mapping[str, Any], **options: Any) -> Reach:  # noqa: ANN401  # the parameters of reach
    options.setdefault("owner", OWNER)
    options.setdefault("resource", BUCKET)
    options.setdefault("now", NOW)
    return reach(grants=list(policies), **options)


def kinds(answer: Reach) -> set[str]:
    """The classes of an answer as short texts: kind, names, source and bound."""
    found = set()
    for item in answer.classes:
        text = item.principal.kind.value
        if item.principal.names:
            text += " " + ",".join(item.principal.names)
        if item.principal.source:
            text += f" for {item.principal.source}"
        if item.bound.kind is not BoundKind.NONE:
            text += f" via {','.join(item.bound.names)}"
        found.add(text)
    return found


def outsiders(answer: Reach) -> set[str]:
    """The same without the owner's own account and without the service that stands for all services."""
    own = {f"account {OWNER}"}
    return {text for text in kinds(answer) if text not in own and not text.startswith("service *")}


def open_kinds(answer: Reach) -> set[PrincipalKind]:
    return {item.principal.kind for item in answer.undetermined if item.principal}
