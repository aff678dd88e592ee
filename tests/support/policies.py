"""Decides by brute force what statements allow, as IAM does."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from constructs_ml.iam.statements import Statement


def allows(statements: Iterable[Statement], action: str, resource: str, context: Mapping[str, str]) -> bool:
    """Whether any of the statements allows an action on a resource in a context."""
    return any(
        action in statement.actions
        and any(fnmatchcase(resource, pattern) for pattern in statement.resources)
        and all(
            _holds(operator, values, context.get(key))
            for operator, keys in statement.conditions.items()
            for key, values in keys.items()
        )
        for statement in statements
    )


def _holds(operator: str, values: Any, value: str | None) -> bool:
    wanted = values if isinstance(values, list) else [values]
    negated = "Not" in operator
    if value is None:
        return negated
    like = operator.endswith("Like")
    matches = any(fnmatchcase(value, item) if like else value == item for item in wanted)
    return matches is not negated
