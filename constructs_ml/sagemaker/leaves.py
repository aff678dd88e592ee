"""All values that can be set in a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.sagemaker.model import input_shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.sagemaker.model import Shape


def leaves(operation: str) -> list[str]:
    """The members of an operation's input, down to those that have no members of their own.

    Args:
        operation: An operation such as ``CreateProcessingJob``.

    Returns:
        Paths in the order of the API: ``ProcessingInputs[].S3Input.S3Uri``, ``Environment.*`` for a map. A shape that
        holds itself is not entered a second time: its path ends there.

    Raises:
        ModelError: If botocore's model has no such operation.
    """
    return list(_walk(input_shape(operation), "", ()))


def _walk(shape: Shape, path: str, above: tuple[str, ...]) -> Iterator[str]:
    if shape.name in above:
        yield path
        return
    above = (*above, shape.name)
    if shape.members:
        for name, member in shape.members.items():
            yield from _walk(member, f"{path}.{name}" if path else name, above)
    elif shape.type == "list":
        yield from _walk(shape.member, f"{path}[]", above)
    elif shape.type == "map":
        yield from _walk(shape.value, f"{path}.*", above)
    else:
        yield path
