"""The descriptions of services are those that the SDK itself would read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from botocore.exceptions import DataNotFoundError, UnknownServiceError
from botocore.loaders import Loader

from posture.adapters.aws.calls import CALLS
from posture.adapters.aws.live.models import ServiceModels

SERVICES = sorted({call.operation.partition(":")[0] for call in CALLS})


def unlisted(monkeypatch: pytest.MonkeyPatch) -> ServiceModels:
    """Fails when the folders of all services are looked through."""

    def refused(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(Loader, "list_available_services", refused)
    return ServiceModels(None)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_that_is_called_is_read_where_it_lies(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = ("service-2", "endpoint-rule-set-1")
    theirs = [Loader().load_service_model(service, kind) for kind in kinds]
    models = unlisted(monkeypatch)
    assert [models.load_service_model(service, kind) for kind in kinds] == theirs


def test_what_only_signing_in_needs_is_found_too() -> None:
    assert ServiceModels(None).load_service_model("sso", "service-2")
    with pytest.raises(UnknownServiceError):
        ServiceModels(None).load_service_model("no-such-service", "service-2")


def test_a_kind_that_a_service_lacks_is_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataNotFoundError):
        unlisted(monkeypatch).load_service_model("sts", "no-such-kind-1")


def test_descriptions_of_the_user_s_own_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELS", str(tmp_path))
    own = tmp_path / "mine" / "kms" / "2099-01-01"
    own.mkdir(parents=True)
    (own / "service-2.json").write_text(json.dumps({"operations": {"Mine": {}}}), encoding="utf-8")
    assert ServiceModels("$MODELS/mine").load_service_model("kms", "service-2") == {"operations": {"Mine": {}}}
