"""`posture access`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from posture.access.files import MOST_BYTES
from posture.access.policies import Question, compare, listing, organisation_of, owner_of, resource_of
from posture.access.record import Access, as_json
from posture.access.requests import judge
from posture.access.stores import store_access
from posture.addresses import parse_store_uri
from posture.cli import texts
from posture.cli.inputs import Given, request_of, target_options
from posture.cli.outputs import terminal_options
from posture.errors import InputError, UsageError
from posture.model.settings import NamedStore
from posture.model.subjects import LogStore
from posture.policy.wording import did_you_mean, shown
from posture.snapshot import Document, Request

if TYPE_CHECKING:
    from posture.scanning import Outcome

_WHAT = "name a store such as s3://bucket/prefix, or --policy FILE with --account, or --compare OLD NEW"


@click.command("access")
@click.argument("uris", metavar="[STORE]...", nargs=-1)
@click.option("--snapshot", metavar="FILE", help="Answer from a run that `posture scan --save` kept.")
@click.option("--policy", "policies", multiple=True, metavar="FILE", help="An AWS policy that grants; repeatable.")
@click.option(
    "--gate",
    "gates",
    multiple=True,
    metavar="FILE",
    help="A policy whose Denies cut what the others grant, such as a resource control policy; repeatable.",
)
@click.option("--account", metavar="ID", help="The account that owns the resource of the policies.")
@click.option("--organisation", metavar="ID", help="The owner's organisation; `none` for none.  [default: not known]")
@click.option("--resource", metavar="ARN", help="The bucket, folder, key or role that is asked about.  [default: any]")
@click.option("--request", metavar="FILE", help="Answer for this one request: principal, action, resource, context.")
@click.option(
    "--compare", nargs=2, metavar="OLD NEW", help="Say whether policy NEW allows a request that OLD does not."
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@target_options
def command(  # noqa: PLR0917 - the options of one command
    uris: tuple[str, ...],
    snapshot: str | None,
    policies: tuple[str, ...],
    gates: tuple[str, ...],
    account: str | None,
    organisation: str | None,
    resource: str | None,
    request: str | None,
    compare: tuple[str, str] | None,
    form: str,
    **given: object,
) -> int:
    """Say who can do what, with a request that proves each way in.

    STORE is read as `posture scan --store` reads it. With --policy, files are judged and no cloud is asked. Without
    --resource, the question is about any resource that the policies speak of.

    Exit codes: 0 answered; 1 NEW allows more; 3 undetermined: of a request or comparison, or no way in is proven while
    there may be one; 2 an input was refused.
    """
    options = Given(**given)  # type: ignore[arg-type] # click gives the options of `Given`
    named = tuple(dict.fromkeys((*uris, *options.stores)))
    files = {"--gate": gates, "--account": account, "--organisation": organisation, "--resource": resource}
    if bool(named or snapshot) + bool(policies) + bool(compare) != 1:
        raise UsageError("what is asked about must be one thing: a store, policies, or a comparison", help=_WHAT)
    if named or snapshot:
        _refuse({**files, "--request": request}, "go with --policy; the policies of a store are read with it")
        access = _stores(named, snapshot, options)
    elif compare:
        _refuse({"--gate": gates, "--request": request}, "go with --policy, not with --compare")
        access = _compared(compare, _question(account, organisation, resource))
    else:
        access = _policies(policies, gates, request, _question(account, organisation, resource))
    click.echo(_rendered(access, form), nl=False)
    return access.exit_code


def _refuse(options: dict[str, object], why: str) -> None:
    for name, value in options.items():
        if value:
            raise UsageError(f"`{name}` cannot be used here", help=f"{' and '.join(options)} {why}")


def _question(account: str | None, organisation: str | None, resource: str | None) -> Question:
    arn, prefix = resource_of(resource)
    owner = owner_of(account) if account is not None else ""
    return Question(owner=owner, organisation=organisation_of(organisation), resource=arn, prefix=prefix)


def _document(file: str) -> Document:
    return texts.document(file, InputError, MOST_BYTES)


def _policies(policies: Sequence[str], gates: Sequence[str], request: str | None, question: Question) -> Access:
    now = datetime.now(UTC)
    grants, cuts = list(map(_document, policies)), list(map(_document, gates))
    if request is not None:
        return judge(grants, cuts, _document(request), question, now)
    if not question.owner:
        raise UsageError("`--account` is missing", help="the 12 digits of the account that owns the resource")
    return listing(grants, cuts, question, now)


def _compared(files: tuple[str, str], question: Question) -> Access:
    if question.prefix:
        raise UsageError("`--compare` asks about a whole bucket", help="name it without a folder in --resource")
    old, new = map(_document, files)
    return compare(old, new, question, datetime.now(UTC))


def _stores(named: Sequence[str], snapshot: str | None, options: Given) -> Access:
    from posture.cli.progress import progress  # noqa: PLC0415 - files are judged without all that a scan imports
    from posture.scanning import replay, scan  # noqa: PLC0415 - as above

    refs = [parse_store_uri(uri) for uri in named]
    if snapshot is not None:
        outcome = replay(texts.snapshot(snapshot))
    else:
        request = request_of(replace(options, stores=tuple(named)))
        with progress() as watch:
            outcome = scan(_only(request, [ref.uri for ref in refs]), watch)
    as_of = outcome.request.as_of
    return store_access(_found([ref.uri for ref in refs], outcome), as_of)


def _only(request: Request, uris: Sequence[str]) -> Request:
    """The same request about these stores and nothing else; what posture.yaml says of them stays."""
    stores: dict[str, NamedStore] = {}
    for store in request.settings.stores:
        if store.ref.uri in uris:
            stores.setdefault(store.ref.uri, store)
    return replace(request, settings=replace(request.settings, stores=tuple(stores.values()), databricks=()))


def _found(uris: Sequence[str], outcome: Outcome) -> list[LogStore]:
    stores = {joined.info.uri: joined.record for joined in outcome.subjects if isinstance(joined.record, LogStore)}
    for uri in uris:
        if uri not in stores:
            raise UsageError(f"{shown(uri)} is not among the stores", help=did_you_mean(uri, stores))
    if not stores:
        raise UsageError("there is no store in the snapshot", help="save one with `posture scan --save FILE`")
    return [stores[uri] for uri in uris or sorted(stores)]


def _rendered(access: Access, form: str) -> str:
    if form == "json":
        return as_json(access)
    from posture.access.text import render_access  # noqa: PLC0415 - rich is for the terminal only

    return render_access(access, terminal_options(0))
