"""Who reads what: the default identity, and those that the configuration names for other accounts."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from posture.adapters.aws.calls import ASSUME_ROLE, GET_CALLER_IDENTITY
from posture.adapters.aws.live.credentials import CREDENTIAL_CODES, code_of
from posture.adapters.aws.live.limits import Limits
from posture.frozen import dataclass
from posture.model.facts import Fact, Known, Reason, Source, Unknown
from posture.model.settings import AwsAccess, Settings
from posture.reading import Answer, Answered, Call, Pages, Reading

if TYPE_CHECKING:
    from posture.adapters.aws.live.sessions import Sessions

DEFAULT_IDENTITY = "aws:default"


def label_of(account: str) -> str:
    """The name of an identity in a reading: the account that the configuration gives it, or the default."""
    return f"aws:{account}" if account else DEFAULT_IDENTITY


@dataclass(frozen=True, slots=True)
class Caller:
    """One identity in one reading. `refused` says why it cannot be used; then it makes no call at all."""

    configured_for: str  # the account in posture.yaml; empty for the default identity
    account: Fact[str]  # as AWS says
    refused: Unknown | None
    reading: Reading
    callers: Callers

    @property
    def label(self) -> str:
        """The name of this identity in the reading."""
        return label_of(self.configured_for)

    def read(self, call: Call, *, resource: str, parameters: Mapping[str, str], region: str = "") -> Answer:
        """One answer; without a Region, from wherever the session is at home."""
        if self.refused is not None:
            return self.refused
        return self.reading.read(
            call,
            identity=self.label,
            resource=resource,
            parameters=_key(parameters, region),
            perform=lambda: self.callers.sessions.perform(self.configured_for, call, region, parameters),
        )

    def read_all(
        self,
        call: Call,
        *,
        resource: str,
        parameters: Mapping[str, str],
        region: str = "",
        keep: frozenset[str] = frozenset(),
    ) -> Pages:
        """The items of all pages; `keep` names the only members of an item that matter."""
        if self.refused is not None:
            return Pages(items=(), source=Source(operation=call.operation, resource=resource), gap=self.refused)

        def pages() -> Iterator[object]:
            items = self.callers.sessions.pages(self.configured_for, call, region, parameters)
            return (_kept(item, keep) for item in items) if keep else items

        return self.reading.read_all(
            call, identity=self.label, resource=resource, parameters=_key(parameters, region), pages=pages
        )


class Callers:
    """The identities of a run: each is tried once, when something that it owns is first read."""

    def __init__(self, settings: Settings, limits: Limits) -> None:
        self._settings = settings
        self._limits = limits
        self._access = {access.account: access for access in settings.accounts}
        self._lock = threading.Lock()
        self._sessions: Sessions | None = None

    @property
    def sessions(self) -> Sessions:
        """The SDK's sessions; asked for only by a call that is really made."""
        if self._sessions is not None:
            return self._sessions
        from posture.adapters.aws.live.sessions import Sessions  # noqa: PLC0415 - it imports botocore

        with self._lock:
            if self._sessions is None:
                self._sessions = Sessions(self._settings, self._limits)
            return self._sessions

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts that have an identity of their own."""
        return tuple(self._access)

    def default(self, reading: Reading) -> Caller:
        """The identity of the environment."""
        return self._opened("", None, reading)

    def for_account(self, account: str, reading: Reading) -> Caller:
        """The identity that reads what an account owns: its own, where the configuration names one."""
        access = self._access.get(account)
        if access is None:
            return self.default(reading)
        return self._opened(account, self._assumed(access, reading) if access.role_arn else None, reading)

    def _assumed(self, access: AwsAccess, reading: Reading) -> Unknown | None:
        default = self.default(reading)
        if default.refused is not None:
            return default.refused
        answer = reading.read(
            ASSUME_ROLE,
            identity=DEFAULT_IDENTITY,
            resource=access.role_arn,
            parameters={"RoleArn": access.role_arn},
            perform=lambda: self.sessions.assume(access),
        )
        return answer if isinstance(answer, Unknown) else None

    def _opened(self, account: str, refused: Unknown | None, reading: Reading) -> Caller:
        if refused is not None:
            return Caller(account, refused, refused, reading, self)
        blank = Caller(account, Unknown(reason=Reason.NOT_COLLECTED), None, reading, self)
        answer = blank.read(GET_CALLER_IDENTITY, resource=account, parameters={})
        owner = _account(answer)
        return Caller(account, owner, _why_not(account, owner), reading, self)


def _account(answer: Answer) -> Fact[str]:
    match answer:
        case Answered(value={"Account": str(account)}, source=source):
            return Known(value=account, sources=(source.at("Account"),))
        case Unknown():
            return answer
        case _:
            return Unknown(reason=Reason.MALFORMED, sources=(answer.source,), detail="no account in the answer")


def _why_not(account: str, owner: Fact[str]) -> Unknown | None:
    match owner:
        case Unknown() if code_of(owner) in CREDENTIAL_CODES:
            return owner
        case Known(value=value, sources=sources) if account and value != account:
            return Unknown(
                reason=Reason.NOT_COLLECTED,
                sources=sources,
                detail=f"the identity configured for account {account} belongs to account {value}",
                needs=f"a profile or role of account {account} in posture.yaml",
            )
        case _:
            return None


def _key(parameters: Mapping[str, str], region: str) -> Mapping[str, str]:
    return {**parameters, "Region": region} if region else parameters


def _kept(item: object, names: frozenset[str]) -> object:
    return {name: item[name] for name in sorted(names) if name in item} if isinstance(item, Mapping) else item
