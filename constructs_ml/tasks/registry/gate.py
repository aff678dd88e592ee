"""A gate that a model package has to be approved to pass."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from aws_cdk import Duration

from constructs_ml.asl.expressions import because, braced, one_of
from constructs_ml.asl.polling import FOUND, LONGEST_WAIT, MOST_POLLS, Failure, PollSchedule, PollSpec
from constructs_ml.core.permissions import policies_of
from constructs_ml.core.polling_task import (
    GeneratedNames,
    PollingProps,
    PollingTask,
    check_looking_name,
    retry_of_looks,
)
from constructs_ml.core.requests import known_seconds
from constructs_ml.core.spec import SDK, TaskSpec
from constructs_ml.errors import Fault, InvalidPropsError
from constructs_ml.iam.resources import call_statement
from constructs_ml.spelling import did_you_mean
from constructs_ml.tasks.registry.approval import package_arns, package_reference

if TYPE_CHECKING:
    from aws_cdk import aws_stepfunctions as sfn
    from constructs import Construct
    from typing_extensions import Unpack

    from constructs_ml.tasks.registry.group import ModelPackageGroup
    from constructs_ml.tasks.registry.register import RegisterModel

REJECTED = "ModelRejected"
FAILED = "ModelPackageFailed"
TIMED_OUT = "ModelApprovalTimedOut"
STATUSES = ("Approved", "Rejected")
USABLE = ("Pending", "InProgress", "Completed")

SHORTEST_WAIT = 30


class ModelApprovalGate(PollingTask):
    """Defines a state that waits until somebody approves a model package.

    ::

        gate = ml.ModelApprovalGate(self, "Approval", package=register, timeout=Duration.days(7))
        register.next(gate).next(deploy)

    If the package is rejected, the state fails with ``ModelRejected``; with ``fails_on_rejection=False`` it goes on, for a
    Choice to decide::

        gate.next(sfn.Choice(self, "Approved?").when(gate.status_is("Approved"), deploy).otherwise(tell))

    It fails with ``ModelPackageFailed`` if the package cannot be used, and with ``ModelApprovalTimedOut`` at the deadline.
    It asks at once, after half a minute, and then at intervals that grow to ``longest_wait``: a week takes about 2,000 state
    transitions, a day 300.

    Its result is that of DescribeModelPackage: by default the package's ARN and approval status. Source: the
    DescribeModelPackage API.
    """

    describes = "DescribeModelPackage"
    summary = ("ModelPackageArn", "ModelApprovalStatus")
    present = summary

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        package: RegisterModel | str,
        fails_on_rejection: bool = True,
        timeout: Duration | None = None,
        longest_wait: Duration | None = None,
        group: ModelPackageGroup | str | None = None,
        **props: Unpack[PollingProps],
    ) -> None:
        """Define the gate.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id, and the name of its state.
            package: A ``RegisterModel`` state, or a package's ARN.
            fails_on_rejection: Whether a rejection fails the state.
            timeout: How long to wait. Default: 7 days.
            longest_wait: How long after the approval the state may go on. Default: 15 minutes.
            group: The package's group, where its ARN is known only at run time: it says what the state machine may look
                at. Default: any package.
            props: The props of all such states.

        Raises:
            InvalidPropsError: If anything is wrong; it lists all of it.
        """
        spec = TaskSpec(self.describes, scope, construct_id, props, known=PollingProps, service=SDK)
        spec.wait = True
        check_looking_name(spec)
        pace = _pace(timeout or Duration.days(7), longest_wait, spec)
        drawn = GeneratedNames(spec)
        spec.members["ModelPackageName"] = "package"
        super().__init__(spec, {"ModelPackageName": drawn.keep("package", package_reference(package), "package")})
        self._use(spec, drawn, pace)
        self._retry_of_looks = retry_of_looks(spec)
        self._goes_on = STATUSES if not fails_on_rejection else STATUSES[:1]
        arns = package_arns(spec.context.of_stack.place, package, group)
        self._policies = policies_of(spec.context, [call_statement((self.describes,), arns)], spec.faults.path)

    def status_is(self, *statuses: str) -> sfn.Condition:
        """A condition for a Choice after the gate: the package has one of these approval statuses.

        Args:
            statuses: ``Approved``, or ``Rejected`` if the gate goes on after a rejection.

        Raises:
            InvalidPropsError: If the gate never goes on with such a status.
        """
        for status in statuses or ("",):
            if status not in self._goes_on:
                hint = did_you_mean(status, self._goes_on)
                problem = f"cannot hold: the gate goes on with {' or '.join(self._goes_on)}, got {status!r}{hint}"
                fix = "pass fails_on_rejection=False" if status in STATUSES else ""
                raise InvalidPropsError(self._path, [Fault("status_is", problem, fix)])
        return self._is_one_of(self._refer("ModelApprovalStatus"), statuses)

    def _wait_for(self) -> PollSpec:
        approval, status = f"{FOUND}.ModelApprovalStatus", f"{FOUND}.ModelPackageStatus"
        usable = one_of(status, USABLE)
        rejected = f"{approval} = 'Rejected' and {usable}"
        approved = f"{approval} = 'Approved' and {status} = 'Completed'"
        fails = "Rejected" not in self._goes_on
        package = f"'Model package ' & {FOUND}.ModelPackageArn"
        failures = {
            "failed": Failure(FAILED, braced(f"{package} & ' is ' & {status}")),
            "late": Failure(TIMED_OUT, braced(f"{package} & ' was not approved in {self._pace.deadline} s'")),
        }
        if fails:
            why = f"{package} & ' was rejected' & {because(f'{FOUND}.ApprovalDescription')}"
            failures["rejected"] = Failure(REJECTED, braced(why))
        return PollSpec(
            resource=self._resource,
            arguments=self._request,
            ends={"done": approved, "rejected": rejected} if fails else {"done": f"({approved}) or ({rejected})"},
            running=usable,
            failures=failures,
            pace=self._pace,
            retry=self._retry_of_looks,
        )


def _pace(timeout: Duration, longest_wait: Duration | None, spec: TaskSpec) -> PollSchedule:
    limit = math.ceil(known_seconds(timeout, "timeout", spec.faults, instead=LONGEST_WAIT))
    longest = LONGEST_WAIT
    if longest_wait is not None:
        longest = math.ceil(known_seconds(longest_wait, "longest_wait", spec.faults, instead=LONGEST_WAIT))
    if longest < SHORTEST_WAIT:
        spec.faults.add("longest_wait", f"must be at least {SHORTEST_WAIT} s, got {longest} s", "leave it out")
    elif PollSchedule(limit, SHORTEST_WAIT, longest).polls > MOST_POLLS:
        problem = f"makes more events in {limit} s than the 25,000 that an execution may have, got {longest} s"
        spec.faults.add("longest_wait", problem, "make it longer, or the timeout shorter")
    if limit < SHORTEST_WAIT:
        spec.faults.add("timeout", f"must be at least {SHORTEST_WAIT} s, got {limit} s", "pass Duration.days(7)")
    return PollSchedule(limit, SHORTEST_WAIT, longest)
