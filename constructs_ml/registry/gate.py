"""A gate that a model package has to be approved to pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Duration
from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.access.resources import call_statement
from constructs_ml.asl.expressions import Language
from constructs_ml.asl.polling import Polling, braced, operand
from constructs_ml.asl.retry import RetryPolicy
from constructs_ml.errors import Fault, InvalidPropsError
from constructs_ml.jobs.composite import Composite, CompositeProps, name_faults
from constructs_ml.jobs.home import home_of
from constructs_ml.jobs.sdk_call import SdkCall
from constructs_ml.registry.packages import package_arns, package_reference
from constructs_ml.sagemaker.near import did_you_mean

if TYPE_CHECKING:
    from constructs import Construct
    from typing_extensions import Unpack

    from constructs_ml.registry.group import ModelPackageGroup
    from constructs_ml.registry.register import RegisterModel

REJECTED = "ModelRejected"
FAILED = "ModelPackageFailed"
TIMED_OUT = "ModelApprovalTimedOut"
STATUSES = ("Approved", "Rejected")

SHORTEST_WAIT, LONGEST_WAIT = 30, 900
EVENTS_A_ROUND, MOST_EVENTS = 9, 20_000


class ModelApprovalGate(Composite):
    """Defines a state that waits until somebody approves a model package.

    ::

        gate = ml.ModelApprovalGate(self, "Approval", package=register, timeout=Duration.days(7))
        register.next(gate).next(deploy)

    If the package is rejected, the state fails with ``ModelRejected``; with ``fails_on_rejection=False`` it goes on, for a
    Choice to decide::

        gate.next(sfn.Choice(self, "Approved?").when(gate.status_is("Approved"), deploy).otherwise(tell))

    It fails with ``ModelPackageFailed`` if the package cannot be used, and with ``ModelApprovalTimedOut`` at the deadline.
    It asks at once, after half a minute, and then after half of the time that has passed, at most every
    ``longest_wait``: a week takes about 2,000 state transitions, a day 300.

    It is a Parallel with one branch, so that it chains, catches and retries. Its result is the package's ARN and approval
    status. Source: the DescribeModelPackage API.
    """

    members = ("ModelPackageArn", "ModelApprovalStatus")

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
        **props: Unpack[CompositeProps],
    ) -> None:
        """Defines the gate.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id, and the name of its state.
            package: A ``RegisterModel`` state, or a package's ARN.
            fails_on_rejection: Whether a rejection fails the state.
            timeout: How long to wait. Default: 7 days.
            longest_wait: How long after the approval the state may go on. Default: 15 minutes.
            group: The package's group, where its ARN is known only at run time: it says what the state machine may look
                at. Default: any package.
            props: What all such states take.

        Raises:
            InvalidPropsError: If anything is wrong; it lists all of it.
        """
        home = home_of(scope)
        faults = name_faults(home, construct_id, props)
        limit = int((timeout or Duration.days(7)).to_seconds())
        longest = int((longest_wait or Duration.seconds(LONGEST_WAIT)).to_seconds())
        if longest < SHORTEST_WAIT:
            faults.add("longest_wait", f"must be at least {SHORTEST_WAIT} s, got {longest} s", "leave it out")
        elif limit / longest * EVENTS_A_ROUND > MOST_EVENTS:
            problem = f"makes more events in {limit} s than the 25,000 that an execution may have, got {longest} s"
            faults.add("longest_wait", problem, "make it longer, or the timeout shorter")
        if limit < SHORTEST_WAIT:
            faults.add("timeout", f"must be at least {SHORTEST_WAIT} s, got {limit} s", "pass Duration.days(7)")
        reference = package_reference(package)
        try:
            arn = operand(reference)
        except ValueError as error:
            faults.add("package", f"cannot be written in JSONata, in which the gate is: {error}")
            arn = ""
        faults.raise_if_any()
        super().__init__(scope, construct_id, props)
        self._goes_on = STATUSES if not fails_on_rejection else STATUSES[:1]
        polling = Polling(self._name, limit, SHORTEST_WAIT, longest)
        look = SdkCall(
            self,
            "Look",
            "DescribeModelPackage",
            {"ModelPackageName": reference if isinstance(reference, str) else braced(arn)},
            statements=[call_statement(("DescribeModelPackage",), package_arns(home.of_stack.place, package, group))],
            state_name=self._inner_name("look"),
            query_language=sfn.QueryLanguage.JSONATA,
            retry=props.get("retry", RetryPolicy.default()),
            state_output=polling.keep(
                Since=polling.since,
                ModelPackageArn="$states.result.ModelPackageArn",
                ModelPackageStatus="$states.result.ModelPackageStatus",
                ModelApprovalStatus="$states.result.ModelApprovalStatus",
                ApprovalDescription="$states.result.ApprovalDescription",
            ),
        )
        self.branch(look.next(self._decide(polling, look)))

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
        if self._fixed_language is Language.JSONATA:
            value = self._jsonata("ModelApprovalStatus")
            return sfn.Condition.jsonata(braced(" or ".join(f"{value} = '{status}'" for status in statuses)))
        path = self.path_to("ModelApprovalStatus")
        conditions = [sfn.Condition.string_equals(path, status) for status in statuses]
        return conditions[0] if len(conditions) == 1 else sfn.Condition.or_(*conditions)

    def _decide(self, polling: Polling, look: SdkCall) -> sfn.Choice:
        here = polling.here
        done = self._done("Done", "decided", here)
        package = f"'Model package ' & {here}.ModelPackageArn"
        why = f"($exists({here}.ApprovalDescription) ? ': ' & {here}.ApprovalDescription : '')"
        rejected = done
        if "Rejected" not in self._goes_on:
            rejected = self._fail("Rejected", "rejected", REJECTED, f"{package} & ' was rejected' & {why}")  # type: ignore[assignment] # either is a state
        failed = self._fail("Failed", "failed", FAILED, f"{package} & ' is ' & {here}.ModelPackageStatus")
        timed_out = self._fail(
            "TimedOut", "timed out", TIMED_OUT, f"{package} & ' was not approved in {polling.timeout} s'"
        )
        wait = self._wait("Wait", "wait", polling.seconds)
        wait.next(look)
        approval, status = f"{here}.ModelApprovalStatus", f"{here}.ModelPackageStatus"
        choice = self._choice("Decided", "decided?")
        choice.when(_if(f"{status} in ['Failed', 'Deleting']"), failed)
        choice.when(_if(f"{approval} = 'Approved' and {status} = 'Completed'"), done)
        choice.when(_if(f"{approval} = 'Rejected'"), rejected)
        return choice.when(_if(polling.late), timed_out).otherwise(wait)


def _if(expression: str) -> sfn.Condition:
    return sfn.Condition.jsonata(braced(expression))
