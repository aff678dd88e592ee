"""Builds a task's request from its props and defaults, collecting faults."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.asl.dynamic import is_whole
from constructs_ml.asl.expressions import Language, Runtime, merged
from constructs_ml.asl.retry import RetryPolicy
from constructs_ml.core.context import context_of
from constructs_ml.core.known_values import member_with, refused
from constructs_ml.core.members import Members, override_faults, policy_faults
from constructs_ml.core.packages import package_statements
from constructs_ml.core.prop_checks import unknown_faults
from constructs_ml.core.prop_types import type_faults
from constructs_ml.core.props import CallProps
from constructs_ml.core.query_language import language_of, prop_faults, value_faults
from constructs_ml.core.requests import seconds, with_overrides
from constructs_ml.core.result import Result, ResultPlan
from constructs_ml.core.values import as_text, later_to_text, parse_request, parse_runtime_values, texts, unsayable
from constructs_ml.errors import Faults, FindingKind, InvalidPropsError, Severity
from constructs_ml.sagemaker.model import UPDATE, input_shape, installed, output_shape
from constructs_ml.sagemaker.request import check_request
from constructs_ml.sagemaker.request_values import find_values, is_instance_type
from constructs_ml.sagemaker.result import always_present_members

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from aws_cdk import aws_iam as iam
    from constructs import Construct

    from constructs_ml.core.defaults import PolicySubject
    from constructs_ml.core.execution_role import JobPermissions
    from constructs_ml.core.native_task import Policies
    from constructs_ml.core.network import Network
    from constructs_ml.iam.job_role import JobAccess
    from constructs_ml.sagemaker.model import Shape

T = TypeVar("T")
Policy: TypeAlias = "Callable[[PolicySubject], None]"

SDK = "aws-sdk:sagemaker"
"""The service of the integrations that call an operation through the AWS SDK."""

FIXES = {
    "volume_size": "pass Size.gibibytes(30)",
    "max_runtime": "pass Duration.hours(1)",
    "instance_type": "see the instance types of SageMaker",
}


_TOLD_ONCE = (FindingKind.REQUIRED, FindingKind.RELATION)
"""Findings that a fault of the props can be the cause of."""


STATE_PROPS = {
    name: name
    for name in (
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
} | {"state_output": "outputs"}
"""Props that aws-cdk-lib writes, by what aws-cdk-lib calls them."""


_UNLESS = {
    "job_name_prefix": ("job_name",),
    "result": ("result_selector", "state_output"),
    "result_path": ("state_output",),
}
"""Props that have defaults for all jobs below a scope, unless a state has a prop that says otherwise."""


class TaskSpec:
    """Collects the request of one state from its props.

    Attributes:
        operation: The operation of the API.
        resource: How Step Functions names it: ``sagemaker:createModel``.
        context: The context of the state's scope.
        props: The user's value.
        faults: The faults so far.
        members: The prop that each member of the request comes from, by the path that the member is at or below.
        warnings: The warnings; each begins with the prop.
        request: The request, once it is complete; policies may add members to it, or put another in its place.
        permissions: The policy of the role that is passed to SageMaker, if the library derives it.
    """

    permissions: JobPermissions | None = None

    def __init__(
        self,
        operation: str,
        scope: Construct,
        construct_id: str,
        props: Mapping[str, Any],
        *,
        known: type = CallProps,
        service: str = "sagemaker",
    ) -> None:
        self.operation = operation
        self.resource = f"{service}:{operation[0].lower()}{operation[1:]}"
        self.scope = scope
        self.construct_id = construct_id
        self.context = context_of(scope)
        self.props = props
        self.faults = Faults(self.context.path_of(construct_id))
        self.members = Members({"Tags": "tags"} if "Tags" in input_shape(operation).members else {})
        self.wait = False
        self.warnings: list[str] = []
        self.request: dict[str, Any] = {}
        self._reserved: dict[str, Any] = {}
        names = known.__optional_keys__  # type: ignore[attr-defined] # a TypedDict's
        if not names.issuperset(props):
            unknown = [name for name in props if name not in names]
            self.faults.found += unknown_faults(f"a {operation} state", unknown, names)
        self.faults.found += type_faults(known.__annotations__, props)
        self.faults.raise_if_any()
        self.props = self._with_defaults(props, known)

    def _with_defaults(self, props: Mapping[str, Any], known: type) -> Mapping[str, Any]:
        """The props with the defaults for those that no other prop of the state says otherwise."""
        names = known.__optional_keys__  # type: ignore[attr-defined] # a TypedDict's
        given = {name for name, value in props.items() if value is not None}
        defaults = self.context.defaults
        jsonata = language_of(props.get("query_language") or defaults.query_language) is Language.JSONATA
        taken = {
            name: getattr(defaults, name)
            for name, others in _UNLESS.items()
            if name in names
            and not given & {name, *others}
            and not (jsonata and name == "result_path")
            and getattr(defaults, name) is not None
        }
        return {**props, **taken} if taken else props

    @property
    def state_props(self) -> Mapping[str, str]:
        """The props that aws-cdk-lib writes, by what it calls them."""
        return STATE_PROPS

    @property
    def result_shape(self) -> Shape:
        """The shape of what the state gives."""
        return output_shape(self.operation)

    def allowed_texts(self) -> Iterable[str]:
        """Return the strings that name what a role is allowed for the state, as far as they are known before its request."""
        return ()

    @property
    def summary(self) -> tuple[str, ...]:
        """The members of it that are passed on by default."""
        return always_present_members(self.result_shape)

    def either(self, name: str, default: T) -> T:
        """A prop, else the nearest default for it, else the library's."""
        value = self.props.get(name)
        if value is None:
            value = getattr(self.context.defaults, name, None)
        return default if value is None else cast("T", value)

    def joined(self, name: str) -> dict[str, Any] | Runtime:
        """A mapping of strings to which the defaults add; at run time, if it is known only then as a whole."""
        default, given = getattr(self.context.defaults, name) or {}, self.props.get(name) or {}
        if not default and not given:
            return {}
        return merged(
            parse_runtime_values(texts(default)), parse_runtime_values(given if is_whole(given) else texts(given))
        )

    def environment(self) -> dict[str, Any] | Runtime | None:
        """The environment of every container."""
        return self.joined("environment") or None

    def unknown_image(self, member: str) -> None:
        """Report that a role cannot be allowed to pull an image whose repository is not known yet."""
        problem = "has a URI that is known only later, so no permission to pull it can be derived from it"
        fix = "pass ContainerImage.from_registry(uri, repository=...), or a role= that may pull it"
        self.faults.add(member, problem, fix)

    def reserve(self, names: Mapping[str, Any]) -> None:
        """Keep the hyperparameters that make an image run the code, if the others are known only at run time."""
        self._reserved.update(names)

    def seconds(self, name: str) -> Any:  # noqa: ANN401 - an int or a runtime value
        """A duration in seconds, or the runtime value that is passed for it."""
        return seconds(self.either(name, cast("Any", None)))

    def flag(self, name: str) -> bool | None:
        """A boolean that is left out of the request unless it is set."""
        return self.either(name, None)

    def tags(self) -> Any:  # noqa: ANN401 - a list, or what stands for one
        """The job's tags, by key; if they are known only at run time, the list of them as the API has it."""
        given = self.props.get("tags")
        if is_whole(given):
            if self.context.defaults.tags:
                problem = (
                    "cannot be known only at run time when JobDefaults has some too, as no query language joins lists "
                    "by key"
                )
                self.faults.add("tags", problem, "name them one by one")
            return given
        tags = {**(self.context.defaults.tags or {}), **(given or {})}
        return [{"Key": key, "Value": _text(tags[key])} for key in sorted(tags)] or None

    def result_plan(self) -> ResultPlan:
        """Return what the state passes on."""
        props = self.props
        return ResultPlan(
            shape=self.result_shape,
            members=list(self.summary),
            name=props.get("state_name") or self.construct_id,
            content=props.get("result", Result.SUMMARY),
            selector=parse_runtime_values(props.get("result_selector")),
            at=props.get("result_path"),
            output_path=props.get("output_path"),
            discarded=props.get("result_path") is not None and props.get("result_path") == sfn.JsonPath.DISCARD,
        )

    @cached_property
    def language(self) -> Language | None:
        """The query language that the state asks for; None for the state machine's."""
        return language_of(self.either("query_language", None))

    @property
    def language_of_request(self) -> Language | None:
        """The query language that the request is written in, if the state's own is another."""
        return None

    @cached_property
    def retry(self) -> RetryPolicy:
        """The retry policy, by the names of errors that the integration has."""
        policy = self.either("retry", RetryPolicy.default())
        return policy.through_sdk() if self.resource.startswith(SDK) else policy

    def finish(self, request: Mapping[str, Any], policy: Policy | None) -> tuple[dict[str, Any], list[str]]:
        """Complete and check the request, and raise all its faults.

        Args:
            request: The members that are the operation's own.
            policy: The policy of the state's class, if it has one.

        Returns:
            The request as the kernel has it, and warnings.

        Raises:
            InvalidPropsError: If anything is wrong.
        """
        allowed = dict.fromkeys(self.allowed_texts())
        complete, is_doubtful = parse_request(request, *allowed)
        if is_doubtful:
            for path, problem, fix in unsayable(request):
                self.faults.add(self.members.prop_of(path), problem, fix)
        overrides = parse_runtime_values(self.props.get("request_overrides"))
        if overrides:
            complete = with_overrides(complete, overrides)
        self.request = self._with_reserved(complete)
        self._check_access(complete, allowed)
        policies = [] if policy is None else [policy]
        if self.context.defaults.policy is not None:
            # The outermost has the last word: it sees what the others have made of the request.
            policies += [each.apply for each in self.context.defaults.policies[::-1]]
        if policies:
            self._apply_policies(policies)
            complete = self.request
        self.declare_packages(complete)
        if self.language is not None:
            self.faults.found += prop_faults(self.language, self.props)
            for fault in value_faults(self.language_of_request or self.language, complete):
                self.faults.add(self.members.prop_of(fault.member), fault.problem, fault.fix)
        warnings = [*self.warnings, *self._check_request(complete)]
        if overrides and not self.faults.found:
            self.faults.found += override_faults(
                overrides, self.derived_from, self.members if self.derives_role else None
            )
        self.faults.raise_if_any()
        return complete, warnings

    def declare_packages(self, request: Mapping[str, Any]) -> None:
        """Declare the access for installing packages, for states with containers."""

    def instance_types(self) -> list[Any]:
        """Return all instance types that the request names, for a policy: strings, or what an execution decides."""
        return [value for _, value in find_values(input_shape(self.operation), self.request, is_instance_type)]

    def add_tag(self, key: str, value: str) -> None:
        """Tag the resources that the state makes, for a policy, replacing a tag of that key; does nothing if it makes none."""
        if "Tags" not in input_shape(self.operation).members:
            return
        tags = self.request.get("Tags") or []
        if isinstance(tags, Runtime) or "Tags.$" in self.request:
            self.faults.add(
                "tags", f"are known only at run time, so that {key!r} cannot be added", "name them one by one"
            )
            return
        if not isinstance(tags, list):
            # The API's model says what is wrong with them.
            return
        kept = [tag for tag in tags if not isinstance(tag, dict) or tag.get("Key") != key]
        self.request["Tags"] = [*kept, {"Key": key, "Value": value}]

    def policies(self, request: Mapping[str, Any]) -> Policies | None:  # noqa: ARG002 - for subclasses
        """Return what the role of the state machine is granted for the state."""
        return None

    @property
    def role_policy(self) -> iam.CfnPolicy | None:
        """The policy of the role that is passed to SageMaker, if the library derives it."""
        return None if self.permissions is None else self.permissions.policy

    def _apply_policies(self, policies: Sequence[Policy]) -> None:
        """Apply the policies, which may add members, but none from which permissions are derived."""
        before = self.request
        # What a policy changes is a copy, of which the next one sees plain JSON with runtime values in it.
        self.request = parse_runtime_values(before)
        for apply in policies:
            self._apply_policy(apply)
        self.faults.found += policy_faults(
            self.operation, before, self.request, self.derived_from, derives_role=self.derives_role
        )

    def _apply_policy(self, apply: Policy) -> None:
        """Apply one policy.

        Raises:
            InvalidPropsError: If it fails, or does not do what policies do.
        """
        name = getattr(apply, "__qualname__", type(apply).__name__)
        try:
            returned: Any = apply(PolicyView(self))  # type: ignore[func-returns-value] # a user's
        except InvalidPropsError as error:
            raise InvalidPropsError(self.faults.path, [*self.faults.found, *error.faults]) from error
        except Exception as error:
            self.faults.add(name, f"failed on the request: {type(error).__name__}: {error}", "mend the policy")
            raise InvalidPropsError(self.faults.path, self.faults.found) from error
        if returned is not None:
            problem = f"must return nothing, got a {type(returned).__name__}, which would be ignored"
            self.faults.add(name, problem, "call spec.refuse(...) or change spec.request")
        if not isinstance(self.request, Mapping):
            problem = f"must leave a mapping in spec.request, got {self.request!r}"
            self.faults.add(name, problem, "change spec.request in its place")
        if returned is not None or not isinstance(self.request, Mapping):
            raise InvalidPropsError(self.faults.path, self.faults.found)
        self.request = parse_runtime_values(self.request)

    def _check_request(self, request: Mapping[str, Any]) -> Iterator[str]:
        """Check the request against the API's model; record the faults and yield warnings."""
        for finding in check_request(self.operation, request, texts_for_numbers=False):
            member = self.members.prop_of(finding.member)
            if finding.rule in _TOLD_ONCE and self.members.are_told(finding, self.faults.found):
                continue
            usual = FIXES.get(member, "")
            # The bounds are the API's, and a prop may have a unit.
            fix = (usual or finding.fix) if finding.rule is FindingKind.RANGE else (finding.fix or usual)
            problem = finding.problem
            if finding.rule is FindingKind.RELATION:
                problem, fix = (self.members.named_in(text, finding.member) for text in (problem, fix))
            if finding.rule is FindingKind.UNKNOWN and finding.member in self.members:
                # A prop of the library's is of a member that SageMaker has.
                self.faults.add(member, f"is not known to {installed()}", f"run {UPDATE}")
            elif finding.severity is Severity.ERROR:
                self.faults.add(member, problem, fix)
            else:
                yield f"{member} {problem}" + (f"; {fix}" if fix else "")

    @cached_property
    def derives_role(self) -> bool:
        """True if the library makes the role, so that it is allowed only what the state declares."""
        return self.either("role", None) is None

    @property
    def derived_from(self) -> Mapping[str, str]:
        """The props, by their members of the request, that say what roles may do, and that have no other member."""
        return {}

    def _check_access(self, request: dict[str, Any], allowed: Iterable[str]) -> None:
        """Report permissions for resources that are known only at run time, or that no policy can name."""
        for text in allowed:
            if found := refused(text):
                member = self.members.prop_of(member_with(text, request)) or found[0]
                self.faults.add(member, *found[1:])

    def _with_reserved(self, request: dict[str, Any]) -> dict[str, Any]:
        """A request whose hyperparameters run the code, also where an override is known only at run time."""
        for at, member in (((), "HyperParameters"), (("TrainingJobDefinition",), "StaticHyperParameters")):
            own = request.get(at[0]) if at else request
            if self._reserved and isinstance(own, dict) and isinstance(own.get(member), Runtime):
                own[member] = merged(own[member], self._reserved)
        return request


class PolicyView:
    """A state as a policy sees it, a :class:`~constructs_ml.PolicySubject`.

    Each policy gets one of its own, whose methods cannot be replaced: none takes a refusal of another back.
    """

    __slots__ = ("_spec",)

    def __init__(self, spec: TaskSpec) -> None:
        self._spec = spec

    @property
    def operation(self) -> str:
        """The operation of the API."""
        return self._spec.operation

    @property
    def props(self) -> Mapping[str, Any]:
        """The props that the user passed."""
        return MappingProxyType(dict(self._spec.props))

    @property
    def request(self) -> Any:  # noqa: ANN401 - JSON with runtime values in it
        """The request as the API has it."""
        return self._spec.request

    @request.setter
    def request(self, request: Any) -> None:  # noqa: ANN401 - likewise
        self._spec.request = request

    def refuse(self, member: str, problem: str, fix: str = "") -> None:
        """Refuse the state.

        Args:
            member: The prop or member at fault.
            problem: The requirement, and the value that was found.
            fix: The value to write instead.
        """
        self._spec.faults.add(member, problem, fix)

    def instance_types(self) -> list[Any]:
        """Return all instance types that the request names: strings, or what an execution decides."""
        return self._spec.instance_types()

    def add_tag(self, key: str, value: str) -> None:
        """Tag the resources that the state makes, replacing a tag of that key; does nothing if it makes none."""
        self._spec.add_tag(key, value)


class ContainerSpec(TaskSpec):
    """Collects the request of a state whose containers run under a role.

    Attributes:
        access: The permissions that the role needs.
        network: The network that the containers run in.
    """

    access: JobAccess
    network: Network | None = None

    def allowed_texts(self) -> Iterable[str]:
        """Return the strings that name what the role of the containers is allowed."""
        return self.access.texts()

    def declare_packages(self, request: Mapping[str, Any]) -> None:
        """Declare that the containers read the CodeArtifact repositories that their environments name."""
        self.access.other += package_statements(request, "environment", self.faults, derived=self.derives_role)

    def vpc_config(self) -> dict[str, Any] | None:
        """The subnets and security groups."""
        if self.network is None:
            return None
        self.network.allow(self.access)
        return self.network.to_request()

    def unknown_location(self, member: str) -> None:
        """Report that the permissions for a location that is known only at run time are unknown."""
        self.faults.add(
            member,
            "has a location that is known only at run time, so no permission can be derived from it",
            "pass S3Data.from_uri(..., within=[S3Data.from_bucket(bucket, prefix)])",
        )


def _text(value: Any) -> Any:  # noqa: ANN401 - a text, or what is known only later
    later = later_to_text(value)
    return as_text(value) if later is value else later
