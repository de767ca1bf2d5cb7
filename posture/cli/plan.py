"""`posture plan`."""

from __future__ import annotations

from pathlib import Path

import click

from posture.cli import texts
from posture.cli.baseline import baseline_option, earlier_baseline, write_baseline
from posture.cli.ending import keep, look_for_no_cycles
from posture.cli.inputs import Given, request_of, rule_options
from posture.cli.outputs import outputs_of, report_options, write_results
from posture.errors import PlanError
from posture.planning import Asked, nothing_to_check, plan
from posture.terraform.document import Kind
from posture.terraform.plan import Plan
from posture.terraform.read import BOTH, read_plan


@click.command("plan")
@click.argument("file", metavar="FILE")
@click.option("--source", metavar="DIR", help="The directory of the root module: lines in reports, and locals.")
@click.option(
    "--store",
    "stores",
    multiple=True,
    metavar="ADDRESS",
    help="Check this store, by its address, its module or its URI; repeatable.",
)
@click.option("--all-buckets", is_flag=True, help="Take every bucket of the plan for a store of audit logs.")
@click.option("--context", metavar="FILE", help="A run that `posture scan --save` kept: what a plan cannot know.")
@click.option("--introduced", is_flag=True, help="Only what the plan makes worse sets the exit code.")
@click.option("--state", is_flag=True, help="FILE is `terraform show -json` of a state: check what is, as if planned.")
@click.option("--config", metavar="FILE", help="Stores, trust, parameters.  [default: posture.yaml, if it is there]")
@rule_options
@report_options
@baseline_option
def command(  # noqa: PLR0917 - the options of one command
    file: str,
    source: str | None,
    stores: tuple[str, ...],
    all_buckets: bool,  # noqa: FBT001 - click's signature
    context: str | None,
    introduced: bool,  # noqa: FBT001 - as above
    state: bool,  # noqa: FBT001 - as above
    formats: tuple[str, ...],
    files: tuple[str, ...],
    verbose: int,
    baseline_file: str | None,
    **given: object,
) -> int:
    """Check what a Terraform or OpenTofu plan will bring about, before it is applied.

    FILE is the JSON of `terraform show -json plan.bin`, a saved plan, the JSON of a what-if of Azure Resource Manager
    (`az deployment group what-if --no-pretty-print`), or `-` for JSON from standard input. Which
    buckets hold audit logs is told by the plan's Databricks resources, by --context, or by --store and --all-buckets.
    No cloud is asked.
    """
    look_for_no_cycles()
    options = Given(**given)  # type: ignore[arg-type] # click gives the options of `Given`
    outputs = outputs_of(formats, files, baseline_file, reads=(file, *filter(None, (context,)), *options.files))
    earlier = earlier_baseline(baseline_file)
    request = request_of(options)
    asked = Asked(
        stores=stores,
        everything=all_buckets,
        context=texts.snapshot(context) if context is not None else None,
        introduced=introduced,
    )
    tfplan = read_plan(file, source=Path(source) if source is not None else None, kinds=BOTH)
    _refuse_the_other(tfplan, state=state)
    outcome = plan(request, tfplan, asked)
    keep(tfplan, outcome)
    write_results(
        outcome.assessment, outputs, verbose, lambda: write_baseline(baseline_file, outcome.assessment, earlier)
    )
    if not outcome.assessment.subjects:
        click.echo(f"posture: {tfplan.file}: {nothing_to_check(tfplan, outcome.stores)}", err=True)
    return outcome.assessment.exit_code


def _refuse_the_other(tfplan: Plan, *, state: bool) -> None:
    """A pipeline that shows the state by mistake must not pass for one that shows the plan."""
    if tfplan.kind is Kind.STATE and not state:
        raise PlanError(
            "this is a state, not a plan: it says nothing of what will change",
            file=tfplan.file,
            help="name the plan file in `terraform show -json plan.bin`, or add --state to check what is there now",
        )
    if tfplan.kind is not Kind.STATE and state:
        raise PlanError(f"this is a {tfplan.kind}, not a state", file=tfplan.file, help="leave --state out")
