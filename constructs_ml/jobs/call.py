"""What every state of this library is: a call of SageMaker's API with a checked request, a result and a retry policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import Annotations
from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.asl.expressions import Language, render
from constructs_ml.asl.retry import Retrier, render_retry
from constructs_ml.errors import Fault, InvalidPropsError
from constructs_ml.jobs.home import pseudo
from constructs_ml.jobs.language import language_of, prop_faults, value_faults
from constructs_ml.jobs.native import NativeTask
from constructs_ml.jobs.rendering import innermost
from constructs_ml.jobs.request import started_from_request
from constructs_ml.sagemaker.result import UnknownMemberError, check_value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import Duration
    from aws_cdk import aws_iam as iam
    from constructs import Construct
    from typing_extensions import Self, Unpack

    from constructs_ml.jobs.draft import Draft
    from constructs_ml.jobs.permissions import Policies
    from constructs_ml.jobs.resource_props import RequestProps

STATE_PROPS = (
    "assign",
    "comment",
    "credentials",
    "heartbeat_timeout",
    "input_path",
    "output_path",
    "result_path",
    "state_name",
    "task_timeout",
)


class SageMakerCall(NativeTask):
    """A call of SageMaker's API as a state of a workflow.

    It chains, catches, retries and sits in Parallel and Map like any task of aws-cdk-lib, in a
    :class:`~constructs_ml.Workflow` or a plain ``sfn.StateMachine``.

    Attributes:
        waits: Whether the state waits for what it starts to end.
        role_policy: What the role may do that is handed to SageMaker, if the library derives it. What makes the call
            should depend on it: a :class:`~constructs_ml.Workflow` does, so that an execution right after the deployment
            has its permissions.
    """

    role_policy: iam.CfnPolicy | None = None

    def __init__(self, draft: Draft, request: Mapping[str, Any]) -> None:
        """Makes the state of a draft; subclasses call it with the request, and set the policies."""
        complete, warnings = draft.finish(request)
        state = {key: draft.props[key] for key in STATE_PROPS if key in draft.props}
        super().__init__(
            draft.scope,
            draft.construct_id,
            query_language=draft.either("query_language", None),
            outputs=draft.props.get("state_output"),
            **state,
        )
        self.waits = draft.wait
        self._resource = f"{draft.resource}{'.sync' if draft.wait else ''}"
        self._path = draft.faults.path
        self._request = complete
        self._fixed_language = draft.language
        self._props = draft.props
        self._result = draft.result_plan()
        self._retry_policy = draft.retry
        self._added_retries: list[Retrier] = []
        self._compared = False
        self._policies: Policies | None = None
        self._operation = draft.operation
        for warning in warnings:
            self._warn(warning)

    @classmethod
    def from_request(
        cls, scope: Construct, construct_id: str, request: Mapping[str, Any], **props: Unpack[RequestProps]
    ) -> Self:
        """Defines a state by its request, as the API names its members, instead of by props.

        For requests that come from elsewhere: an older workflow, or whole members from the execution's input::

            train = ml.TrainingJob.from_request(
                self, "Train",
                {name: ml.execution_input("Train", name) for name in ("AlgorithmSpecification", "OutputDataConfig", ...)},
                role=role,
                job_name_prefix="mnist-",
            )

        The request is checked like any other. Nothing is derived from it: a name and a role are filled in where it has
        none, and the role is granted nothing.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id, and the name of its state.
            request: The request; any value may be a token, a JsonPath or a JSONata expression.
            props: What the state takes beside its request.

        Raises:
            InvalidPropsError: If anything is wrong; it lists all of it.
        """
        begun: Any = started_from_request(cls)
        state: Self = begun(scope, construct_id, request, props)
        return state

    def _start_from(
        self, scope: Construct, construct_id: str, request: Mapping[str, Any], props: Mapping[str, Any]
    ) -> None:
        """Makes the state of a request that is passed as a whole; subclasses set what else they have."""
        raise NotImplementedError

    # What the states after it can use ----------------------------------------------------------------------------

    def result(self, member: str) -> str:
        """A member of the state's result, for the states after it.

        Args:
            member: A path into the response of the Describe call, such as ``ModelArtifacts.S3ModelArtifacts``; checked
                against its shape.

        Returns:
            A JsonPath token, or a JSONata expression if that is its query language.

        Raises:
            InvalidPropsError: If no result has the member, or not every result.
        """
        path = self._refer(member)
        if self._language is Language.JSONATA:
            return f"{{% {self._result.jsonata(path)} %}}"
        return sfn.JsonPath.string_at(self._result.jsonpath(path))

    def path_to(self, member: str) -> str:
        """The same as a plain path, for ``sfn.Condition`` and ``sfn.JsonPath``: ``$.Train.TrainingJobStatus``."""
        return self._result.jsonpath(self._refer(member))

    # As a task of aws-cdk-lib ------------------------------------------------------------------------------------

    def add_retry(
        self,
        *,
        backoff_rate: float | None = None,
        errors: Sequence[str] | None = None,
        interval: Duration | None = None,
        jitter_strategy: sfn.JitterType | None = None,
        max_attempts: float | None = None,
        max_delay: Duration | None = None,
    ) -> Self:
        """Retries errors, before the entries of the retry policy; see ``sfn.TaskStateBase.add_retry``."""
        self._added_retries.append(
            Retrier(
                errors=tuple(errors or (sfn.Errors.ALL,)),
                interval=1 if interval is None else interval.to_seconds(),
                max_attempts=3 if max_attempts is None else max_attempts,
                backoff_rate=2.0 if backoff_rate is None else backoff_rate,
                max_delay=None if max_delay is None else max_delay.to_seconds(),
                full_jitter=jitter_strategy is sfn.JitterType.FULL,
            )
        )
        return self

    def add_catch(self, handler: sfn.IChainable, **props: Any) -> Self:  # noqa: ANN401 - the props of sfn.CatchProps
        """Goes on elsewhere after an error; see ``sfn.TaskStateBase.add_catch``."""
        super().add_catch(handler, **props)
        return self

    def _render_task(self, top_level_query_language: Any = None) -> Mapping[str, Any]:  # noqa: ANN401 - from jsii
        definition = innermost()
        definition.calls.append(self)
        asked = language_of(top_level_query_language) or definition.language
        chosen = self._fixed_language or asked or Language.JSONPATH
        try:
            written = self._written_in(chosen)
        except InvalidPropsError as error:
            definition.error = error
            raise
        self._result.sealed = True
        state: dict[str, Any] = {
            "Resource": f"arn:{pseudo('PARTITION')}:states:::{self._resource}",
            "Arguments" if chosen is Language.JSONATA else "Parameters": written,
        }
        if self._props.get("state_output") is None:
            state.update(self._result.render(chosen))
        retries = render_retry(self._retry_policy, self._added_retries)
        if retries:
            state["Retry"] = retries
        return state

    @property
    def _task_policies(self) -> list[iam.PolicyStatement] | None:
        return self._policies.statements if self._policies else None

    @property
    def request(self) -> Mapping[str, Any]:
        """The request that the state makes, with runtime values in it."""
        return self._request

    @property
    def state_machine_resources(self) -> tuple[str, ...]:
        """The ARNs that the role of the state machine is granted for this state."""
        return self._policies.resources if self._policies else ()

    # Inside ------------------------------------------------------------------------------------------------------

    @property
    def _language(self) -> Language:
        return self._fixed_language or Language.JSONPATH

    def _written_in(self, chosen: Language) -> Any:  # noqa: ANN401 - JSON
        """The request in a query language; raises all that the language makes wrong."""
        faults, written = prop_faults(chosen, self._props), None
        try:
            written = render(self._request, chosen)
        except ValueError:
            faults += value_faults(chosen, self._request)
        if chosen is not self._language and self._compared:
            fix = "pass query_language=sfn.QueryLanguage.JSONATA to the job or to JobDefaults"
            faults.append(Fault("status_is", "was written in JSONPath, and the state machine is in JSONata", fix))
        if faults:
            raise InvalidPropsError(self._path, faults)
        return written

    def _refer(self, member: str) -> str:
        try:
            return self._result.refer(member)
        except UnknownMemberError as error:
            raise InvalidPropsError(self._path, [Fault("result", f"cannot hand on {member!r}: {error}")]) from None

    def _check(self, member: str, value: str) -> None:
        try:
            check_value(self._result.shape, member, value)
        except ValueError as error:
            raise InvalidPropsError(self._path, [Fault("status_is", f"cannot hold: {error}")]) from None

    def _warn(self, text: str) -> None:
        member = text.split(" ", 1)[0]
        Annotations.of(self).add_warning_v2(f"constructs-ml:{self._operation}:{member}", text)
