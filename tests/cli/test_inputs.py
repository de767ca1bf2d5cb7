"""What the command line leaves of a configuration file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from posture.adapters.starts import first_leads
from posture.cli.inputs import Given, request_of
from posture.errors import ConfigurationError
from posture.model.settings import Settings
from posture.model.subjects import Role

FILE = """\
databricks: [{host: "https://accounts.cloud.databricks.com", account_id: 449e7a5c-0000-4b8a-aaaf-000000000001}]
azure: {tenant: 11111111-2222-3333-4444-555555555555}
gcp: {projects: [acme-platform]}
accounts: {"222222222222": {profile: logs}}
trust: {accounts: ["222222222222"]}
stores:
  - {uri: "s3://named-in-the-file", account: "222222222222", role: copy}
  - uri: s3://another
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "posture.yaml").write_text(FILE, encoding="utf-8")
    return "posture.yaml"


def settings(**given: object) -> Settings:
    return request_of(Given(**given)).settings  # type: ignore[arg-type]  # its fields, as click gives them


def starts(found: Settings) -> list[str]:
    return [lead.target.uri for lead in first_leads(found) if hasattr(lead.target, "uri")]


def test_a_file_says_where_to_start(file: str) -> None:
    assert starts(settings(config=file)) == [
        *("databricks://449e7a5c-0000-4b8a-aaaf-000000000001", "azure://", "s3://named-in-the-file", "s3://another"),
    ]


@pytest.mark.parametrize("named", [None, "posture.yaml"])
def test_store_alone_is_all_that_is_looked_at(file: str, named: str | None) -> None:
    """Whether the file was found or named: it says as whom to read and whom to trust, and no further place to look."""
    assert file
    found = settings(config=named, stores=("s3://one",))
    assert starts(found) == ["s3://one"]
    assert found.azure is not None
    assert found.azure.tenant == "11111111-2222-3333-4444-555555555555"
    assert [access.account for access in found.accounts] == ["222222222222"]
    assert found.google.projects == {"acme-platform"}
    assert found.trust.accounts == {"222222222222"}


def test_a_store_that_the_file_names_keeps_its_owner_and_role(file: str) -> None:
    (store,) = settings(config=file, stores=("s3://named-in-the-file/",)).stores
    assert (store.account, store.role, store.found) == ("222222222222", Role.COPY, "--store")


def test_a_profile_beside_a_store_asks_its_account_too(file: str) -> None:
    found = settings(config=file, stores=("s3://one",), databricks_profile="audit")
    assert [access.profile for access in found.databricks] == ["audit"]
    assert starts(found)[-1] == "s3://one"
    assert "azure://" not in starts(found)


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: path.symlink_to("nowhere")])
def test_a_configuration_that_is_there_is_never_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert settings(stores=("s3://one",)).trust.accounts == frozenset()
    make(tmp_path / "posture.yaml")
    with pytest.raises(ConfigurationError, match=r"posture\.yaml: cannot be read"):
        settings(stores=("s3://one",))


def test_an_acceptance_that_has_expired_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entries = (("444455556666", "2020-01-31"), ("777788889999", "2999-12-31"))
    lines = "".join(f'    - {{principal: "{who}", reason: x, expires: "{day}"}}\n' for who, day in entries)
    (tmp_path / "posture.yaml").write_text(f"trust:\n  accepted:\n{lines}", encoding="utf-8")
    settings(config=str(tmp_path / "posture.yaml"), stores=("s3://one",))
    told = capsys.readouterr().err
    assert told == "posture: the acceptance of 444455556666 expired on 2020-01-31 and no longer counts\n"
