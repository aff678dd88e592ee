"""A SageMaker training job as a state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constructs_ml.asl.dynamic import is_dynamic
from constructs_ml.asl.expressions import Path, join
from constructs_ml.asl.literals import jsonata_text, key_for
from constructs_ml.core.enums import InputMode
from constructs_ml.core.job_spec import RoleJobSpec
from constructs_ml.core.job_task import RoleJob, SyncJob
from constructs_ml.core.network import vpc_members
from constructs_ml.core.permissions import joined_policies, policies_of
from constructs_ml.core.requests import items_or_whole
from constructs_ml.core.s3_data import Place, S3Data, as_folder, located
from constructs_ml.core.task import adapter
from constructs_ml.core.values import argument_texts
from constructs_ml.errors import Fault, InvalidPropsError
from constructs_ml.sagemaker.kinds import JobKind
from constructs_ml.spelling import did_you_mean
from constructs_ml.tasks.training.props import TrainingProps, refuse_beside_serverless, services_request
from constructs_ml.tasks.training.request import (
    MEMBERS,
    TrainingParts,
    algorithm_request,
    hyperparameters_request,
    shipped_code,
    training_output,
    training_request,
)
from constructs_ml.tasks.training.resources import plan_statements, resources_request

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import Duration
    from constructs import Construct
    from typing_extensions import Self, Unpack

    from constructs_ml.core.code import Code
    from constructs_ml.core.enums import OutputCompression
    from constructs_ml.core.image import ContainerImage
    from constructs_ml.core.metric import Metric
    from constructs_ml.core.props import AdapterProps
    from constructs_ml.core.requests import Whole
    from constructs_ml.tasks.training.channel import Channels


class TrainingJob(SyncJob, RoleJob):
    """Defines a state that runs a SageMaker training job and, by default, waits for it.

    ::

        train = ml.TrainingJob(
            self, "Train",
            image=ml.ContainerImage.sklearn("1.2-1"),
            code=ml.Code.from_asset("src/train.py"),
            channels={"train": preprocess.output("train")},
            hyperparameters={"max_depth": 6},
        )

    Its result is that of DescribeTrainingJob. Source of members and limits: the CreateTrainingJob API.
    """

    kind = JobKind.TRAINING
    _destination = S3Data("", ())
    _runs_code = False

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        image: ContainerImage | None = None,
        algorithm: str | None = None,
        code: Code | None = None,
        entrypoint: Sequence[str] | Whole | None = None,
        arguments: Sequence[str] | Whole = (),
        channels: Channels | Whole | None = None,
        input_mode: InputMode | str = InputMode.FILE,
        hyperparameters: Mapping[str, Any] | Whole | None = None,
        metric_definitions: Mapping[str, str] | Whole | None = None,
        time_series_metrics: bool | None = None,
        output: Place | None = None,
        output_compression: OutputCompression | str | None = None,
        spot: bool | None = None,
        max_wait: Duration | str | None = None,
        checkpoint: Place | None = None,
        checkpoint_path: str | None = None,
        retry_attempts: int | str | None = None,
        **props: Unpack[TrainingProps],
    ) -> None:
        """Define the job.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id, and the name of its state.
            image: The image that it runs in; or else an algorithm.
            algorithm: The name or ARN of an algorithm resource, instead of an image.
            code: The script that a framework image runs (script mode). Default: what the image runs.
            entrypoint: The command that replaces the image's own entry point.
            arguments: The arguments of the entry point.
            channels: The data that it reads, by name; found at ``/opt/ml/input/data/<name>``.
            input_mode: How the channels reach the container.
            hyperparameters: The script gets each as ``--<name> <value>``, at most 100. With ``code`` a value arrives as what
                it is here, also as ``SM_HP_<NAME>``: a string stays a string, and lists and mappings are JSON in
                ``SM_HPS``. Other images get strings as they are written. All of them may be known only at run time:
                ``sfn.JsonPath.object_at("$.hp")``, ``execution_input("hp")`` or ``"{% $states.input.hp %}"``, and so may the
                environment, the arguments, and, as the lists that the API has, tags, metrics and channels.
            metric_definitions: Regular expressions that find metrics in the log, by the metric's name, at most 40.
            time_series_metrics: Whether metrics are shown over time. Default: SageMaker decides.
            output: Where ``<job name>/output/model.tar.gz`` goes. Default: a location unique to the execution.
            output_compression: ``GZIP`` or ``NONE``. Default: ``GZIP``.
            spot: Whether it runs on spot instances, and goes on from its checkpoint after an interruption.
            max_wait: The maximum time for waiting for spot instances and running. Default: twice ``max_runtime``.
            checkpoint: Where checkpoints are kept. Default: with spot, a location unique to the execution; else none.
            checkpoint_path: Where the container keeps them. Default: ``/opt/ml/checkpoints``.
            retry_attempts: The number of times that SageMaker itself restarts the job after an internal error, at most
                30.
            props: The props that processing jobs have too, :class:`~constructs_ml.props.JobProps`, and the rarer ones
                of training jobs, :class:`~constructs_ml.training.TrainingProps`.

        Raises:
            InvalidPropsError: If anything is wrong; it lists all of it.
        """
        spec = RoleJobSpec(self.kind, scope, construct_id, props, known=TrainingProps)
        output, checkpoint = located(output), located(checkpoint)
        definition = TrainingParts(
            image=image,
            algorithm=algorithm,
            code=code,
            channels=channels or {},
            input_mode=input_mode,
            hyperparameters=hyperparameters or {},
            metric_definitions=metric_definitions or {},
            output=output,
            output_compression=output_compression,
            spot=spot,
            max_wait=max_wait,
            checkpoint=checkpoint,
            checkpoint_path=checkpoint_path,
            retry_attempts=retry_attempts,
        )
        spec.members |= {**MEMBERS, **_MEMBERS}
        destination = training_output(spec, output)
        script = shipped_code(spec, definition)
        request = {
            "HyperParameters": hyperparameters_request(spec, definition, script),
            **training_request(spec, definition, destination, script),
            **services_request(spec),
            "ExperimentConfig": spec.experiment(),
            "Tags": spec.tags(),
        }
        if "serverless" in props:
            refuse_beside_serverless(spec, image=image, algorithm=algorithm, code=code)
        else:
            registry = props.get("private_registry")
            request["AlgorithmSpecification"] = {
                **algorithm_request(spec, definition),
                "TrainingImageConfig": None if registry is None else registry.to_request(spec),
                "EnableSageMakerMetricsTimeSeries": time_series_metrics,
                "ContainerEntrypoint": None if entrypoint is None else items_or_whole(entrypoint),
                "ContainerArguments": items_or_whole(argument_texts(arguments)),
            }
            request["ResourceConfig"] = resources_request(spec)
        super().__init__(spec, request)
        self._policies = joined_policies(
            self._policies, policies_of(spec.context, plan_statements(spec), spec.faults.path)
        )
        self._destination = destination
        self._runs_code = code is not None

    @property
    def model_artifacts(self) -> S3Data:
        """The job's ``model.tar.gz``, for the states after it; without compression, the folder with its files."""
        output = self._request["OutputDataConfig"]
        compression = output if is_dynamic(output) else output.get("CompressionType")
        if compression == "NONE":
            # Where SageMaker describes it, the slash that a model's prefix must end in may lack.
            name = Path(self._result.jsonpath(self._refer("TrainingJobName")))
            written = self._as_read(self._destination)
            folder = join(*as_folder(written.location), name, "/output/model/")
            return self._noted(S3Data(folder, written.objects, is_model_folder=True), "model")
        path = self._result.jsonpath(self._refer("ModelArtifacts.S3ModelArtifacts"))
        is_folder = None if is_dynamic(compression) else False
        return self._noted(S3Data(Path(path), self._destination.objects, is_model_folder=is_folder), "model")

    def metric(self, name: str) -> Metric:  # type: ignore[override] # a state of SageMaker's has no metrics in CloudWatch
        """A metric that SageMaker reads from the job's log, for conditions and props of the states after it.

        ::

            accuracy = train.metric("test:accuracy")
            sfn.Choice(self, "GoodEnough?").when(accuracy.at_least(0.9), register).otherwise(failed)

        Its value is the last one that the job reported. If it reported none, the state fails with
        ``States.QueryEvaluationError``, which a Catch gets, and says so.

        Args:
            name: Its name in ``metric_definitions``, or one that the algorithm reports itself.

        Raises:
            InvalidPropsError: If no definition has the name, or the state does not wait for the job.
        """
        if not self.waits:
            problem = f"{name!r} is not known, as the state does not wait for the job"
            raise InvalidPropsError(self._path, [Fault("metric", problem, "leave out wait_for_completion=False")])
        pattern = self._metric_pattern(name)
        found = f"$states.result.FinalMetricDataList[MetricName = {jsonata_text(name)}].Value"
        fix = f"print a line that {pattern} matches" if pattern else "see which metrics the algorithm reports"
        lacks = jsonata_text(f" reported no {name}; {fix}")
        missing = f"$error('the training job ' & $states.result.TrainingJobName & {lacks})"
        return self._measured(name, name, f"($exists({found}) ? $number({found}) : {missing})")

    def _metric_pattern(self, name: str) -> str:
        """Return the regular expression of a metric; empty if the algorithm reports it itself.

        Raises:
            InvalidPropsError: If the job does not report it.
        """
        algorithm = self._request.get("AlgorithmSpecification")
        given = algorithm.get("MetricDefinitions") if isinstance(algorithm, dict) else None
        definitions = given if isinstance(given, list) else []
        patterns = {str(each.get("Name")): str(each.get("Regex", "")) for each in definitions if isinstance(each, dict)}
        if not isinstance(name, str) or not name or key_for(name) != name:
            problem = f"must be a name without quotes and backslashes, got {name!r}"
            raise InvalidPropsError(self._path, [Fault("metric", problem, "pass 'test:accuracy'")])
        if name in patterns or (not definitions and not self._runs_code) or (given and not definitions):
            return patterns.get(name, "")
        hint = did_you_mean(name, patterns) or (f"; it has {', '.join(patterns)}" if patterns else "")
        fix = f"pass metric_definitions={{{name!r}: 'accuracy=([0-9.]+)'}}"
        raise InvalidPropsError(self._path, [Fault("metric", f"{name!r} is in no metric_definitions{hint}", fix)])

    @classmethod
    def from_model_trainer(
        cls,
        scope: Construct,
        construct_id: str,
        trainer: Any,  # noqa: ANN401 - an object of the SDK's
        *,
        run: Mapping[str, Any] | None = None,
        **props: Unpack[AdapterProps],
    ) -> Self:
        """Define a job by a model trainer of the SageMaker Python SDK and the arguments of its ``train``.

        The SDK is asked offline. Local code becomes assets, artifacts without a place of their own go to one that only the
        running execution writes to, and the job's role is granted what the request names.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id, and the name of its state.
            trainer: A ``ModelTrainer``, of version 3 of the SDK; it is left as it is.
            run: The arguments of its ``train``; any string in it may be a token, a JsonPath or a JSONata expression.
            props: Further props of the job.

        Raises:
            InvalidPropsError: If anything is wrong; it lists all of it.
            MissingRequirementError: If no SageMaker SDK is installed.
        """
        job: Self = adapter("training").from_model_trainer(cls, scope, construct_id, trainer, run or {}, props)
        return job

    @classmethod
    def from_estimator(
        cls,
        scope: Construct,
        construct_id: str,
        estimator: Any,  # noqa: ANN401 - an object of the SDK's
        *,
        run: Mapping[str, Any] | None = None,
        **props: Unpack[AdapterProps],
    ) -> Self:
        """Define a job by an estimator of version 2 of the SageMaker Python SDK and the arguments of its ``fit``.

        All else is as for :meth:`from_model_trainer`.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id, and the name of its state.
            estimator: An ``Estimator`` or a framework's; it is left as it is.
            run: The arguments of its ``fit``; any string in it may be a token, a JsonPath or a JSONata expression.
            props: Further props of the job.

        Raises:
            InvalidPropsError: If anything is wrong; it lists all of it.
            MissingRequirementError: If no SageMaker SDK is installed.
        """
        job: Self = adapter("training").from_model_trainer(cls, scope, construct_id, estimator, run or {}, props)
        return job


_MEMBERS = {
    "AlgorithmSpecification.ContainerArguments": "arguments",
    "AlgorithmSpecification.ContainerEntrypoint": "entrypoint",
    "AlgorithmSpecification.EnableSageMakerMetricsTimeSeries": "time_series_metrics",
    "AlgorithmSpecification.TrainingImageConfig": "private_registry",
    "DebugHookConfig": "debug_hook",
    "DebugRuleConfigurations": "debug_rules",
    "InfraCheckConfig.EnableInfraCheck": "infra_check",
    "MlflowConfig": "mlflow",
    "ModelPackageConfig": "model_package",
    "ProfilerConfig": "profiler",
    "ProfilerRuleConfigurations": "profiler_rules",
    "RemoteDebugConfig.EnableRemoteDebug": "remote_debug",
    "ServerlessJobConfig": "serverless",
    "SessionChainingConfig.EnableSessionTagChaining": "session_tag_chaining",
    "TensorBoardOutputConfig": "tensorboard",
    "TrainingJobName": "job_name",
    **vpc_members("VpcConfig"),
}
