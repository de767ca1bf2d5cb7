"""Options and files become a request. What is wrong with them is refused here, before any cloud is asked."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TypeVar

import click

from posture.addresses import parse_store_uri
from posture.cli.texts import document
from posture.configuration import Configuration, load_configuration
from posture.errors import BaselineError, PolicyError, UsageError, WaiverError
from posture.frozen import dataclass
from posture.model.logic import Severity
from posture.model.settings import DatabricksAccess, NamedStore, Settings
from posture.model.trust import TrustZone
from posture.policy.baseline import MOST_BYTES
from posture.policy.shipped import shipped_policies
from posture.snapshot import Document, ParameterSetting, Request

C = TypeVar("C", bound=Callable[..., object])
CONFIGURATION = "posture.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the command line says of a run; None and empty where it says nothing."""

    config: str | None = None
    stores: tuple[str, ...] = ()
    concurrency: int | None = None
    databricks_profile: str | None = None
    aws_profile: str | None = None
    policies: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    waivers: tuple[str, ...] = ()
    baseline: str | None = None
    fail_on: str | None = None
    allow_unknown: bool = False

    @property
    def files(self) -> tuple[str, ...]:
        """Every file that is named to be read, and posture.yaml; a baseline may be written anew where it stands."""
        return (CONFIGURATION if self.config is None else self.config, *self.policies, *self.waivers)


def target_options(command: C) -> C:
    """The options that say what to look at, and as whom."""
    return _with(
        command,
        click.option(
            "--config",
            type=click.Path(dir_okay=False),
            metavar="FILE",
            help=f"Accounts, stores, trust, parameters.  [default: {CONFIGURATION}, if it is there]",
        ),
        click.option(
            "--store",
            "stores",
            multiple=True,
            metavar="URI",
            help="Check this store, such as s3://bucket/prefix, and nothing that the configuration names; repeatable.",
        ),
        click.option("--databricks-profile", metavar="NAME", help="Ask the Databricks account of this profile."),
        click.option("--aws-profile", metavar="NAME", help="Read AWS as this profile."),
        click.option(
            "--concurrency", type=click.IntRange(1, 64), metavar="N", help="Calls in flight, at most.  [default: 16]"
        ),
    )


def control_options(command: C) -> C:
    """The options that say what must hold."""
    return _with(
        command,
        click.option(
            "--policy",
            "policies",
            multiple=True,
            metavar="FILE",
            help="Check this policy; repeatable. `default` is the one that posture ships.  [default: default]",
        ),
        click.option(
            "--control",
            "controls",
            multiple=True,
            metavar="ID",
            help="Of the policies, check this control only; repeatable.",
        ),
    )


def rule_options(command: C) -> C:
    """The options that say what must hold, and what a failure means for the exit code."""
    severities = [severity.value for severity in Severity]
    further = _with(
        command,
        click.option(
            "--parameter",
            "parameters",
            multiple=True,
            metavar="NAME=VALUE",
            help="Override a parameter of the policies; repeatable.",
        ),
        click.option("--waivers", multiple=True, metavar="FILE", help="Accepted exceptions; repeatable."),
        click.option(
            "--baseline", metavar="FILE", help="Only what is not in this file, or worse than there, sets the exit code."
        ),
        click.option(
            "--fail-on",
            type=click.Choice(severities),
            help="Exit 1 for failures of this severity or worse.  [default: low]",
        ),
        click.option(
            "--allow-unknown", is_flag=True, help="Exit 0 instead of 3 when all that was found was looked into."
        ),
    )
    return control_options(further)


def request_of(given: Given) -> Request:
    """The configuration file, overlaid with the command line; policies and waivers as texts."""
    configuration = configuration_of(given.config)
    now = datetime.now(UTC)
    _tell_expired(configuration.settings.trust, now.date())
    return Request(
        settings=_settings(configuration.settings, given),
        policies=policy_documents(given.policies or configuration.policies),
        controls=given.controls,
        waivers=tuple(document(file, WaiverError) for file in given.waivers or configuration.waivers),
        baseline=_baseline(given.baseline),
        parameters=(*configuration.parameters, *_assignments(given.parameters)),
        fail_on=Severity(given.fail_on or Severity.LOW),
        allow_unknown=given.allow_unknown,
        as_of=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )


def _tell_expired(trust: TrustZone, today: date) -> None:
    for entry in trust.accepted:
        if entry.expires < today:
            words = f"posture: the acceptance of {entry.principal} expired on {entry.expires} and no longer counts"
            click.echo(words, err=True)


def ruled(request: Request, given: Given) -> Request:
    """A saved request, with the rules that the command line names in place of its own.

    Policies of the command line come whole, whichever controls of its own the run had.
    """
    return replace(
        request,
        policies=policy_documents(given.policies) if given.policies else request.policies,
        controls=given.controls if given.controls or given.policies else request.controls,
        waivers=tuple(document(file, WaiverError) for file in given.waivers) if given.waivers else request.waivers,
        baseline=_baseline(given.baseline) or request.baseline,
        parameters=(*request.parameters, *_assignments(given.parameters)),
        fail_on=Severity(given.fail_on) if given.fail_on else request.fail_on,
        allow_unknown=given.allow_unknown or request.allow_unknown,
    )


def of_targets(given: Given) -> str:
    """The first option on the command line that says what to look at or as whom; empty where none does."""
    options = {
        "--config": given.config,
        "--store": given.stores,
        "--databricks-profile": given.databricks_profile,
        "--aws-profile": given.aws_profile,
        "--concurrency": given.concurrency,
    }
    return next((name for name, value in options.items() if value), "")


def policies_of(given: Given) -> tuple[Document, ...]:
    """The texts of the policies that a run would judge by: those of the command line, else of the configuration."""
    return policy_documents(given.policies or configuration_of(given.config).policies)


def policy_documents(files: tuple[str, ...]) -> tuple[Document, ...]:
    """The texts of policy files; `default`, or no file at all, is what posture ships."""
    documents: list[Document] = []
    for file in files or ("default",):
        if file == "default":
            documents += [replace(document(str(path), PolicyError), file=path.name) for path in shipped_policies()]
        else:
            documents.append(document(file, PolicyError))
    return tuple(documents)


def _baseline(file: str | None) -> Document | None:
    return None if file is None else document(file, BaselineError, MOST_BYTES)


def _assignments(texts: tuple[str, ...]) -> tuple[ParameterSetting, ...]:
    settings = []
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError(f"`--parameter {text}` is not NAME=VALUE", help="for example minimum_retention_days=400")
        settings.append(ParameterSetting(name=name, value=value, spelled=True, origin="--parameter"))
    return tuple(settings)


def configuration_of(file: str | None) -> Configuration:
    """The file that is named, or posture.yaml if it is there, be it readable or not, or nothing."""
    if file is None and not os.path.lexists(CONFIGURATION):
        return Configuration(settings=Settings())
    return load_configuration(CONFIGURATION if file is None else file)


def _settings(settings: Settings, given: Given) -> Settings:
    """What --store names is all that is looked at; the file still says as whom to read it, and whom to trust."""
    named = tuple(_named(uri, settings) for uri in given.stores)
    databricks = () if named else settings.databricks
    if given.databricks_profile:
        databricks = (DatabricksAccess(profile=given.databricks_profile),)
    elif not databricks and not settings.stores and not named and settings.azure is None:
        databricks = (DatabricksAccess(),)  # nothing is named: the SDK's own environment says which account
    azure = settings.azure
    return replace(
        settings,
        databricks=databricks,
        azure=replace(azure, discover=False) if azure and named else azure,
        stores=named or settings.stores,
        aws_profile=given.aws_profile or settings.aws_profile,
        concurrency=given.concurrency or settings.concurrency,
    )


def _named(uri: str, settings: Settings) -> NamedStore:
    """A store of the command line, with the owner and the role that the file gives it."""
    ref = parse_store_uri(uri)
    known = next((each for each in settings.stores if each.ref == ref), None)
    return replace(known, found="--store") if known else NamedStore(ref=ref, found="--store")


def _with(command: C, *options: Callable[[C], C]) -> C:
    for option in reversed(options):
        command = option(command)
    return command
