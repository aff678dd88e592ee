"""Policy statements as plain data, merged and kept within the size that IAM allows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

POLICY_TOKENS = "constructs-ml:policy-tokens"
"""The kind of a construct's metadata that has what aws-cdk-lib's policy report shows by numbers of tokens only."""
Conditions = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that allows.

    Attributes:
        actions: The actions, each in full: no wildcards.
        resources: The ARNs.
        conditions: The condition block.
    """

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Conditions = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the statement as a policy document writes it."""
        out: dict[str, Any] = {
            "Action": _one_or_many(self.actions),
            "Effect": "Allow",
            "Resource": _one_or_many(self.resources),
        }
        if self.conditions:
            out["Condition"] = {operator: dict(keys) for operator, keys in self.conditions.items()}
        return out


def merge(statements: Iterable[Statement]) -> list[Statement]:
    """Join statements that differ only in their resources, their actions, or the values of one condition.

    Statements keep the order of their first appearance, so that the same jobs always give the same document.
    """
    joined = _join(statements, lambda item: [sorted(item.actions), item.conditions], _with_resources)
    joined = _join(joined, lambda item: [sorted(item.resources), item.conditions], _with_actions)
    return _join(joined, _but_for_values, _with_values)


def document(statements: Iterable[Statement]) -> dict[str, Any]:
    """Return a policy document of merged statements."""
    return {"Version": "2012-10-17", "Statement": [statement.to_json() for statement in merge(statements)]}


_ANY_OF = ("ArnEquals", "ArnLike", "Bool", "StringEquals", "StringLike")
"""The operators that hold if any of their values matches; negations hold only if none does."""


def _join(
    statements: Iterable[Statement],
    identity: Callable[[Statement], Any],
    both: Callable[[Statement, Statement], Statement],
) -> list[Statement]:
    """Join the statements that share an identity."""
    joined: dict[str, Statement] = {}
    for statement in statements:
        key = json.dumps(identity(statement), sort_keys=True)
        joined[key] = both(joined[key], statement) if key in joined else statement
    return list(joined.values())


def _with_resources(one: Statement, other: Statement) -> Statement:
    return replace(one, resources=tuple(dict.fromkeys(one.resources + other.resources)))


def _with_actions(one: Statement, other: Statement) -> Statement:
    return replace(one, actions=tuple(dict.fromkeys(one.actions + other.actions)))


def _but_for_values(statement: Statement) -> Any:  # noqa: ANN401 - JSON
    """Return the common part of statements that differ only in one condition's values, which are alternatives."""
    conditions = [(operator, key) for operator, keys in statement.conditions.items() for key in keys]
    alternatives = len(conditions) == 1 and conditions[0][0] in _ANY_OF
    rest = conditions if alternatives else statement.conditions
    return [sorted(statement.actions), sorted(statement.resources), rest]


def _with_values(one: Statement, other: Statement) -> Statement:
    conditions = {
        operator: {key: _alternatives(value, other.conditions[operator][key]) for key, value in keys.items()}
        for operator, keys in one.conditions.items()
    }
    return replace(one, conditions=conditions)


def _alternatives(one: Any, other: Any) -> Any:  # noqa: ANN401 - a text or a list
    values = [item for value in (one, other) for item in (value if isinstance(value, list) else [value])]
    unique = list(dict.fromkeys(values))
    return unique[0] if len(unique) == 1 else unique


def _one_or_many(values: tuple[str, ...]) -> str | list[str]:
    return values[0] if len(values) == 1 else list(values)
