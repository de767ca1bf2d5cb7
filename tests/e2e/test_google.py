"""Google Cloud from end to end: the real libraries against stand-ins whose shapes are the documented ones."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.commands import Run, posture
from tests.e2e.google import GoogleWorld, google_world, short_google_limits
from tests.testbeds.google import google_api
from tests.testbeds.google_estate import ARCHIVE, COPY, DOCUMENTED, KEY, NEGLECTED, good_state
from tests.testbeds.google_hosts import google_hosts
from tests.testbeds.serving import Handler

pytestmark = pytest.mark.peers


@pytest.fixture(scope="module")
def google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GoogleWorld]:
    with google_world(tmp_path_factory.mktemp("key")) as world, short_google_limits():
        yield world


def scan(world: GoogleWorld, folder: Path, *more: str, configured: bool = True) -> Run:
    if configured:
        (folder / "posture.yaml").write_text(world.configuration, encoding="utf-8")
    kept = ("--format", "json", "--output", "report.json", "--save", "snapshot.json")
    return posture("scan", *kept, *more, environment=world.environment, folder=folder)


def rows(run: Run, subject: str) -> dict[str, str]:
    return {control: outcome for (control, uri), outcome in run.rows.items() if uri == subject}


def test_the_well_kept_store(google: GoogleWorld, tmp_path: Path) -> None:
    google.good()
    run = scan(google, tmp_path)
    assert run.err == ""
    found = rows(run, f"gs://{ARCHIVE}/audit")
    assert {control for control, outcome in found.items() if outcome == "fail"} == set()
    assert {control for control, outcome in found.items() if outcome == "unknown"} == {"lock-admits-additions"}
    assert {subject["uri"] for subject in run.report["subjects"] if subject["about"] == "store"} == {
        f"gs://{ARCHIVE}/audit",
        f"gs://{COPY}/audit",
    }
    assert run.report["unlooked"] == []


def test_the_neglected_store(google: GoogleWorld, tmp_path: Path) -> None:
    google.bad()
    run = scan(google, tmp_path)
    found = rows(run, f"gs://{NEGLECTED}/logs")
    assert {control for control, outcome in found.items() if outcome == "fail"} >= {
        "public-access-blocked",
        *(f"no-public-{what}" for what in ("list", "read", "write", "delete", "administration")),
        *(f"no-{what}-from-outside" for what in ("listing", "reading", "writing", "deletion", "administration")),
        "encrypted-with-customer-key",
        "acl-grants-only-the-owner",
        "objects-owned-by-bucket-owner",
        "website-hosting-off",
        "cross-origin-reads-closed",
        "no-notices-to-outsiders",
        "versioning-enabled",
        "object-lock-enabled",
        "deleted-logs-recoverable",
        "retained-long-enough",
        "access-log-kept-elsewhere",
        "replicated-elsewhere",
        "apart-from-workspace-accounts",
    }
    assert found["delivering-role-admitted"] == "pass"
    assert found["delivery-grant-no-wider-than-needed"] == "unknown"  # the lists of objects may say anything


def test_a_store_that_the_user_names(google: GoogleWorld, tmp_path: Path) -> None:
    google.good()
    run = scan(google, tmp_path, "--store", f"gs://{DOCUMENTED}", configured=False)
    found = rows(run, f"gs://{DOCUMENTED}")
    assert found["no-public-read"] == "pass"
    assert found["no-deletion-from-outside"] == "pass"  # what Databricks documents is no stranger


def test_a_replay_gives_the_same(google: GoogleWorld, tmp_path: Path) -> None:
    google.bad()
    run = scan(google, tmp_path)
    before = len(google.api.requests)
    again = posture(
        *("assess", "snapshot.json", "--format", "json", "--output", "again.json"),
        environment=google.environment,
        folder=tmp_path,
    )
    assert len(google.api.requests) == before
    assert again.read("again.json")["findings"] == run.report["findings"]


SETTINGS = {  # as `posture explain` shows them for the well-kept store
    "account": "acme-logs",
    "organisation": "organizations/900100",
    "region": "eu",
    "labels[0].name": "holds",
    "exposure.public_blocked": "true",
    "exposure.website": "false",
    "exposure.public_cors": "false",
    "exposure.requester_pays": "false",
    "exposure.subscribers[0].target": "//pubsub.googleapis.com/projects/acme-logs/topics/logs",
    "acl.ownership": "bucket_owner_enforced",
    "acl.off_for_good": "true",
    "encryption.key_manager": "customer",
    "encryption.key_enabled": "true",
    "encryption.key_rotating": "true",
    "encryption.key_grants[0].action": "read",
    "integrity.versioning": "enabled",
    "integrity.worm_mode": "compliance",
    "integrity.worm_enabled": "true",
    "integrity.soft_delete_days": "30",
    "retention.days": "800",
    "monitoring.access_logged": "true",
    "monitoring.object_reads_recorded": "true",
    "resilience.geo_redundant": "true",
    "resilience.recovery_point_minutes": "720",
    "resilience.replicas[0].uri": "gs://acme-audit-copy/audit",
    "network.perimeter": "(none)",
    "credentials.identity_keys": "false",
}


def test_explain_reads_a_bucket_and_shows_every_setting(google: GoogleWorld, tmp_path: Path) -> None:
    google.good()
    (tmp_path / "posture.yaml").write_text("gcp: {perimeters: true}\n", encoding="utf-8")
    run = posture("explain", f"gs://{ARCHIVE}/audit", environment=google.environment, folder=tmp_path)
    assert run.code == 0, run.err
    read = run.out.partition("What was read")[2].splitlines()
    shown = dict(line.strip().split(": ", 1) for line in read if ": " in line)
    found = {path: shown.get(path, "nothing").partition("  [")[0] for path in SETTINGS}
    assert found == SETTINGS


def test_how_many_calls_a_bucket_costs(google: GoogleWorld, tmp_path: Path) -> None:
    """Four for the bucket itself, two more where lists count, four for a key; projects and roles once for all."""
    google.good()
    scan(google, tmp_path, "--store", f"gs://{DOCUMENTED}", configured=False)
    alone = [request for request in google.api.requests if f"/b/{DOCUMENTED}" in request.path]
    assert len(alone) == 4
    assert len(google.api.requests) == 33  # with the sign-in, the project, the organisation above it, and seven roles
    first = len(google.api.requests)
    google.good()
    scan(google, tmp_path, *(f"--store=gs://{name}" for name in (DOCUMENTED, COPY)), configured=False)
    of_key = [request for request in google.api.requests if KEY.rpartition("/cryptoKeys")[0] in request.path]
    roles = [request for request in google.api.requests if "/roles/" in request.path]
    assert len(of_key) == 4
    assert len({request.path for request in roles}) == len(roles)
    assert len(google.api.requests) - first == 4 + 4 + 2 + 1  # the bucket, its key, two more roles, a project by its id


def test_a_scan_by_googles_own_host_names(tmp_path: Path) -> None:
    """Nothing says where the services are: a proxy answers for the names that posture makes."""
    asked: set[str] = set()
    with google_api(good_state()) as api:

        def answer(handler: Handler) -> None:
            asked.add(handler.headers["Host"])
            api.answer(handler)

        with google_hosts(answer, tmp_path) as environment:
            store = ("--store", f"gs://{ARCHIVE}/audit")
            (tmp_path / "posture.yaml").write_text("gcp: {perimeters: true}\n", encoding="utf-8")
            run = posture("scan", *store, "--output", "report.json", environment=environment, folder=tmp_path)
    assert run.err == ""
    assert run.report["unlooked"] == []
    assert asked == {
        f"{service}.googleapis.com"
        for service in (
            *("storage", "oauth2", "cloudresourcemanager", "iam", "orgpolicy", "logging", "storagetransfer"),
            *("accesscontextmanager", "cloudkms"),
        )
    }


def test_a_scan_of_google_imports_no_other_cloud(google: GoogleWorld, tmp_path: Path) -> None:
    google.good()
    code = (
        "import sys\nfrom posture.cli import main\n"
        f"main(['scan', '--store', 'gs://{DOCUMENTED}', '--format', 'json', '--output', 'r.json'])\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'boto3', 'botocore', 'azure', 'databricks'}))"
    )
    ran = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**google.environment, "PYTHONPATH": str(Path(__file__).parents[2])},
        check=True,
        capture_output=True,
        text=True,
    )
    assert ran.stdout.splitlines()[-1] == "[]"
    assert json.loads((tmp_path / "r.json").read_text("utf-8"))["findings"]
