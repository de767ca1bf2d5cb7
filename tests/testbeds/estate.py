"""The estate of the demo and of the end-to-end tests: four accounts, six stores, one Databricks account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tests.testbeds.aws import Accounts
from tests.testbeds.broken import Answer, Fault
from tests.testbeds.databricks import AccountState, Record
from tests.testbeds.faults import FaultProxy, Rule
from tests.testbeds.records import attempt, credential, delivered, log_delivery, storage_configuration, workspace
from tests.testbeds.stores import (
    PLATFORM,
    Archive,
    Store,
    half_readable_audit_logs,
    retired_audit_logs,
    template_audit_logs,
    unreadable_audit_logs,
    well_kept_audit_logs,
    workspace_root,
)

ANALYTICS, SCIENCE, SANDBOX = 6383650456894062, 4102272838062927, 2873465019283746
"""The three workspaces."""

HIDDEN_READS = ("s3:GetBucketPolicy", "s3:GetBucketPolicyStatus", "s3:GetBucketEncryption", "s3:GetBucketVersioning")
"""What `hide_half` refuses of the half-readable store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    """Everything seeded, and the matching state of the Databricks account."""

    template: Store
    archive: Archive
    retired: Store
    root: Store
    half_readable: Store
    unreadable: Store
    databricks: AccountState

    @property
    def stores(self) -> tuple[Store, ...]:
        """The stores that audit logs are or were delivered to."""
        return (self.template, self.archive.store, self.retired, self.root, self.half_readable, self.unreadable)


def seed_estate(accounts: Accounts, *, now: datetime) -> Estate:
    """Seed every store, and say how fresh the deliveries are at `now`."""
    estate = Estate(
        template=template_audit_logs(accounts),
        archive=well_kept_audit_logs(accounts),
        retired=retired_audit_logs(accounts),
        root=workspace_root(accounts),
        half_readable=half_readable_audit_logs(accounts),
        unreadable=unreadable_audit_logs(accounts),
        databricks=AccountState(),
    )
    return replace(estate, databricks=mixed_account(estate, now=now))


def hide_half(proxy: FaultProxy, store: Store) -> None:
    """Refuse `HIDDEN_READS` of one store."""
    for operation in HIDDEN_READS:
        proxy.fault(operation, Fault.DENIED, resource=store.bucket.name)


def mend_replication(proxy: FaultProxy, archive: Archive) -> None:
    """Answer what S3 would about the archive's replication: moto forgets that it takes objects under a key too."""
    body = f"""\
<ReplicationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
  <Role>arn:aws:iam::{archive.store.bucket.account}:role/replicate-audit-logs</Role>
  <Rule>
    <ID>all</ID><Priority>1</Priority><Status>Enabled</Status><Filter><Prefix></Prefix></Filter>
    <SourceSelectionCriteria><SseKmsEncryptedObjects><Status>Enabled</Status></SseKmsEncryptedObjects>
    </SourceSelectionCriteria>
    <DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication>
    <Destination><Bucket>{archive.replica.arn}</Bucket>
      <EncryptionConfiguration><ReplicaKmsKeyID>{archive.replica_key}</ReplicaKmsKeyID></EncryptionConfiguration>
    </Destination>
  </Rule>
</ReplicationConfiguration>"""
    answer = Answer(headers=(("Content-Type", "application/xml"),), body=body.encode())
    proxy.add(Rule(operation="s3:GetBucketReplication", resource=archive.store.bucket.name, answer=answer))


def mixed_account(estate: Estate, *, now: datetime) -> AccountState:
    """The account as years of work leave it: two good deliveries, and each kind of trouble once."""
    failing = attempt(
        "USER_FAILURE",
        last=now - timedelta(minutes=10),
        succeeded=now - timedelta(days=9),
        message="Access Denied while writing to the bucket",
    )
    return account_of(
        estate.stores,
        (
            delivery(estate.template, health=delivered(now)),
            delivery(estate.archive.store, health=delivered(now, ago=timedelta(minutes=35))),
            delivery(estate.retired, status="DISABLED", health=attempt("NOT_FOUND")),
            delivery(estate.root, workspaces=(ANALYTICS,), health=failing),
            delivery(estate.half_readable, workspaces=(SCIENCE,), health=delivered(now)),
            delivery(estate.unreadable, workspaces=(ANALYTICS, SCIENCE), health=attempt("CREATED")),
            log_delivery(
                "billing",
                storage=f"{estate.template.bucket.name}-storage",
                credentials=f"{estate.template.bucket.name}-credential",
                prefix="billable-usage",
                log_type="BILLABLE_USAGE",
                health=delivered(now),
            ),
        ),
        root=estate.root,
    )


def good_account(store: Store, *, now: datetime) -> AccountState:
    """One unfiltered delivery that works; no workspace has its root there."""
    return account_of((store,), (delivery(store, health=delivered(now)),))


def bad_account(store: Store, *, now: datetime) -> AccountState:
    """One delivery, which fails, leaves out two workspaces and the account's own events, and shares a root bucket."""
    failing = attempt("USER_FAILURE", last=now, succeeded=now - timedelta(days=9), message="Access Denied")
    return account_of((store,), (delivery(store, workspaces=(ANALYTICS,), health=failing),), root=store)


def silent_account() -> AccountState:
    """Workspaces, and no delivery at all."""
    return account_of((), ())


def account_of(stores: Sequence[Store], deliveries: Sequence[Record], *, root: Store | None = None) -> AccountState:
    """An account with these stores configured; the first workspace's root is `root`, the others have buckets apart.

    Workspaces run in `PLATFORM`, but one with a root of ours runs in the account of that bucket.
    """
    apart = "workspaces-apart-storage"
    first = f"{root.bucket.name}-storage" if root else apart
    homes = {apart: PLATFORM, **({first: root.bucket.account} if root else {})}
    return AccountState(
        log_delivery=tuple(deliveries),
        storage_configurations=(
            storage_configuration(apart, "workspaces-apart"),
            *(storage_configuration(f"{store.bucket.name}-storage", store.bucket.name) for store in stores),
        ),
        credentials=(
            *(credential(f"{store.bucket.name}-credential", store.writer) for store in stores),
            *(
                credential(f"{storage}-credential", f"arn:aws:iam::{account}:role/databricks-workspaces")
                for storage, account in homes.items()
            ),
        ),
        workspaces=(
            workspace(ANALYTICS, "analytics", storage=first),
            workspace(SCIENCE, "science", storage=apart),
            workspace(SANDBOX, "sandbox", storage=apart),
        ),
    )


def delivery(store: Store, *, health: Record | None, status: str = "ENABLED", workspaces: Sequence[int] = ()) -> Record:
    """The configuration that delivers audit logs to a store."""
    return log_delivery(
        f"to-{store.bucket.name}",
        storage=f"{store.bucket.name}-storage",
        credentials=f"{store.bucket.name}-credential",
        prefix=store.prefix,
        status=status,
        workspaces=workspaces,
        health=health,
    )
