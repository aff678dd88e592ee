"""The output of a job's state for the states after it, and the paths that exist in it.

Source: the Step Functions developer guide, "Create and manage Amazon SageMaker AI jobs": a ``.sync`` task gives the
response of the job's Describe call; without ``.sync`` it gives the response of the call itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from constructs_ml.asl.jsonpath import PathError, Wild, read_path
from constructs_ml.errors import ConstructsMLError
from constructs_ml.sagemaker.model import output_shape
from constructs_ml.spelling import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from constructs_ml.sagemaker.model import Shape

SYNC_RESULT: Mapping[str, str] = MappingProxyType(
    {
        "createProcessingJob": "DescribeProcessingJob",
        "createTrainingJob": "DescribeTrainingJob",
        "createHyperParameterTuningJob": "DescribeHyperParameterTuningJob",
        "createTransformJob": "DescribeTransformJob",
        "createLabelingJob": "DescribeLabelingJob",
    }
)
"""The Describe call whose response a ``.sync`` task gives, by the API that the task calls."""


class UnknownMemberError(ConstructsMLError, LookupError):
    """A path leads to nothing in a result."""


@dataclass(frozen=True, slots=True)
class Member:
    """A place in a result.

    Attributes:
        path: The steps to it: names, and the indices of list items (``"*"`` for all).
        type: Its type in the API: ``string``, ``integer``, ``structure``, ``list``, ...
        always_present: True if every result has it, because each step is a required member of its shape. A path that a
            result lacks ends a workflow with an error that cannot be caught (``States.Runtime``).
        enum: The values it may have; empty if any.
    """

    path: tuple[str | int, ...]
    type: str
    always_present: bool
    enum: tuple[str, ...]


def result_shape(api: str, *, sync: bool) -> Shape:
    """Return the shape of a task's output.

    Args:
        api: The operation, as Step Functions writes it (``createProcessingJob``) or as the API does.
        sync: True if the task waits for the job (``.sync``).

    Raises:
        UnknownMemberError: If Step Functions cannot wait for this API.
        ModelError: If botocore's model has no such operation.
    """
    name = api[:1].lower() + api[1:]
    if not sync:
        return output_shape(name[:1].upper() + name[1:])
    if name not in SYNC_RESULT:
        raise UnknownMemberError(f"Step Functions cannot wait for {name}; .sync exists for {', '.join(SYNC_RESULT)}")
    return output_shape(SYNC_RESULT[name])


def find_member(shape: Shape, path: str) -> Member:
    """Return the place that a path leads to.

    Args:
        shape: The shape of the result.
        path: Such as ``ProcessingOutputConfig.Outputs[0].S3Output.S3Uri``; ``$.`` in front is allowed.

    Raises:
        UnknownMemberError: If there is no such place.
    """
    return member_at(shape, _steps(path, shape))


def member_at(shape: Shape, found: Iterable[str | int]) -> Member:
    """Return the place that steps lead to: names, and the indices of list items (``"*"`` for all).

    Raises:
        UnknownMemberError: If there is no such place.
    """
    steps: list[str | int] = []
    always, here = True, shape
    for step in found:
        here, required = _descend(here, step, _at(shape, steps))
        always = always and required
        steps.append(step)
    return Member(tuple(steps), here.type, always, here.enum)


def always_present_members(shape: Shape) -> tuple[str, ...]:
    """Return the members that every result has, in the order of the API."""
    return tuple(name for name in shape.members if name in shape.required)


def enum_of(shape: Shape, path: str) -> tuple[str, ...]:
    """Return the values that a member may have; empty if any.

    Raises:
        UnknownMemberError: If there is no such member.
    """
    return find_member(shape, path).enum


def check_value(shape: Shape, path: str, value: str) -> None:
    """Check that a member can have this value at all, so that a comparison with it is not always false.

    Raises:
        UnknownMemberError: If there is no such member.
        ValueError: If it can never have the value.
    """
    enum = enum_of(shape, path)
    if enum and value not in enum:
        raise ValueError(
            f"{path} is never {value!r}; it is one of {', '.join(sorted(enum))}{did_you_mean(value, enum)}"
        )


def _steps(path: str, shape: Shape) -> list[str | int]:
    text = path if path.startswith("$") else f"${path}" if path[:1] in {"", ".", "["} else f"$.{path}"
    try:
        found = read_path(text)
    except PathError:
        found = None
    steps = ["*" if step is Wild.EACH else step for step in found.steps] if found is not None else []
    # Among the steps to several places, only [*] exists in both query languages.
    known = found is not None and found.whole and steps.count("*") == text.count("[*]")
    if not known or any(isinstance(step, int) and step < 0 for step in steps):
        raise UnknownMemberError(f"{_label(shape)}: {path!r} is not a path; write it as Member.List[0].Member")
    return steps


def _descend(here: Shape, step: str | int, at: str) -> tuple[Shape, bool]:
    """Return the shape one step further, and whether the step is always possible."""
    if here.type == "list" and (isinstance(step, int) or step == "*"):
        return here.member, False
    if isinstance(step, int):
        raise UnknownMemberError(f"{at} is a {here.type}, not a list: it has no [{step}]")
    if here.type == "map":
        return here.value, False
    if step not in here.members:
        if here.type == "structure":
            raise UnknownMemberError(f"{at} has no {step}{did_you_mean(step, here.members)}")
        raise UnknownMemberError(f"{at} is a {here.type}: it has no {step}")
    return here.members[step], step in here.required


def _at(shape: Shape, steps: list[str | int]) -> str:
    return _label(shape) + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)


def _label(shape: Shape) -> str:
    return shape.name.removesuffix("Response").removesuffix("Output")
