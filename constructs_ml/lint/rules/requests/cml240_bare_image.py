"""CML240."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.dynamic import is_dynamic
from constructs_ml.errors import Severity, Violation
from constructs_ml.lint.examples import processing
from constructs_ml.lint.requests import resource_requests
from constructs_ml.lint.rule import rule
from constructs_ml.sagemaker.model import input_shape
from constructs_ml.sagemaker.registries import bare_image
from constructs_ml.sagemaker.task_requests import requests_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.sagemaker.model import Shape

_FIX = "write it as ACCOUNT.dkr.ecr.REGION.amazonaws.com/repository:tag"


@rule(
    "CML240",
    title="An image URI includes its registry",
    reason="SageMaker does not resolve an image by its name alone: the call fails with a ValidationException. A local "
    "run and a draft work without a registry, so this is a warning. Source: issue 2063 of aws/sagemaker-python-sdk.",
    bad=processing(AppSpecification={"ImageUri": "python"}),
    good=processing(AppSpecification={"ImageUri": "111122223333.dkr.ecr.us-east-1.amazonaws.com/python:3.11"}),
    severity=Severity.WARNING,
)
def bare(machine: Machine) -> Iterator[Violation]:
    """Images without a registry, in requests and in resources of the template."""
    for request in requests_of(machine):
        for member, image in _bare(input_shape(request.operation), request.body, ""):
            yield request.violation(member, f"is {image!r}, a name without a registry", _FIX)
    if machine.name == next(iter(machine.siblings), machine.name):
        for name, operation, properties in resource_requests(machine):
            for member, image in _bare(input_shape(operation), properties, ""):
                yield Violation("", f"{name}.Properties.{member}", f"is {image!r}, a name without a registry", _FIX)


def _bare(shape: Shape, value: Any, path: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - JSON
    """Yield the members with such images, and the images."""
    if shape.type == "list" and isinstance(value, list):
        for at, item in enumerate(value):
            yield from _bare(shape.member, item, f"{path}[{at}]")
    elif shape.type == "structure" and isinstance(value, Mapping) and not is_dynamic(value):
        member = bare_image(shape.name, value)
        if member:
            yield f"{path}.{member}" if path else member, value[member]
        for name, item in value.items():
            if name in shape.members:
                yield from _bare(shape.members[name], item, f"{path}.{name}" if path else str(name))
