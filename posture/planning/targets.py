"""What of a plan is looked at: what its deliveries lead to, and what the user names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from posture.adapters.planned import BY_WRITER, Names
from posture.addresses import parse_store_uri
from posture.errors import UsageError
from posture.frozen import dataclass
from posture.model.leads import Found, Lead, StoreRef
from posture.model.settings import NamedStore
from posture.policy.wording import did_you_mean, shown
from posture.snapshot import Snapshot
from posture.terraform.plan import Plan
from posture.terraform.resources import Resource

EVERY = ("--all-buckets",)  # how a store was found that only this option looks at
NAMED = "--store "  # the beginning of how a store was found that the user names
WHOLE = frozenset({*EVERY, BY_WRITER})  # how whole buckets are found, of which logs may fill a part


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the user wants of a plan, beside the rules.

    `stores` are addresses of resources or URIs; `everything` takes every store of the plan for one of audit logs;
    `context` is a live scan, which says what no plan can; with `introduced` only what the plan makes worse counts.
    """

    stores: tuple[str, ...] = ()
    everything: bool = False
    context: Snapshot | None = None
    introduced: bool = False


ALONE = Asked()


def leads(asked: Asked, named: Sequence[NamedStore], names: Names) -> Iterator[Lead]:
    """Leads to what the user names, on one side of the plan. Of posture.yaml that is only what the plan holds."""
    for text in asked.stores:
        for ref in _refs(text, names):
            yield Lead(target=ref, found=Found(how=f"{NAMED}{text}"))
    if asked.everything:
        for ref in names.stores():
            yield Lead(target=ref, found=Found(how=EVERY[0]))
    for store in named:
        if names.resource(store.ref) is not None:
            yield Lead(target=store.ref, found=Found(how=store.found), role=store.role, account=store.account)


def refuse_strangers(asked: Asked, sides: Iterable[Names]) -> None:
    """Raises UsageError for an address that is no store of the plan, neither before nor after it."""
    addresses = [address for names in sides for address in _stores(names)]
    for text in asked.stores:
        if "://" in text:
            parse_store_uri(text)
        elif not any(_names(text, address) for address in addresses):
            helps = did_you_mean(text, addresses) or "give the address of a bucket as Terraform prints it"
            raise UsageError(f"`--store`: {shown(text)} is no store of this plan", help=helps)


def nothing_to_check(tfplan: Plan, stores: int) -> str:
    """Why a plan gave no subject though it has `stores`, and what would give one."""
    count = len(tfplan.resources) + len(tfplan.departures)
    if not stores:
        return f"nothing to check: none of its {count} resources is a store, belongs to one, or delivers audit logs"
    return (
        f"nothing to check: it has {stores} store{'s' * (stores > 1)}, and nothing in it delivers audit logs there; "
        "name those that hold them (--store ADDRESS, --all-buckets), or give a scan that knows (--context)"
    )


def _refs(text: str, names: Names) -> list[StoreRef]:
    if "://" in text:
        return [parse_store_uri(text)]
    return [ref for address, ref in _stores(names).items() if _names(text, address)]


def _stores(names: Names) -> dict[str, StoreRef]:
    made = ((names.resource(ref), ref) for ref in names.stores())
    return {resource.address.text: ref for resource, ref in made if isinstance(resource, Resource)}


def _names(text: str, address: str) -> bool:
    """An address, the resource or module that it is an instance of, or the module that it lies in."""
    return address == text or (address.startswith(text) and address[len(text)] in "[.")
