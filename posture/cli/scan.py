"""`posture scan`."""

from __future__ import annotations

import click

from posture.cli.baseline import baseline_option, earlier_baseline, write_baseline
from posture.cli.ending import keep
from posture.cli.files import write_text
from posture.cli.inputs import Given, request_of, rule_options, target_options
from posture.cli.outputs import load_formats, outputs_of, report_options, write_results
from posture.cli.progress import meanwhile, progress
from posture.scanning import Outcome, scan


@click.command("scan")
@target_options
@rule_options
@report_options
@baseline_option
@click.option("--save", metavar="FILE", help="Keep every answer (secrets masked) for `posture assess`.")
def command(
    formats: tuple[str, ...],
    files: tuple[str, ...],
    verbose: int,
    save: str | None,
    baseline_file: str | None,
    **given: object,
) -> int:
    """Find every store of audit logs, read it, and check it.

    Without --store and without stores in the configuration, posture asks the Databricks account that the SDK's
    environment or profile names. It only reads: `posture permissions` prints the role that it needs.
    """
    options = Given(**given)  # type: ignore[arg-type] # click gives the options of `Given`
    outputs = outputs_of(formats, files, save, baseline_file, reads=options.files)
    earlier = earlier_baseline(baseline_file)
    request = request_of(options)
    with progress() as watch:
        watching = meanwhile(lambda: load_formats(outputs), watch)
        outcome = scan(request, watching, with_facts=False, all_calls=save is not None)
    keep(outcome)
    write_results(
        outcome.assessment,
        outputs,
        verbose,
        lambda: _save(save, outcome),
        lambda: write_baseline(baseline_file, outcome.assessment, earlier),
    )
    return outcome.assessment.exit_code


def _save(file: str | None, outcome: Outcome) -> None:
    if file is not None:
        write_text(file, outcome.saved())
