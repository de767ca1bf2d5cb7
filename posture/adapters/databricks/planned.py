"""The Databricks wing of a plan: accounts as they will be, of planned resources and of what a live scan saw beside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

from posture.adapters.databricks.config import DeliveryConfig, Read
from posture.adapters.databricks.discover import Account, discover, workspace_uri
from posture.adapters.databricks.terraform import (
    CREDENTIALS,
    DELIVERY,
    STORAGE,
    WORKSPACE,
    Reader,
    audit_logs,
    workspace_id,
)
from posture.adapters.planned import Names, Premises, placeholder, unplanned
from posture.adapters.wing import Followed
from posture.model.contributions import Contribution, DeliveryContribution, SourceContribution
from posture.model.facts import Known, Source
from posture.model.leads import Found, Lead, SourceRef, Target
from posture.model.subjects import Mode, Provider
from posture.reading import Reading
from posture.terraform.plan import Plan
from posture.terraform.resources import Action, Drift, Resource, departing
from posture.terraform.values import token

T = TypeVar("T")
_SHOWN = 3  # names of resources in one message


@dataclass(slots=True, kw_only=True)
class _Group:
    """The resources of one account, and what a scan saw of it."""

    deliveries: list[Resource] = field(default_factory=list)  # of audit logs, or perhaps
    others: list[Resource] = field(default_factory=list)  # deliveries of other logs
    workspaces: list[Resource] = field(default_factory=list)
    stopped: list[Resource] = field(default_factory=list)  # deliveries that the plan destroys
    forgotten: list[Resource] = field(default_factory=list)  # deliveries that the plan lets go: they stay as they are
    live: Account | None = None

    @property
    def members(self) -> tuple[Resource, ...]:
        """All of them."""
        return (*self.deliveries, *self.stopped, *self.forgotten, *self.others, *self.workspaces)

    @property
    def delivering(self) -> tuple[Resource, ...]:
        """What of the plan is, or was, a delivery of audit logs."""
        return (*self.deliveries, *self.stopped, *self.forgotten)


class PlannedDatabricks:
    """Every account that the plan or the context knows. Only what the plan holds becomes a row."""

    def __init__(self, premises: Premises, names: Names) -> None:
        self._plan = premises.plan
        self._names = names
        self._reader = Reader(plan=premises.plan, names=names)
        self._groups = {_ref(group, premises.plan): group for group in _grouped(premises)}
        self._written = {uri: resources for ref, group in self._groups.items() for uri, resources in _rows(ref, group)}

    @property
    def provider(self) -> Provider:
        """Databricks."""
        return Provider.DATABRICKS

    def handles(self, target: Target) -> bool:
        """The accounts."""
        return target in self._groups

    def first(self) -> tuple[Lead, ...]:
        """Every account of which it is known, in part at least, what delivers its audit logs."""
        return tuple(
            Lead(target=ref, found=Found(how="the plan" if group.delivering else "the context"))
            for ref, group in self._groups.items()
            if group.delivering or group.live is not None
        )

    def mirrors(self, drift: Drift) -> bool:  # noqa: ARG002 - the protocol's question
        """No resource of Databricks shows what another one sets."""
        return False

    def written(self, uri: str) -> tuple[Resource, ...]:
        """What makes an account or a workspace."""
        return self._written.get(uri, ())

    def follow(self, lead: Lead, reading: Reading) -> Followed:
        """One account. What only the context speaks of leads nowhere, unless it is to a store of the plan."""
        ref = lead.target
        if not isinstance(ref, SourceRef):
            return Followed()
        account, planned = self._account(ref, self._groups[ref])

        def wanted(native: DeliveryConfig, item: DeliveryContribution) -> bool:
            into_plan = isinstance(item.store, Known) and self._names.resource(item.store.value) is not None
            return native.source in planned or into_plan

        followed = discover(ref, account, reading.as_of, wanted)
        return replace(followed, contributions=tuple(map(self._only_rows, followed.contributions)))

    def _only_rows(self, contribution: Contribution) -> Contribution:
        if not isinstance(contribution, SourceContribution):
            return contribution
        sources = contribution.sources
        items = tuple(item for item in sources.items if item.uri in self._written)
        return replace(contribution, sources=replace(sources, items=items))

    def _account(self, ref: SourceRef, group: _Group) -> tuple[Account, frozenset[Source]]:
        """What the plan says comes before what was seen: the same object by its id."""
        read, plan = self._reader, self._plan
        live = group.live or _unseen(ref, group.forgotten)
        deliveries = [read.delivery(each) for each in (*group.deliveries, *group.others)]
        deliveries += filter(None, map(self._stopped, group.stopped))
        storage = [read.storage(each) for each in _of(plan, STORAGE.kinds)]
        credentials = [read.credential(each) for each in _of(plan, CREDENTIALS.kinds)]
        workspaces = [read.workspace(each) for each in group.workspaces]
        account = Account(
            host=ref.host,
            account_id=ref.account_id,
            mode=Mode.PLANNED,
            deliveries=_merged(deliveries, live.deliveries, lambda item: item.id),
            storage=_merged(storage, live.storage, lambda item: item.id),
            credentials=_merged(credentials, live.credentials, lambda item: item.id),
            workspaces=_merged(workspaces, live.workspaces, lambda item: item.id),
        )
        return account, frozenset(item.source for item in deliveries)

    def _stopped(self, resource: Resource) -> DeliveryConfig | None:
        """It goes on existing, disabled; what is destroyed with its storage configuration leads nowhere."""
        target = self._plan.target(resource, "storage_configuration_id", identity=STORAGE).fact
        known = isinstance(target, Known) and target.value is not None
        return self._reader.stopped(resource) if known else None


def _grouped(premises: Premises) -> Iterable[_Group]:
    """Resources by account: by its id, which may be a secret, else by their provider configuration."""
    plan = premises.plan
    groups: dict[str, _Group] = {}
    for account in _live(premises):
        groups[token(account.account_id, plan.inventory.salt)] = _Group(live=account)
    for resource in _of(plan, (DELIVERY,)):
        group = groups.setdefault(_account_of(resource, plan), _Group())
        (group.deliveries if audit_logs(resource) else group.others).append(resource)
    for departure in plan.departures:
        if departure.address.kind == DELIVERY and audit_logs(resource := departing(departure)):
            group = groups.setdefault(_account_of(resource, plan), _Group())
            (group.forgotten if departure.action is Action.FORGET else group.stopped).append(resource)
    for resource in _of(plan, WORKSPACE.kinds):
        groups.setdefault(_account_of(resource, plan), _Group()).workspaces.append(resource)
    return groups.values()


def _live(premises: Premises) -> Iterator[Account]:
    """The accounts of the context."""
    if not premises.settings.databricks:
        return
    from posture.adapters.databricks.wing import DatabricksWing  # noqa: PLC0415 - with a context only

    wing = DatabricksWing(premises.settings)
    for access in premises.settings.databricks:
        ref = SourceRef(provider=Provider.DATABRICKS, host=access.host, account_id=access.account_id)
        yield wing.answers(ref, premises.context).typed()


def _of(plan: Plan, kinds: Iterable[str]) -> Iterator[Resource]:
    return (resource for kind in kinds for resource in plan.of_kind(kind))


def _account_of(resource: Resource, plan: Plan) -> str:
    """A token of the account, equal for two resources of one account."""
    own = resource.after.optional("account_id").token()
    if isinstance(own, Known) and own.value:
        return own.value
    match plan.provider_setting(resource, "account_id"):
        case Known(value=str(account)) if account:
            return token(account, plan.inventory.salt)
        case _:
            return f"provider {plan.provider_key(resource)}"


def _ref(group: _Group, plan: Plan) -> SourceRef:
    """The account by its id; where that is a secret or not known, by the first resource in it."""
    if group.live is not None:
        return SourceRef(provider=Provider.DATABRICKS, host=group.live.host, account_id=group.live.account_id)
    hosts = (plan.provider_setting(resource, "host") for resource in group.members)
    ids = (
        fact
        for resource in group.members
        for fact in (resource.after.optional("account_id").text(), plan.provider_setting(resource, "account_id"))
    )
    return SourceRef(
        provider=Provider.DATABRICKS,
        host=_first_text(hosts),
        account_id=_first_text(ids) or placeholder(group.members[0]),
    )


def _first_text(facts: Iterable[object]) -> str:
    return next((fact.value for fact in facts if isinstance(fact, Known) and isinstance(fact.value, str)), "")


def _rows(ref: SourceRef, group: _Group) -> Iterator[tuple[str, tuple[Resource, ...]]]:
    if group.delivering:
        yield ref.uri, group.delivering
    for workspace in group.workspaces:
        yield workspace_uri(ref.account_id, workspace_id(workspace)), (workspace,)


def _unseen(ref: SourceRef, forgotten: list[Resource]) -> Account:
    """An account of which no scan tells."""
    source = Source(operation="databricks", resource=ref.account_id)
    unknown = unplanned(source, "what the Databricks account holds beside this plan")
    if forgotten:
        left = ", ".join(f"`{resource.shown}`" for resource in forgotten[:_SHOWN])
        unknown = replace(unknown, detail=f"{left} leaves Terraform: {unknown.detail}")
    return Account(
        host=ref.host,
        account_id=ref.account_id,
        mode=Mode.PLANNED,
        deliveries=Read(items=(), source=source, gap=unknown),
        storage=Read(items=(), source=source, gap=unknown),
        credentials=Read(items=(), source=source, gap=unknown),
        workspaces=Read(items=(), source=source, gap=unknown),
    )


def _merged(planned: list[T], live: Read[T], key: Callable[[T], int | str]) -> Read[T]:
    known = {key(item) for item in planned}
    rest = (item for item in live.items if key(item) not in known)
    return Read(items=(*planned, *rest), source=live.source, gap=live.gap)
