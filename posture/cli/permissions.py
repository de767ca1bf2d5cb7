"""`posture permissions`."""

from __future__ import annotations

import click

from posture.adapters.registry import PERMISSIONS
from posture.cli.inputs import Given, configuration_of, control_options, policies_of
from posture.policy.controls import facts_of_stores, selected
from posture.policy.document import parse_policies
from posture.reading import Needs


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
@control_options
def command(cloud: str, form: str, partition: str, **given: object) -> None:
    """Print the least that posture needs: every operation it may call, and nothing else.

    With --policy or --control, of AWS: what a scan for these controls calls. A snapshot (`scan --save`), `explain` and
    `access` read the rest too.
    """
    options = Given(**given)  # type: ignore[arg-type] # click gives the options of `Given`
    needed = PERMISSIONS[cloud](configuration_of(options.config).settings, partition, _needs(options))
    click.echo(needed.json if form == "json" else needed.terraform, nl=False)


def _needs(given: Given) -> Needs | None:
    if not (given.policies or given.controls):
        return None
    policies = parse_policies((document.text, document.file) for document in policies_of(given))
    return Needs(facts_of_stores(selected(policies, given.controls)))
