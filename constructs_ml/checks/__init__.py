"""Finds what is wrong with a whole workflow: its definition, its data flow, its requests, what its role is allowed.

One rule is one file below ``rules``. Nothing here needs aws_cdk: a definition is plain data, from a template or a file.
"""

from __future__ import annotations

from constructs_ml.checks.checking import check_definition, check_machine, check_template
from constructs_ml.checks.machine import Machine
from constructs_ml.checks.rule import Rule, all_rules
from constructs_ml.checks.violation import Severity, Violation

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
