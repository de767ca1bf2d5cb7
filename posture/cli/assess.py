"""`posture assess`."""

from __future__ import annotations

import click

from posture.cli.baseline import baseline_option, earlier_baseline, write_baseline
from posture.cli.inputs import Given, rule_options
from posture.cli.outputs import outputs_of, report_options, write_results
from posture.cli.saved import judged_again


@click.command("assess")
@click.argument("snapshot")
@rule_options
@report_options
@baseline_option
def command(
    snapshot: str,
    formats: tuple[str, ...],
    files: tuple[str, ...],
    verbose: int,
    baseline_file: str | None,
    **given: object,
) -> int:
    """Check SNAPSHOT, a file of `posture scan --save`, again: the same result, offline.

    Policies, controls, parameters and waivers are those of the saved run unless options name others: of a scan with
    --control, `--policy default` judges every control.
    """
    options = Given(**given)  # type: ignore[arg-type] # click gives the options of `Given`
    outputs = outputs_of(formats, files, baseline_file, reads=(snapshot, *options.files))
    earlier = earlier_baseline(baseline_file)
    outcome = judged_again(snapshot, options, with_facts=False)
    write_results(
        outcome.assessment, outputs, verbose, lambda: write_baseline(baseline_file, outcome.assessment, earlier)
    )
    return outcome.assessment.exit_code
