"""What the estate asks a provider's wing about an identity that delivers logs."""

from __future__ import annotations

from typing import Protocol

from posture.frozen import dataclass
from posture.model.contributions import KeyContribution, RoleContribution, StoreContribution
from posture.model.facts import Fact
from posture.model.leads import StoreRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """An identity that is expected to deliver into a store, with everything that was read of either.

    `places` are all that it delivers to, and `databricks_accounts` the accounts that deliver by it.
    """

    name: str
    role: RoleContribution | None
    store: StoreContribution
    places: tuple[Fact[StoreRef], ...]
    databricks_accounts: tuple[str, ...]


class WriterJudge(Protocol):
    """What a provider's rules say of a writer; the answers are the fields of `Delivery` and `Encryption`."""

    def admitted(self, writer: Writer) -> Fact[bool]:
        """Whether it can put logs under the prefix of the store."""

    def confined(self, writer: Writer) -> Fact[bool]:
        """Whether its own permissions reach nothing in object storage beyond its places."""

    def bound(self, writer: Writer) -> Fact[bool]:
        """Whether whoever becomes it from outside must name one of its Databricks accounts, exactly."""

    def uses_key(self, writer: Writer, key: KeyContribution) -> Fact[bool]:
        """Whether it can use the default key of the store."""
