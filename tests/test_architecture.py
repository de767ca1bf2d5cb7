"""The house: what is imported when, what a registry names, what is generated, what the wheel holds."""

import json
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import posture
from posture.adapters.registry import PERMISSIONS, WINGS, declared_calls
from posture.model.subjects import Provider
from posture.reports.registry import FORMATS

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "posture"
SDKS = {"boto3", "botocore", "azure", "google", "databricks"}
HEAVY = SDKS | {"jsonschema", "rich", "jinja2", "yaml"}


def python(*arguments: str, **environment: str) -> str:
    ran = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", **environment},
    )
    return ran.stdout


def modules_after(code: str) -> set[str]:
    """The top-level modules that are loaded once `code` has run."""
    printed = python("-c", f"import sys\n{code}\nprint()\nprint(*{{name.split('.')[0] for name in sys.modules}})")
    return set(printed.splitlines()[-1].split())


@pytest.mark.parametrize("line", ["--help", "--version", "scan --help"])
def test_help_answers_without_any_sdk(line: str) -> None:
    loaded = modules_after(f"from posture.cli import main\nmain({line.split()!r})")
    assert "click" in loaded
    assert not loaded & (SDKS | {"jsonschema", "jinja2"})


def test_the_first_help_imports_click_and_little_else() -> None:
    assert not modules_after("from posture.cli import main\nmain(['--help'])") & HEAVY


def test_importing_posture_imports_nothing() -> None:
    assert not modules_after("import posture") & (HEAVY | {"click"})


def test_the_public_names_are_there() -> None:
    for name in posture.__all__:
        assert getattr(posture, name) is not None
    with pytest.raises(AttributeError, match="nothing"):
        posture.nothing  # noqa: B018 - the access is the test


def test_no_room_hides_a_public_name() -> None:
    rooms = {path.stem for path in PACKAGE.iterdir()}
    assert not rooms & set(posture.__all__), "importing a room of this name puts it in the place of the function"


def test_the_shipped_policy_is_read_without_jsonschema() -> None:
    loaded = modules_after("from posture.cli import main\nmain(['policy', 'list'])")
    assert "yaml" in loaded
    assert "jsonschema" not in loaded


def folders(place: Path) -> set[str]:
    return {path.name for path in place.iterdir() if path.is_dir() and (path / "__init__.py").is_file()}


def test_the_registry_names_every_wing() -> None:
    assert {provider.value for provider in WINGS} == folders(PACKAGE / "adapters")
    assert set(PERMISSIONS) == {provider.value for provider in WINGS}


def test_the_registry_names_every_report() -> None:
    rendering = {path.stem for path in (PACKAGE / "reports").glob("*.py") if "\ndef render(" in path.read_text("utf-8")}
    modules = {form.module.rsplit(".", 1)[1] for form in FORMATS.values()}
    assert rendering - {"registry"} == modules == {name.replace("-", "_") for name in FORMATS}


@pytest.mark.parametrize("provider", list(WINGS))
def test_declared_calls_are_distinct_and_say_why(provider: Provider) -> None:
    calls = declared_calls(provider)
    assert len({call.operation for call in calls}) == len(calls)
    for call in calls:
        assert call.purpose, call.operation
        assert not call.absent & call.missing, call.operation


def rooms() -> Iterator[tuple[str, int]]:
    for path in PACKAGE.rglob("*.py"):
        yield str(path.relative_to(ROOT)), len(path.read_text("utf-8").splitlines())


def test_rooms_stay_small() -> None:
    tables = {"posture/iam/actions_table.py"}  # data
    assert {name: lines for name, lines in rooms() if lines > 300 and name not in tables} == {}


def test_the_wheel_finds_its_policies_and_schemas(tmp_path: Path) -> None:
    python("-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "--wheel-dir", str(tmp_path), ".")
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
        names = set(archive.namelist())
    assert "posture/py.typed" in names
    assert not [name for name in names if name.startswith("tests/")]
    listed = subprocess.run(
        [sys.executable, "-m", "posture", "policy", "list"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(tmp_path / "installed")},
    )
    assert "versioning-enabled" in listed.stdout
    for schema in (PACKAGE / "schemas").glob("*.json"):
        assert f"posture/schemas/{schema.name}" in names
        json.loads(schema.read_text("utf-8"))


def test_every_dependency_has_a_floor() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for requirement in project["dependencies"]:
        assert ">=" in requirement
