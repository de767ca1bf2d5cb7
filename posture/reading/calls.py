"""What a call is before it is made, and what it is afterwards: an answer, a known absence, or an Unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from posture.frozen import dataclass
from posture.model.facts import Reason, Source, Unknown

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"


class ReadFailure(Exception):  # noqa: N818 - what a wing raises when its SDK gave no answer; it ends as an Unknown
    """The provider gave no answer, or one that says so: the reason, the provider's own code, and its words."""

    def __init__(self, reason: Reason, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.reason = reason
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A read that posture may make, declared once: what it is called, what it needs, which errors mean "not there".

    `facts` are those of stores that rest on it, by their paths or the paths above them; a run that needs none of them
    does not make the call. None: every run makes it, since it leads to stores or says as whom they are read.
    """

    operation: str  # s3:GetBucketEncryption
    permission: str  # s3:GetEncryptionConfiguration; empty when any authenticated caller may
    resource: str = "*"  # the ARN pattern that the least-privilege role names
    absent: frozenset[str] = frozenset()  # exactly the error codes that mean "not configured"
    missing: frozenset[str] = frozenset()  # the error codes that mean "the resource itself is not there"
    required: tuple[str, ...] = ()  # members without which an answer is no answer
    purpose: str = ""  # why posture asks, for whoever grants the permission
    facts: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The provider's answer, as JSON."""

    value: Mapping[str, Json]
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class NotConfigured:
    """The provider says that there is no such configuration: a known absence."""

    code: str  # the provider's; empty where its answer to another call says so
    source: Source


Answer: TypeAlias = Answered | NotConfigured | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """The items of all pages, and why there may be more of them."""

    items: tuple[Json, ...]
    source: Source
    gap: Unknown | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One call as it went: what a snapshot holds. Exactly one of `answer`, `items`, `absent` and `reason` says how."""

    identity: str
    operation: str
    parameters: tuple[tuple[str, str], ...]
    resource: str
    read_at: str
    digest: str = ""  # sha256 of the answer before secrets were masked; empty where there was nothing to mask
    answer: Mapping[str, Json] | None = None
    items: tuple[Json, ...] | None = None
    absent: str = ""
    reason: Reason | None = None
    detail: str = ""

    @property
    def key(self) -> Key:
        """What a call is known by."""
        return (self.identity, self.operation, self.parameters)

    @property
    def source(self) -> Source:
        """The call as a source of facts."""
        return Source(operation=self.operation, resource=self.resource, read_at=self.read_at)


Key: TypeAlias = tuple[str, str, tuple[tuple[str, str], ...]]
