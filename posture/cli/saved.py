"""A saved run, judged again under the rules that the command line names in place of its own."""

from __future__ import annotations

from dataclasses import replace

from posture.cli import texts
from posture.cli.inputs import Given, ruled
from posture.errors import PolicyError, SnapshotError
from posture.scanning import Outcome, replay


def judged_again(file: str, given: Given, *, with_facts: bool = True) -> Outcome:
    """The run that a snapshot holds. Raises SnapshotError, also where its policies are none to this release."""
    saved = texts.snapshot(file)
    request = ruled(saved.request, given)
    try:
        return replay(replace(saved, request=request), with_facts=with_facts)
    except PolicyError as error:
        if given.policies:
            raise
        message = f"its policies, saved by posture {saved.version}, are refused by this release: {error.message}"
        helps = "`--policy default` judges by the policies of this release"
        raise SnapshotError(message, help=helps, file=file) from error
