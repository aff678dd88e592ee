"""Context look-ups: what an app asks of an account while it is synthesized (``Vpc.from_lookup``, ``value_from_lookup``).

The answers are those of cdk.context.json. Where it has none, aws-cdk-lib goes on with values that only look so. A network does
nothing here, so that they do; a parameter's value is the user's data, and has to be given.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import LocalRunError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

Missing = dict[str, Any]
"""An entry of ``missing`` in a manifest: ``key``, ``provider``, ``props``."""
_DATA = {"ssm": "parameterName"}


def missing(assembly: Path) -> list[Missing]:
    """The look-ups of an assembly, those of its stages too, that had no answer."""
    manifest = json.loads((assembly / "manifest.json").read_text(encoding="utf-8"))
    found = list(manifest.get("missing") or [])
    for artifact in manifest.get("artifacts", {}).values():
        if artifact.get("type") == "cdk:cloud-assembly":
            found += missing(assembly / artifact["properties"]["directoryName"])
    return list({entry["key"]: entry for entry in found}.values())


def known(entries: Iterable[Missing], parameters: Mapping[str, str]) -> dict[str, str]:
    """The answers that parameters give, by the keys of the context."""
    named = {entry["key"]: str(entry["props"].get("parameterName")) for entry in entries if entry["provider"] == "ssm"}
    return {key: parameters[name] for key, name in named.items() if name in parameters}


def check(entries: Iterable[Missing]) -> None:
    """Makes sure that no data of the user's is looked up without an answer.

    Raises:
        LocalRunError: If some is.
    """
    entries = list(entries)
    options = needed(entries)
    if options:
        names = ", ".join(
            str(entry["props"].get(_DATA[entry["provider"]])) for entry in entries if entry["provider"] in _DATA
        )
        raise LocalRunError(
            f"the app looks up {names}, and cdk.context.json has no value: run `cdk synth` once with "
            f"credentials of the account, or give it: {' '.join(options)}"
        )


def needed(entries: Iterable[Missing]) -> list[str]:
    """The options that give the data which is looked up without an answer."""
    names = (str(entry["props"].get(_DATA[entry["provider"]])) for entry in entries if entry["provider"] in _DATA)
    return [f"--parameter '{name}=VALUE'" for name in names]


def described(entries: Iterable[Missing]) -> list[str]:
    """What was looked up without an answer, in words."""
    kinds = list(dict.fromkeys(entry["provider"] for entry in entries if entry["provider"] not in _DATA))
    if not kinds:
        return []
    return [
        (
            f"{', '.join(kinds)} looked up by the app: cdk.context.json has no values, and such are used that only look so "
            "(`cdk synth` with credentials of the account writes them)"
        )
    ]
