"""What every job is: a call with a name that is new at every attempt, a status and, for most, a role of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsii
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.access.job_role import job_statements
from constructs_ml.asl.expressions import Format, Language
from constructs_ml.errors import Fault, InvalidPropsError
from constructs_ml.jobs.call import SageMakerCall
from constructs_ml.jobs.connectable import connectable
from constructs_ml.jobs.job_draft import JobDraft
from constructs_ml.jobs.permissions import run_job_policies
from constructs_ml.jobs.request import passed_role
from constructs_ml.jobs.resource_props import JobRequestProps
from constructs_ml.jobs.role import permissions_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_ec2 as ec2
    from constructs import Construct

    from constructs_ml.jobs.network import Network
    from constructs_ml.sagemaker.kinds import JobKind


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
        self.job_name_prefix = _known_start(name, draft)
        self._policies = run_job_policies(draft.home, self.kind, self._names_pattern(draft), role_arn, wait=draft.wait)

    def _start_from(
        self, scope: Construct, construct_id: str, request: Mapping[str, Any], props: Mapping[str, Any]
    ) -> None:
        given = dict(request)
        name = given.pop(self.kind.name_member, None)
        named = props if name is None else {**props, "job_name": name}
        draft = JobDraft(self.kind, scope, construct_id, named, known=JobRequestProps)
        Job.__init__(self, draft, given, role_arn=passed_role(draft, given, self._role_member))

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

    def _names_pattern(self, draft: JobDraft) -> str:
        """What IAM allows the state machine to name this job."""
        given = draft.props.get("job_name")
        if given is None:
            return f"{draft.props.get('job_name_prefix', draft.home.of_stack.owner + '-')}*"
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
