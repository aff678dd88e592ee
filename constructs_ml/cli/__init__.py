"""The command ``constructs-ml``."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# As shells say it.
_BY_SIGNAL = 128


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command; every failure is one message and an exit code.

    Args:
        arguments: The command's arguments; those of the process when left out.
    """
    from constructs_ml.interrupts import raised

    with raised():
        code = _run(arguments)
    sys.exit(code)


def _run(arguments: Sequence[str] | None) -> int:
    from constructs_ml.errors import ConstructsMLError
    from constructs_ml.interrupts import Interrupted
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
    except Interrupted as error:
        sys.stderr.write("interrupted\n" if error.number == signal.SIGINT else f"ended by {error.number.name}\n")
        return _BY_SIGNAL + error.number
    except (KeyboardInterrupt, click.Abort):
        sys.stderr.write("interrupted\n")
        return _BY_SIGNAL + signal.SIGINT
    except ConstructsMLError as error:
        sys.stderr.write(printable(f"constructs-ml: {error}\n"))
        return 1
