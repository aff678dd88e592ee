"""The command ``constructs-ml``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command; every failure is one message and an exit code.

    Args:
        arguments: The command's arguments; those of the process when left out.
    """
    sys.exit(_run(arguments))


def _run(arguments: Sequence[str] | None) -> int:
    from constructs_ml.errors import ConstructsMLError
    from constructs_ml.terminal import printable

    try:
        import click
    except ImportError:
        sys.stderr.write(
            "constructs-ml needs click: pip install 'constructs-ml[check]', or 'constructs-ml[local]' to run workflows too\n"
        )
        return 1
    from constructs_ml.cli.commands import cli

    try:
        return int(cli.main(arguments, prog_name="constructs-ml", standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        sys.stderr.write("interrupted\n")
        return _INTERRUPTED
    except ConstructsMLError as error:
        sys.stderr.write(printable(f"constructs-ml: {error}\n"))
        return 1
