"""The table of relations, joined from its rows, and those of each type."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from constructs_ml.sagemaker.model import ModelError, input_shape, operations
from constructs_ml.sagemaker.relations.members import Structure
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
    from collections.abc import Mapping

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


@lru_cache(maxsize=4096)
def relations_of(shape: str, given: frozenset[str], *, is_input: bool) -> tuple[Relation, ...]:
    """Return the relations between the members of a type that a structure may break.

    Args:
        shape: Its name in the API.
        given: The members that the structure has.
        is_input: Whether it is the whole input of an operation.
    """
    found = _by_shape()
    relations = (*found.get(shape, ()), *(found.get(ANY, ()) if is_input else ()))
    return tuple(relation for relation in relations if not any(map(given.isdisjoint, relation.triggers)))


@lru_cache(maxsize=4096)
def is_sound(relations: tuple[Relation, ...], members: tuple[tuple[str, Any], ...], partial: bool) -> bool:
    """Return whether a structure without nested structures satisfies all of some relations.

    Args:
        relations: The relations.
        members: The structure's members, of which each is right by itself.
        partial: Whether members that are not there may come later.
    """
    structure = Structure(dict(members), partial=partial)
    return not any(relation.findings(structure) for relation in relations)


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
