"""What the role of an AutoML job may do beside reading and writing its data.

Source: "CreateAutoMLJob and CreateAutoMLJobV2 API: Execution Role Permissions" of the SageMaker developer guide, narrowed
to this account and region. SageMaker runs jobs, models and endpoints under names of its own, in images of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.iam.job_role import PULL_IMAGE, write_logs
from constructs_ml.iam.resources import pass_role
from constructs_ml.iam.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.iam.place import Place

LOG_GROUPS = ("ProcessingJobs", "TrainingJobs", "TransformJobs", "Endpoints/*")
_HOSTING: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("model", "Model", ()),
    # Making an endpoint takes its configuration too.
    ("endpoint-config", "EndpointConfig", ("sagemaker:CreateEndpoint",)),
    ("endpoint", "Endpoint", ("sagemaker:InvokeEndpoint",)),
)


def automl_statements(role_arn: str, place: Place) -> Iterator[Statement]:
    """The statements that the role of an AutoML job needs for the candidates that SageMaker tries.

    Args:
        role_arn: The role, which it passes to the jobs and models.
        place: Where it runs.
    """
    yield pass_role(role_arn)
    for kind, word, more in _HOSTING:
        actions = (f"sagemaker:{verb}{word}" for verb in ("Create", "Delete", "Describe"))
        # SageMaker names them.
        yield Statement((*actions, "sagemaker:ListTags", *more), (place.arn("sagemaker", f"{kind}/*"),))
    # Which of its images it tries, and in which account they are, is SageMaker's choice.
    yield Statement(PULL_IMAGE, (f"arn:{place.partition}:ecr:{place.region}:*:repository/*",))
    # Neither signing in to a registry nor metrics have a resource to narrow them to.
    yield Statement(("ecr:GetAuthorizationToken",), ("*",))
    namespace = {"StringLike": {"cloudwatch:namespace": "/aws/sagemaker/*"}}
    yield Statement(("cloudwatch:PutMetricData",), ("*",), namespace)
    yield write_logs(place, *(f"/aws/sagemaker/{group}" for group in LOG_GROUPS))
