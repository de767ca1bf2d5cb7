"""The decision against z3 on generated policies: no disagreement; what z3 does not finish is counted."""

import os
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, seed, settings

from posture.iam import PrincipalKind, Reach
from tests.iam.build import BUCKET, NOW, ORG, OWNER, ask
from tests.iam.second_engine import UnsupportedError, Who, exists
from tests.iam.strategies import ACCOUNTS, SERVICES, policies

ROUNDS = int(os.environ.get("POSTURE_IAM_Z3", "10"))
PATIENCE = int(os.environ.get("POSTURE_IAM_Z3_MILLISECONDS", "700"))
ASKED = ("s3:GetObject", "s3:ListBucket")
STRANGERS = {
    PrincipalKind.ANY_ACCOUNT,
    PrincipalKind.ACCOUNT_PATTERN,
    PrincipalKind.ORGANISATION,
    PrincipalKind.UNIQUE_ID,
}
KINDS = ("role", "user", "root", "federated")


def questions() -> list[tuple[str, list[Who]]]:
    found = [("anonymous", [Who("anonymous")])]
    found.append(("strangers", [Who(kind, others=tuple(ACCOUNTS)) for kind in KINDS]))
    for account in ACCOUNTS:
        organisation = ORG if account == OWNER else None
        found.append((account, [Who(kind, account=account, organisation=organisation) for kind in KINDS]))
    found.extend((service, [Who("service", service=service)]) for service in SERVICES)
    return found


def ours(answer: Reach, name: str, action: str, *, named: bool) -> bool | None:
    """What reach says of a question; None where it says nothing certain."""
    hits = [item for item in answer.classes if action in item.actions]
    if any(action in item.actions for item in answer.undetermined):
        return None
    if name == "anonymous":
        return any(item.principal.kind is PrincipalKind.ANONYMOUS for item in hits)
    if name == "strangers":
        return any(item.principal.kind in STRANGERS for item in hits)
    if name in SERVICES:
        return any(
            item.principal.kind is PrincipalKind.SERVICE and (name if named else "*") in item.principal.names
            for item in hits
        )
    if any(item.principal.kind in STRANGERS for item in hits):
        return None  # covered by a wider class, which says nothing of this account alone
    own = {PrincipalKind.ACCOUNT, PrincipalKind.PRINCIPAL}
    return any(item.principal.kind in own and any(name in text for text in item.principal.names) for item in hits)


def theirs(document: dict[str, Any], callers: list[Who], action: str) -> bool | None:
    answers = [
        exists(
            document,
            who,
            action,
            bucket=BUCKET,
            on_bucket=action == "s3:ListBucket",
            owner=OWNER,
            organisation=ORG,
            now=NOW.timestamp(),
            milliseconds=PATIENCE,
        )
        for who in callers
    ]
    return True if True in answers else None if None in answers else False


def test_no_disagreement() -> None:
    counts: Counter[str] = Counter()

    @seed(20260601)
    @settings(max_examples=ROUNDS, suppress_health_check=list(HealthCheck), database=None)
    @given(document=policies)
    def compare(document: dict[str, Any]) -> None:
        answer = ask(document, organisation=ORG)
        for action in ASKED:
            for name, callers in questions():
                mine = ours(answer, name, action, named=name in str(document))
                if mine is None:
                    counts["not comparable"] += 1
                    continue
                try:
                    other = theirs(document, callers, action)
                except UnsupportedError:
                    counts["not encoded"] += 1
                    continue
                counts["timed out" if other is None else "compared"] += 1
                assert other is None or mine == other, (name, action, mine, other, answer)

    compare()
    print(dict(counts))  # noqa: T201  # the counts are the result
    assert counts["compared"] > 3 * ROUNDS
    assert counts["timed out"] * 5 < counts["compared"]  # a busy machine makes z3 give up more often
