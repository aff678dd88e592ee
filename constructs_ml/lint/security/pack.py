"""The rules of the security pack, and the function that runs them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from constructs_ml.lint import security
from constructs_ml.lint.registry import rules_in
from constructs_ml.lint.security.rule import SecurityRule
from constructs_ml.lint.security.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_ml.errors import Violation


@cache
def security_rules() -> tuple[SecurityRule, ...]:
    """Return every rule of the pack, by id."""
    return rules_in(security, SecurityRule)


def check_security(body: Mapping[str, Any]) -> list[Violation]:
    """Return the violations of the pack in a template, or in a definition alone.

    Args:
        body: The template or definition, as JSON data.
    """
    subject = Subject.of_template(body) if "Resources" in body else Subject.of_definition(body)
    return [found for rule in security_rules() for found in rule.check(subject)]
