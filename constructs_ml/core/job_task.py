"""What every job is: a call with a name that is new at every attempt, a status and, for most, a role of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsii
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.asl.expressions import Format
from constructs_ml.asl.retry import CAUSES, render_retry
from constructs_ml.core.execution_role import permissions_for
from constructs_ml.core.job_spec import JobDraft
from constructs_ml.core.native_task import instead_of_job_metrics
from constructs_ml.core.network import connectable
from constructs_ml.core.permissions import run_job_policies
from constructs_ml.core.props import JobRequestProps
from constructs_ml.core.request import passed_role
from constructs_ml.core.task import SageMakerCall
from constructs_ml.errors import Fault, InvalidPropsError
from constructs_ml.iam.job_role import job_statements
from constructs_ml.sagemaker.kinds import JobKind
from constructs_ml.spelling import is_near, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_ec2 as ec2
    from constructs import Construct
    from typing_extensions import Self

    from constructs_ml.core.network import Network


class Job(SageMakerCall):
    """A SageMaker job as a state of a workflow.

    Attributes:
        kind: The kind of job.
        job_name_prefix: What the names of this job start with, at every attempt.
    """

    kind: JobKind
    _role_member: str | None = None

    def __init__(self, draft: JobDraft, request: Mapping[str, Any], *, role_arn: str | None = None) -> None:
        """Makes the state of a draft; subclasses call it with the members of the request that are their own.

        Args:
            draft: The job's props and needs.
            request: The request without the job's name.
            role_arn: The role that the state machine passes to the job, if it takes one.
        """
        name = draft.job_name()
        super().__init__(draft, {self.kind.name_member: name, **request})
        self._tells_causes = draft.tells_causes
        self.job_name_prefix = _known_start(name, draft)
        self._names = self._names_pattern(draft)
        self._policies = run_job_policies(
            draft.home, self.kind, self._names, role_arn, wait=draft.wait, tags="Tags" in self._request
        )

    def _start_from(
        self, scope: Construct, construct_id: str, request: Mapping[str, Any], props: Mapping[str, Any]
    ) -> None:
        given = dict(request)
        name = given.pop(self.kind.name_member, None)
        named = props if name is None else {**props, "job_name": name}
        draft = JobDraft(self.kind, scope, construct_id, named, known=JobRequestProps)
        Job.__init__(self, draft, given, role_arn=passed_role(draft, given, self._role_member))

    def add_retry(self, *, errors: Sequence[str] | None = None, **options: Any) -> Self:  # noqa: ANN401 - of the base's
        """Retries errors, before the entries of the retry policy; see ``sfn.TaskStateBase.add_retry``.

        Raises:
            InvalidPropsError: If an error is the cause of a job's failure, and the retry policy does not tell causes.
        """
        self._refuse_causes("add_retry", errors or ())
        super().add_retry(errors=errors, **options)
        return self

    def add_catch(
        self,
        handler: sfn.IChainable,
        *,
        errors: Sequence[str] | None = None,
        **props: Any,  # noqa: ANN401
    ) -> Self:
        """Goes on elsewhere after an error; see ``sfn.TaskStateBase.add_catch``.

        Raises:
            InvalidPropsError: If an error is the cause of a job's failure, and the retry policy does not tell causes.
        """
        self._refuse_causes("add_catch", errors or ())
        super().add_catch(handler, errors=errors, **props)
        return self

    def _refuse_causes(self, member: str, errors: Sequence[str]) -> None:
        for error in errors:
            if error in CAUSES and not self._tells_causes:
                problem = f"cannot name {error}: to Step Functions every failed job is States.TaskFailed"
                raise InvalidPropsError(self._path, [Fault(member, problem, "pass retry=RetryPolicy.by_cause()")])
            if (
                self._tells_causes
                and error not in CAUSES
                and (meant := nearest(error, CAUSES))
                and is_near(error, meant[0])
            ):
                problem = f"names {error!r}, which no job fails with"
                raise InvalidPropsError(self._path, [Fault(member, problem, f"did you mean {meant[0]}?")])

    def _retries(self) -> list[dict[str, Any]]:
        return render_retry(self._retry_policy.inside(), ()) if self._tells_causes else super()._retries()

    def _render_task(self, top_level_query_language: Any = None) -> Mapping[str, Any]:  # noqa: ANN401 - from jsii
        task = dict(super()._render_task(top_level_query_language))
        if not self._tells_causes:
            return task
        from constructs_ml.asl.polling import told_apart

        around = told_apart(self.state_id, task | self._held_back("Arguments" in task))
        if retries := render_retry(self._retry_policy.around(), self._added_retries):
            around["Retry"] = retries
        return around

    def _held_back(self, jsonata: bool) -> dict[str, Any]:
        """The fields of the task itself that aws-cdk-lib would write around it."""
        out: dict[str, Any] = {}
        timeout, at = self._props.get("task_timeout"), self._props.get("result_path")
        if timeout is not None:
            in_path = timeout.path is not None and not jsonata
            out["TimeoutSecondsPath" if in_path else "TimeoutSeconds"] = timeout.path or timeout.seconds
        if at is not None:
            out["ResultPath"] = at
        if self._props.get("state_output") is not None:
            out["Output"] = self._props["state_output"]
        return out

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
        return self._is_one_of(path, statuses)

    @property
    def name_filter(self) -> str | dict[str, str] | None:
        """What an event pattern matches this job's name with; None if nothing is known of the name."""
        name = self._request[self.kind.name_member]
        if isinstance(name, str):
            return name
        return {"prefix": self.job_name_prefix} if self.job_name_prefix else None

    def _instead_of_metrics(self) -> tuple[str, str]:
        # Labeling jobs have no instances.
        namespace = None if self.kind is JobKind.LABELING else self.kind.log_group
        return instead_of_job_metrics(namespace, self.job_name_prefix)

    def _names_pattern(self, draft: JobDraft) -> str:
        """What IAM allows the state machine to name this job."""
        given = draft.props.get("job_name")
        if given is None:
            prefix = draft.props.get("job_name_prefix")
            return draft.home.of_stack.own_names if prefix is None else f"{prefix}*"
        name = self._request[self.kind.name_member]
        if isinstance(name, str):
            return name
        if not self.job_name_prefix:
            self._warn("job_name is known only at run time, so the state machine may run any job; pass job_name_prefix")
        return f"{self.job_name_prefix}*"


@connectable
@jsii.implements(iam.IGrantable)
class RoleJob(Job):
    """A job that runs under a role.

    Attributes:
        role: The role that the job runs under.
    """

    _role_member = "RoleArn"
    _network: Network | None = None

    def __init__(self, draft: JobDraft, request: Mapping[str, Any]) -> None:
        """Makes the state of a draft, with the role that its stack's jobs share or the one that it asks for."""
        permissions = permissions_for(draft.home, draft.props.get("role"))
        super().__init__(draft, self._under(request, permissions.role_arn), role_arn=permissions.role_arn)
        permissions.allow(job_statements(draft.access, draft.home.of_stack.place))
        self.role = permissions.role
        self.role_policy = permissions.policy
        self._network = draft.network

    @classmethod
    def _under(cls, request: Mapping[str, Any], role_arn: str) -> dict[str, Any]:
        """The request with the role that the job runs under, where the API has it."""
        return {**request, "RoleArn": role_arn}

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


def _known_start(name: Any, draft: JobDraft) -> str:  # noqa: ANN401 - a text or a runtime value
    given = draft.props.get("job_name_prefix")
    if given is not None:
        return str(given)
    start = name.parts[0] if isinstance(name, Format) else name
    return start if isinstance(start, str) else ""
