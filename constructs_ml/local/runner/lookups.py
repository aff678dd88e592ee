"""Context look-ups: questions about an account during the synthesis (``Vpc.from_lookup``, ``value_from_lookup``).

The answers are those of cdk.context.json. Where it has none, aws-cdk-lib goes on with values that only look so. A network does
nothing here, so that they do; a parameter's value is the user's data, and has to be given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.cfn.assemblies import manifests_of
from constructs_ml.errors import RunInputError
from constructs_ml.local.runner.given import as_run_errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

Missing = dict[str, Any]
"""An entry of ``missing`` in a manifest: ``key``, ``provider``, ``props``."""
_DATA = {"ssm": "parameterName"}


@as_run_errors()
def missing(assembly: Path) -> list[Missing]:
    """Return the look-ups of an assembly without an answer, including those of its stages.

    Raises:
        RunInputError: If a manifest cannot be read, or is not what it should be.
    """
    entries = [entry for manifest in manifests_of(assembly) for entry in manifest["missing"].items()]
    found = {
        entry["key"].text(): {"provider": entry["provider"].text(), "props": entry["props"].object()}
        for entry in entries
    }
    return [{"key": key, **entry} for key, entry in found.items()]


def known(entries: Iterable[Missing], parameters: Mapping[str, str]) -> dict[str, str]:
    """Return the answers that parameters give, by context key."""
    named = {entry["key"]: str(entry["props"].get("parameterName")) for entry in entries if entry["provider"] == "ssm"}
    return {key: parameters[name] for key, name in named.items() if name in parameters}


def check(entries: Iterable[Missing]) -> None:
    """Check that every look-up of a value has an answer.

    Raises:
        RunInputError: If one has none.
    """
    entries = list(entries)
    options = needed(entries)
    if options:
        names = ", ".join(
            str(entry["props"].get(_DATA[entry["provider"]])) for entry in entries if entry["provider"] in _DATA
        )
        raise RunInputError(
            f"the app looks up {names}, and cdk.context.json has no value: run `cdk synth` once with "
            f"credentials of the account, or give it: {' '.join(options)}"
        )


def needed(entries: Iterable[Missing]) -> list[str]:
    """Return the options that answer the look-ups of values."""
    names = (str(entry["props"].get(_DATA[entry["provider"]])) for entry in entries if entry["provider"] in _DATA)
    return [f"--parameter '{name}=VALUE'" for name in names]


def described(entries: Iterable[Missing]) -> list[str]:
    """Return the look-ups without an answer, in words."""
    kinds = list(dict.fromkeys(entry["provider"] for entry in entries if entry["provider"] not in _DATA))
    if not kinds:
        return []
    return [
        (
            f"{', '.join(kinds)} looked up by the app: cdk.context.json has no values, so dummy values are used "
            "(`cdk synth` with credentials of the account writes the real ones)"
        )
    ]
