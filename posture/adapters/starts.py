"""Where a scan starts: what the settings name of each provider, in the words of its wing, and the stores they name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from posture.model.leads import Found, Lead
from posture.model.settings import Settings
from posture.model.subjects import Provider


class Start(Protocol):
    """What a wing looks through when the settings have a section for it; empty where they have none."""

    def __call__(self, settings: Settings) -> tuple[Lead, ...]:
        """The leads to begin with."""


def databricks(settings: Settings) -> tuple[Lead, ...]:
    """Accounts."""
    if not settings.databricks:
        return ()
    from posture.adapters.databricks.start import start  # noqa: PLC0415 - a wing that is not needed is not imported

    return start(settings)


def azure(settings: Settings) -> tuple[Lead, ...]:
    """The tenant."""
    if settings.azure is None:
        return ()
    from posture.adapters.azure.start import start  # noqa: PLC0415 - as above

    return start(settings)


STARTS: Mapping[Provider, Start] = {  # AWS and Google Cloud have nothing that says where audit logs go
    Provider.DATABRICKS: databricks,
    Provider.AZURE: azure,
}


def first_leads(settings: Settings) -> tuple[Lead, ...]:
    """Everything that the user named."""
    stores = tuple(
        Lead(target=named.ref, found=Found(how=named.found), role=named.role, account=named.account)
        for named in settings.stores
    )
    return (*(lead for start in STARTS.values() for lead in start(settings)), *stores)
