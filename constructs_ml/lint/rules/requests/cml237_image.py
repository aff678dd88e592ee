"""CML237."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import Format, Path, is_jsonata
from constructs_ml.errors import FindingKind
from constructs_ml.lint.examples import processing
from constructs_ml.lint.requests import resource_violations, violations
from constructs_ml.lint.rule import rule
from constructs_ml.lint.rules.errors.composed_names import name_parts
from constructs_ml.sagemaker.registries import IMAGE_MEMBERS
from constructs_ml.sagemaker.request import check_request
from constructs_ml.sagemaker.task_requests import texts_of_requests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.asl.machine import Machine
    from constructs_ml.errors import Violation

Json = Any


@rule(
    "CML237",
    title="Images are in ECR, or in a private registry that the request configures",
    reason="SageMaker pulls from nowhere else, not from Docker Hub and not from ECR's public gallery: the call fails "
    "with a ValidationException. Source: 'Use a Private Docker Registry for Real-Time Inference Containers' of the "
    "developer guide.",
    bad=processing(AppSpecification={"ImageUri": "public.ecr.aws/docker/library/python:3.11"}),
    good=processing(AppSpecification={"ImageUri": "111122223333.dkr.ecr.us-east-1.amazonaws.com/python:3.11"}),
)
def image_elsewhere(machine: Machine) -> Iterator[Violation]:
    """Images in registries from which SageMaker does not pull, in requests and in resources of the template."""
    literals = list(violations(machine, FindingKind.IMAGE))
    yield from literals
    yield from resource_violations(machine, FindingKind.IMAGE)
    later = {id(request): request for request, *text in texts_of_requests(machine) if _is_put_together(*text)}
    for request in later.values():
        composed = _composed(request.body)
        for finding in check_request(request.operation, composed, partial=True) if composed else ():
            found = request.violation(finding.member, finding.problem, finding.fix)
            if finding.rule is FindingKind.IMAGE and found not in literals:
                yield found


def _composed(value: Json) -> Json:
    """Return the structures around images composed at run time, with their known prefixes; None without any."""
    if isinstance(value, list):
        items = [_composed(item) for item in value]
        return items if any(items) else None
    if not isinstance(value, Mapping):
        return None
    found = {str(key).removesuffix(".$"): _image(str(key), item) or _composed(item) for key, item in value.items()}
    found = {key: item for key, item in found.items() if item}
    return {**value, **found} if found else None


def _is_put_together(member: str, text: str) -> bool:
    """Return whether a member is an image that is composed at run time."""
    names = member.removesuffix(".$")
    return names.rpartition(".")[2] in IMAGE_MEMBERS and (names != member or is_jsonata(text))


def _image(key: str, value: Json) -> Json:
    if not (isinstance(value, str) and _is_put_together(key, value)):
        return None
    parts = name_parts(key, value)
    if all(isinstance(part, str) for part in parts):
        return "".join(str(part) for part in parts)
    return Format((parts[0], Path("$"))) if isinstance(parts[0], str) else None
