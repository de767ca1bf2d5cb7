"""The command line: arguments become calls, outcomes become exit codes; nothing is decided here."""

from __future__ import annotations

import errno
import os
import traceback
from collections.abc import Mapping, Sequence
from enum import IntEnum
from importlib import import_module

import click

from posture.errors import InputError, OutputError, PostureError
from posture.version import __version__


class Exit(IntEnum):
    """What the process says when it ends; the highest in this list's order of precedence wins."""

    BUG = 70
    REFUSED = 2
    FAILED = 1
    UNDETERMINED = 3
    NOTHING_CHECKED = 4
    CLEAN = 0
    INTERRUPTED = 130

    @property
    def meaning(self) -> str:
        """One line for help texts."""
        return _MEANINGS[self]


_MEANINGS: Mapping[Exit, str] = {
    Exit.BUG: "a bug in posture; the message says how to report it",
    Exit.REFUSED: "usage, an input that was refused, or no usable credentials",
    Exit.FAILED: "a control failed at or above --fail-on",
    Exit.UNDETERMINED: "something is unknown, or discovery was incomplete",
    Exit.NOTHING_CHECKED: "there was no source and no store to check",
    Exit.CLEAN: "every control passed, is waived or known before, or failed only below --fail-on",
    Exit.INTERRUPTED: "interrupted",
}

_COMMANDS: Mapping[str, str] = {
    "scan": "Find every store of audit logs, read it, and check it.",
    "plan": "Check a Terraform or OpenTofu plan before it is applied.",
    "assess": "Check a saved snapshot again: the same result, offline.",
    "access": "Say who can do what: of a store, or of policy files.",
    "explain": "Say what was read of a store or a control, and what decided.",
    "permissions": "Print the least-privilege role that posture needs.",
    "policy": "Check, list and show policies.",
}


_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})  # what is the matter with the disk


class _Commands(click.Group):
    """Imports a command only when it is used, so that help answers at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"posture.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code.value), code.meaning) for code in sorted(Exit)])


def _print_version(ctx: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's signature
    if value:
        click.echo(f"posture {__version__}")
        ctx.exit(0)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with `posture scan`; without Databricks access, with `posture scan --store s3://bucket/prefix`.",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Say the version."
)
def command() -> None:
    """Find every place where Databricks audit logs rest, and prove who can reach them.

    Posture only reads. What it cannot read is unknown, never absent and never a pass.
    """


def main(argv: Sequence[str], kept: list[object] | None = None) -> int:
    """The whole program: arguments in, exit code out. What a run made is put into `kept`, for who ends soon anyway."""
    try:
        code = command.main(args=list(argv), prog_name="posture", standalone_mode=False, obj=kept)
    except click.ClickException as error:
        error.show()
        return Exit.REFUSED
    except PostureError as error:
        refuse(error)
        return Exit.REFUSED
    except (click.Abort, KeyboardInterrupt):
        click.echo("posture: interrupted", err=True)
        return Exit.INTERRUPTED
    except (BrokenPipeError, SystemExit):  # click ends the process itself when the reader of its output has left
        return Exit.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the one place where a bug becomes an exit code
        if isinstance(error, OSError) and error.errno in _FULL:
            where = f" to `{error.filename}`" if error.filename else ""
            refuse(PostureError(f"the result cannot be written{where}: {os.strerror(error.errno).lower()}"))
            return Exit.REFUSED
        _confess(error)
        return Exit.BUG
    return code if isinstance(code, int) else Exit.CLEAN


def refuse(error: PostureError) -> None:
    """Say on stderr what is wrong and what helps, for every reason there is."""
    from posture.reports.plain import printable  # noqa: PLC0415 - help and versions do without

    click.echo(printable(f"posture: {error.message}"), err=True)
    if error.help:
        click.echo(printable(f"  help: {error.help}"), err=True)
    if isinstance(error, InputError | OutputError):
        for other in error.others:
            refuse(other)


def _confess(error: Exception) -> None:
    if os.environ.get("POSTURE_TRACEBACK"):
        click.echo("".join(traceback.format_exception(error)), err=True)
    click.echo(
        f"posture {__version__}: this is a bug in posture: {type(error).__name__}\n"
        "  help: run again with POSTURE_TRACEBACK=1 and report what it prints, after taking out what is yours",
        err=True,
    )
