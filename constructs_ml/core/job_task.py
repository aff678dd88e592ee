"""The base of all jobs: a call with a name that is new at every attempt, a status and, for most, a role of its own."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

import jsii
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.asl.cached_job import CACHE, KEY, LINEAGE, PLACE, CachedJob
from constructs_ml.asl.expressions import Format, Language, Path, join
from constructs_ml.asl.literals import member_path
from constructs_ml.asl.retry import CAUSES, render_retry
from constructs_ml.core.cache_plan import CACHED_KINDS, results_of_cached
from constructs_ml.core.context import pseudo
from constructs_ml.core.job_spec import JobSpec, RoleJobSpec
from constructs_ml.core.native_task import instead_of_job_metrics
from constructs_ml.core.network import connectable
from constructs_ml.core.permissions import joined_policies, policies_of
from constructs_ml.core.prop_checks import check_method
from constructs_ml.core.props import JobRequestProps
from constructs_ml.core.result import METRICS
from constructs_ml.core.s3_data import places_of_executions
from constructs_ml.core.task import FromRequest, SageMakerTask, passed_role
from constructs_ml.errors import Fault, InvalidPropsError
from constructs_ml.sagemaker.kinds import JobKind
from constructs_ml.spelling import is_near, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_events as events
    from constructs import Construct

    from constructs_ml.asl.expressions import Runtime
    from constructs_ml.core.cache import Cache
    from constructs_ml.core.cache_plan import CachePlan
    from constructs_ml.core.cdk_types import AnyTarget
    from constructs_ml.core.execution_role import JobPermissions
    from constructs_ml.core.s3_data import S3Data


_LONGEST_NAME = 128
"""The characters that the name of an entry of a model package's metadata may have."""


class Job(SageMakerTask):
    """A SageMaker job as a state of a workflow.

    Attributes:
        kind: The kind of job.
        spec_class: The class of the spec with which ``sdk`` collects the request of a job from an SDK object;
            constructors name theirs.
    """

    kind: JobKind
    spec_class: type[JobSpec] = JobSpec
    _spec: JobSpec
    _role_member: str | None = None
    _output: S3Data | None = None
    _places_in_result: dict[Runtime, str] | None = None

    @property
    def _noted_places(self) -> dict[Runtime, str]:
        """The places in the job's result that were handed out, with the part of the output that each is."""
        if self._places_in_result is None:
            self._places_in_result = {}
        return self._places_in_result

    @property
    def job_name_prefix(self) -> str:
        """The start of this job's names at every attempt; empty if it is not known."""
        return self._spec.known_start

    def _as_read(self, data: S3Data) -> S3Data:
        """A place that the job writes to, for the states after it: that of the attempt whose result a cached job has."""
        output = self._spec.notes.cached_places.get(data.location)
        if output is None:
            return data
        place = Path(self._result.jsonpath(self._refer(f"{CACHE}.{PLACE}")))
        read = replace(data, location=join(place, output))
        places_of_executions(self._spec.context).append(read)
        return read

    def _noted(self, data: S3Data, part: str) -> S3Data:
        """A place in the job's result, which stands for a part of the job's output in the keys of cached jobs that read it."""
        self._noted_places[cast("Runtime", data.location)] = part
        if self._spec.cache_plan is not None:
            self._tell_of_results()
        return data

    def _tell_of_results(self) -> None:
        """Tell the jobs that read this one's result what stands for it in their keys."""
        for location, part in self._noted_places.items():
            key = Path(self._result.jsonpath(self._refer(f"{CACHE}.{KEY}")))
            results_of_cached(self._spec.context)[location] = Format((key, f"/{part}"))

    @property
    def takes_cache(self) -> bool:
        """True if a cache of the whole workflow is for this job."""
        spec = self._spec
        given = spec.props.get("cache")
        return (
            spec.cache is None
            and given is None
            and spec.wait
            and spec.kind in CACHED_KINDS
            and bool(spec.notes.own_places)
        )

    def take_cache(self, cache: Cache) -> dict[Format, str | Runtime]:
        """Write to places of each attempt, before the state is written and the key is known.

        Args:
            cache: The cache of the workflow.

        Returns:
            The places for the states after it, by those that they were given.
        """
        spec = self._spec
        spec.cache, self._result.cached = cache, True
        spec.check_cache()
        spec.faults.raise_if_any()
        written = {
            location: spec.place_of_attempt(output).location for location, output in spec.notes.own_places.items()
        }
        self.move_places(written)
        place = Path(self._result.jsonpath(self._refer(f"{CACHE}.{PLACE}")))
        self._tell_of_results()
        spec.notes.cached_places.update({location: spec.notes.cached_places[new] for location, new in written.items()})
        return {location: join(place, spec.notes.cached_places[location]) for location in written}

    def plan_cache(self) -> None:
        """Work out the key of a job that takes the cache of its workflow, once it reads what other cached jobs write.

        Raises:
            InvalidPropsError: If it has none.
        """
        spec = self._spec
        for warning in spec.plan_cache(self._request):
            self._warn(warning)
        statements = policies_of(spec.context, cast("CachePlan", spec.cache_plan).statements, spec.faults.path)
        self._policies = joined_policies(self._policies, statements)

    def _known_output(self) -> S3Data:
        if self._output is None:
            fix = "pass S3Data.from_uri(...) of the place"
            raise InvalidPropsError(
                self._path, [Fault("output_location", "is not known for a job that is defined by a request", fix)]
            )
        return self._output

    def _passed_role(self, spec: JobSpec, request: dict[str, Any]) -> str | None:
        """Return the role that the state machine passes to SageMaker for a request that is passed as a whole."""
        return passed_role(spec, request, self._role_member)

    def _check_error_names(self, member: str, errors: Sequence[str]) -> None:
        for error in errors:
            if error in CAUSES and not self._spec.classifies_failures:
                problem = f"cannot name {error}: to Step Functions every failed job is States.TaskFailed"
                raise InvalidPropsError(self._path, [Fault(member, problem, "pass retry=RetryPolicy.by_cause()")])
            if (
                self._spec.classifies_failures
                and error not in CAUSES
                and (meant := nearest(error, CAUSES))
                and is_near(error, meant[0])
            ):
                problem = f"names {error!r}, which no job fails with"
                raise InvalidPropsError(self._path, [Fault(member, problem, f"did you mean {meant[0]}?")])

    def _retries(self) -> list[dict[str, Any]]:
        return render_retry(self._retry_policy.inside(), ()) if self._spec.classifies_failures else super()._retries()

    def _render_task(self, top_level_query_language: Any = None) -> Mapping[str, Any]:  # noqa: ANN401 - from jsii
        if self._spec.cache_plan is not None:
            return self._render_cached(self._spec.cache_plan, top_level_query_language)
        task = dict(super()._render_task(top_level_query_language))
        if not self._spec.classifies_failures:
            return task
        from constructs_ml.asl.polling import classify_failures

        around = classify_failures(self.state_id, task | self._parallel_fields("Arguments" in task))
        if retries := render_retry(self._retry_policy.around(), self._added_retries):
            around["Retry"] = retries
        # The Parallel is in the language of the job in it, and its catches are those of the job.
        return around | {name: task[name] for name in ("QueryLanguage", "Catch") if name in task}

    def _render_cached(self, plan: CachePlan, top_level_query_language: Any) -> dict[str, Any]:  # noqa: ANN401 - from jsii
        from constructs_ml.asl.polling import classify_failures, inner_name

        after, written = self._begin(top_level_query_language, Language.JSONATA)
        run: dict[str, Any] = {
            "Type": "Task",
            "QueryLanguage": "JSONata",
            "Resource": self._arn,
            "Arguments": written,
            **self._parallel_fields(jsonata=True),
        }
        run.pop("ResultPath", None)
        if retries := self._retries():
            run["Retry"] = retries
        if self._spec.classifies_failures:
            run = classify_failures(inner_name(self.state_id, "run"), run) | {"QueryLanguage": "JSONata"}
            if around := render_retry(self._retry_policy.around(), self._added_retries):
                run["Retry"] = around
        branch = CachedJob(
            name=self.state_id,
            part=self._spec.part,
            partition=pseudo("PARTITION"),
            bucket=plan.bucket,
            folder=plan.folder,
            key=plan.key,
            expires=plan.cache.milliseconds,
            place=plan.place,
            output=self._result.of_description(),
            members=tuple(self._result.members),
            verifies=plan.cache.verify_outputs,
            lineage=plan.lineage if self._result.lineage else None,
        )
        only = {"Output": "{% $states.result[0] %}"} if after is Language.JSONATA else {"OutputPath": "$[0]"}
        return {"Type": "Parallel", "Branches": [branch.to_asl(run)], **only}

    def _parallel_fields(self, jsonata: bool) -> dict[str, Any]:
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

    def lineage(self) -> dict[str, str]:
        """Return the origin of a cached job's result, for the metadata of a model package.

        ::

            train = ml.TrainingJob(self, "Train", ..., cache=ml.Cache())
            ml.RegisterModel(self, "Register", ..., customer_metadata=train.lineage())

        On a hit it is that of the job that ran: the execution, the key, the image, a digest of the code and of each input, and the
        metrics that states after the job use.

        Returns:
            JsonPath tokens, or JSONata expressions if that is its query language, by names such as ``Train.code``.

        Raises:
            InvalidPropsError: If the job has no cache of its own, or the state machine is defined already.
        """
        plan = self._spec.cache_plan
        if plan is None:
            problem = "is known of cached jobs only"
            fix = "pass cache=ml.Cache() to the job or to JobDefaults"
            raise InvalidPropsError(self._path, [Fault("lineage", problem, fix)])
        if self._result.sealed and not self._result.lineage:
            problem = "is not passed on by the state machine, which is defined already"
            raise InvalidPropsError(self._path, [Fault("lineage", problem, "call it before")])
        self._result.lineage = True
        place = self._result.jsonpath(self._refer(f"{CACHE}.{LINEAGE}"))
        names = ("execution", "key", *plan.lineage)
        found = {name: Path(member_path(name, root=place)) for name in names}
        metrics = {name: Path(self._result.jsonpath(member_path(METRICS, name)[2:])) for name in self._result.measured}
        state = self._result.name
        texts: dict[str, Runtime] = {**found, **{f"metrics.{name}": Format((path,)) for name, path in metrics.items()}}
        return {f"{state}.{name}"[:_LONGEST_NAME]: self._handed(value) for name, value in texts.items()}

    def _handed(self, value: Runtime) -> str:
        if self._language is Language.JSONATA:
            return f"{{% {value.jsonata} %}}"
        return str(sfn.JsonPath.string_at(value.jsonpath))

    def status_is(self, *statuses: str) -> sfn.Condition:
        """Return a condition for a Choice after the job: it ended with one of these statuses.

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

    def _instead_of_metrics(self) -> tuple[str, str]:
        # Labeling jobs have no instances.
        namespace = None if self.kind is JobKind.LABELING else self.kind.log_group
        return instead_of_job_metrics(namespace, self.job_name_prefix)


class SyncJob(Job, FromRequest):
    """A job that Step Functions itself can wait for, and that EventBridge hears of."""

    def _start_from(
        self, scope: Construct, construct_id: str, request: Mapping[str, Any], props: Mapping[str, Any]
    ) -> None:
        given = dict(request)
        name = given.pop(self.kind.name_member, None)
        named = props if name is None else {**props, "job_name": name}
        spec = JobSpec(self.kind, scope, construct_id, named, known=JobRequestProps)
        spec.role_arn = self._passed_role(spec, given)
        SageMakerTask.__init__(self, spec, given)

    @property
    def name_filter(self) -> str | dict[str, str] | None:
        """The filter of an event pattern for this job's name; None if nothing is known of the name."""
        name = self._request[self.kind.name_member]
        if isinstance(name, str):
            return name
        return {"prefix": self.job_name_prefix} if self.job_name_prefix else None

    @check_method
    def on_state_change(
        self,
        id: str,  # noqa: A002 - as aws-cdk-lib's own methods call it
        *,
        target: AnyTarget | None = None,
        statuses: Sequence[str] = (),
        description: str | None = None,
    ) -> events.Rule:
        """Define a rule on the job's state changes, in all executions and attempts.

        ::

            train.on_state_change("Failed", statuses=["Failed", "Stopped"], target=topic)

        :class:`~constructs_ml.JobStateChangeRule` is for several jobs, and says how events are delivered.

        Args:
            id: The id of the rule, in the job's scope.
            target: A topic, queue, Lambda function, state machine or log group; or a target of aws_events_targets. Default:
                none; ``add_target`` of the rule adds more.
            statuses: Statuses such as ``Failed``. Default: any.
            description: The purpose of the rule, in words.

        Raises:
            InvalidPropsError: If the job's name is known only at run time, a status does not exist, or the target is of no known
                kind.
        """
        # The rules stand above the jobs: this is the one arrow up to them, and a dynamic one.
        rules = import_module("constructs_ml.workflow.events.rule")
        targets = [] if target is None else [target]
        made = rules.JobStateChangeRule(
            self, id, jobs=[self], statuses=statuses, targets=targets, description=description
        )
        rule: events.Rule = made.rules[self.kind]
        return rule


@connectable
@jsii.implements(iam.IGrantable)
class RoleJob(Job):
    """A job that runs under a role."""

    spec_class = RoleJobSpec
    _role_member = "RoleArn"

    @property
    def role(self) -> iam.IRole:
        """The role that the job runs under.

        Raises:
            InvalidPropsError: If only the request names it.
        """
        return self._permissions.role

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """Return the principal of grants to the job, its role: ``table.grant_read_data(job)``."""
        return self._permissions.granted.grant_principal

    @property
    def _permissions(self) -> JobPermissions:
        permissions = self._spec.permissions
        if permissions is None:
            raise InvalidPropsError(self._path, [Fault("role", "is known by its request only", "grant to that role")])
        return permissions

    @property
    def connections(self) -> ec2.Connections:
        """The job's security groups: ``database.connections.allow_default_port_from(job)``.

        Raises:
            InvalidPropsError: If the job does not run in a VPC.
        """
        from aws_cdk import aws_ec2 as ec2

        network = self._spec.network
        if network is None:
            raise InvalidPropsError(self._path, [Fault("connections", "needs a vpc, got none", "pass vpc=")])
        return ec2.Connections(security_groups=list(network.groups))
