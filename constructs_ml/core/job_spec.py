"""Builds a job's request, and declares its instances, image, network and role."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from constructs_ml.asl.cached_job import attempt_of
from constructs_ml.asl.dynamic import is_dynamic, is_whole
from constructs_ml.asl.expressions import Format, Language
from constructs_ml.asl.jsonpath import read_path
from constructs_ml.asl.names import NAME_LENGTH, fresh_name, is_prefix, job_part, job_prefix, prefix_length
from constructs_ml.asl.retry import RetryPolicy
from constructs_ml.core.cache import Cache
from constructs_ml.core.cache_plan import CACHED_KINDS, CacheNotes, Planner, may_write
from constructs_ml.core.execution_role import permissions_for
from constructs_ml.core.image import BoundImage
from constructs_ml.core.network import network_of
from constructs_ml.core.permissions import joined_policies, policies_of, run_job_policies
from constructs_ml.core.props import InstancePreference, JobProps
from constructs_ml.core.requests import gibibytes as gibibytes_of
from constructs_ml.core.requests import key_arn
from constructs_ml.core.s3_data import written_by_attempt, written_by_execution
from constructs_ml.core.spec import ContainerSpec, Policy
from constructs_ml.core.values import parse_runtime_values
from constructs_ml.iam.job_role import JobAccess, job_statements
from constructs_ml.sagemaker.kinds import has_local_storage
from constructs_ml.sagemaker.result import result_shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

    from constructs_ml.asl.expressions import Runtime
    from constructs_ml.core.cache_plan import CachePlan
    from constructs_ml.core.image import ContainerImage
    from constructs_ml.core.native_task import Policies
    from constructs_ml.core.network import Network
    from constructs_ml.core.result import ResultPlan
    from constructs_ml.core.s3_data import S3Data
    from constructs_ml.sagemaker.kinds import JobKind
    from constructs_ml.sagemaker.model import Shape


DEFAULT_INSTANCE_TYPE = "ml.m5.xlarge"
DEFAULT_VOLUME_GIB = 30


def instances_request(spec: JobSpec) -> dict[str, Any]:
    """The ``ClusterConfig`` of a processing job, or the ``ResourceConfig`` of a training job."""
    instances = _instances(spec)
    types = [item["InstanceType"] for item in instances.get("InstancePreferences", [instances])]
    return {**instances, "VolumeSizeInGB": gibibytes(spec), "VolumeKmsKeyId": volume_key_arn(spec, types)}


def volume_key_arn(spec: JobSpec, instance_types: Sequence[str] = ()) -> str | None:
    """The KMS key of the volumes; what using it needs is declared.

    A default is for volumes: SageMaker takes no key for instances that have disks of their own instead.

    Args:
        spec: The job.
        instance_types: The instance types that it may run on, as far as they are known.
    """
    key = spec.props.get("volume_key")
    if key is None and not _have_disks(instance_types):
        key = spec.either("volume_key", None)
    arn = key_arn(key)
    if arn is not None:
        spec.access.volume_keys.append(arn)
    return arn


def _have_disks(instance_types: Sequence[str]) -> bool:
    known = [isinstance(name, str) and has_local_storage(name) for name in instance_types]
    return bool(known) and all(known)


def known_instance_type(spec: JobSpec) -> str | None:
    """The instance type that picks between images for CPUs and GPUs, as far as it is known."""
    several = spec.props.get("instance_preferences") or spec.props.get("instance_groups")
    first = next(iter(several)) if several else spec.either("instance_type", DEFAULT_INSTANCE_TYPE)
    given = getattr(first, "instance_type", first)
    return given if isinstance(given, str) and given.startswith("ml.") else None


def _instances(spec: JobSpec) -> dict[str, Any]:
    given = spec.props.get("instance_preferences")
    if given is None:
        return {
            "InstanceCount": spec.either("instance_count", 1),
            "InstanceType": spec.either("instance_type", DEFAULT_INSTANCE_TYPE),
        }
    preferences = _preferences(given)
    counted = any(item.instance_count is not None for item in preferences)
    for name in ("instance_type", *(("instance_count",) if counted else ())):
        if spec.props.get(name) is not None:
            spec.faults.add(name, "cannot be combined with instance_preferences", "leave one of them out")
    return {
        "InstanceCount": None if counted else spec.either("instance_count", 1),
        "InstancePreferences": [item.to_request() for item in preferences],
    }


def _preferences(given: Sequence[str | InstancePreference] | Mapping[str, int]) -> list[InstancePreference]:
    if isinstance(given, Mapping):
        return [InstancePreference(instance_type=name, instance_count=count) for name, count in given.items()]
    return [InstancePreference(instance_type=item) if isinstance(item, str) else item for item in given]


def gibibytes(spec: JobSpec) -> Any:  # noqa: ANN401 - a number or a runtime value
    """The size of the volumes."""
    size = spec.either("volume_size", cast("Any", None))
    if size is None:
        return DEFAULT_VOLUME_GIB
    return gibibytes_of(size)


_INSIDE = ("result_path", "state_output", "task_timeout")
_NOT_WITH_CAUSES = ("assign", "credentials", "heartbeat_timeout", "input_path", "output_path")
_NOT_CACHED = (*_NOT_WITH_CAUSES, "result_selector", "state_output")


class JobSpec(ContainerSpec):
    """Collects the request and the needs of one job from its props.

    Attributes:
        kind: The kind of job.
        name_prefix: The start of the job's names.
        part: The job's part of names and locations.
        classifies_failures: Whether the job fails under what the reason of its failure begins with.
        role_arn: The role that the state machine passes to the job, if it takes one.
        cache: The cache of its results; None if it has none.
        cache_plan: The key, the place and the permissions of its cache, once the request is complete.
        notes: Facts for its cache that the request does not have.
        names: The pattern of the job names that IAM allows the state machine.
        known_start: The start of the job's names, as far as it is known.
    """

    role_arn: str | None = None
    cache_plan: CachePlan | None = None
    names: str
    known_start: str

    def __init__(
        self, kind: JobKind, scope: Construct, construct_id: str, props: Mapping[str, Any], *, known: type = JobProps
    ) -> None:
        super().__init__(kind.operation, scope, construct_id, props, known=known)
        self.kind = kind
        self.access = JobAccess(kind.log_group, any_network=kind.checks_network)
        below = self.context.path_below_stack(construct_id)
        self.part = job_part(below)
        owner = self.context.of_stack.owner
        # Most kinds have names of one length, whose part for the job is the same.
        usual = kind.name_length == NAME_LENGTH
        self.name_prefix = f"{owner}-{self.part}-" if usual else job_prefix(owner, below, kind.name_length)
        self.members |= {"Environment": "environment", "ExperimentConfig": "experiment", "RoleArn": "role"}
        self.network = self._network() if "vpc" in cast("Any", known).__optional_keys__ else None
        self.wait = self._wait()
        self.classifies_failures = self.wait and self.either("retry", RetryPolicy.default()).classifies_failures
        self.notes = CacheNotes()
        self.cache = self._cache(known)
        if self.cache is not None:
            self.check_cache()
        for name in _NOT_WITH_CAUSES if self.classifies_failures and self.cache is None else ():
            if props.get(name) is not None:
                fix = "leave it out, or pass retry=RetryPolicy.default()"
                self.faults.add(name, "cannot be used with a retry policy that distinguishes causes", fix)

    def finish(self, request: Mapping[str, Any], policy: Policy | None) -> tuple[dict[str, Any], list[str]]:
        """Complete the request with the job's name, and check it; see :meth:`TaskSpec.finish`."""
        name = self.job_name()
        complete, warnings = super().finish({self.kind.name_member: name, **request}, policy)
        self.known_start = self.start_of(name)
        self.names = self._names_pattern(complete[self.kind.name_member], warnings)
        self._note_writes()
        if self.cache is not None:
            warnings += self.plan_cache(complete)
        self.faults.raise_if_any()
        return complete, warnings

    def plan_cache(self, request: Mapping[str, Any]) -> list[str]:
        """Work out the key of a cached job.

        Args:
            request: Its complete request.

        Returns:
            Warnings.

        Raises:
            InvalidPropsError: If it has none.
        """
        warnings: list[str] = []
        planner = Planner(
            name=str(self.props.get("state_name") or self.construct_id),
            part=self.part,
            kind=self.kind,
            context=self.context,
            members=self.members,
            faults=self.faults,
            warnings=warnings,
            notes=self.notes,
            request=request,
        )
        self.cache_plan = planner.plan(cast("Cache", self.cache))
        self.faults.raise_if_any()
        return warnings

    def _cache(self, known: type) -> Cache | None:
        """The cache of the job's results, or the nearest default for it."""
        if "cache" not in cast("Any", known).__optional_keys__:
            return None
        given = self.props.get("cache")
        if given is None and (self.kind not in CACHED_KINDS or not self.wait):
            return None
        asked = self.either("cache", None)
        if not asked:
            return None
        if self.kind not in CACHED_KINDS:
            self.faults.add("cache", f"is not for {self.kind.value.lower()} jobs, which people do", "leave it out")
        if not self.wait:
            problem = "needs a state that waits for the job, as its result is recorded when it has ended"
            self.faults.add("cache", problem, "leave out wait_for_completion=False")
        return asked if isinstance(asked, Cache) else Cache()

    def own_place(self, output: str) -> S3Data:
        """Return the place that the job writes an output to, if the user names none: no other execution writes there.

        Args:
            output: The name of the output; empty if the job has only one.
        """
        data = (
            written_by_execution(self.context, self.part, output)
            if self.cache is None
            else self.place_of_attempt(output)
        )
        self.notes.own_places[data.location] = output
        return data

    def place_of_attempt(self, output: str) -> S3Data:
        """Return the place that an attempt of a cached job writes an output to.

        Args:
            output: The name of the output; empty if the job has only one.
        """
        data = written_by_attempt(self.context, self.part, output, attempt_of(self.part))
        self.notes.cached_places[data.location] = f"{output}/" if output else ""
        return data

    @property
    def language_of_request(self) -> Language | None:
        """JSONata for a cached job, whose key and place only it can say."""
        return None if self.cache is None else Language.JSONATA

    def check_cache(self) -> None:
        """Note the props that cannot be combined with a cache."""
        for name in _NOT_CACHED:
            if self.props.get(name) is not None:
                self.faults.add(name, "cannot be used with a cache", "leave it out, or pass cache=False")
        at = self.props.get("result_path")
        if isinstance(at, str) and at.startswith("$") and any(isinstance(step, int) for step in read_path(at).steps):
            problem = f"cannot be an item of a list with a cache, got {at}"
            self.faults.add("result_path", problem, "name a member, or pass cache=False")

    def read(self, path: str, data: S3Data | None, fingerprint: Any = None) -> None:  # noqa: ANN401 - a text or a runtime value
        """Note an input, for the key of the cache.

        Args:
            path: The path of its member, with its name in brackets: ``ProcessingInputs[raw]``.
            data: Where it is, if that is in S3.
            fingerprint: A value that stands for its data.
        """
        if data is not None:
            self.notes.places[data.location] = data.objects
        if fingerprint is not None:
            self.notes.fingerprints.append((path, fingerprint))

    def _note_writes(self) -> None:
        """Note what the job's role may write, and refuse it if that includes markers."""
        shared, path = self.context.of_stack.shared, self.faults.path
        writes = shared.setdefault("writes of jobs", [])
        for objects in dict.fromkeys(self.access.writes):
            writes.append((path, objects))
            markers = shared.get("markers", {}).get(objects.bucket_arn)
            if markers is not None and may_write(objects, objects.bucket_arn, markers):
                problem = f"may be at {markers}, where the stack's cache has its markers"
                self.faults.add("output", problem, "name a prefix of its own")

    def result_plan(self) -> ResultPlan:
        """Return what the state passes on."""
        plan = super().result_plan()
        plan.cached = self.cache_plan is not None
        return plan

    def policies(self, request: Mapping[str, Any]) -> Policies | None:
        """Return what the role of the state machine is granted for running the job."""
        run = run_job_policies(
            self.context, self.kind, self.names, self.role_arn, wait=self.wait, tags="Tags" in request
        )
        if self.cache_plan is None:
            return run
        return joined_policies(run, policies_of(self.context, self.cache_plan.statements, self.faults.path))

    @property
    def state_props(self) -> Mapping[str, str]:
        """The props that aws-cdk-lib writes; fewer where the job stands in a Parallel that classifies its failures."""
        inside = _INSIDE if self.classifies_failures or self.cache is not None else ()
        return {name: as_cdk for name, as_cdk in super().state_props.items() if name not in inside}

    @property
    def result_shape(self) -> Shape:
        """The shape of what the state gives: that of the Describe call, if it waits."""
        return result_shape(self.kind.integration, sync=self.wait)

    @property
    def summary(self) -> tuple[str, ...]:
        """Name, ARN and status; without waiting, only the ARN is known."""
        kind = self.kind
        return (kind.name_member, kind.arn_member, kind.status_member) if self.wait else (kind.arn_member,)

    @property
    def derived_from(self) -> Mapping[str, str]:
        """The job's role and its name."""
        return {"RoleArn": "role", self.kind.name_member: "job_name"}

    def image(self, image: ContainerImage, scope: str, member: str = "image") -> BoundImage:
        """The image, made ready; its repositories are declared."""
        bound = image.bind(self.context, scope=scope, instance_type=known_instance_type(self), faults=self.faults)
        if bound is None:
            # What is wrong with it is noted already; that the request lacks it would only repeat it.
            return BoundImage("unknown")
        # A private registry in the VPC is signed in to by a function.
        if bound.unknown and self.derives_role and self.props.get("private_registry") is None:
            self.unknown_image(member)
        self.access.repositories += bound.repository_arns
        if bound.pinned:
            self.notes.pinned_images.add(bound.uri)
        return bound

    def writes(self, data: S3Data) -> S3Data:
        """Declare that the job writes somewhere, with its output key."""
        key = self.output_key_arn
        if key is not None:
            data = data.encrypted_with(key)
        self.access.writes += data.objects
        self.notes.places[data.location] = data.objects
        return data

    def writes_beside(self, data: S3Data) -> S3Data:
        """Declare that the job also writes outside its output, where the API takes no key.

        The bucket's own key encrypts it, unless SageMaker uses that of the output.
        """
        self.access.writes += data.objects
        self.writes(data)
        return data

    @cached_property
    def output_key_arn(self) -> str | None:
        """The KMS key of what the job writes."""
        key = self.either("output_key", None)
        return None if key is None else key_arn(key)

    def experiment(self) -> dict[str, Any] | None:
        """The experiment that the job is recorded in."""
        experiment = self.props.get("experiment")
        return None if experiment is None else experiment.to_request()

    def whole(self, member: str, value: Any) -> Any:  # noqa: ANN401 - a mapping, a list, or what stands for one
        """Return a whole mapping of places as the API has it; None if the places are given one by one."""
        if not is_whole(value):
            return None
        if self.derives_role:
            problem = "are known only at run time, so no permission can be derived from them"
            self.faults.add(member, problem, "pass role= with the permissions that they need, or name them one by one")
        return value

    def job_name(self) -> str | Runtime:
        """The name of the job: the user's, else one that is new at every attempt."""
        given = self.props.get("job_name")
        if given is not None:
            return cast("str | Runtime", parse_runtime_values(given))
        prefix = self.props.get("job_name_prefix")
        length = self.kind.name_length
        if prefix is None:
            return fresh_name(self.name_prefix, length)
        if not is_dynamic(prefix) and not is_prefix(prefix, length):
            problem = f"must be 1-{prefix_length(length)} letters, digits and hyphens, and start with no hyphen, got {prefix!r}"
            self.faults.add("job_name_prefix", problem, "make it shorter, or leave it out")
        return fresh_name(prefix, length)

    def _network(self) -> Network | None:
        props = self.props
        return network_of(
            self.context, props.get("vpc"), props.get("vpc_subnets"), props.get("security_groups"), self.faults
        )

    def _wait(self) -> bool:
        pattern = self.props.get("integration_pattern")
        if pattern is None:
            return bool(self.props.get("wait_for_completion", True))
        name = pattern.name
        if name == "WAIT_FOR_TASK_TOKEN":
            self.faults.add(
                "integration_pattern",
                "must be RUN_JOB or REQUEST_RESPONSE, got WAIT_FOR_TASK_TOKEN, which SageMaker's APIs do not take",
                "leave it out to wait for the job",
            )
        return bool(name == "RUN_JOB")

    def start_of(self, name: str | Runtime) -> str:
        """Return what the names of the job are known to start with."""
        given = self.props.get("job_name_prefix")
        if given is not None:
            return str(given)
        start = name.parts[0] if isinstance(name, Format) else name
        return start if isinstance(start, str) else ""

    def _names_pattern(self, name: str | Runtime, warnings: list[str]) -> str:
        if self.props.get("job_name") is None:
            prefix = self.props.get("job_name_prefix")
            return self.context.of_stack.own_names if prefix is None else f"{prefix}*"
        if isinstance(name, str):
            return name
        if not self.known_start:
            warnings.append(
                "job_name is known only at run time, so the state machine may run any job; pass job_name_prefix"
            )
        return f"{self.known_start}*"


class RoleJobSpec(JobSpec):
    """Collects the request and the needs of a job that runs under a role."""

    def finish(self, request: Mapping[str, Any], policy: Policy | None) -> tuple[dict[str, Any], list[str]]:
        """Complete the request with the role, with the permissions that the job declares; see :meth:`JobSpec.finish`."""
        self.permissions = permissions_for(self.context, self.props.get("role"))
        self.role_arn = self.permissions.role_arn
        finished = super().finish(self.with_role(request, self.role_arn), policy)
        self.permissions.allow(job_statements(self.access, self.context.of_stack.place))
        return finished

    def with_role(self, request: Mapping[str, Any], role_arn: str) -> dict[str, Any]:
        """Return the request with the role that the job runs under, where the API has it."""
        return {**request, "RoleArn": role_arn}
