"""Questions to Azure, each asked once in a reading and as one identity."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

from posture.adapters.azure import calls
from posture.adapters.azure.cloud import Cloud, cloud_of
from posture.adapters.azure.live.limits import Limits
from posture.adapters.azure.live.members import Members, item_of
from posture.adapters.azure.reads import ArmRead
from posture.adapters.azure.unsettled import NotYetKnownError, settled
from posture.frozen import dataclass
from posture.model.facts import Fact, Gap, Known, Listing, Reason, Source, Unknown
from posture.model.settings import AzureAccess, Settings
from posture.reading import Answer, Answered, Call, NotConfigured, Pages, Reading

if TYPE_CHECKING:
    from posture.adapters.azure.live.clients import Clients

T = TypeVar("T")
IDENTITY = "azure:default"


class Connection:
    """The settings of a run, and the SDK's clients once a call is made."""

    def __init__(self, settings: Settings, limits: Limits) -> None:
        self.access = settings.azure or AzureAccess()
        self.cloud: Cloud = cloud_of(self.access)
        self._limits = limits
        self._concurrency = settings.concurrency
        self._lock = threading.Lock()
        self._clients: Clients | None = None

    @property
    def clients(self) -> Clients:
        """Asked for only by a call that is really made."""
        from posture.adapters.azure.live.clients import Clients  # noqa: PLC0415 - it imports the SDKs

        with self._lock:
            if self._clients is None:
                connections = max(self._concurrency, 10)
                self._clients = Clients(self.access, self.cloud, self._limits, connections=connections)
            return self._clients


@dataclass(frozen=True, slots=True)
class Arm:
    """Asks within one reading; where nobody could sign in, that is every answer, and no call is made."""

    connection: Connection
    reading: Reading

    @property
    def cloud(self) -> Cloud:
        """The cloud that is asked."""
        return self.connection.cloud

    def sign_in(self) -> Answer:
        """As whom."""
        return self.reading.read(
            calls.SIGN_IN,
            identity=IDENTITY,
            resource=self.connection.access.tenant,
            parameters={"tenant": self.connection.access.tenant},
            perform=self._claims,
        )

    def _refused(self) -> Unknown | None:
        """Why every answer is unknown. Where nobody asked at all, as in a plan, each call says so itself."""
        signed = self.sign_in()
        return signed if isinstance(signed, Unknown) and signed.reason is not Reason.NOT_COLLECTED else None

    def _claims(self) -> Mapping[str, object]:
        return self.connection.clients.claims()

    def ask(self, read: ArmRead, resource_id: str) -> Answer:
        """One answer about a resource."""
        refused = self._refused()
        if refused is not None:
            return refused
        return self.reading.read(
            read.call,
            identity=IDENTITY,
            resource=resource_id,
            parameters={"id": resource_id.lower()},
            perform=lambda: self.connection.clients.resource(read, resource_id),
        )

    def ask_all(self, read: ArmRead, resource_id: str = "") -> Pages:
        """The items of all pages of a listing."""
        refused = self._refused()
        if refused is not None:
            return Pages(items=(), source=Source(operation=read.call.operation, resource=resource_id), gap=refused)
        return self.reading.read_all(
            read.call,
            identity=IDENTITY,
            resource=resource_id,
            parameters={"id": resource_id.lower()},
            pages=lambda: self.connection.clients.resources(read, resource_id),
        )

    def directory(self, call: Call, path: str, identity: str, query: Mapping[str, str]) -> Answer:
        """One object of the directory."""
        refused = self._refused()
        if refused is not None:
            return refused
        cloud = self.cloud
        return self.reading.read(
            call,
            identity=IDENTITY,
            resource=identity,
            parameters={"id": identity},
            perform=lambda: self.connection.clients.get(cloud.graph, f"{cloud.graph}/.default", path, query),
        )

    def directory_all(self, call: Call, path: str, identity: str, query: Mapping[str, str]) -> Pages:
        """A listing of the directory."""
        refused = self._refused()
        if refused is not None:
            return Pages(items=(), source=Source(operation=call.operation, resource=identity), gap=refused)
        cloud = self.cloud
        return self.reading.read_all(
            call,
            identity=IDENTITY,
            resource=identity,
            parameters={"id": identity},
            pages=lambda: self.connection.clients.pages(cloud.graph, f"{cloud.graph}/.default", path, query),
        )

    def website(self, endpoint: str) -> Answer:
        """What only the blob service itself tells."""
        refused = self._refused()
        if refused is not None:
            return refused
        return self.reading.read(
            calls.GET_BLOB_SERVICE_PROPERTIES,
            identity=IDENTITY,
            resource=endpoint,
            parameters={"endpoint": endpoint},
            perform=lambda: self.connection.clients.blobs(endpoint).website(),
        )

    def container_acl(self, endpoint: str, container: str) -> Answer:
        """The stored access policies of a container."""
        refused = self._refused()
        if refused is not None:
            return refused
        return self.reading.read(
            calls.GET_CONTAINER_ACL,
            identity=IDENTITY,
            resource=f"{endpoint.rstrip('/')}/{container}",
            parameters={"endpoint": endpoint, "container": container},
            perform=lambda: self.connection.clients.blobs(endpoint).acl(container),
        )


def fact(answer: Answer, read: Callable[[Members], Fact[T]], *, absent: Fact[T] | None = None) -> Fact[T]:
    """What an answer says of a resource, which stands under `properties`; `absent` is what not being there means."""
    match answer:
        case Unknown():
            return answer
        case NotConfigured(source=source):
            if isinstance(absent, Known):
                return Known(value=absent.value, sources=(source,))
            return Unknown(reason=Reason.NOT_FOUND, sources=(source,), detail=answer.code)
        case Answered(value=value, source=source):
            return settled(read)(Members(value, source))


def listing(pages: Pages, read: Callable[[Members], T | None]) -> Listing[T]:
    """Every item of a listing as read; one that cannot be read leaves a gap."""
    items, gaps = [], [] if pages.gap is None else [Gap(unknown=pages.gap)]
    for index, raw in enumerate(pages.items):
        members = item_of(raw, pages.source.at(index))
        try:
            item = read(members)
        except NotYetKnownError as error:
            gaps.append(Gap(unknown=error.unknown))
            continue
        if item is None:
            gaps.append(Gap(unknown=members.malformed("item")))
        else:
            items.append(item)
    return Listing(items=tuple(items), gaps=tuple(gaps), sources=(pages.source,))
