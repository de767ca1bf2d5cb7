"""The parts of ARNs that say who answers for a resource, and where."""

from __future__ import annotations

from posture.frozen import dataclass

_PARTS = 6
_PARTITIONS = (  # by how the names of their Regions begin
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("us-iso-", "aws-iso"),
    ("us-isob-", "aws-iso-b"),
    ("eu-isoe-", "aws-iso-e"),
    ("us-isof-", "aws-iso-f"),
    ("eusc-", "aws-eusc"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arn:
    """An ARN in its parts; Region and account are empty where the service has none there."""

    partition: str
    service: str
    region: str
    account: str
    resource: str


def parsed(text: str) -> Arn | None:
    """The parts of an ARN; nothing for any other text."""
    parts = text.split(":", _PARTS - 1)
    if len(parts) != _PARTS or parts[0] != "arn":
        return None
    return Arn(partition=parts[1], service=parts[2], region=parts[3], account=parts[4], resource=parts[5])


def account_of(text: str) -> str:
    """The account in an ARN; empty when there is none."""
    arn = parsed(text)
    return "" if arn is None else arn.account


def region_of(text: str) -> str:
    """The Region in an ARN; empty when there is none."""
    arn = parsed(text)
    return "" if arn is None else arn.region


def partition_of(region: str) -> str:
    """The part of AWS that a Region lies in, as ARNs write it."""
    return next((partition for start, partition in _PARTITIONS if region.startswith(start)), "aws")
