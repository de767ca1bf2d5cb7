"""`make demo`: posture's main job on an embedded estate. Local stand-ins, no credentials, nothing left running."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.testbeds import google
from tests.testbeds.azure_bed import AzureBed, azure_bed
from tests.testbeds.bed import READER_ROLES, Bed, bed
from tests.testbeds.databricks import ACCOUNT
from tests.testbeds.google import google_api
from tests.testbeds.google_estate import DOCUMENTED, NEGLECTED, bad_state

FOLDER = Path(__file__).parent.parent / ".demo"
FAILED = 1  # what `posture scan` says of this estate: controls fail


def main() -> int:
    """Seed, scan, say where the results lie; the exit code is 0 when the scan found what it should find."""
    FOLDER.mkdir(exist_ok=True)
    _say(
        "This demo starts stand-ins for AWS, Azure, Google Cloud and the Databricks account API on this machine, fills "
        "them with an estate of six audit-log stores in four AWS accounts, four that workspaces on Azure deliver to, "
        "and two in Google projects, and runs posture on it. One store is configured exactly as Databricks' published "
        "reference template does it, one as its pages for Google Cloud say, two are well kept, one is half readable, "
        "one is closed, two are open to the world, and one workspace delivers nowhere. Posture is told of none of the "
        "six in AWS and finds a seventh, the copy that replication keeps of a well-kept one."
    )
    now = datetime.now(UTC)
    with ExitStack() as stack:
        estate = stack.enter_context(bed(now=now))
        tenant = stack.enter_context(azure_bed(now=now))
        api = stack.enter_context(google_api(bad_state()))
        key = stack.enter_context(TemporaryDirectory())
        _write_configuration(estate, tenant)
        code = _scan({**google.environment(api.url, Path(key)), **tenant.environment(), **estate.environment()})
        example = estate.estate.template.uri
    _next_steps(example)
    return 0 if code == FAILED else code or FAILED


def _scan(environment: Mapping[str, str]) -> int:
    command = [
        *("scan", "--config", "posture.yaml"),
        *("--output", "report.json", "--output", "report.html", "--save", "snapshot.json"),
    ]
    print(f"$ posture {' '.join(command)}\n", flush=True)  # noqa: T201 - what the demo shows
    run = subprocess.run([sys.executable, "-m", "posture", *command], cwd=FOLDER, env=environment, check=False)  # noqa: S603 - our own program
    return run.returncode


def _write_configuration(estate: Bed, tenant: AzureBed) -> None:
    roles = "\n".join(f'  "{account}": {{role_arn: "{role}"}}' for account, role in READER_ROLES.items())
    text = f"""\
# What posture scanned in the demo. The hosts were stand-ins, which have ended.
{tenant.configuration}databricks:
  - host: {estate.databricks.url}
    account_id: {ACCOUNT}
stores:
  - uri: gs://{DOCUMENTED}
  - uri: gs://{NEGLECTED}/logs
accounts:
{roles}
trust:
  accounts: [{", ".join(f'"{account}"' for account in READER_ROLES)}]
"""
    (FOLDER / "posture.yaml").write_text(text, encoding="utf-8")


def _next_steps(store: str) -> None:
    here = FOLDER.relative_to(Path.cwd()) if FOLDER.is_relative_to(Path.cwd()) else FOLDER
    _say(
        f"The whole record is {here}/report.json, a page for people {here}/report.html, and every answer that posture "
        f"got {here}/snapshot.json. Nothing is left running. Try next:"
    )
    posture = ".venv/bin/posture"
    for line in (
        f"{posture} assess {here}/snapshot.json -v",
        f"{posture} explain {store} --snapshot {here}/snapshot.json",
        f"{posture} policy show versioning-enabled",
        f"{posture} permissions --cloud aws",
        f"{posture} scan --store s3://your-bucket/your-prefix    # with your own AWS credentials: it only reads",
    ):
        print(f"  {line}")  # noqa: T201 - what the demo shows


def _say(text: str) -> None:
    print("\n" + textwrap.fill(text, 80) + "\n", flush=True)  # noqa: T201 - what the demo shows


if __name__ == "__main__":
    sys.exit(main())
