"""The base of the states of this library: a call of a service with permissions and retries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.asl.retry import Retrier
from constructs_ml.core.native_task import NativeTask
from constructs_ml.core.prop_checks import check_method

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import Duration, TagManager
    from aws_cdk import aws_iam as iam
    from constructs import IConstruct, IDependable
    from typing_extensions import Self

    from constructs_ml.asl.expressions import Format, Runtime
    from constructs_ml.core.native_task import Policies
    from constructs_ml.core.tree_tags import TreeTags


class ServiceTask(NativeTask):
    """A call of a service as a state: with permissions for the state machine and retries.

    Attributes:
        waits: Whether the state waits for what it starts to end.
        code_deployments: The deployment of the stack's code into its own bucket, if there is one.
        result_key: The member that its result is added under, where its output alone does not tell; empty if it does.
    """

    is_part = False
    tree_tags: TreeTags | None = None
    waits = False
    result_key = ""
    code_deployments: Sequence[IConstruct] = ()
    _role_policy: iam.CfnPolicy | None = None
    _policies: Policies | None = None
    _added_retries: list[Retrier]

    @check_method
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
        """Retries errors, in the place of the retry policy's entries for them; see ``sfn.TaskStateBase.add_retry``.

        Retrying ``States.TaskFailed`` or ``States.ALL`` is for what the policy does not name.

        Args:
            backoff_rate: The factor from one wait to the next. Default: 2.
            errors: The names of the errors. Default: all.
            interval: The first wait. Default: 1 second.
            jitter_strategy: ``sfn.JitterType.FULL`` for waits that are drawn at random. Default: they are not.
            max_attempts: The number of retries. Default: 3.
            max_delay: The longest wait. Default: none.

        Raises:
            InvalidPropsError: If an error is the cause of a job's failure, and the retry policy does not distinguish
            causes.
        """
        self._check_error_names("add_retry", errors or ())
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

    def move_places(self, places: Mapping[Format, str | Runtime]) -> None:
        """Replace places in the request, before the state is written.

        Args:
            places: The new places by the old ones.
        """

    def _check_error_names(self, member: str, errors: Sequence[str]) -> None:
        """Refuse error names that the state never fails with; jobs know some."""

    @property
    def role_policy(self) -> IDependable | None:
        """The policy of the role that is passed to SageMaker, if the library derives it.

        What makes the call should depend on it, so that an execution right after the deployment has its permissions: a
        :class:`~constructs_ml.Workflow` does, a ``sfn.StateMachine`` by ``machine.node.add_dependency(job.role_policy)``.
        """
        return None if self._role_policy is None else self._role_policy.node.scope

    @property
    def policies(self) -> Policies | None:
        """The statements of the state machine's role for this state."""
        return self._policies

    @property
    def _task_policies(self) -> list[iam.PolicyStatement] | None:
        return self._policies.statements if self._policies else None

    @property
    def _cdk_tag_manager(self) -> TagManager | None:
        return None if self.tree_tags is None else self.tree_tags.manager

    @property
    def state_machine_resources(self) -> tuple[str, ...]:
        """The ARNs that the role of the state machine is granted for this state."""
        return self._policies.resources if self._policies else ()
