"""`posture policy`: check, list, show, schema."""

from __future__ import annotations

import shutil
import sys

import click

from posture.cli import Exit, refuse
from posture.cli.inputs import policy_documents
from posture.errors import PolicyError
from posture.policy.controls import control_named
from posture.policy.document import Policy, parse_policies, parse_policy, run_examples
from posture.reports.plain import printable
from posture.reports.view import plural

_ENDLESS = 10_000  # columns of what is no terminal


@click.group("policy")
def command() -> None:
    """Check, list and show policies."""


@command.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
def check(files: tuple[str, ...]) -> int:
    """Check policy FILEs: the language, and every example against its control."""
    code = Exit.CLEAN
    for document in policy_documents(files):
        try:
            policy = parse_policy(document.text, document.file)
        except PolicyError as error:
            refuse(error)
            code = Exit.REFUSED
            continue
        runs = [run for control in policy.controls for run in run_examples(control)]
        wrong = [run for run in runs if not run.kept]
        for run in wrong:
            click.echo(printable(f"{document.file}:{run.example.line}: {run.told}"), err=True)
        click.echo(f"{document.file}: {len(policy.controls)} controls, {len(runs)} examples, {len(wrong)} wrong")
        code = Exit.REFUSED if wrong else code
    return code


@command.command("list")
@click.option("--policy", "files", multiple=True, metavar="FILE", help="List this policy instead.  [default: default]")
def list_(files: tuple[str, ...]) -> None:
    """List every control; in a file or a pipe one line each."""
    for policy in _policies(files):
        click.echo(printable(f"{policy.id}: {policy.title}"))
        widest = max((len(control.info.id) for control in policy.controls), default=0)
        width = shutil.get_terminal_size((_ENDLESS, 24)).columns
        for control in policy.controls:
            info = control.info
            head = f"  {info.id:<{widest}}  {info.severity.value:<8}  {info.about.value:<6}"
            apart = "\n      " if len(head) + 2 + len(info.title) > width else "  "
            click.echo(f"{head}{apart}{printable(info.title)}")
        if policy.retired:
            click.echo(f"  and {plural(len(policy.retired), 'retired control')}, never judged")


@command.command("show")
@click.argument("control")
@click.option("--policy", "files", multiple=True, metavar="FILE", help="Look in this policy.  [default: default]")
def show(control: str, files: tuple[str, ...]) -> None:
    """Say everything about one CONTROL: why, what it asks, how to fix it, its examples."""
    from posture.policy.catalogue import control_page  # noqa: PLC0415 - only `show` needs it

    page = control_page(control_named(_policies(files), control))
    if not sys.stdout.isatty():
        click.echo(page, nl=False)
        return
    from rich.console import Console  # noqa: PLC0415 - only a terminal pays for it
    from rich.markdown import Markdown  # noqa: PLC0415 - as above

    Console(emoji=False).print(Markdown(page.replace("<br>", "; ")))  # rich has no line breaks in cells


@command.command("schema")
def schema() -> None:
    """Print the JSON Schema of policy files, for editors."""
    from posture.policy.schema import schema_files  # noqa: PLC0415 - only `schema` needs it

    click.echo(schema_files()["policy.schema.json"], nl=False)


def _policies(files: tuple[str, ...]) -> tuple[Policy, ...]:
    return parse_policies((document.text, document.file) for document in policy_documents(files))
