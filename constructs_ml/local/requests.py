"""Refuses requests that SageMaker would refuse."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from constructs_ml.local.describe import sagemaker_model

if TYPE_CHECKING:
    from constructs_ml.local.kinds import Kind

# Patterns of the API that are checked; the others are looser than what the job itself would notice.
_JOB_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
_ROLE_ARN = re.compile(r"arn:aws[a-z\-]*:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+")


def whole_numbers(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """A request with floats such as 1.0, which JSONata yields, as integers."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: whole_numbers(item) for name, item in value.items()}
    if isinstance(value, list):
        return [whole_numbers(item) for item in value]
    return value


def problems(kind: Kind, request: dict[str, Any]) -> str | None:
    """What is wrong with a Create…Job request, or None.

    Args:
        kind: The kind of job.
        request: The request, numbers as SageMaker wants them.
    """
    from botocore.validate import ParamValidator

    shape = sagemaker_model().operation_model(f"Create{kind.job}").input_shape
    report = ParamValidator().validate(request, shape)
    if report.has_errors():
        return str(report.generate_report())
    name = request[f"{kind.job}Name"]
    if not _JOB_NAME.fullmatch(name):
        return _unsatisfied(name, f"{kind.value.lower()}JobName", _JOB_NAME)
    if not _ROLE_ARN.fullmatch(request["RoleArn"]):
        return _unsatisfied(request["RoleArn"], "roleArn", _ROLE_ARN)
    return _enumerations(request, shape, "")


def _unsatisfied(value: str, member: str, pattern: re.Pattern[str]) -> str:
    return (
        f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: "
        f"Member must satisfy regular expression pattern: {pattern.pattern}"
    )


def _enumerations(value: Any, shape: Any, path: str) -> str | None:  # noqa: ANN401 - botocore ships no types
    if shape.type_name == "structure":
        children = [(value[name], member, name) for name, member in shape.members.items() if name in value]
    elif shape.type_name == "list":
        children = [(item, shape.member, str(index)) for index, item in enumerate(value)]
    elif shape.type_name == "map":
        children = [(item, shape.value, name) for name, item in value.items()]
    else:
        allowed = getattr(shape, "enum", None)
        # Instance types are added faster than botocore is updated.
        if not allowed or value in allowed or str(value).startswith("ml."):
            return None
        return (
            f"1 validation error detected: Value '{value}' at '{path.lstrip('.')}' failed to satisfy constraint: "
            f"Member must satisfy enum value set: [{', '.join(allowed)}]"
        )
    return next(
        (found for item, member, name in children if (found := _enumerations(item, member, f"{path}.{name}"))), None
    )
