"""Finds what is wrong with a whole workflow: its definition, its data flow, its requests, what its role is allowed.

One rule is one file below ``rules`` or ``security``, with a bad and a good example; ``registry`` finds them, ``checking`` runs
them, ``report`` shows what they find. What several rules need is worked out once for a machine: ``dataflow``, ``requests``.
``input`` reads files, and ``cdk`` is the plugin of aws-cdk-lib.

It imports the kernel; only ``cdk`` imports ``core`` and aws_cdk: a definition is plain data. Rules are imported when they are first
asked for. A newcomer begins with a rule, and then ``rule``.
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
