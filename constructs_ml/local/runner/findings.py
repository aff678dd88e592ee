"""The checks before a run: errors stop it, warnings are reported.

The one door from the local run to ``lint``: what else here is about findings takes their types from this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.errors import LocalRunError, RunInputError, UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from constructs_ml.lint.findings import Findings as Findings  # noqa: PLC0414 - exported
    from constructs_ml.lint.report import Found as Found  # noqa: PLC0414 - exported


def checked(assembly: Path, ignore: Collection[str] = (), *, temporary: bool = False) -> Findings:
    """Check an assembly as ``constructs-ml check`` does.

    Args:
        assembly: Its folder, ``cdk.out``.
        ignore: The ids of rules that do not matter.
        temporary: Whether the folder will be gone when the findings are read.

    Returns:
        The warnings.

    Raises:
        LocalRunError: If there are errors.
    """
    # The rules are imported when an app is synthesized: most of an import would be theirs.
    from constructs_ml.lint.findings import findings_of, named_within

    try:
        findings = findings_of(assembly).without(ignore)
    except UnreadableFileError as error:
        raise RunInputError(str(error)) from error
    findings = named_within(findings, assembly) if temporary else findings
    if findings.errors:
        counted = f"{findings.errors} error{'' if findings.errors == 1 else 's'}"
        message = f"the checks find errors:\n{findings}\nnot run because of {counted}: fix or accept the findings above"
        raise LocalRunError(message)
    return findings
