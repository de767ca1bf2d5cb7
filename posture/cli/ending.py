"""What a command need not do because the process ends with it: free its records one by one, and look for cycles."""

from __future__ import annotations

import gc

import click


def keep(*made: object) -> None:
    """Leave these to whoever called for the command, who ends soon; freeing thousands of records takes a while."""
    kept = click.get_current_context().obj
    if isinstance(kept, list):
        kept.extend(made)


def look_for_no_cycles() -> None:
    """For a run that is bounded: what it makes lives to its end, and looking for garbage would cost a quarter of it."""
    if isinstance(click.get_current_context().obj, list):
        gc.disable()
