"""An execution of a SageMaker pipeline as a state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.asl.names import UUID
from constructs_ml.asl.polling import PollSpec
from constructs_ml.core.permissions import policies_of
from constructs_ml.core.polling_task import GeneratedNames, PollingTask, WaitingProps, check_timeout, pace_of
from constructs_ml.core.spec import SDK, TaskSpec
from constructs_ml.core.values import later_to_text, parse_text
from constructs_ml.iam.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from constructs import Construct
    from typing_extensions import Unpack

    from constructs_ml.asl.expressions import Runtime


class PipelineProps(WaitingProps, total=False):
    """Props of an execution of a pipeline in addition to its request."""

    wait_for_completion: bool
    """Waits for the execution to end. Default: yes."""


class PipelineExecution(PollingTask):
    """Defines a state that runs a SageMaker pipeline and, by default, waits for it.

    ::

        run = ml.PipelineExecution(self, "Retrain", pipeline="churn", parameters={"Epochs": "10"})

    Step Functions has no ``.sync`` for pipelines: the state describes the execution after 30 seconds and then at
    intervals that grow to 15 minutes, three state transitions a look. It fails with ``PipelineExecutionFailed`` or
    ``PipelineExecutionStopped``, and with ``PipelineExecutionTimedOut`` after ``timeout``; the cause is the execution's
    failure reason. Attempts to start it share a token, so that an attempt whose answer was lost starts nothing twice.

    Its result is that of DescribePipelineExecution. Source of members and limits: the StartPipelineExecution API.
    """

    describes = "DescribePipelineExecution"
    summary = ("PipelineExecutionArn", "PipelineExecutionStatus")
    present = ("PipelineExecutionArn", "PipelineExecutionStatus", "PipelineArn", "PipelineExecutionDisplayName")

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        pipeline: str,
        parameters: Mapping[str, str | float] | None = None,
        display_name: str | None = None,
        description: str | None = None,
        max_parallel_steps: int | str | None = None,
        selected_steps: Sequence[str] | None = None,
        source_execution: str | None = None,
        pipeline_version: int | str | None = None,
        mlflow_experiment: str | None = None,
        client_request_token: str | None = None,
        **props: Unpack[PipelineProps],
    ) -> None:
        """Define the state.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id, and the name of its state.
            pipeline: The pipeline's name or ARN.
            parameters: The values of the pipeline's parameters, at most 200. Default: the pipeline's defaults.
            display_name: The display name of the execution, 1-82 letters, digits and hyphens.
            description: A description.
            max_parallel_steps: The maximum number of its steps that run at the same time. Default: the pipeline's own
                limit.
            selected_steps: The steps that run, for a selective execution. Default: all.
            source_execution: The ARN of the execution that the other steps' results are taken from. Default: the latest.
            pipeline_version: The version of the pipeline. Default: the latest.
            mlflow_experiment: The MLflow experiment that the execution is recorded in.
            client_request_token: 32-128 characters that are the same for the same execution. Default: new at every
                attempt of the state, shared by the attempts of the call.
            props: The props of waiting states: :class:`~constructs_ml.core.polling_task.WaitingProps`.

        Raises:
            InvalidPropsError: If anything is wrong; it lists all of it.
        """
        spec = TaskSpec("StartPipelineExecution", scope, construct_id, props, known=PipelineProps, service=SDK)
        spec.wait = props.get("wait_for_completion") is not False
        check_timeout(spec)
        if spec.props.get("tags"):
            spec.faults.add("tags", "is not supported: executions of pipelines have no tags", "tag the pipeline")
        if source_execution is not None and selected_steps is None:
            spec.faults.add("source_execution", "needs selected_steps", "pass selected_steps=[...]")
        spec.members |= _MEMBERS
        drawn = GeneratedNames(spec)
        token: Any = client_request_token
        if token is None:
            # Without the wait nothing is drawn before the call, and its retries start it again.
            token = drawn.keep("token", UUID, "client_request_token") if spec.wait else UUID
        super().__init__(
            spec,
            {
                "PipelineName": pipeline,
                "PipelineExecutionDisplayName": display_name,
                "PipelineExecutionDescription": description,
                "PipelineParameters": _parameters(parameters),
                "ClientRequestToken": token,
                "ParallelismConfiguration": None
                if max_parallel_steps is None
                else {"MaxParallelExecutionSteps": max_parallel_steps},
                "SelectiveExecutionConfig": None
                if selected_steps is None
                else {
                    "SourcePipelineExecutionArn": source_execution,
                    "SelectedSteps": [{"StepName": step} for step in selected_steps],
                },
                "PipelineVersionId": pipeline_version,
                "MlflowExperimentName": mlflow_experiment,
            },
        )
        self._use(spec, drawn, pace_of(spec))
        self._stops = spec.props.get("stop_at_timeout") is not False
        name = parse_text(pipeline)
        if not isinstance(name, str):
            self._warn("pipeline is known only at run time, so the state machine may run any pipeline")
        self._policies = policies_of(spec.context, _statements(name, spec, wait=self.waits, stops=self._stops))

    def _wait_for(self) -> PollSpec:
        execution = {"PipelineExecutionArn": "{% $states.input.PipelineExecutionArn %}"}
        # The same at each attempt to stop it.
        stop = execution | {"ClientRequestToken": "{% $hash($states.input.PipelineExecutionArn, 'SHA-256') %}"}
        return PollSpec.for_status(
            resource=f"{SDK}:describePipelineExecution",
            arguments=execution,
            status="PipelineExecutionStatus",
            done=("Succeeded",),
            running=("Executing", "Stopping"),
            error="PipelineExecution",
            what=f"the pipeline execution of {self._result.name}",
            pace=self._pace,
            keeps=("PipelineExecutionArn",),
            stop=(f"{SDK}:stopPipelineExecution", stop) if self._stops else None,
        )


_MEMBERS = {
    "ClientRequestToken": "client_request_token",
    "MlflowExperimentName": "mlflow_experiment",
    "ParallelismConfiguration.MaxParallelExecutionSteps": "max_parallel_steps",
    "PipelineExecutionDescription": "description",
    "PipelineExecutionDisplayName": "display_name",
    "PipelineName": "pipeline",
    "PipelineParameters": "parameters",
    "PipelineVersionId": "pipeline_version",
    "SelectiveExecutionConfig.SelectedSteps": "selected_steps",
    "SelectiveExecutionConfig.SourcePipelineExecutionArn": "source_execution",
}


def _parameters(parameters: Mapping[str, str | float] | None) -> list[dict[str, Any]] | None:
    """The values of parameters as the API takes them: strings."""
    return [{"Name": name, "Value": _text(value)} for name, value in (parameters or {}).items()] or None


def _text(value: object) -> Any:  # noqa: ANN401 - a text or a runtime value
    if isinstance(value, bool):
        return "true" if value else "false"
    known_later = later_to_text(value)
    return str(value) if known_later is value and not isinstance(value, str) else known_later


def _statements(name: str | Runtime, spec: TaskSpec, *, wait: bool, stops: bool) -> Iterator[Statement]:
    """Starting is allowed on the pipeline, the rest on its executions.

    Source: "Actions, resources, and condition keys for Amazon SageMaker" of the Service Authorization Reference. The
    service writes the names of pipelines into ARNs in lower case.
    """
    if not isinstance(name, str):
        pipelines = [spec.context.of_stack.place.arn("sagemaker", "pipeline/*")]
    elif name.startswith("arn:"):
        pipelines = [name]
    else:
        names = [name] if "${Token[" in name else list(dict.fromkeys((name, name.lower())))
        pipelines = [spec.context.of_stack.place.arn("sagemaker", f"pipeline/{each}") for each in names]
    yield Statement(("sagemaker:StartPipelineExecution",), tuple(pipelines))
    if wait:
        actions = ("sagemaker:DescribePipelineExecution", *(("sagemaker:StopPipelineExecution",) if stops else ()))
        yield Statement(actions, tuple(f"{pipeline}/execution/*" for pipeline in pipelines))
