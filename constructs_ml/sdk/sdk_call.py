"""Making a job of a class of the library's, or of a user's subclass of one, from an object of the SageMaker SDK."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs_ml.core.context import context_of
from constructs_ml.core.props import AdapterProps
from constructs_ml.core.task import without_constructor
from constructs_ml.errors import Fault, InvalidPropsError
from constructs_ml.sagemaker.kinds import JobKind
from constructs_ml.sdk.adapted import Adapted, with_role
from constructs_ml.sdk.capture import JOB_NAME, RefusedBySdkError, capture
from constructs_ml.sdk.objects import faults_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from constructs import Construct

_METHODS = {
    JobKind.PROCESSING: ("run",),
    JobKind.TRAINING: ("train", "fit"),
    JobKind.TRANSFORM: ("transform",),
    JobKind.TUNING: ("tune",),
}
"""The methods of the SDK's versions that start jobs of the same kind."""


@dataclass(frozen=True, slots=True)
class SdkCall:
    """An object of the SDK's, and what the user passed with it.

    Attributes:
        thing: An object of the SDK's.
        run: The arguments of the method that would start the job.
        props: The job's props.
    """

    thing: Any
    run: Mapping[str, Any]
    props: Mapping[str, Any]


def build_job(cls: Any, start: Callable[..., None], scope: Construct, construct_id: str, given: SdkCall) -> Any:  # noqa: ANN401 - a job and its class
    """Make a job by a function instead of its class's constructor.

    Args:
        cls: The class.
        start: Sets up the job; gets it, its scope, its id and what the user passed.
        scope: The construct that it is a part of.
        construct_id: Its id.
        given: The user's value.
    """
    job: Any = without_constructor(
        cls, context_of(scope).path_of(construct_id), f"its definition by {type(given.thing).__name__}"
    )
    start(job, scope, construct_id, given)
    return job


@contextmanager
def capture_request(
    job: Any,  # noqa: ANN401 - a job
    scope: Construct,
    construct_id: str,
    given: SdkCall,
    method: str,
) -> Iterator[Adapted]:
    """The request of an object, in a spec of the job.

    Args:
        job: The job that is begun.
        scope: The construct that it is a part of.
        construct_id: Its id.
        given: The user's value.
        method: The object's method that would start the job.

    Raises:
        InvalidPropsError: If the object cannot become a job, or the SDK makes no request of it.
    """
    context = context_of(scope)
    if faults := list(faults_of(given.thing, _METHODS[job.kind], given.run)):
        raise InvalidPropsError(context.path_of(construct_id), faults)
    props = dict(given.props)
    within = props.pop("within", ())
    arguments = dict(given.run)
    if "job_name" in arguments:
        props.setdefault("job_name", arguments["job_name"])
    if method != "train":
        arguments["job_name"] = JOB_NAME
    with tempfile.TemporaryDirectory() as folder:
        try:
            captured = capture(given.thing, method, arguments, Path(folder))
        except RefusedBySdkError as error:
            refused = Fault("the object", f"is refused by the SageMaker SDK: {error}")
            raise InvalidPropsError(context.path_of(construct_id), [refused]) from error
        captured.request.pop(job.kind.name_member, None)
        role = role_of(captured.request)
        named = with_role(context, props, None if role is None else captured.placeholders.text(role))
        spec = job.spec_class(job.kind, scope, construct_id, named, known=AdapterProps)
        spec.faults.found += captured.faults
        yield Adapted(spec, captured, within)


def role_of(request: dict[str, Any]) -> str | None:
    """Take the role out of a request."""
    one = request.get("TrainingJobDefinition")
    roles = [
        item.pop("RoleArn", None) for item in (request, one, *(request.get("TrainingJobDefinitions") or ())) if item
    ]
    return next((role for role in roles if role is not None), None)
