"""The SDK's descriptions of the services that are called."""

from __future__ import annotations

import os
from pathlib import Path

from botocore.loaders import Loader

from posture.adapters.aws.calls import CALLS

_CALLED = sorted({call.operation.partition(":")[0] for call in CALLS})


class ServiceModels(Loader):  # type: ignore[misc] # botocore has no types
    """Reads each description where it lies.

    The SDK's own loader looks into the folders of all its four hundred services before each kind of description, which
    costs as much as twenty calls. That is left for services that only signing in needs.
    """

    def __init__(self, search_path: str | None) -> None:
        paths = (search_path or "").split(os.pathsep)
        super().__init__([str(Path(os.path.expandvars(path)).expanduser()) for path in paths if path])
        self._others = False

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> object:
        """One description of a service."""
        self._others = self._others or service_name not in _CALLED
        return super().load_service_model(service_name, type_name, api_version)

    def list_available_services(self, type_name: str) -> list[str]:
        """The services that there may be descriptions of."""
        listed: list[str] = super().list_available_services(type_name) if self._others else _CALLED
        return listed
