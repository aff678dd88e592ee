"""Definitions and templates as the text that is deployed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.machine import per_machine_cache

if TYPE_CHECKING:
    from constructs_ml.asl.machine import Machine


def size(value: Any) -> int:  # noqa: ANN401 - JSON
    """The bytes of a value as JSON without spaces, the fewest that it can be written in."""
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="surrogatepass"))


def indented_size(value: Any) -> int:  # noqa: ANN401 - JSON
    """The bytes of a value as aws-cdk-lib writes templates: each member on a line of its own, a space for each level."""
    return len(json.dumps(value, ensure_ascii=False, indent=1).encode(errors="surrogatepass"))


@per_machine_cache
def definition_size(machine: Machine) -> int:
    """The bytes of a definition; what is put in when it is deployed counts as it is written here."""
    return size(machine.body)


def definition_length(machine: Machine) -> int:
    """The characters of a definition, likewise."""
    return len(json.dumps(machine.body, ensure_ascii=False, separators=(",", ":")))


@per_machine_cache
def resources(machine: Machine) -> Mapping[str, Any]:
    """The resources of the machine's template, by logical id; none if it comes from none."""
    found = machine.template.get("Resources")
    return found if isinstance(found, Mapping) else {}
