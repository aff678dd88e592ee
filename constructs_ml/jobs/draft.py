"""A job before it is a state: its props with the defaults applied, what it needs, and what is wrong with it."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar, cast

from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.access.job_role import JobAccess
from constructs_ml.asl.names import PREFIX_LENGTH, fresh_name, is_prefix, job_part, job_prefix
from constructs_ml.asl.retry import RetryPolicy
from constructs_ml.errors import Faults
from constructs_ml.jobs.home import home_of
from constructs_ml.jobs.instances import known_instance_type
from constructs_ml.jobs.language import language_of, prop_faults, value_faults
from constructs_ml.jobs.network import network_of
from constructs_ml.jobs.props import JobProps, StateProps
from constructs_ml.jobs.result import Result, ResultPlan
from constructs_ml.jobs.values import mixed_lists, number_to_text, to_core
from constructs_ml.sagemaker.dynamic import is_dynamic
from constructs_ml.sagemaker.finding import Severity
from constructs_ml.sagemaker.request import check_request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct

    from constructs_ml.asl.expressions import Language, Runtime
    from constructs_ml.jobs.data import S3Data
    from constructs_ml.jobs.image import BoundImage, ContainerImage
    from constructs_ml.sagemaker.kinds import JobKind

T = TypeVar("T")

FIXES = {
    "volume_size": "pass Size.gibibytes(30)",
    "max_runtime": "pass Duration.hours(1)",
    "instance_type": "see the instance types of SageMaker",
}


class Draft:
    """Collects the request and the needs of one job from its props.

    Attributes:
        home: Where the job stands in the tree.
        props: What the user passed.
        faults: What is wrong so far.
        access: What the job's role must be allowed.
        name_prefix: What the job's names start with.
        part: What stands for the job in names and in locations.
        members: The prop that each member of the request comes from, by the start of the member's path.
    """

    def __init__(self, kind: JobKind, scope: Construct, construct_id: str, props: JobProps) -> None:
        self.kind = kind
        self.scope = scope
        self.construct_id = construct_id
        self.props = props
        self.home = home_of(scope)
        self.faults = Faults(self.home.path_of(construct_id))
        self.access = JobAccess(kind.log_group)
        below = self.home.path_below_stack(construct_id)
        self.part = job_part(below)
        self.name_prefix = job_prefix(self.home.of_stack.owner, below)
        self.members: dict[str, str] = {"Environment": "environment", "Tags": "tags", "ExperimentConfig": "experiment"}
        self.network = network_of(
            self.home, props.get("vpc"), props.get("vpc_subnets"), props.get("security_groups"), self.faults
        )
        self.wait = self._wait()
        _refuse_unknown(props)

    def either(self, name: str, default: T) -> T:
        """A prop, else the nearest default for it, else the library's."""
        value = self.props.get(name)
        if value is None:
            value = getattr(self.home.defaults, name, None)
        return default if value is None else cast("T", value)

    def joined(self, name: str) -> dict[str, str]:
        """A mapping to which the defaults add."""
        return {**(getattr(self.home.defaults, name) or {}), **cast("Mapping[str, str]", self.props.get(name) or {})}

    def image(self, image: ContainerImage, scope: str) -> BoundImage | None:
        """The image, made ready; its repositories are declared."""
        bound = image.bind(self.home, scope=scope, instance_type=known_instance_type(self), faults=self.faults)
        if bound is not None:
            self.access.repositories += bound.repository_arns
        return bound

    def seconds(self, name: str) -> Any:  # noqa: ANN401 - an int or a runtime value
        """A duration in seconds, or the runtime value that is passed for it."""
        value = self.either(name, cast("Any", None))
        return value if value is None or isinstance(value, str) else value.to_seconds(integral=False)

    def flag(self, name: str) -> bool | None:
        """A boolean that is left out of the request unless it is set."""
        return self.either(name, None)

    def vpc_config(self) -> dict[str, Any] | None:
        """The subnets and security groups."""
        if self.network is None:
            return None
        self.network.allow(self.access)
        return self.network.to_request()

    def writes(self, data: S3Data) -> S3Data:
        """Declares that the job writes somewhere, with its output key."""
        key = self.either("output_key", None)
        if key is not None:
            data = data.encrypted_with(key.key_arn)
        self.access.writes += data.objects
        return data

    def output_key_arn(self) -> str | None:
        """The KMS key of what the job writes."""
        key = self.either("output_key", None)
        return None if key is None else str(key.key_arn)

    def tags(self) -> list[dict[str, str]] | None:
        """The job's tags, by key."""
        tags = self.joined("tags")
        return [{"Key": key, "Value": str(tags[key])} for key in sorted(tags)] or None

    def environment(self) -> dict[str, str] | None:
        """The container's environment."""
        return {name: number_to_text(value) for name, value in self.joined("environment").items()} or None

    def experiment(self) -> dict[str, Any] | None:
        """The experiment that the job is recorded in."""
        experiment = self.props.get("experiment")
        return None if experiment is None else experiment.to_request()

    @property
    def derives_role(self) -> bool:
        """Whether the job's role is made by the library, so that it is allowed only what the job declares."""
        return self.either("role", None) is None

    def unknown_location(self, member: str) -> None:
        """Notes that what a role must be allowed cannot be told from a location that is known only at run time."""
        self.faults.add(
            member,
            "has a location that is known only at run time, so no permission can be derived from it",
            "pass S3Data.from_uri(..., within=[S3Data.from_bucket(bucket, prefix)])",
        )

    def result_plan(self) -> ResultPlan:
        """What the state hands on."""
        props = self.props
        return ResultPlan(
            kind=self.kind,
            wait=self.wait,
            name=props.get("state_name") or self.construct_id,
            content=props.get("result", Result.SUMMARY),
            selector=to_core(props.get("result_selector")),
            at=props.get("result_path"),
            output_path=props.get("output_path"),
            discarded=props.get("result_path") is not None and props.get("result_path") == sfn.JsonPath.DISCARD,
        )

    @property
    def language(self) -> Language | None:
        """The query language that the job asks for; None for the state machine's."""
        return language_of(self.either("query_language", None))

    def job_name(self) -> str | Runtime:
        """The name of the job: the user's, else one that is new at every attempt."""
        given = self.props.get("job_name")
        if given is not None:
            return cast("str | Runtime", to_core(given))
        prefix = self.props.get("job_name_prefix", self.name_prefix)
        if not is_dynamic(prefix) and not is_prefix(prefix):
            problem = (
                f"must be 1-{PREFIX_LENGTH + 1} letters, digits and hyphens, and start with no hyphen, got {prefix!r}"
            )
            self.faults.add("job_name_prefix", problem, "make it shorter, or leave it out")
        return fresh_name(prefix)

    @property
    def retry(self) -> RetryPolicy:
        """What is retried."""
        return self.either("retry", RetryPolicy.default())

    def finish(self, request: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """Checks the request and raises all that is wrong with the job.

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
            self.faults.found += value_faults(self.language, complete)
        warnings: list[str] = []
        for finding in check_request(self.kind.operation, complete):
            member = self._prop_of(finding.member)
            fix = finding.fix or FIXES.get(member, "")
            if finding.severity is Severity.ERROR:
                self.faults.add(member, finding.problem, fix)
            else:
                warnings.append(f"{member} {finding.problem}" + (f"; {fix}" if fix else ""))
        self.faults.raise_if_any()
        return complete, warnings

    def _prop_of(self, member: str) -> str:
        start = max((start for start in self.members if member.startswith(start)), key=len, default=None)
        return member if start is None else self.members[start] + member[len(start) :]

    def _wait(self) -> bool:
        pattern = self.props.get("integration_pattern")
        if pattern is None:
            return self.props.get("wait_for_completion", True)
        name = pattern.name
        if name == "WAIT_FOR_TASK_TOKEN":
            self.faults.add(
                "integration_pattern",
                "must be RUN_JOB or REQUEST_RESPONSE, got WAIT_FOR_TASK_TOKEN, which SageMaker's APIs do not take",
                "leave it out to wait for the job",
            )
        return name == "RUN_JOB"


def _refuse_unknown(props: Mapping[str, Any]) -> None:
    known = {**StateProps.__annotations__, **JobProps.__annotations__}
    for name in props:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise TypeError(f"unexpected keyword argument {name!r}{hint}")


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
