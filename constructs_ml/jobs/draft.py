"""A state before it is one: its props with the defaults applied, its request, and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.asl.expressions import Language
from constructs_ml.asl.retry import RetryPolicy
from constructs_ml.errors import Faults
from constructs_ml.jobs.checked import unknown_faults
from constructs_ml.jobs.home import home_of
from constructs_ml.jobs.language import language_of, prop_faults, value_faults
from constructs_ml.jobs.prop_types import type_faults
from constructs_ml.jobs.props import CallProps
from constructs_ml.jobs.result import Result, ResultPlan
from constructs_ml.jobs.values import mixed_lists, to_core
from constructs_ml.sagemaker.finding import Rule, Severity
from constructs_ml.sagemaker.model import UPDATE, installed, output_shape
from constructs_ml.sagemaker.request import check_request
from constructs_ml.sagemaker.result import always_present_members

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct

    from constructs_ml.sagemaker.model import Shape

T = TypeVar("T")

SDK = "aws-sdk:sagemaker"
"""The service of the integrations that call an operation through the AWS SDK."""

FIXES = {
    "volume_size": "pass Size.gibibytes(30)",
    "max_runtime": "pass Duration.hours(1)",
    "instance_type": "see the instance types of SageMaker",
}


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
"""What states take that aws-cdk-lib writes, by what aws-cdk-lib calls it."""


_UNLESS = {
    "job_name_prefix": ("job_name",),
    "result": ("result_selector", "state_output"),
    "result_path": ("state_output",),
}
"""Props that have defaults for all jobs below a scope, unless a state has a prop that says otherwise."""


class Draft:
    """Collects the request of one state from its props.

    Attributes:
        operation: The operation of the API.
        resource: How Step Functions names it: ``sagemaker:createModel``.
        home: Where the state stands in the tree.
        props: What the user passed.
        faults: What is wrong so far.
        members: The prop that each member of the request comes from, by the path that the member is at or below.
    """

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
        self.home = home_of(scope)
        self.props = props
        self.faults = Faults(self.home.path_of(construct_id))
        self.members: dict[str, str] = {"Tags": "tags"}
        self.wait = False
        names = known.__optional_keys__  # type: ignore[attr-defined] # a TypedDict's
        unknown = [name for name in props if name not in names]
        self.faults.found += unknown_faults(f"a {operation} state", unknown, names)
        self.faults.found += type_faults(known.__annotations__, props)
        self.faults.raise_if_any()
        self.props = self._with_defaults(props, known)

    def _with_defaults(self, props: Mapping[str, Any], known: type) -> Mapping[str, Any]:
        """The props with the defaults for those that no other prop of the state says otherwise."""
        names = known.__optional_keys__  # type: ignore[attr-defined] # a TypedDict's
        given = {name for name, value in props.items() if value is not None}
        defaults = self.home.defaults
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

    @property
    def summary(self) -> tuple[str, ...]:
        """The members of it that are handed on by default."""
        return always_present_members(self.result_shape)

    def either(self, name: str, default: T) -> T:
        """A prop, else the nearest default for it, else the library's."""
        value = self.props.get(name)
        if value is None:
            value = getattr(self.home.defaults, name, None)
        return default if value is None else cast("T", value)

    def joined(self, name: str) -> dict[str, str]:
        """A mapping to which the defaults add."""
        return {**(getattr(self.home.defaults, name) or {}), **cast("Mapping[str, str]", self.props.get(name) or {})}

    def seconds(self, name: str) -> Any:  # noqa: ANN401 - an int or a runtime value
        """A duration in seconds, or the runtime value that is passed for it."""
        value = self.either(name, cast("Any", None))
        return value if value is None or isinstance(value, str) else value.to_seconds(integral=False)

    def flag(self, name: str) -> bool | None:
        """A boolean that is left out of the request unless it is set."""
        return self.either(name, None)

    def tags(self) -> list[dict[str, str]] | None:
        """The job's tags, by key."""
        tags = self.joined("tags")
        return [{"Key": key, "Value": str(tags[key])} for key in sorted(tags)] or None

    def result_plan(self) -> ResultPlan:
        """What the state hands on."""
        props = self.props
        return ResultPlan(
            shape=self.result_shape,
            members=list(self.summary),
            name=props.get("state_name") or self.construct_id,
            content=props.get("result", Result.SUMMARY),
            selector=to_core(props.get("result_selector")),
            at=props.get("result_path"),
            output_path=props.get("output_path"),
            discarded=props.get("result_path") is not None and props.get("result_path") == sfn.JsonPath.DISCARD,
        )

    @property
    def language(self) -> Language | None:
        """The query language that the state asks for; None for the state machine's."""
        return language_of(self.either("query_language", None))

    @property
    def retry(self) -> RetryPolicy:
        """What is retried."""
        policy = self.either("retry", RetryPolicy.default())
        return policy.through_sdk() if self.resource.startswith(SDK) else policy

    def finish(self, request: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """Checks the request and raises all that is wrong with it.

        Returns:
            The request for the pure core, and warnings.

        Raises:
            InvalidPropsError: If anything is wrong.
        """
        complete = _merged(_without_none(to_core(request)), to_core(self.props.get("request_overrides") or {}))
        for path in mixed_lists(request):
            problem = "must be one list that is known only later or single values, got such a list among other items"
            self.faults.add(self._prop_of(path), problem, "pass the list alone")
        if self.language is not None:
            self.faults.found += prop_faults(self.language, self.props)
            for fault in value_faults(self.language, complete):
                self.faults.add(self._prop_of(fault.member), fault.problem, fault.fix)
        warnings: list[str] = []
        for finding in check_request(self.operation, complete):
            member = self._prop_of(finding.member)
            if finding.rule is Rule.REQUIRED and any(fault.member == member for fault in self.faults.found):
                continue
            fix = finding.fix or FIXES.get(member, "")
            if finding.rule is Rule.UNKNOWN and finding.member in self.members:
                # A prop of the library's is of a member that SageMaker has.
                self.faults.add(member, f"is not known to {installed()}", f"run {UPDATE}")
                continue
            if finding.severity is Severity.ERROR:
                self.faults.add(member, finding.problem, fix)
            else:
                warnings.append(f"{member} {finding.problem}" + (f"; {fix}" if fix else ""))
        if not self.faults.found:
            self._check_overrides()
        self.faults.raise_if_any()
        return complete, warnings

    def _check_overrides(self) -> None:
        """Members from which permissions are derived cannot be overridden: the permissions would be for something else."""
        for member in to_core(self.props.get("request_overrides") or {}):
            prop = self.derived_from.get(member)
            if prop is not None:
                problem = f"cannot be in request_overrides, as permissions are derived from {prop}"
                self.faults.add(member, problem, f"pass {prop}=")

    @property
    def derived_from(self) -> Mapping[str, str]:
        """The props, by their members of the request, that say what roles may do, and that have no other member."""
        return {}

    def _prop_of(self, member: str) -> str:
        if member.startswith("the key "):
            key, _, path = member.rpartition(" of ")
            return f"{key} of {self._prop_of(path)}"
        start = max((start for start in self.members if _is_at_or_below(member, start)), key=len, default=None)
        return member if start is None else self.members[start] + member[len(start) :]


def _is_at_or_below(member: str, start: str) -> bool:
    return member.startswith(start) and member[len(start) : len(start) + 1] in ("", ".", "[")


def _merged(request: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """A request with members replaced, structure by structure."""
    out = dict(request)
    for key, value in overrides.items():
        own = out.get(key)
        out[key] = _merged(own, value) if isinstance(own, dict) and isinstance(value, dict) else value
    return out


def _without_none(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_none(item) for item in value]
    return value
