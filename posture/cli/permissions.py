"""`posture permissions`."""

from __future__ import annotations

import click

from posture.adapters.registry import PERMISSIONS
from posture.cli.inputs import configuration_of


@click.command("permissions")
@click.option("--cloud", type=click.Choice(sorted(PERMISSIONS)), required=True, help="Whose permissions to print.")
@click.option("--format", "form", type=click.Choice(["json", "terraform"]), default="json", show_default=True)
@click.option(
    "--partition",
    type=click.Choice(["aws", "aws-us-gov", "aws-cn"]),
    default="aws",
    show_default=True,
    help="Of AWS: whose ARNs to write.",
)
@click.option("--config", type=click.Path(dir_okay=False), metavar="FILE", help="Also name the roles that it assumes.")
def command(cloud: str, form: str, partition: str, config: str | None) -> None:
    """Print the least that posture needs: every operation it may call, and nothing else."""
    needed = PERMISSIONS[cloud](configuration_of(config).settings, partition)
    click.echo(needed.json if form == "json" else needed.terraform, nl=False)
