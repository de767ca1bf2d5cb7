"""The Databricks wing: follows an account to its sources of audit logs and to every place they are delivered to."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping

from posture.adapters.databricks.calls import (
    COLLECTIONS,
    CREDENTIALS,
    LOG_DELIVERY,
    NETWORKS,
    SIGN_IN,
    STORAGE_CONFIGURATIONS,
    WORKSPACES,
    Collection,
)
from posture.adapters.databricks.config import read
from posture.adapters.databricks.discover import Answers, discover
from posture.adapters.databricks.live import listings
from posture.adapters.databricks.live.failures import SignInError
from posture.adapters.databricks.live.sign_in import Limits, SignedIn, sign_in
from posture.adapters.databricks.on_azure import HOSTS, discover_on_azure, workspace_id
from posture.adapters.wing import Followed
from posture.errors import CredentialError
from posture.model.assessment import IdentityUse
from posture.model.facts import Unknown
from posture.model.leads import Lead, SourceRef, Target
from posture.model.settings import DatabricksAccess, Settings
from posture.model.subjects import Provider
from posture.reading import Answer, Answered, Call, Json, Pages, Reading


class DatabricksWing:
    """Reads every Databricks account of the settings. Each is signed in to once, by whoever needs it first."""

    def __init__(
        self, settings: Settings, *, http_timeout_seconds: float = 20.0, retry_timeout_seconds: float = 30.0
    ) -> None:
        limits = Limits(http=http_timeout_seconds, retries=retry_timeout_seconds, listing=settings.seconds_per_target)
        self._limits = limits
        self._accounts = {_ref(access): _Account(access, limits) for access in settings.databricks}
        self._followed: set[SourceRef] = set()

    @property
    def provider(self) -> Provider:
        """Databricks."""
        return Provider.DATABRICKS

    @property
    def calls(self) -> tuple[Call, ...]:
        """The listings of the account API."""
        return tuple(collection.call for collection in COLLECTIONS)

    def handles(self, target: Target) -> bool:
        """Databricks accounts, and nothing else."""
        return isinstance(target, SourceRef)

    def check_credentials(self, reading: Reading) -> None:
        """Sign in to every account of the settings; a CredentialError says what to set, never what is set."""
        if reading.replays:
            return
        for ref, account in self._accounts.items():
            self._open(ref, account, reading)
            try:
                account.signed_in()
            except SignInError as failure:
                raise CredentialError(failure.message, help=failure.help) from None

    def identities(self, reading: Reading) -> tuple[IdentityUse, ...]:
        """As whom each account that was followed was read, as its sign-in recorded it."""
        uses = (self._identity(ref, reading) for ref in sorted(self._followed, key=lambda ref: (ref.uri, ref.host)))
        return tuple(uses)

    def follow(self, lead: Lead, reading: Reading) -> Followed:
        """Read one account: its listings side by side, once somebody is signed in."""
        ref = lead.target
        if not isinstance(ref, SourceRef):
            return Followed()
        self._followed.add(ref)
        if self._on_azure(ref, reading):
            account = self._account(ref)
            opened = self._open(ref, account, reading)
            workspaces = read(_Listing(account, WORKSPACES, reading)(), workspace_id)
            return discover_on_azure(ref, _text(opened, "account_id") or ref.account_id, workspaces)
        return discover(ref, self.answers(ref, reading).typed(), reading.as_of)

    def _on_azure(self, ref: SourceRef, reading: Reading) -> bool:
        """As signing in found out; where nobody could, by the host."""
        opened = self._open(ref, self._account(ref), reading)
        host = _text(opened, "host") or ref.host
        return _text(opened, "cloud") == "azure" or host.rstrip("/").endswith(HOSTS)

    def answers(self, ref: SourceRef, reading: Reading) -> Answers:
        """What the API of one account says."""
        account = self._account(ref)
        opened = self._open(ref, account, reading)
        if isinstance(opened, Unknown):
            pages = (Pages(items=(), source=opened.sources[0], gap=opened),) * len(COLLECTIONS)
        else:
            pages = reading.together(*(_Listing(account, each, reading) for each in COLLECTIONS))
        given = dict(zip(COLLECTIONS, pages, strict=True))
        return Answers(
            host=_text(opened, "host") or ref.host,
            cloud=_text(opened, "cloud"),
            account_id=_text(opened, "account_id") or ref.account_id or account.label,
            log_delivery=given[LOG_DELIVERY],
            storage_configurations=given[STORAGE_CONFIGURATIONS],
            credentials=given[CREDENTIALS],
            workspaces=given[WORKSPACES],
            networks=given[NETWORKS],
        )

    def _account(self, ref: SourceRef) -> _Account:
        known = self._accounts.get(ref)
        return known or _Account(DatabricksAccess(host=ref.host, account_id=ref.account_id), self._limits)

    def _open(self, ref: SourceRef, account: _Account, reading: Reading) -> Answer:
        return reading.read(
            SIGN_IN,
            identity=account.label,
            resource=ref.account_id or ref.host or account.label,
            parameters=account.parameters,
            perform=account.describe,
        )

    def _identity(self, ref: SourceRef, reading: Reading) -> IdentityUse:
        account = self._account(ref)
        opened = self._open(ref, account, reading)
        return IdentityUse(
            label=account.label,
            provider=Provider.DATABRICKS,
            principal=_text(opened, "principal"),
            account=_text(opened, "account_id") or ref.account_id,
        )


class _Account:
    """One account to sign in to."""

    def __init__(self, access: DatabricksAccess, limits: Limits) -> None:
        self._access = access
        self._limits = limits
        self._lock = threading.Lock()
        self._outcome: SignedIn | SignInError | None = None

    @property
    def label(self) -> str:
        """How the configuration calls this identity."""
        return self._access.profile or "default"

    @property
    def parameters(self) -> Mapping[str, str]:
        """What tells the calls to this account from those to another."""
        return {"host": self._access.host, "account_id": self._access.account_id}

    def signed_in(self) -> SignedIn:
        """The one sign-in, or the one reason why there is none."""
        with self._lock:
            if self._outcome is None:
                try:
                    self._outcome = sign_in(self._access, self._limits)
                except SignInError as failure:
                    self._outcome = failure
            if isinstance(self._outcome, SignInError):
                raise self._outcome
            return self._outcome

    def describe(self) -> Mapping[str, Json]:
        """Who signed in, as a snapshot keeps it."""
        signed_in = self.signed_in()
        return {
            "host": signed_in.host,
            "account_id": signed_in.account_id,
            "principal": signed_in.principal,
            "method": signed_in.method,
            "cloud": signed_in.cloud,
        }

    def items(self, collection: Collection) -> Iterator[Json]:
        """Every item of a listing."""
        return listings.items(self.signed_in(), collection, self._limits)


class _Listing:
    """One listing of one account, to be read beside the others."""

    def __init__(self, account: _Account, collection: Collection, reading: Reading) -> None:
        self._account = account
        self._collection = collection
        self._reading = reading

    def __call__(self) -> Pages:
        parameters = self._account.parameters
        return self._reading.read_all(
            self._collection.call,
            identity=self._account.label,
            resource=parameters["account_id"],
            parameters=parameters,
            pages=lambda: self._account.items(self._collection),
        )


def _ref(access: DatabricksAccess) -> SourceRef:
    return SourceRef(provider=Provider.DATABRICKS, host=access.host, account_id=access.account_id)


def _text(answer: Answer, name: str) -> str:
    value = answer.value.get(name) if isinstance(answer, Answered) else ""
    return value if isinstance(value, str) else ""
