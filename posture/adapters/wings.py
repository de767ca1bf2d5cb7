"""The wings of one run: of a scan each is made when its first lead turns up, of a plan those whose resources it has."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from posture.adapters.registry import BESIDE, NAMINGS, PLANNED, RESOURCES, WINGS
from posture.adapters.wing import Wing
from posture.model.assessment import IdentityUse
from posture.model.leads import Lead, Target
from posture.model.settings import Settings
from posture.model.subjects import Provider
from posture.reading import Reading
from posture.terraform.document import Kind as InputKind

if TYPE_CHECKING:
    from posture.adapters.planned import Beside, Names, PlannedWing, Premises
    from posture.terraform.plan import Plan


class Wings:
    """The wings of a run, each made when its first lead turns up."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._made: dict[Provider, Wing] = {}

    def of(self, target: Target) -> Wing | None:
        """The wing that follows leads to a target."""
        wing = self._wing(target.provider)
        return wing if wing is not None and wing.handles(target) else None

    def check_credentials(self, leads: Iterable[Lead], reading: Reading) -> None:
        """Raise CredentialError when a provider that the leads name cannot be asked as anybody."""
        for provider in dict.fromkeys(lead.target.provider for lead in leads):
            wing = self._wing(provider)
            if wing is not None:
                wing.check_credentials(reading)

    def identities(self, reading: Reading) -> tuple[IdentityUse, ...]:
        """Who asked, over all wings that were made."""
        return tuple(
            use for provider in WINGS if provider in self._made for use in self._made[provider].identities(reading)
        )

    def _wing(self, provider: Provider) -> Wing | None:
        if provider not in self._made and provider in WINGS:
            self._made[provider] = WINGS[provider](self._settings)
        return self._made.get(provider)


def planned_names(premises: Premises) -> Names:
    """What the resources of a plan are called, over all wings."""
    from posture.adapters.planned import Names  # noqa: PLC0415 - a scan reads no plan

    present = _present(premises.plan)
    return Names(premises.plan, ((partial(make, premises), provider in present) for provider, make in NAMINGS.items()))


def planned_wings(premises: Premises, names: Names) -> dict[Provider, PlannedWing]:
    """The wings whose resources the plan has: the others, which would find nothing, are not even loaded.

    What a scan saw in other places may lead into the plan: beside one that looked for sources, all are needed.
    """
    scanned = premises.settings.databricks or premises.settings.azure is not None
    wanted = RESOURCES if scanned and premises.plan.kind is not InputKind.WHAT_IF else _present(premises.plan)
    return {provider: PLANNED[provider](premises, names) for provider in wanted}


def besides(plan: Plan) -> tuple[Beside, ...]:
    """What sets something of stores that may be outside of a plan, of the wings whose resources it has."""
    return tuple(BESIDE[provider]() for provider in _present(plan) if provider in BESIDE)


def _present(plan: Plan) -> tuple[Provider, ...]:
    """Whose resources a plan has."""
    there = plan.beginnings() if plan.kind is not InputKind.WHAT_IF else {RESOURCES[Provider.AZURE]}
    return tuple(provider for provider, beginning in RESOURCES.items() if beginning in there)
