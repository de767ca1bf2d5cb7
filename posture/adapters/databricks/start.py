"""Where to look for deliveries: the Databricks accounts that the settings name."""

from __future__ import annotations

from posture.model.leads import Found, Lead, SourceRef
from posture.model.settings import Settings
from posture.model.subjects import Provider


def start(settings: Settings) -> tuple[Lead, ...]:
    """One lead for each account."""
    return tuple(
        Lead(
            target=SourceRef(provider=Provider.DATABRICKS, host=access.host, account_id=access.account_id),
            found=Found(how="the configuration names this Databricks account"),
        )
        for access in settings.databricks
    )
