"""Where in Azure something lies: the subscriptions that can be read, and the id of what only a name is known of."""

from __future__ import annotations

from posture.adapters.azure import calls
from posture.adapters.azure.live.arm import Arm, fact, listing
from posture.adapters.azure.live.members import Members
from posture.adapters.azure.reads import ArmRead
from posture.model.facts import Fact, Gap, Known, Listing, Reason, Unknown


class Places:
    """Looks within one reading."""

    def __init__(self, arm: Arm) -> None:
        self._arm = arm

    def subscriptions(self) -> Listing[str]:
        """Those that the configuration names, or all that the credential reads."""
        named = self._arm.connection.access.subscriptions
        if named:
            return Listing(items=tuple(each.lower() for each in named))
        return listing(self._arm.ask_all(calls.LIST_SUBSCRIPTIONS), _subscription)

    def tenant(self, subscription: str) -> Fact[str]:
        """The tenant that a subscription trusts."""
        answer = self._arm.ask(calls.GET_SUBSCRIPTION, f"/subscriptions/{subscription}")
        return fact(answer, lambda members: members.text("tenantId")).map(str.lower)

    def find(self, read: ArmRead, name: str, subscription: str) -> Fact[str]:
        """The id of a resource by its name; `subscription` is where it lies, if that is known."""
        every = Listing(items=(subscription.lower(),)) if subscription else self.subscriptions()
        gaps = list(every.gaps)
        for each in every.items:
            found = listing(self._arm.ask_all(read, f"/subscriptions/{each}"), _identity)
            for resource_id, called in found.items:
                if called == name.lower():
                    return Known(value=resource_id, sources=found.sources)
            gaps += found.gaps
        return _nowhere(name, gaps, every)


def _nowhere(name: str, gaps: list[Gap], every: Listing[str]) -> Unknown:
    if gaps:
        return gaps[0].unknown
    detail = f"`{name}` is in none of the {len(every.items)} subscriptions that were looked through"
    needs = "its subscription under `azure` in posture.yaml, and Reader on it"
    return Unknown(reason=Reason.NOT_FOUND, sources=every.sources, detail=detail, needs=needs)


def _subscription(item: Members) -> str | None:
    return item.word("subscriptionId").lower() or None


def _identity(item: Members) -> tuple[str, str] | None:
    return (item.word("id"), item.word("name").lower()) if item.word("id") and item.word("name") else None
