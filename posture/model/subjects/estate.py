"""All sources and stores together, and what a plan does to one of them."""

from __future__ import annotations

from typing import Annotated

from posture.frozen import dataclass
from posture.model.facts import Fact, Listing
from posture.model.subjects.terms import Kind, Mode, Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """What was looked for and found."""

    complete: Annotated[Fact[bool], "Every place that can name a store was read to its end."]
    stores: Annotated[Fact[int], "How many stores of audit logs were found."]
    sources: Annotated[Fact[int], "How many sources of audit logs were found."]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    """All sources and stores together."""

    uri: str
    mode: Mode
    inventory: Annotated[Inventory, "What was looked for and found."]


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """One thing that protects a store, and whether a plan takes it away."""

    name: Annotated[Fact[str], "What protects: a fact of the store, by its path."]
    removed: Annotated[Fact[bool], "It protected the store before the plan, and will not, or less, after it."]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A planned resource before and after: what the plan takes away from the logs. Its URI is its address."""

    provider: Provider
    kind: Kind
    uri: str
    mode: Mode
    destroys_store: Annotated[Fact[bool], "The store of audit logs is destroyed, or replaced by an empty one."]
    destroys_key: Annotated[Fact[bool], "The key that encrypts the logs is destroyed, or replaced by another."]
    force_destroy: Annotated[Fact[bool], "Terraform is told to empty the store when it destroys it."]
    stops_delivery: Annotated[Fact[bool], "A delivery of audit logs is destroyed, disabled or shut out."]
    narrows_delivery: Annotated[Fact[bool], "A delivery of audit logs leaves out workspaces that it covered."]
    shortens_retention: Annotated[
        Fact[bool], "A rule will remove logs, or older versions of them, earlier than before."
    ]
    protections: Annotated[Listing[Protection], "What protected the store before the plan."]
    changed_outside: Annotated[Fact[bool], "Something about it was changed outside of Terraform since the last apply."]
    leaves_terraform: Annotated[
        Fact[bool], "It, or something that sets it, leaves Terraform and goes on existing, where no plan shows it."
    ]
