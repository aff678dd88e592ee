"""Reports of violations, for people and for other programs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import Severity, Violation
from constructs_ml.lint.registry import all_rules
from constructs_ml.lint.rule import Rule, TemplateRule
from constructs_ml.lint.security.pack import security_rules
from constructs_ml.lint.security.rule import SecurityRule

if TYPE_CHECKING:
    from collections.abc import Sequence


AnyRule = Rule | TemplateRule | SecurityRule


def every_rule() -> tuple[AnyRule, ...]:
    """Return every rule, those of the security pack last."""
    return (*all_rules(), *security_rules())


@dataclass(frozen=True, slots=True)
class Found:
    """A violation and the file that it is in.

    Attributes:
        file: The file, as the user named it.
        violation: The violation.
    """

    file: str
    violation: Violation

    @property
    def place(self) -> str:
        """The file and, if known, the line: ``census.asl.json:12``."""
        return f"{self.file}:{self.violation.line}" if self.violation.line else self.file

    @property
    def is_error(self) -> bool:
        """Return whether it is an error rather than a warning."""
        return self.violation.severity is Severity.ERROR


def as_text(found: Sequence[Found], machines: int) -> str:
    """Return a line for each violation, and a last line with their number."""
    lines = [
        f"{item.place}: {'error' if item.is_error else 'warning'} {item.violation}"
        for item in sorted(found, key=lambda item: (item.file, item.violation.line or 0))
    ]
    errors = sum(item.is_error for item in found)
    counted = f"{_count(errors, 'error')}, {_count(len(found) - errors, 'warning')} in {_count(machines, 'definition')}"
    return "\n".join([*lines, counted])


def as_json(found: Sequence[Found], machines: int) -> str:
    """Return a JSON object with the violations and their number."""
    items = [
        {
            "rule": item.violation.rule,
            "severity": "error" if item.is_error else "warning",
            "file": item.file,
            "line": item.violation.line,
            "stateMachine": item.violation.machine,
            "state": item.violation.state,
            "member": item.violation.member,
            "message": item.violation.message,
        }
        for item in found
    ]
    errors = sum(item.is_error for item in found)
    body = {"definitions": machines, "errors": errors, "warnings": len(found) - errors, "violations": items}
    return json.dumps(body, indent=2)


def as_sarif(found: Sequence[Found], version: str) -> str:
    """Return the report in SARIF 2.1.0 (OASIS), which code hosts show beside the lines."""
    rules = every_rule()
    numbers = {rule.id: number for number, rule in enumerate(rules)}
    driver = {"name": "constructs-ml", "version": version, "rules": [_sarif_rule(rule) for rule in rules]}
    results = [_sarif_result(item, numbers[item.violation.rule]) for item in found]
    body = {
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }
    return json.dumps(body, indent=2)


def _sarif_rule(rule: AnyRule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": rule.run.__name__,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.reason},
        "defaultConfiguration": {"level": rule.severity.value},
    }


def _sarif_result(item: Found, number: int) -> dict[str, Any]:
    region = {"region": {"startLine": item.violation.line}} if item.violation.line else {}
    logical = [{"name": name} for name in (item.violation.state or item.violation.machine,) if name]
    location = {"physicalLocation": {"artifactLocation": {"uri": item.file}, **region}}
    return {
        "ruleId": item.violation.rule,
        "ruleIndex": number,
        "level": "error" if item.is_error else "warning",
        "message": {"text": item.violation.message},
        "locations": [{**location, **({"logicalLocations": logical} if logical else {})}],
    }


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
