"""AWS's own definition of a public policy, as Block Public Access uses it; it is a switch, not the question of reach.

A policy is public unless every Allow is limited to fixed values of a documented list. A Deny does not count.
"""

import ipaddress
import re
from enum import StrEnum
from typing import Final
from typing import Literal as TypingLiteral

from posture.frozen import dataclass
from posture.iam.conditions import Family, Quantifier, Test
from posture.iam.document import Document, Effect, PolicySource, Statement, all_doubts
from posture.iam.mentions import WIDE_V4, WIDE_V6
from posture.iam.principals import Principals
from posture.iam.quantities import Network
from posture.iam.question import as_document
from posture.iam.reach import reach
from posture.iam.results import PrincipalKind


class Publicness(StrEnum):
    """The documented answer; undetermined where the documentation does not say."""

    PUBLIC = "public"
    NOT_PUBLIC = "not_public"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicStatus:
    """The answer for a policy, the statements that make it so, and why it is open where it is."""

    status: Publicness
    statements: tuple[int, ...]
    reasons: tuple[str, ...]


NOBODY: Final = "000000000000"
DENIED: Final = "whether a deny that cancels a public grant makes the policy non-public is not documented"
LISTED: Final = frozenset(
    {
        *("aws:principalorgid", "aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceowner"),
        *("aws:sourceaccount", "aws:userid", "s3:x-amz-server-side-encryption-aws-kms-key-id"),
        *("s3:dataaccesspointarn", "s3:dataaccesspointaccount"),
    }
)
UNLISTED: Final = frozenset(  # they may fall under "an AWS principal", or are newer than the list
    {
        *("aws:principalarn", "aws:principalaccount", "aws:principalorgpaths", "aws:resourceorgid"),
        *("aws:principalservicename", "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths", "aws:sourcevpcarn"),
    }
)
ROLE_ID: Final = re.compile(r"AROA[A-Z0-9]+:\*", re.ASCII)
PRIVATE: Final = tuple(map(ipaddress.IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))


def is_public(
    document: PolicySource | Document, *, kind: TypingLiteral["bucket", "access_point"] = "bucket"
) -> PublicStatus:
    """Decide the documented `IsPublic` bit of a bucket policy, or of an access point policy."""
    access_point = kind == "access_point"
    policy = as_document(document, "policy")
    if not policy.readable:
        return PublicStatus(status=Publicness.UNDETERMINED, statements=(), reasons=policy.problems)
    verdicts = [
        (entry, _statement(entry, access_point=access_point))
        for entry in policy.statements
        if Effect.ALLOW in entry.effects
    ]
    public = tuple(entry.index for entry, (status, _) in verdicts if status is Publicness.PUBLIC)
    unsure = tuple(entry.index for entry, (status, _) in verdicts if status is Publicness.UNDETERMINED)
    reasons = tuple(dict.fromkeys(reason for _, (_, reason) in verdicts if reason))
    if public and _may_be_cancelled(policy):
        return PublicStatus(status=Publicness.UNDETERMINED, statements=public, reasons=(DENIED,))
    if public:
        return PublicStatus(status=Publicness.PUBLIC, statements=public, reasons=())
    if unsure:
        return PublicStatus(status=Publicness.UNDETERMINED, statements=unsure, reasons=reasons)
    return PublicStatus(status=Publicness.NOT_PUBLIC, statements=(), reasons=())


def names_whom_it_lets_in(policy: Document) -> bool:
    """Whether every Allow names whom it lets in: such a policy is not public, whatever it says beside that."""
    allowed = (entry.principals for entry in policy.statements if Effect.ALLOW in entry.effects)
    return policy.readable and all(_named(people) and not people.doubts for people in allowed)


def _named(people: Principals) -> bool:
    return not (people.everyone or people.negated or people.federated)


def _may_be_cancelled(policy: Document) -> bool:
    """Whether denies leave nothing of the public grants; what the bit says then is not documented."""
    if not any(Effect.DENY in entry.effects for entry in policy.statements):
        return False
    wide = {PrincipalKind.ANONYMOUS, PrincipalKind.ANY_ACCOUNT}
    return not any(item.principal.kind in wide for item in reach(grants=[policy], owner=NOBODY).classes)


def _statement(statement: Statement, *, access_point: bool) -> tuple[Publicness, str]:
    people = statement.principals
    doubts = all_doubts(statement)
    if _named(people):
        if people.doubts:
            return Publicness.UNDETERMINED, people.doubts[0].reason
        return Publicness.NOT_PUBLIC, ""
    if any(_fixed(test, access_point=access_point) for test in statement.tests):
        return (Publicness.UNDETERMINED, doubts[0].reason) if doubts else (Publicness.NOT_PUBLIC, "")
    unlisted = [test for test in statement.tests if _positive(test) and _unlisted(test)]
    if unlisted:
        return Publicness.UNDETERMINED, f"whether `{unlisted[0].words}` makes a policy non-public is not documented"
    if doubts:
        return Publicness.UNDETERMINED, doubts[0].reason
    return Publicness.PUBLIC, ""


def _unlisted(test: Test) -> bool:
    """Values about which the list of the documentation is not clear; `AROA…:*` is one of them."""
    if test.key == "aws:userid":
        return bool(test.values) and all(
            ROLE_ID.fullmatch(value.text) or _fixed_id(value.text) for value in test.values
        )
    return test.key in UNLISTED and _plain(test)


def _positive(test: Test) -> bool:
    operator = test.operator
    positive = not operator.negated and not test.if_exists and test.quantifier is not Quantifier.ALL
    return positive and operator.family in (Family.STRING, Family.ARN, Family.ADDRESS)


def _plain(test: Test) -> bool:
    return bool(test.values) and not any(set(value.text) & set("*?") or "${" in value.text for value in test.values)


def _fixed(test: Test, *, access_point: bool) -> bool:
    """Whether the test limits access to fixed values of a listed key."""
    if not _positive(test):
        return False
    if test.key == "aws:sourceip":
        return bool(test.blocks) and not any(map(_wide, test.blocks))
    if test.key not in LISTED:
        return False
    if test.key == "aws:userid":
        return all(_fixed_id(value.text) for value in test.values)
    if test.key == "s3:dataaccesspointarn" and not access_point:
        return all(_fixed_account(value.text) for value in test.values)
    return _plain(test)


def _fixed_id(text: str) -> bool:
    """A unique id, and a session name if there is one, without wildcards."""
    return bool(text) and not set(text) & set("*?$")


def _fixed_account(text: str) -> bool:
    parts = text.split(":", 5)
    return len(parts) > 5 and parts[4].isdigit() and "${" not in text  # components of an ARN  # noqa: PLR2004  # fixed by the format


def _wide(block: Network) -> bool:
    if isinstance(block, ipaddress.IPv6Network):
        return block.prefixlen < WIDE_V6
    return block.prefixlen < WIDE_V4 and not any(block.subnet_of(private) for private in PRIVATE)
