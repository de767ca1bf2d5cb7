"""The wings, and how each is made. A wing's module is imported only when a run needs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from posture.adapters.wing import Wing
from posture.model.settings import Settings
from posture.model.subjects import Provider
from posture.reading import Call


def aws(settings: Settings) -> Wing:
    """Amazon Web Services: S3, KMS, IAM, CloudTrail, Organizations."""
    from posture.adapters.aws.wing import AwsWing  # noqa: PLC0415 - a wing that no lead needs is not imported

    return AwsWing(settings)


def databricks(settings: Settings) -> Wing:
    """Databricks: the account API."""
    from posture.adapters.databricks.wing import DatabricksWing  # noqa: PLC0415 - as above

    return DatabricksWing(settings)


WINGS: Mapping[Provider, Callable[[Settings], Wing]] = {
    Provider.DATABRICKS: databricks,
    Provider.AWS: aws,
}


def declared_calls(provider: Provider) -> tuple[Call, ...]:
    """Every operation that a provider's wing may call."""
    return WINGS[provider](Settings()).calls
