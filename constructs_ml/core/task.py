"""The base of every state of this library: a call of SageMaker's API with a checked request, a result and a retry policy."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.asl.expressions import Format, Language, Runtime, moved, render
from constructs_ml.asl.literals import jsonata_name, member_path
from constructs_ml.asl.metric_files import NUMBER
from constructs_ml.asl.retry import Retrier, render_retry
from constructs_ml.core.context import context_of, pseudo
from constructs_ml.core.execution_inputs import inputs_faults
from constructs_ml.core.execution_role import permissions_for
from constructs_ml.core.metric import Metric
from constructs_ml.core.native_task import NativeTask, users_line
from constructs_ml.core.prop_checks import check_method, check_props_of
from constructs_ml.core.prop_types import listed
from constructs_ml.core.query_language import in_jsonata, language_of, metric_faults, prop_faults, value_faults
from constructs_ml.core.rendering import current_rendering
from constructs_ml.core.result import METRICS
from constructs_ml.core.review import review
from constructs_ml.core.service_task import ServiceTask
from constructs_ml.core.suppressions import warn
from constructs_ml.core.tree_tags import tree_tags_of
from constructs_ml.core.values import parse_runtime_values
from constructs_ml.errors import Fault, InvalidPropsError
from constructs_ml.sagemaker.result import UnknownMemberError, check_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct
    from typing_extensions import Self, Unpack

    from constructs_ml.core.defaults import PolicySubject
    from constructs_ml.core.native_task import Policies
    from constructs_ml.core.props import RequestProps
    from constructs_ml.core.requests import Whole
    from constructs_ml.core.spec import Policy, TaskSpec


C = TypeVar("C", bound="NativeTask")


def without_constructor(cls: type[C], path: str, by: str) -> C:
    """Return a state of a class that is still to be made, by another way than its constructor.

    Args:
        cls: The class, or a user's subclass of one.
        path: Where the state will be.
        by: The class method that makes it.

    Raises:
        InvalidPropsError: If a constructor of the user's would be left out, with what it asks of all states.
    """
    for base in cls.__mro__:
        if base.__module__.startswith("constructs_ml."):
            break
        if "__init__" in vars(base) and "apply_policy" not in vars(base):
            problem = f"would leave out what {base.__name__}.__init__ does"
            fix = f"move it to {base.__name__}.apply_policy(cls, spec) or to JobDefaults(policy=...), which every way calls"
            raise InvalidPropsError(path, [Fault(by, problem, fix)])
    return cls.__new__(cls)


def adapter(name: str) -> Any:  # noqa: ANN401 - a module
    """Return a module of ``sdk``, which makes states of the SDK's objects.

    It is the one arrow to ``sdk``, and a dynamic one: it is looked up when it is used, as ``sdk`` imports all jobs.
    """
    return import_module(f"constructs_ml.sdk.{name}")


def with_tags(path: str, request: Mapping[str, Any], tags: Mapping[str, str] | Whole | None) -> Mapping[str, Any]:
    """A request with the tags that are passed separately.

    Raises:
        InvalidPropsError: If it is not a mapping, or has tags of its own.
    """
    if not isinstance(request, Mapping):
        problem = f"must be a mapping of the API's members, got {type(request).__name__}"
        fix = "read it with json.loads" if isinstance(request, str) else ""
        raise InvalidPropsError(path, [Fault("request", problem, fix)])
    if not tags:
        return request
    if request.get("Tags") is not None:
        raise InvalidPropsError(path, [Fault("tags", "are in the request already", "leave them out there, or here")])
    listed = [{"Key": key, "Value": tags[key]} for key in sorted(tags)] if isinstance(tags, Mapping) else tags
    return {**request, "Tags": listed}


def passed_role(spec: TaskSpec, request: dict[str, Any], member: str | None) -> str | None:
    """The role that the state machine passes to SageMaker; where the request lacks one, it is filled in.

    Args:
        spec: The state's props.
        request: Its request.
        member: The member that holds the role; None if the operation takes none.
    """
    role = spec.props.get("role")
    if member is None:
        return None if role is None else str(role.role_arn)
    named = parse_runtime_values(request.get(member))
    if named is None:
        spec.permissions = permissions_for(spec.context, role)
        request[member] = spec.permissions.role_arn
        return spec.permissions.role_arn
    if not isinstance(named, Runtime):
        return str(named)
    if role is None:
        spec.faults.add(
            member,
            "is known only at run time, so the state machine cannot be allowed to pass the role to SageMaker",
            "pass role=, the role that it may be",
        )
        return None
    return str(role.role_arn)


def _policy_of(cls: type[SageMakerTask], scope: Construct) -> Policy | None:
    """Return what a class asks of all its states, and of a part of another state what the class of that asks; None if nothing."""
    own = _own_policy(cls)
    whole = _own_policy(type(scope)) if isinstance(scope, SageMakerTask) else None
    if own is None or whole is None:
        return own or whole

    def both(spec: PolicySubject) -> None:
        own(spec)
        whole(spec)

    return both


def _own_policy(cls: type[SageMakerTask]) -> Policy | None:
    asks = getattr(cls.apply_policy, "__func__", None) is not getattr(SageMakerTask.apply_policy, "__func__", None)
    return cls.apply_policy if asks else None


class SageMakerTask(ServiceTask):
    """A call of SageMaker's API as a state of a workflow.

    It chains, catches, retries and sits in Parallel and Map like any task of aws-cdk-lib, in a
    :class:`~constructs_ml.Workflow` or a plain ``sfn.StateMachine``.

    Attributes:
        waits: Whether the state waits for what it starts to end.
    """

    def __init_subclass__(cls, **options: Any) -> None:  # noqa: ANN401 - of whatever else it derives from
        """Make the library's own states check the types of their props; a user's subclass checks its own."""
        super().__init_subclass__(**options)
        if cls.__module__.startswith("constructs_ml."):
            check_props_of(cls)

    def __init__(self, spec: TaskSpec, request: Mapping[str, Any]) -> None:
        """Make the state of a spec: the common end of every constructor, ``from_request`` and the functions of ``sdk``.

        Args:
            spec: The state's props and needs.
            request: The members of the request that are the operation's own.
        """
        complete, warnings = spec.finish(request, _policy_of(type(self), spec.scope))
        super().__init__(
            spec.scope,
            spec.construct_id,
            query_language=spec.either("query_language", None),
            **{as_cdk: listed(spec.props[name]) for name, as_cdk in spec.state_props.items() if name in spec.props},
        )
        self.made_at = users_line()
        self.waits = spec.wait
        self._role_policy = spec.role_policy
        self._spec = spec
        self._resource = f"{spec.resource}{'.sync' if spec.wait else ''}"
        self._path = spec.faults.path
        self._request = complete
        self._fixed_language = spec.language
        self._props = spec.props
        self._result = spec.result_plan()
        self._retry_policy = spec.retry
        self._added_retries: list[Retrier] = []
        self._compared = False
        self._catches_with_path: list[tuple[sfn.IChainable, Sequence[str] | None, str | None]] = []
        self._policies: Policies | None = spec.policies(complete)
        self._operation = spec.operation
        self.is_part = isinstance(spec.scope, SageMakerTask)
        self.tree_tags = tree_tags_of(self, spec)
        self.code_deployments = spec.context.of_stack.code_deployments
        review(spec.context.of_stack, self)
        for warning in warnings:
            self._warn(warning)

    @classmethod
    def apply_policy(cls, spec: PolicySubject) -> None:
        """Apply an organisation's policy to all states of a class; your subclass may override it.

        It is called for every state, however it is defined: by props, by its request or by an object of the SageMaker SDK. What
        is asked of all states below a scope is ``JobDefaults(policy=...)``.

        Args:
            spec: The state, with its request; ``spec.refuse(member, problem, fix)`` refuses it.
        """

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
        """Return the plain path of a member, for ``sfn.Condition`` and ``sfn.JsonPath``: ``$.Train.TrainingJobStatus``."""
        return self._result.jsonpath(self._refer(member))

    # As a task of aws-cdk-lib ------------------------------------------------------------------------------------

    @check_method
    def add_catch(
        self,
        handler: sfn.IChainable,
        *,
        assign: Mapping[str, Any] | None = None,
        errors: Sequence[str] | None = None,
        outputs: Any = None,  # noqa: ANN401 - JSON
        result_path: str | None = None,
    ) -> Self:
        """Continue at another state after an error; see ``sfn.TaskStateBase.add_catch``.

        With ``outputs`` the state itself has to be in JSONata: aws-cdk-lib drops them from all other states, those of a
        state machine in JSONata too::

            train = ml.TrainingJob(self, "Train", ..., query_language=sfn.QueryLanguage.JSONATA)
            train.add_catch(tell, outputs={"why": "{% $states.errorOutput.Cause %}"})

        Args:
            handler: The first state after the error.
            assign: Variables of the workflow that the Catch sets.
            errors: The names of the errors. Default: all.
            outputs: The output after an error, with JSONata expressions in it. Default: the error.
            result_path: The place in the state's input for the error. Default: the error replaces the input.

        Raises:
            InvalidPropsError: If ``outputs`` would be dropped, or an error is the cause of a job's failure, and the retry policy
                does not distinguish causes.
        """
        self._check_error_names("add_catch", errors or ())
        if outputs is not None and self._fixed_language is not Language.JSONATA:
            problem = "of a Catch would be dropped by aws-cdk-lib, as the state itself is not in JSONata"
            fix = "pass query_language=sfn.QueryLanguage.JSONATA to the state or to JobDefaults"
            raise InvalidPropsError(self._path, [Fault("outputs", problem, fix)])
        given = {"assign": assign, "errors": errors, "outputs": outputs, "result_path": result_path}
        super().add_catch(handler, **{name: listed(value) for name, value in given.items() if value is not None})
        self._catches_with_path.append((handler, errors, result_path))
        return self

    def _render_task(self, top_level_query_language: Any = None) -> Mapping[str, Any]:  # noqa: ANN401 - from jsii
        after, written = self._begin(top_level_query_language, Language.JSONATA if self._result.measured else None)
        chosen = Language.JSONATA if self._result.measured else after
        state: dict[str, Any] = {
            "Resource": self._arn,
            "Arguments" if chosen is Language.JSONATA else "Parameters": written,
        }
        if self._props.get("state_output") is None:
            state.update(self._result.render(chosen))
        if retries := self._retries():
            state["Retry"] = retries
        if self._result.measured and after is Language.JSONPATH:
            state["QueryLanguage"] = "JSONata"
            if any(path is not None for _, _, path in self._catches_with_path):
                state["Catch"] = in_jsonata(self._catches_with_path)
        return state

    def _begin(self, top_level_query_language: Any, chosen: Language | None) -> tuple[Language, Any]:  # noqa: ANN401 - from jsii, JSON
        """Begin to write the state.

        Args:
            top_level_query_language: The query language of the state machine.
            chosen: The query language of the request; None for the state's own.

        Returns:
            The query language of the states around, and the request.
        """
        definition = current_rendering()
        definition.calls.append(self)
        asked = language_of(top_level_query_language) or definition.language
        after = self._fixed_language or asked or Language.JSONPATH
        try:
            written = self._written_in(chosen or after, after)
        except InvalidPropsError as error:
            definition.error = error
            raise
        self._result.sealed = self.rendered = True
        return after, written if self.tree_tags is None else self.tree_tags.written_in(written)

    @property
    def _arn(self) -> str:
        """The resource of the Task."""
        return f"arn:{pseudo('PARTITION')}:states:::{self._resource}"

    def _retries(self) -> list[dict[str, Any]]:
        # Only jobs that Step Functions waits for can fail for one of the causes.
        return render_retry(self._retry_policy.inside(), self._added_retries)

    def move_places(self, places: Mapping[Format, str | Runtime]) -> None:
        """See :meth:`ServiceTask.move_places`."""
        self._request = moved(self._request, places)

    @property
    def handed_out(self) -> tuple[str, ...]:
        """The paths into the result that were handed out to other states."""
        return tuple(self._result.handed_out)

    @property
    def request(self) -> Mapping[str, Any]:
        """The request that the state makes, with runtime values in it."""
        return self._request

    # Inside ------------------------------------------------------------------------------------------------------

    @property
    def _language(self) -> Language:
        return self._fixed_language or Language.JSONPATH

    def _written_in(self, chosen: Language, after: Language) -> Any:  # noqa: ANN401 - JSON
        """The request in a query language; raises all that the language makes wrong, and that of the states after it."""
        # What a cached job hands on is made by the state around it, in its own language.
        faults, written = prop_faults(after if self._result.cached else chosen, self._props), None
        if chosen is not after:
            faults += metric_faults(self._props, () if self._result.cached else self._catches_with_path)
        try:
            written = render(self._request, chosen)
        except ValueError:
            faults += value_faults(chosen, self._request)
        else:
            faults += inputs_faults(written, current_rendering().inputs)
        if after is not self._language and self._compared:
            fix = "pass query_language=sfn.QueryLanguage.JSONATA to the job or to JobDefaults"
            faults.append(Fault("status_is", "is a JSONPath condition, but the state machine is in JSONata", fix))
        if faults:
            raise InvalidPropsError(self._path, faults)
        return written

    def _measured(self, name: str, key: str, expression: str) -> Metric:
        """Return a metric that the state passes on.

        Args:
            name: Its name for users.
            key: Its name in the result.
            expression: Its value, in JSONata.

        Raises:
            InvalidPropsError: If the state has another output.
        """
        others = ("input_path", "output_path", "result_path", "result_selector", "state_output")
        for other in others:
            if self._props.get(other) is not None:
                problem = f"{name!r} cannot be combined with {other}, as the state is written in JSONata to hand it on"
                raise InvalidPropsError(self._path, [Fault("metric", problem, f"leave out {other}")])
        try:
            self._result.measure(key, expression)
        except UnknownMemberError as error:
            raise InvalidPropsError(self._path, [Fault("metric", f"cannot pass on {name!r}: {error}")]) from None
        return Metric(
            name=name,
            kind=NUMBER,
            path=member_path(self._result.name, METRICS, key),
            jsonata=self._result.jsonata(f"{METRICS}.{jsonata_name(key)}"),
            language=self._language,
            owner=self._path,
            compared=self._note_comparison,
        )

    def _note_comparison(self) -> None:
        self._compared = True

    def _refer(self, member: str) -> str:
        try:
            return self._result.refer(member)
        except UnknownMemberError as error:
            raise InvalidPropsError(self._path, [Fault("result", f"cannot pass on {member!r}: {error}")]) from None

    def _is_one_of(self, path: str, values: Sequence[str]) -> sfn.Condition:
        """A condition on a path from :meth:`_refer`, for a Choice after the state."""
        if self._language is Language.JSONATA:
            tests = " or ".join(f"{self._result.jsonata(path)} = '{value}'" for value in values)
            return sfn.Condition.jsonata(f"{{% {tests} %}}")
        self._compared = True
        conditions = [sfn.Condition.string_equals(self._result.jsonpath(path), value) for value in values]
        return conditions[0] if len(conditions) == 1 else sfn.Condition.or_(*conditions)

    def _check(self, member: str, value: str) -> None:
        try:
            check_value(self._result.shape, member, value)
        except ValueError as error:
            raise InvalidPropsError(self._path, [Fault("status_is", f"cannot hold: {error}")]) from None

    def _warn(self, text: str) -> None:
        member = text.split(" ", 1)[0]
        warn(self, f"constructs-ml:{self._operation}:{member}", text)


class FromRequest(SageMakerTask):
    """A state that may be defined by its request as a whole."""

    @classmethod
    def from_request(
        cls, scope: Construct, construct_id: str, request: Mapping[str, Any], **props: Unpack[RequestProps]
    ) -> Self:
        """Define a state by its request, as the API names its members, instead of by props.

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
            props: The state's props that are not part of its request.

        Raises:
            InvalidPropsError: If anything is wrong, all of which it lists, or if the class has a constructor of the user's and
                no :meth:`apply_policy`.
        """
        path = context_of(scope).path_of(construct_id)
        state = without_constructor(cls, path, "from_request")
        state._start_from(scope, construct_id, with_tags(path, request, props.get("tags")), props)  # noqa: SLF001 - a state of this class
        return state

    def _start_from(
        self, scope: Construct, construct_id: str, request: Mapping[str, Any], props: Mapping[str, Any]
    ) -> None:
        """Make the state of a request that is passed as a whole; subclasses set their own attributes."""
        raise NotImplementedError
