"""Where a planned resource will be: the subscription and the tenant of its provider configuration.

Two resources of one provider configuration are in one subscription, whichever it is. A plan names it by
`subscription_id`, by a client configuration that was read, or by the id of something that is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from posture.adapters.azure.ids import subscription_of
from posture.adapters.planned import unplanned
from posture.model.accounts import MOST, stand_in, stands_in
from posture.model.facts import Fact, Known, Source
from posture.terraform.plan import Plan
from posture.terraform.resources import Departure, Resource

_PREFIX: Final = "azurerm_"
_CLIENT: Final = "data.azurerm_client_config"
_SUBSCRIPTION: Final = "data.azurerm_subscription"


class Homes:
    """One home for each provider configuration."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._members: dict[str, list[Resource]] = {}
        for resource in plan.resources:
            if resource.address.kind.removeprefix("data.").startswith(_PREFIX):
                self._members.setdefault(plan.provider_key(resource), []).append(resource)
        configured = sorted({*plan.providers.configured, *self._members})
        # Counted from the top: accounts of other providers are stood for from the bottom.
        self._numbers = {key: MOST - index for index, key in enumerate(configured)}
        self._found: dict[str, str] = {}

    def subscription(self, resource: Resource | Departure) -> str:
        """The id of the subscription, or what stands for it."""
        if own := subscription_of(_identity(resource)):
            return own
        key = self._plan.provider_key(resource)
        if key not in self._found:
            self._found[key] = self._of(key)
        return self._found[key]

    def tenant(self, subscription: str) -> Fact[str]:
        """The tenant that a subscription of this plan trusts, as far as the plan says."""
        for key, members in self._members.items():
            if (self._found.get(key) or self._of(key)) == subscription:
                for text, sources in self._tenants(key, members):
                    return Known(value=text.lower(), sources=sources)
        source = Source(operation="plan", resource="" if stands_in(subscription) else subscription)
        return unplanned(source, "which tenant a subscription trusts, unless `tenant_id` is in the provider's settings")

    def _of(self, key: str) -> str:
        setting = self._plan.providers.setting(key, "subscription_id")
        if isinstance(setting, Known) and isinstance(setting.value, str) and setting.value:
            return setting.value.lower()
        members = self._members.get(key, [])
        said = (each.known("subscription_id") for each in members if each.address.kind in {_CLIENT, _SUBSCRIPTION})
        ids = (subscription_of(each.known("id")) for each in members)
        found = next((text for text in (*said, *ids) if text), "")
        return found.lower() or stand_in(max(self._numbers.get(key, 1), 1))

    def _tenants(self, key: str, members: list[Resource]) -> Iterator[tuple[str, tuple[Source, ...]]]:
        setting = self._plan.providers.setting(key, "tenant_id")
        if isinstance(setting, Known) and isinstance(setting.value, str) and setting.value:
            yield setting.value, setting.sources
        for each in members:
            if each.address.kind in {_CLIENT, _SUBSCRIPTION} and (text := each.known("tenant_id")):
                yield text, (each.after.source,)


def _identity(resource: Resource | Departure) -> str:
    if isinstance(resource, Resource):
        return resource.known("id")
    text = resource.before.optional("id").text()
    return text.value or "" if isinstance(text, Known) else ""
