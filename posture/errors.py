"""Every exception posture raises on purpose.

    PostureError                    something the user can act on; exit code 2
    ├── UsageError                  the command line asks for something that cannot be
    ├── InputError                  a file that was refused: where (file, line, path) and what helps
    │   ├── PolicyError             a policy file
    │   ├── ConfigurationError      posture.yaml
    │   ├── WaiverError             a waiver file
    │   ├── BaselineError           a baseline
    │   ├── SnapshotError           a saved snapshot
    │   └── PlanError               a Terraform or OpenTofu plan, plan file or state
    ├── OutputError                 a result that could not be written
    └── CredentialError             no usable credentials for a cloud that was asked for

A provider call that fails is not an exception: it is an `Unknown` (see `posture.model.facts`).
"""

from __future__ import annotations


class PostureError(Exception):
    """Something the user can act on; `help` says what to do about it."""

    def __init__(self, message: str, *, help: str = "") -> None:  # noqa: A002 - the word the message prints
        super().__init__(message)
        self.message = message
        self.help = help


class UsageError(PostureError):
    """The command line asks for something that cannot be."""


class InputError(PostureError):
    """A file was refused; the text names file, line and path as far as they are known.

    `others` are further reasons to refuse the same file, in the order of their lines.
    """

    def __init__(
        self,
        message: str,
        *,
        help: str = "",  # noqa: A002 - the word the message prints
        file: str = "",
        line: int | None = None,
        path: str = "",
    ) -> None:
        place = f"{file}:{line}" if line is not None else file
        where = ": ".join(part for part in (place, path) if part)
        super().__init__(f"{where}: {message}" if where else message, help=help)
        self.file = file
        self.line = line
        self.path = path
        self.others: tuple[InputError, ...] = ()


class PolicyError(InputError):
    """A policy file was refused."""


class ConfigurationError(InputError):
    """posture.yaml was refused."""


class WaiverError(InputError):
    """A waiver file was refused."""


class BaselineError(InputError):
    """A baseline was refused."""


class SnapshotError(InputError):
    """A snapshot was refused."""


class PlanError(InputError):
    """A Terraform or OpenTofu plan, plan file or state was refused."""


class OutputError(PostureError):
    """A result could not be written; `others` are further ones of the same run."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.others: tuple[OutputError, ...] = ()


class CredentialError(PostureError):
    """A cloud was asked for and there are no usable credentials for it."""
