"""A policy that names a bucket, on a bucket whose own name only apply gives.

S3 refuses a policy for any other bucket (MalformedPolicy, "Policy has invalid resource"), so that name may be its own:
what the policy gives cannot be told before both are known.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from posture.adapters.aws.arns import parsed
from posture.adapters.aws.terraform.places import APPLY
from posture.model.facts import Fact, Reason, Unknown

_MEMBERS: Final = ("Resource", "NotResource")
_PATTERN: Final = frozenset("*?$(")  # of a wildcard, a variable, a placeholder: none of them is a name


def of_this_bucket(policy: Fact[str], name: str) -> Fact[str]:
    """The policy of a bucket; unknown where it is for one by name, and `name` is only what stands for this one's."""
    if isinstance(policy, Unknown) or not name.startswith("("):
        return policy
    other = next((each for each in _buckets(policy.value) if not _PATTERN & set(each)), None)
    if other is None:
        return policy
    return Unknown(
        reason=Reason.UNDETERMINED,
        sources=policy.sources,
        detail=f"the policy is for `{other}`, and what this bucket is called is known after apply",
        needs=APPLY,
    )


def _buckets(text: str) -> Iterator[str]:
    """The names of buckets in the resources of a policy; none where it is no policy."""
    try:
        body = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return
    statements = body.get("Statement", []) if isinstance(body, dict) else []
    for statement in statements if isinstance(statements, list) else [statements]:
        for member in _MEMBERS if isinstance(statement, dict) else ():
            listed = statement.get(member, [])
            for resource in listed if isinstance(listed, list) else [listed]:
                arn = parsed(resource) if isinstance(resource, str) else None
                if arn is not None and arn.service == "s3" and not arn.account:
                    yield arn.resource.partition("/")[0]
