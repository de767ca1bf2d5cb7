"""`posture permissions`."""

from __future__ import annotations

import click

from posture.adapters.registry import ROLES


@click.command("permissions")
@click.option("--cloud", type=click.Choice(sorted(ROLES)), required=True, help="Whose permissions to print.")
@click.option(
    "--format", "form", type=click.Choice(["json", "terraform"]), default="json", show_default=True, help="As what."
)
def command(cloud: str, form: str) -> int:
    """Print the least-privilege role that posture needs: every operation it may call, and nothing else."""
    role = ROLES[cloud]()
    click.echo(role.json if form == "json" else role.terraform, nl=False)
    return 0
