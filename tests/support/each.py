"""A loop of a test that fails if there is nothing to go over."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")


def each(items: Iterable[T]) -> list[T]:
    """Return the items, of which there must be some: what holds of each of none says nothing.

    Args:
        items: A collection that is made while the test runs.
    """
    found = list(items)
    assert found, "there is nothing to look at"
    return found
