"""All rules there are: those that every workflow is checked by, and those of the security pack."""

from __future__ import annotations

from constructs_ml.lint.rule import Rule, TemplateRule, all_rules
from constructs_ml.lint.security.pack import security_rules
from constructs_ml.lint.security.rule import SecurityRule

AnyRule = Rule | TemplateRule | SecurityRule


def every_rule() -> tuple[AnyRule, ...]:
    """All of them, by id."""
    return (*all_rules(), *security_rules())
