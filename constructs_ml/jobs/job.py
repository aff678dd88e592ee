"""What every job is: a native task state with a request, a role, a retry policy and a result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsii
from aws_cdk import Annotations
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.access.job_role import job_statements
from constructs_ml.asl.expressions import Format, Language, render
from constructs_ml.asl.retry import Retrier, render_retry
from constructs_ml.errors import Fault, InvalidPropsError
from constructs_ml.jobs.connectable import connectable
from constructs_ml.jobs.home import pseudo
from constructs_ml.jobs.language import language_of, prop_faults, value_faults
from constructs_ml.jobs.native import NativeTask
from constructs_ml.jobs.permissions import run_job_policies
from constructs_ml.jobs.role import permissions_for
from constructs_ml.sagemaker.result import UnknownMemberError, check_value, result_shape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import Duration
    from aws_cdk import aws_ec2 as ec2
    from typing_extensions import Self

    from constructs_ml.jobs.draft import Draft
    from constructs_ml.sagemaker.kinds import JobKind

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

rendered: list[list[Job]] = []
"""The jobs of the workflows that are being defined, the innermost last; see :class:`constructs_ml.Workflow`."""


@connectable
@jsii.implements(iam.IGrantable)
class Job(NativeTask):
    """A SageMaker job as a state of a workflow.

    It chains, catches, retries and sits in Parallel and Map like any task of aws-cdk-lib, in a
    :class:`~constructs_ml.Workflow` or a plain ``sfn.StateMachine``.

    Attributes:
        kind: The kind of job.
        job_name_prefix: What the names of this job start with, at every attempt.
        waits: Whether the state waits for the job to end.
        role: The role that the job runs under.
        role_policy: What that role may do. What starts the job should depend on it: a :class:`~constructs_ml.Workflow`
            does, so that an execution right after the deployment has its permissions.
    """

    kind: JobKind

    def __init__(self, draft: Draft, request: Mapping[str, Any]) -> None:
        """Makes the state of a draft; subclasses call it with the members of the request that are their own."""
        permissions = permissions_for(draft.home, draft.props.get("role"))
        name = draft.job_name()
        complete, warnings = draft.finish({self.kind.name_member: name, **request, "RoleArn": permissions.role_arn})
        state = {key: draft.props[key] for key in STATE_PROPS if key in draft.props}  # type: ignore[literal-required]
        super().__init__(
            draft.scope,
            draft.construct_id,
            query_language=draft.either("query_language", None),
            outputs=draft.props.get("state_output"),
            **state,
        )
        permissions.allow(job_statements(draft.access, draft.home.of_stack.place))
        self.role = permissions.role
        self.role_policy = permissions.policy
        self.waits = draft.wait
        self._path = draft.faults.path
        self._request = complete
        self._fixed_language = draft.language
        self._props = draft.props
        self._result = draft.result_plan()
        self._retry_policy = draft.retry
        self._added_retries: list[Retrier] = []
        self._compared = False
        self._network = draft.network
        self.job_name_prefix = _known_start(name, draft)
        pattern = self._names_pattern(draft, warnings)
        self._policies = run_job_policies(draft.home, self.kind, pattern, permissions.role_arn, wait=draft.wait)
        for number, warning in enumerate(warnings):
            Annotations.of(self).add_warning_v2(f"constructs-ml:{self.kind.value}Job:{number}", warning)

    # What the states after it can use ----------------------------------------------------------------------------

    def result(self, member: str) -> str:
        """A member of the job's result, for the states after it.

        Args:
            member: A path into the response of the Describe call, such as ``ModelArtifacts.S3ModelArtifacts``; checked
                against its shape.

        Returns:
            A JsonPath token, or a JSONata expression if that is the job's query language.

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

    def status_is(self, *statuses: str) -> sfn.Condition:
        """A condition for a Choice after the job: it ended with one of these statuses.

        Args:
            statuses: Such as ``Completed``.

        Raises:
            InvalidPropsError: If a job of this kind never has such a status, or the state does not wait for it.
        """
        member = self.kind.status_member
        if not statuses:
            raise InvalidPropsError(self._path, [Fault("status_is", "needs a status, got none", "pass 'Completed'")])
        path = self._refer(member)
        for status in statuses:
            self._check(member, status)
        if self._language is Language.JSONATA:
            tests = " or ".join(f"{self._result.jsonata(path)} = '{status}'" for status in statuses)
            return sfn.Condition.jsonata(f"{{% {tests} %}}")
        self._compared = True
        conditions = [sfn.Condition.string_equals(self._result.jsonpath(path), status) for status in statuses]
        return conditions[0] if len(conditions) == 1 else sfn.Condition.or_(*conditions)

    @property
    def name_filter(self) -> str | dict[str, str] | None:
        """What an event pattern matches this job's name with; None if nothing is known of the name."""
        name = self._request[self.kind.name_member]
        if isinstance(name, str):
            return name
        return {"prefix": self.job_name_prefix} if self.job_name_prefix else None

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

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """Grants to the job are grants to its role: ``table.grant_read_data(job)``."""
        return self.role.grant_principal

    @property
    def connections(self) -> ec2.Connections:
        """The job's security groups: ``database.connections.allow_default_port_from(job)``.

        Raises:
            InvalidPropsError: If the job does not run in a VPC.
        """
        from aws_cdk import aws_ec2 as ec2

        if self._network is None:
            raise InvalidPropsError(self._path, [Fault("connections", "needs a vpc, got none", "pass vpc=")])
        return ec2.Connections(security_groups=list(self._network.groups))

    def _render_task(self, top_level_query_language: Any = None) -> Mapping[str, Any]:  # noqa: ANN401 - from jsii
        if rendered:
            rendered[-1].append(self)
        chosen = self._fixed_language or language_of(top_level_query_language) or Language.JSONPATH
        self._check_language(chosen)
        self._result.sealed = True
        jsonata = chosen is Language.JSONATA
        suffix = ".sync" if self.waits else ""
        state: dict[str, Any] = {
            "Resource": f"arn:{pseudo('PARTITION')}:states:::sagemaker:{self.kind.integration}{suffix}",
            "Arguments" if jsonata else "Parameters": self._written(chosen),
        }
        if self._props.get("state_output") is None:
            state.update(self._result.render(chosen))
        retries = render_retry(self._retry_policy, self._added_retries)
        if retries:
            state["Retry"] = retries
        return state

    @property
    def _task_policies(self) -> list[iam.PolicyStatement] | None:
        return self._policies.statements

    @property
    def state_machine_resources(self) -> tuple[str, ...]:
        """The ARNs that the role of the state machine is granted for this job."""
        return self._policies.resources

    # Inside ------------------------------------------------------------------------------------------------------

    @property
    def _language(self) -> Language:
        return self._fixed_language or Language.JSONPATH

    def _check_language(self, chosen: Language) -> None:
        """Raises what the state machine's query language makes wrong."""
        faults = prop_faults(chosen, self._props)
        if chosen is not self._language and self._compared:
            fix = "pass query_language=sfn.QueryLanguage.JSONATA to the job or to JobDefaults"
            faults.append(Fault("status_is", "was written in JSONPath, and the state machine is in JSONata", fix))
        if faults:
            raise InvalidPropsError(self._path, faults)

    def _written(self, chosen: Language) -> Any:  # noqa: ANN401 - JSON
        try:
            return render(self._request, chosen)
        except ValueError:
            raise InvalidPropsError(self._path, value_faults(chosen, self._request)) from None

    def _refer(self, member: str) -> str:
        try:
            return self._result.refer(member)
        except UnknownMemberError as error:
            raise InvalidPropsError(self._path, [Fault("result", f"cannot hand on {member!r}: {error}")]) from None

    def _check(self, member: str, value: str) -> None:
        try:
            check_value(result_shape(self.kind.integration, sync=self.waits), member, value)
        except ValueError as error:
            raise InvalidPropsError(self._path, [Fault("status_is", f"cannot hold: {error}")]) from None

    def _names_pattern(self, draft: Draft, warnings: list[str]) -> str:
        """What IAM allows the state machine to name this job."""
        given = draft.props.get("job_name")
        if given is None:
            return f"{draft.props.get('job_name_prefix', draft.home.of_stack.owner + '-')}*"
        name = self._request[self.kind.name_member]
        if isinstance(name, str):
            return name
        if not self.job_name_prefix:
            warnings.append(
                "job_name is known only at run time, so the state machine may run any job; pass job_name_prefix"
            )
        return f"{self.job_name_prefix}*"


def _known_start(name: Any, draft: Draft) -> str:  # noqa: ANN401 - a text or a runtime value
    given = draft.props.get("job_name_prefix")
    if given is not None:
        return given
    start = name.parts[0] if isinstance(name, Format) else name
    return start if isinstance(start, str) else ""
