"""The state machine of a workflow."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar, cast

from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.core.app_context import AppContext, app_context, known_context, reference
from constructs_ml.core.context import context_of
from constructs_ml.core.granted_role import granted_role, report_machine
from constructs_ml.core.job_task import Job
from constructs_ml.core.map_scope import EnclosingMap, place_faults
from constructs_ml.core.nag import OF_ONE_ROLE, acknowledge_findings, acknowledge_wildcards
from constructs_ml.core.native_task import users_line
from constructs_ml.core.prop_checks import check_construct
from constructs_ml.core.query_language import language_of
from constructs_ml.core.rendering import first_inside, rendering
from constructs_ml.core.service_task import ServiceTask
from constructs_ml.core.task import SageMakerTask
from constructs_ml.errors import Fault, InvalidPropsError, MissingRequirementError
from constructs_ml.lint.cdk.origin import Traced
from constructs_ml.lint.cdk.plugin import WorkflowChecks
from constructs_ml.workflow.cache import cache_states
from constructs_ml.workflow.inputs import check_inputs, checked, map_faults, publish_schema, read_faults
from constructs_ml.workflow.log_group import encryption, let_state_machine_use, workflow_log_group
from constructs_ml.workflow.order import definition_of
from constructs_ml.workflow.outer_results import outer_result_faults

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from aws_cdk import Duration, RemovalPolicy
    from aws_cdk import aws_logs as logs
    from constructs import Construct
    from typing_extensions import Self, Unpack

    from constructs_ml.asl.expressions import Language
    from constructs_ml.core.cache import Cache
    from constructs_ml.core.cdk_types import AnyKey, AnyRole
    from constructs_ml.core.execution_inputs import ExecutionInput
    from constructs_ml.workflow.options import WorkflowOptions


S = TypeVar("S", bound=sfn.State)
"""The states that an order is asked for: the keys of a mapping are of one type."""


def wrong_places(
    app: AppContext,
    definition: sfn.IChainable,
    inputs: type[ExecutionInput] | None = None,
    language: Language | None = None,
) -> list[Fault]:
    """Return the faults of the places of the jobs of a definition that was written, and of the inputs that they read there.

    Args:
        app: Where its Maps are noted.
        definition: The first state, with what follows.
        inputs: The fields of its input, if they are declared.
        language: Its query language; None for JSONPath.
    """
    faults = []
    handed_out: dict[str, list[str]] = {}
    has_maps = False
    for state, maps in _placed(app, definition.start_state, ()):
        if isinstance(state, ServiceTask):
            if isinstance(state, SageMakerTask) and state.handed_out:
                handed_out[state.state_id] = list(state.handed_out)
            found = [*place_faults(app, state.request, maps), *read_faults(state.request, maps, _name(inputs))]
        else:
            has_maps = True
            found = [*map_faults(_around(app, state), maps, inputs, language)]
        faults += [Fault(f"{state.node.id}: {fault.member}", fault.problem, fault.fix) for fault in found]
    if has_maps and handed_out:
        with rendering(language, inputs):
            reachable = sfn.State.find_reachable_states(definition.start_state, include_error_handlers=True)
            states = {state.state_id: state.to_state_json() for state in reachable}
        faults += outer_result_faults(states, handed_out, language)
    return faults


def _name(inputs: type[ExecutionInput] | None) -> str:
    return "Inputs" if inputs is None else inputs.__name__


def _placed(
    app: AppContext, start: sfn.State, maps: tuple[EnclosingMap, ...]
) -> Iterator[tuple[ServiceTask | sfn.Map | sfn.DistributedMap, tuple[EnclosingMap, ...]]]:
    """The states of this library and the Maps that a state leads to, with the Maps around each."""
    for state in sfn.State.find_reachable_states(start, include_error_handlers=True):
        around = maps
        if isinstance(state, ServiceTask):
            yield state, maps
            continue
        if isinstance(state, (sfn.Map, sfn.DistributedMap)):
            yield state, maps
            around = (*maps, _around(app, state))
        for inner in first_inside(state):
            yield from _placed(app, inner, around)


def _around(app: AppContext, state: sfn.Map | sfn.DistributedMap) -> EnclosingMap:
    known: EnclosingMap | None = app.maps.get(reference(state))
    if known is not None:
        return known
    mode = cast("Any", state)._processor_mode  # noqa: SLF001 - protected in aws-cdk-lib
    return EnclosingMap(state.node.id, distributed=mode is sfn.ProcessorMode.DISTRIBUTED)


@check_construct
class Workflow(sfn.StateMachine):
    """Defines a state machine that logs all events, is traced and runs its jobs with the least privilege.

    When it is synthesized, it is checked as a whole; see :class:`~constructs_ml.checks.WorkflowChecks`. It is a
    ``sfn.StateMachine``: ``grant_start_execution``, ``metric_failed`` and the like are its own, and any target that takes a
    state machine takes a workflow. Its jobs work in a plain ``sfn.StateMachine`` too.

    Its definition is written as for any state machine, or follows from the data, with independent jobs side by side::

        features = ml.ProcessingJob(self, "Features", image=image, outputs=["train", "test"])
        train = ml.TrainingJob(self, "Train", image=image, channels={"train": features.output("train")})
        baseline = ml.TrainingJob(self, "Baseline", image=image, channels={"train": features.output("train")})
        compare = ml.ProcessingJob(
            self, "Compare", image=image, inputs={"new": train.model_artifacts, "old": baseline.model_artifacts}
        )
        ml.Workflow.from_jobs(self, "Nightly", jobs=[features, train, baseline, compare])

    Attributes:
        jobs: The jobs of the definition, those inside Parallel and Map too.
        calls: All its states that are of this library.
        inputs: The fields of its input, if they are declared.
        log_group: Where executions are logged.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        definition: sfn.IChainable,
        cache: Cache | bool | None = None,
        comment: str | None = None,
        encryption_key: AnyKey | None = None,
        inputs: type[ExecutionInput] | None = None,
        log_group: logs.ILogGroup | None = None,
        log_level: sfn.LogLevel = sfn.LogLevel.ALL,
        log_execution_data: bool = False,
        query_language: sfn.QueryLanguage | None = None,
        removal_policy: RemovalPolicy | None = None,
        role: AnyRole | None = None,
        state_machine_name: str | None = None,
        state_machine_type: sfn.StateMachineType = sfn.StateMachineType.STANDARD,
        timeout: Duration | None = None,
        tracing_enabled: bool = True,
    ) -> None:
        """Define the workflow.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id.
            definition: Its first state, with what follows.
            cache: Whether jobs that have run with the same data, code and settings are not run again; see
                :class:`~constructs_ml.Cache`. It is for the jobs that have none of their own. Default: jobs always run.
            comment: A description.
            encryption_key: Encrypts the definition, the executions and the log. Default: AWS's own keys do.
            inputs: The fields of the execution's input: a subclass of :class:`~constructs_ml.ExecutionInput`. Default: any input
                is accepted, and not checked.
            log_group: Where executions are logged. Default: a new log group, kept a year and retained.
            log_level: The events that are logged. Default: all events.
            log_execution_data: Whether inputs and outputs of states are logged. Default: no, as they may be
                confidential.
            query_language: The query language of its states. Default: JSONPath.
            removal_policy: The fate of the state machine when it leaves the stack. Default: it is deleted.
            role: The role that it runs under. Default: a new one, allowed what the states need.
            state_machine_name: Default: CloudFormation names it.
            state_machine_type: Standard, or Express if no state waits: Express has no ``.sync``, and ends after 5 minutes.
            timeout: The maximum duration of an execution. Default: no limit.
            tracing_enabled: Whether X-Ray traces executions. Default: yes.

        Raises:
            InvalidPropsError: If an Express workflow has a state that waits, for a job, a deployment or an approval, or a
                state cannot be written in the query language.
        """
        check_inputs(scope, construct_id, inputs)
        if cache:
            cache_states(cache, [definition.start_state], context_of(scope).path_of(construct_id))
        if inputs is not None:
            definition = checked(scope, construct_id, inputs, definition)
        self.inputs = inputs
        self.log_group = log_group or workflow_log_group(scope, f"{construct_id}Logs", encryption_key)
        with rendering(language_of(query_language), inputs) as definition_written:
            super().__init__(
                scope,
                construct_id,
                comment=comment,
                definition_body=sfn.DefinitionBody.from_chainable(definition),
                encryption_configuration=encryption(encryption_key),
                logs=sfn.LogOptions(
                    destination=self.log_group, include_execution_data=log_execution_data, level=log_level
                ),
                query_language=query_language,
                removal_policy=removal_policy,
                role=role and granted_role(context_of(scope), role),
                state_machine_name=state_machine_name,
                state_machine_type=state_machine_type,
                timeout=timeout,
                tracing_enabled=tracing_enabled,
            )
        self.calls: tuple[ServiceTask, ...] = tuple(cast("list[ServiceTask]", definition_written.calls))
        app = known_context(scope) or app_context(self.node.scopes)
        needed = self.calls or inputs is not None
        if needed and (faults := wrong_places(app, definition, inputs, language_of(query_language))):
            raise InvalidPropsError(self.node.path, faults)
        self.jobs: tuple[Job, ...] = tuple(call for call in self.calls if isinstance(call, Job))
        report_machine(self, (item for call in self.calls if call.policies for item in call.policies.plain))
        if inputs is not None:
            publish_schema(self, inputs)
        if encryption_key is not None:
            let_state_machine_use(encryption_key, self)
        resource = cast("sfn.CfnStateMachine", self.node.default_child)
        policies = dict.fromkeys(cast("Any", call)._role_policy for call in self.calls)  # noqa: SLF001 - of this library
        for policy in filter(None, policies):
            # `add_dependency` is its name up to aws-cdk-lib 2.261, and deprecated later.
            getattr(resource, "add_resource_dependency", resource.add_dependency)(policy)
        for deployment in dict.fromkeys(each for call in self.calls for each in call.code_deployments):
            self.node.add_dependency(deployment)
        acknowledge_findings(self, {"IAMNoInlinePolicy": OF_ONE_ROLE})
        acknowledge_wildcards(
            self, lambda: ("*", *(names for call in self.calls for names in call.state_machine_resources))
        )
        if state_machine_type is sfn.StateMachineType.EXPRESS:
            self._refuse_waiting()
        WorkflowChecks.of(self)
        # What is found names the states' constructs, and the lines that they were written in.
        app.traced.append(Traced(self, definition.start_state, users_line()))

    @classmethod
    def from_jobs(
        cls,
        scope: Construct,
        construct_id: str,
        *,
        jobs: Sequence[sfn.State],
        after: Mapping[S, Sequence[sfn.State]] | None = None,
        **props: Unpack[WorkflowOptions],
    ) -> Self:
        """Define a workflow whose order follows from the data: a job runs after those whose output or result it reads.

        Jobs that need nothing of each other run side by side, in Parallels that pass on the results of all their branches, each
        under its job's name as in a chain. States keep their names, whichever others are added; a Parallel is named after the
        first jobs of its first two branches: ``Train and Baseline``.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id.
            jobs: Jobs and other steps, each of one state without a next one. Their order in the list does not matter to data;
                it is that of the branches.
            after: The jobs that have to end before another starts, though it reads nothing of them: ``{deploy: [evaluate]}``.
            props: The props of a workflow, apart from its definition.

        Raises:
            InvalidPropsError: If jobs wait for each other, read what none of them writes but another job of the stack does, or
                cannot be part of an order; it names them.
        """
        check_inputs(scope, construct_id, props.get("inputs"))
        states = [job for job in jobs if isinstance(job, sfn.State)] if isinstance(jobs, (list, tuple)) else []
        cache_states(props.get("cache") or False, states, context_of(scope).path_of(construct_id))
        definition = definition_of(
            scope,
            construct_id,
            jobs,
            {} if after is None else after,
            query_language=props.get("query_language"),
            inputs=props.get("inputs"),
        )
        return cls(scope, construct_id, definition=definition, **props)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:  # noqa: ANN401 - what a notebook includes or excludes
        """Return its picture, which a notebook shows; its text if the extra ``insight`` is not installed."""
        text = {"text/plain": repr(self)}
        try:
            # By name: constructs do not depend on pictures.
            svg = import_module("constructs_ml.insight").draw(self).svg
        except MissingRequirementError:
            return text
        return {"image/svg+xml": svg, **text}

    def _refuse_waiting(self) -> None:
        fix = "make it STANDARD, or pass wait_for_completion=False where the state takes it"
        faults = [
            Fault("state_machine_type", f"must be STANDARD, got EXPRESS, as {call.node.id} waits", fix)
            for call in self.calls
            if call.waits
        ]
        if faults:
            raise InvalidPropsError(self.node.path, faults)
