"""The table of relations, joined from its rows, and those of each type."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from constructs_ml.sagemaker.model import ModelError, input_shape, operations
from constructs_ml.sagemaker.relations.relation import ANY, Relation
from constructs_ml.sagemaker.relations.rows import (
    automl,
    endpoints,
    instances,
    models,
    others,
    processing,
    registry,
    training,
    tuning,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

RELATIONS = (
    *processing.ROWS,
    *instances.ROWS,
    *training.ROWS,
    *tuning.ROWS,
    *models.ROWS,
    *endpoints.ROWS,
    *registry.ROWS,
    *automl.ROWS,
    *others.ROWS,
)


def relations_of(shape: str, given: Mapping[str, object], *, is_input: bool) -> Iterator[Relation]:
    """The relations between the members of a type that a structure may break.

    Args:
        shape: Its name in the API.
        given: The structure.
        is_input: Whether it is the whole input of an operation.
    """
    for relation, triggers in _of_shape(shape, is_input=is_input):
        if not any(group.isdisjoint(given) for group in triggers):
            yield relation


@cache
def _of_shape(shape: str, *, is_input: bool) -> tuple[tuple[Relation, tuple[frozenset[str], ...]], ...]:
    found = _by_shape()
    relations = (*found.get(shape, ()), *(found.get(ANY, ()) if is_input else ()))
    return tuple((relation, relation.triggers) for relation in relations)


@cache
def _by_shape() -> Mapping[str, tuple[Relation, ...]]:
    known = frozenset(operations())
    found: dict[str, tuple[Relation, ...]] = {}
    for relation in RELATIONS:
        for name in relation.of:
            shape = _input_name(name) if name in known else name
            found[shape] = (*found.get(shape, ()), relation)
    return found


def _input_name(operation: str) -> str:
    try:
        return input_shape(operation).name
    except ModelError:
        return ""
