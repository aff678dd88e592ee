"""Which members of an API the requests of some states set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.sagemaker.leaves import leaves
from support.requests import members

if TYPE_CHECKING:
    from collections.abc import Iterable


def in_a_row(states: Iterable[Any]) -> sfn.Chain:
    """A definition of states, each after the one before."""
    first, *rest = states
    chain = sfn.Chain.start(first)
    for state in rest:
        chain = chain.next(state)
    return chain


def reached(states: Iterable[dict[str, Any]]) -> set[str]:
    """The paths of all members in the requests of states."""
    return {path for state in states for path, _ in members(state.get("Parameters", state.get("Arguments")))}


def not_reached(operation: str, states: Iterable[dict[str, Any]]) -> set[str]:
    """The members of an operation that no request sets."""
    return set(leaves(operation)) - reached(states)


def unknown(operation: str, states: Iterable[dict[str, Any]]) -> set[str]:
    """The members of requests that the operation does not have."""
    return reached(states) - set(leaves(operation))
