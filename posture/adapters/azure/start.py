"""Where to look for workspaces: everywhere in the tenant that the settings name or that the credential is of."""

from __future__ import annotations

from posture.adapters.azure.normalise.refs import source_ref
from posture.model.leads import Found, Lead
from posture.model.settings import Settings


def start(settings: Settings) -> tuple[Lead, ...]:
    """One lead, or none where Azure is read only for what is named."""
    if settings.azure is None or not settings.azure.discover:
        return ()
    return (Lead(target=source_ref(""), found=Found(how="the configuration names Azure")),)
