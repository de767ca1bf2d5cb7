"""The estates that are held against their plans. One line adds an estate: see `ESTATES`."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeAlias

from posture.adapters.planned import placeholder
from posture.terraform.read import read_plan
from tests.parity.creating import Values, create, finish, renamed, resources
from tests.parity.creating_azure import arm_state
from tests.parity.databricks import account_state
from tests.parity.google import google_state
from tests.terraform.recipes import CONFIGURATIONS
from tests.testbeds import arm, aws, databricks, google
from tests.testbeds.aws import Accounts, loopback_names, moto
from tests.testbeds.databricks import ACCOUNT, account_api
from tests.testbeds.faults import fault_proxy
from tests.testbeds.google import google_api
from tests.testbeds.terraform.real_aws import real_aws
from tests.testbeds.terraform.workspace import Terraform, Workspace
from tests.testbeds.tls import certificate

HERE: Final = Path(__file__).parent
_NAMED_BY: Final[Mapping[str, str]] = {  # the attribute that takes the place of a placeholder
    "aws_s3_bucket": "bucket",
    "aws_kms_key": "key_id",
    "aws_iam_role": "name",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """An estate in both forms. `first` is the plan that makes it; `again` comes after it, and changes nothing."""

    first: Path
    again: Path
    source: Path
    environment: Mapping[str, str]
    configuration: str  # a posture.yaml, for both
    names: Mapping[str, str]  # in the cloud, by what the first plan calls it


@contextmanager
def satellites(terraform: Terraform, folder: Path) -> Iterator[Made]:
    """Resources beside the buckets, as providers since version 4 have them; the bed is filled from the state."""
    workspace = _workspace("aws", terraform, folder)
    account = f"-var=databricks_account_id={ACCOUNT}"
    first = workspace.init().plan(account)
    workspace.apply()
    again, state = workspace.plan(account, name="again"), workspace.state()
    with moto() as peer, loopback_names(), account_api() as api:
        ids = create(state, Accounts(endpoint=peer.url))
        again.write_text(renamed(again.read_text(encoding="utf-8"), ids), encoding="utf-8")
        api.reset(account_state(state, datetime.now(UTC)))
        yield Made(
            first=first,
            again=again,
            source=HERE / "aws",
            environment={**databricks.environment(api.url), **aws.environment(peer.url)},
            configuration=_configuration(api.url, "bare-audit-logs", "kept-access-logs"),
            names=_names(first, renamed(state, ids)),
        )


@contextmanager
def blocks(terraform: Terraform, folder: Path) -> Iterator[Made]:
    """Blocks inside the buckets: the provider's version 3.39 itself plans them, and makes them in the bed."""
    with moto() as peer, loopback_names(), account_api() as api:
        workspace = _workspace("aws_inline", real_aws(terraform, folder / "provider"), folder)
        given = (f"-var=databricks_account_id={ACCOUNT}", f"-var=endpoint=http://127.0.0.1:{peer.port}")
        first = workspace.init().plan(*given)
        workspace.apply()
        again, state = workspace.plan(*given, name="again"), workspace.state()
        finish(state, Accounts(endpoint=peer.url))
        api.reset(account_state(state, datetime.now(UTC)))
        yield Made(
            first=first,
            again=again,
            source=HERE / "aws_inline",
            environment={**databricks.environment(api.url), **aws.environment(peer.url)},
            configuration=_configuration(api.url, "inline-policy"),
            names=_names(first, state),
        )


@contextmanager
def buckets_of_google(terraform: Terraform, folder: Path) -> Iterator[Made]:
    """Buckets on Google Cloud with what binds people on them; the stand-in answers from the state."""
    with _of_google("google", terraform, folder) as made:
        yield made


@contextmanager
def organisation_of_google(terraform: Terraform, folder: Path) -> Iterator[Made]:
    """The same in a project that the plan makes, with what is bound, denied and asked for above it."""
    names = {
        "(google_folder.security)": "777",
        "projects/acme-lake-logs": "projects/123456789012",
    }
    with _of_google("google_organization", terraform, folder) as made:
        yield replace(made, names=names)


@contextmanager
def _of_google(name: str, terraform: Terraform, folder: Path) -> Iterator[Made]:
    workspace = Workspace(terraform=terraform, folder=folder / "module")
    shutil.copytree(CONFIGURATIONS / name, workspace.folder)
    first = workspace.init().plan()
    workspace.apply()
    again, state = workspace.plan(name="again"), workspace.state()
    named = [each["values"]["name"] for each in resources(state["values"]["root_module"]) if _is_bucket(each)]
    with google_api(google_state(state)) as api:
        yield Made(
            first=first,
            again=again,
            source=CONFIGURATIONS / name,
            environment=google.environment(api.url, folder),
            configuration="stores:\n" + "".join(f"  - uri: gs://{each}\n" for each in named),
            names={},
        )


@contextmanager
def azure(terraform: Terraform, folder: Path) -> Iterator[Made]:
    """Azurerm as the stand-in of version 4 plans it; Resource Manager's stand-in answers as the state says."""
    workspace = _workspace("azure", terraform, folder)
    first = workspace.init().plan()
    workspace.apply()
    again, state = workspace.plan(name="again"), workspace.state()
    tls = folder / "tls"
    tls.mkdir()
    files = certificate(tls)
    with arm.arm() as peer, fault_proxy(peer.url, tls=files) as proxy:
        peer.reset(arm_state(state, proxy.url, datetime.now(UTC)))
        yield Made(
            first=first,
            again=again,
            source=HERE / "azure",
            environment=arm.environment(peer.url, str(files[0])),
            configuration=f"azure:\n  tenant: {arm.TENANT}\n  resource_manager: {proxy.url}\n  graph: {proxy.url}\n",
            names={},
        )


def _is_bucket(resource: Values) -> bool:
    return bool(resource["type"] == "google_storage_bucket")


Estate: TypeAlias = "Callable[[Terraform, Path], AbstractContextManager[Made]]"
ESTATES: Final[Mapping[str, Estate]] = {
    "aws satellites": satellites,
    "aws blocks": blocks,
    "google": buckets_of_google,
    "google organisation": organisation_of_google,
    "azure": azure,
}
OF_REAL_PROVIDER: Final = frozenset({"aws blocks"})


def _workspace(name: str, terraform: Terraform, folder: Path) -> Workspace:
    workspace = Workspace(terraform=terraform, folder=folder / "module")
    shutil.copytree(HERE / name, workspace.folder)
    return workspace


def _configuration(host: str, *buckets: str) -> str:
    stores = "".join(f"  - uri: s3://{name}\n" for name in buckets)
    return f"databricks:\n  - host: {host}\n    account_id: {ACCOUNT}\nstores:\n{stores}"


def _names(plan: Path, state: Values) -> Mapping[str, str]:
    values = {each["address"]: each["values"] for each in resources(state["values"]["root_module"])}
    return {
        placeholder(resource): values[resource.address.text][_NAMED_BY[resource.address.kind]]
        for resource in read_plan(str(plan)).resources
        if resource.address.kind in _NAMED_BY
    }
