"""A SageMaker hyperparameter tuning job as a state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import Language, Path, join
from constructs_ml.core.enums import api_value
from constructs_ml.core.job_spec import JobSpec, RoleJobSpec
from constructs_ml.core.job_task import RoleJob, SyncJob
from constructs_ml.core.result import Result
from constructs_ml.core.s3_data import S3Data, as_folder
from constructs_ml.core.task import adapter
from constructs_ml.errors import Fault, InvalidPropsError
from constructs_ml.sagemaker.kinds import JobKind
from constructs_ml.tasks.tuning.options import TuningProps, TuningStrategy
from constructs_ml.tasks.tuning.request import MEMBERS, search_request
from constructs_ml.tasks.tuning.training_definition import TrainingDefinition
from constructs_ml.tasks.tuning.trials import Trials, passed_trial_role, trials_request

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_stepfunctions as sfn
    from constructs import Construct
    from typing_extensions import Self, Unpack

    from constructs_ml.core.metric import Metric
    from constructs_ml.core.props import AdapterProps
    from constructs_ml.tasks.tuning.options import Objective
    from constructs_ml.tasks.tuning.ranges import Range

BEST = "BestTrainingJob"


class TuningSpec(RoleJobSpec):
    """Collects the request and the needs of a tuning job, whose definitions have the role."""

    def with_role(self, request: Mapping[str, Any], role_arn: str) -> dict[str, Any]:
        """Return the request with the role that the training jobs run under."""
        one, several = request.get("TrainingJobDefinition"), request.get("TrainingJobDefinitions")
        out = dict(request)
        if one is not None:
            out["TrainingJobDefinition"] = {**one, "RoleArn": role_arn}
        if several is not None:
            out["TrainingJobDefinitions"] = [{**item, "RoleArn": role_arn} for item in several]
        return out


class TuningJob(SyncJob, RoleJob):
    """Defines a state that searches for the best hyperparameters and, by default, waits for the result.

    ::

        tune = ml.TuningJob(
            self, "Tune",
            training=ml.tuning.TrainingDefinition(
                image=ml.ContainerImage.sklearn("1.2-1"),
                code=ml.Code.from_asset("src/train.py"),
                channels={"train": preprocess.output("train")},
                metric_definitions={"accuracy": "accuracy=([0-9.]+)"},
            ),
            objective=ml.tuning.Objective.maximize("accuracy"),
            ranges={"max_depth": ml.tuning.IntegerRange(2, 12), "eta": ml.tuning.ContinuousRange(0.01, 0.5)},
            max_jobs=20,
            max_parallel_jobs=4,
        )

    The training jobs run under the job's role and are named after the tuning job. Its result is that of
    DescribeHyperParameterTuningJob. Source of members and limits: the CreateHyperParameterTuningJob API.
    """

    kind = JobKind.TUNING
    spec_class = TuningSpec
    _trials = Trials([], None)

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        training: TrainingDefinition | Sequence[TrainingDefinition],
        objective: Objective | None = None,
        ranges: Mapping[str, Range] | None = None,
        strategy: TuningStrategy | str = TuningStrategy.BAYESIAN,
        max_jobs: int | str | None = None,
        max_parallel_jobs: int | str = 1,
        **props: Unpack[TuningProps],
    ) -> None:
        """Define the job.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id, and the name of its state.
            training: The definition of its trials; or several such definitions, at most 10, that are tuned side by
                side.
            objective: The metric that is optimized. Default: each definition has its own.
            ranges: The ranges to search, by hyperparameter. Default: each definition has its own.
            strategy: How the next values are chosen.
            max_jobs: The maximum number of training jobs. Default: 10; with a grid as many as it has points, and
                with Autotune or ``max_tuning_time`` SageMaker decides.
            max_parallel_jobs: The maximum number that run at the same time.
            props: The rarer props of tuning jobs, :class:`~constructs_ml.tuning.TuningProps`, and those of other jobs.
                The trials take instances, network and environment from here unless their definition says otherwise.

        Raises:
            InvalidPropsError: If anything is wrong; it lists all of it.
        """
        spec = TuningSpec(self.kind, scope, construct_id, props, known=TuningProps)
        several = not isinstance(training, TrainingDefinition)
        definitions = [training] if isinstance(training, TrainingDefinition) else list(training)
        spec.members |= MEMBERS
        warm_start = props.get("warm_start")
        trials = trials_request(spec, definitions, objective, ranges, several=several)
        super().__init__(
            spec,
            {
                "HyperParameterTuningJobConfig": search_request(
                    spec,
                    definitions,
                    strategy=api_value(strategy),
                    objective=None if several else objective,
                    ranges=None if several else ranges,
                    max_jobs=max_jobs,
                    max_parallel_jobs=max_parallel_jobs,
                ),
                **({"TrainingJobDefinitions": trials.requests} if several else {}),
                **({} if several else {"TrainingJobDefinition": trials.requests[0]}),
                "WarmStartConfig": None if warm_start is None else warm_start.to_request(),
                "Autotune": {"Mode": "Enabled"} if props.get("autotune") else None,
                "Tags": spec.tags(),
            },
        )
        self._trials = trials

    def _passed_role(self, spec: JobSpec, request: dict[str, Any]) -> str | None:
        return passed_trial_role(spec, request)

    # What the states after it can use ----------------------------------------------------------------------------

    def best_training_job(self, member: str = "TrainingJobName") -> str:
        """A member of the best training job's summary, for the states after it.

        The API does not promise that there is a best training job: without one no trial has reported the objective.
        A state that refers to it then ends the execution, so ask :attr:`has_best_training_job` first where trials may
        report nothing. The whole description is passed on for it (``Result.FULL``), a few kilobytes a definition.

        Args:
            member: Such as ``TunedHyperParameters.max_depth`` or ``FinalHyperParameterTuningJobObjectiveMetric.Value``.

        Returns:
            A JsonPath token, or a JSONata expression if that is the state's query language.

        Raises:
            InvalidPropsError: If a summary has no such member, or the job's description is not passed on.
        """
        self._hand_on_all()
        return self.result(f"{BEST}.{member}")

    @property
    def has_best_training_job(self) -> sfn.Condition:
        """A condition for a Choice after the job: a trial has reported the objective."""
        from aws_cdk import aws_stepfunctions as sfn

        self._hand_on_all()
        path = self._refer(BEST)
        if self._language is Language.JSONATA:
            return sfn.Condition.jsonata(f"{{% $exists({self._result.jsonata(path)}) %}}")
        self._compared = True
        return sfn.Condition.is_present(self._result.jsonpath(path))

    def best_objective(self) -> Metric:
        """The objective of the best training job, for conditions and props of the states after it.

        ::

            sfn.Choice(self, "GoodEnough?").when(tune.best_objective().at_least(0.9), register).otherwise(failed)

        If no training job reported the objective, the state fails with ``States.QueryEvaluationError``, which a Catch gets.

        Raises:
            InvalidPropsError: If the state does not wait for the job.
        """
        if not self.waits:
            problem = "is not known, as the state does not wait for the job"
            raise InvalidPropsError(
                self._path, [Fault("best_objective", problem, "leave out wait_for_completion=False")]
            )
        found = f"$states.result.{BEST}.FinalHyperParameterTuningJobObjectiveMetric.Value"
        why = "' reported its objective; see the logs of its training jobs'"
        missing = f"$error('no training job of ' & $states.result.HyperParameterTuningJobName & {why})"
        return self._measured("best objective", "BestObjective", f"($exists({found}) ? $number({found}) : {missing})")

    @property
    def best_model_artifacts(self) -> S3Data:
        """The ``model.tar.gz`` of the best training job, for the states after it; see :meth:`best_training_job`.

        The description does not have its place, but SageMaker puts it at ``<output>/<job name>/output/``.

        Raises:
            InvalidPropsError: If the definitions write to different places, or do not compress their model.
        """
        output = self._trials.output
        if output is None:
            problem = "have no one place for their artifacts, so that of the best job is unknown"
            raise InvalidPropsError(self._path, [Fault("training", problem, "give the definitions the same output")])
        self._hand_on_all()
        output = self._as_read(output)
        name = Path(self._result.jsonpath(self._refer(f"{BEST}.TrainingJobName")))
        place = join(*as_folder(output.location), name, "/output/model.tar.gz")
        return self._noted(S3Data(place, output.objects), "best model")

    def _hand_on_all(self) -> None:
        plan = self._result
        if plan.content is Result.SUMMARY and plan.selector is None:
            if plan.sealed:
                problem = "is not passed on by the state machine, which is defined already"
                raise InvalidPropsError(self._path, [Fault(BEST, problem, "refer to it before")])
            plan.content = Result.FULL

    @classmethod
    def from_tuner(
        cls,
        scope: Construct,
        construct_id: str,
        tuner: Any,  # noqa: ANN401 - an object of the SDK's
        *,
        run: Mapping[str, Any] | None = None,
        **props: Unpack[AdapterProps],
    ) -> Self:
        """Define a job by a tuner of the SageMaker Python SDK and the arguments of its ``tune`` or ``fit``.

        The SDK is asked offline. Local code becomes assets, artifacts without a place of their own go to one that only the
        running execution writes to, and the job's role is granted what the request names.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id, and the name of its state.
            tuner: A ``HyperparameterTuner``, of version 3 or 2 of the SDK; it is left as it is.
            run: The arguments of its ``tune`` (version 3) or ``fit`` (version 2); any string in it may be a token, a
                JsonPath or a JSONata expression.
            props: Further props of the job.

        Raises:
            InvalidPropsError: If anything is wrong; it lists all of it.
            MissingRequirementError: If no SageMaker SDK is installed.
        """
        job: Self = adapter("tuning").from_tuner(cls, scope, construct_id, tuner, run or {}, props)
        return job
