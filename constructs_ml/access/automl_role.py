"""What the role of an AutoML job may do beside reading and writing its data.

Source: "CreateAutoMLJob and CreateAutoMLJobV2 API: Execution Role Permissions" of the SageMaker developer guide, narrowed
to this account and region. SageMaker runs jobs, models and endpoints under names of its own, in images of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.access.job_role import PULL_IMAGE, WRITE_LOGS
from constructs_ml.access.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs_ml.access.place import Place

LOG_GROUPS = ("ProcessingJobs", "TrainingJobs", "TransformJobs", "Endpoints/*")
_HOSTING = (("model", "Model"), ("endpoint-config", "EndpointConfig"), ("endpoint", "Endpoint"))


def automl_statements(role_arn: str, place: Place) -> Iterator[Statement]:
    """The statements that the role of an AutoML job needs for the candidates that SageMaker tries.

    Args:
        role_arn: The role, which it passes to the jobs and models.
        place: Where it runs.
    """
    yield Statement(
        ("iam:PassRole",), (role_arn,), {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    )
    for kind, word in _HOSTING:
        actions = [f"sagemaker:{verb}{word}" for verb in ("Create", "Delete", "Describe")]
        actions += ["sagemaker:ListTags", *(["sagemaker:InvokeEndpoint"] if kind == "endpoint" else [])]
        yield Statement(tuple(actions), (place.arn("sagemaker", f"{kind}/*"),))
    yield Statement(PULL_IMAGE, (f"arn:{place.partition}:ecr:{place.region}:*:repository/*",))
    yield Statement(("ecr:GetAuthorizationToken",), ("*",))
    namespace = {"StringLike": {"cloudwatch:namespace": "/aws/sagemaker/*"}}
    yield Statement(("cloudwatch:PutMetricData",), ("*",), namespace)
    groups = [place.arn("logs", f"log-group:/aws/sagemaker/{group}") for group in LOG_GROUPS]
    yield Statement(WRITE_LOGS, tuple(arn for group in groups for arn in (group, f"{group}:*")))
