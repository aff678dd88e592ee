"""Static checks of whole workflows: their definitions, data flow and requests, and the permissions of their roles.

Each rule is one file below ``rules`` or ``security``, with a bad and a good example; ``registry`` finds the rules,
``checking`` runs them, ``report`` shows their findings. Analyses that several rules share run once per machine:
``dataflow``, ``requests``. ``input`` reads files, and ``cdk`` is the plugin of aws-cdk-lib.

It imports the kernel; only ``cdk`` imports ``core`` and aws_cdk, since a definition is plain data. Rules are imported
when first needed. A newcomer begins with any rule, then reads ``rule``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Severity, Violation
    from constructs_ml.lint.checking import check_definition, check_machine, check_template
    from constructs_ml.lint.registry import all_rules
    from constructs_ml.lint.rule import Rule

__all__ = [
    "Machine",
    "Rule",
    "Severity",
    "Violation",
    "all_rules",
    "check_definition",
    "check_machine",
    "check_template",
]

_HOMES = {
    "Machine": "asl.machine",
    "Rule": "lint.rule",
    "Severity": "errors",
    "Violation": "errors",
    "all_rules": "lint.registry",
    "check_definition": "lint.checking",
    "check_machine": "lint.checking",
    "check_template": "lint.checking",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any of the names above
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"constructs_ml.{_HOMES[name]}"), name)
