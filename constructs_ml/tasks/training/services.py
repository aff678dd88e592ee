"""Services that a training job uses in addition to its data: a private registry, MLflow, the model registry, serverless training."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import Runtime
from constructs_ml.core.enums import api_value
from constructs_ml.core.model_data import read_hub_content
from constructs_ml.core.values import parse_text
from constructs_ml.iam.statements import Statement

if TYPE_CHECKING:
    from constructs_ml.core.cdk_types import AnyFunction
    from constructs_ml.core.enums import CustomizationTechnique, EvaluationType, Peft
    from constructs_ml.core.job_spec import JobSpec

REMOTE_DEBUG = (
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
)
"""Actions of a container that one connects to. Source: "Access a training container through AWS Systems Manager for remote
debugging" of the SageMaker developer guide."""

TRACK_RUNS = tuple(
    f"sagemaker-mlflow:{action}"
    for action in (
        "CreateExperiment",
        "CreateRun",
        "EndTrace",
        "FinalizeLoggedModel",
        "GetExperiment",
        "GetExperimentByName",
        "GetMetricHistory",
        "GetRun",
        "ListArtifacts",
        "LogBatch",
        "LogInputs",
        "LogLoggedModelParams",
        "LogMetric",
        "LogModel",
        "LogOutputs",
        "LogParam",
        "SearchExperiments",
        "SearchRuns",
        "SearchTraces",
        "SetExperimentTag",
        "SetLoggedModelTags",
        "SetTag",
        "StartTrace",
        "UpdateRun",
    )
)
"""Actions that record a run. Source: "Actions, resources, and condition keys for Amazon SageMaker with MLflow", and the
managed policy AmazonSageMakerJobFullAccess."""

CALL_APP = ("sagemaker:CallMlflowAppApi", "sagemaker:DescribeMlflowApp")
"""Actions that reach an MLflow app. Source: the managed policy AmazonSageMakerJobFullAccess."""

REGISTER = ("sagemaker:AccessModelPackage", "sagemaker:CreateModelPackage", "sagemaker:DescribeModelPackage")
"""Actions that register a version. Source: the managed policy AmazonSageMakerJobFullAccess."""


class RegistryAccess(Enum):
    """SageMaker's way to the registry of an image."""

    PLATFORM = "Platform"
    """ECR, as always."""
    VPC = "Vpc"
    """A private registry in the job's VPC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateRegistry:
    """A Docker registry of your own that the training image is pulled from.

    Source: "Adapt your training job to access images in a private Docker registry" of the SageMaker developer guide.

    Attributes:
        credentials: The Lambda function that gives the credentials. Default: the registry asks for none.
        access: How the registry is reached. Default: in the job's VPC.
    """

    credentials: AnyFunction | None = None
    access: RegistryAccess | str = RegistryAccess.VPC

    def to_request(self, spec: JobSpec) -> dict[str, Any]:
        """The ``TrainingImageConfig``; what it needs is declared."""
        if api_value(self.access) == RegistryAccess.VPC.value and spec.network is None:
            spec.faults.add("private_registry", "requires a VPC, got none", "pass vpc=")
        auth = None
        if self.credentials is not None:
            arn = self.credentials.function_arn
            spec.access.other.append(Statement(("lambda:InvokeFunction",), (arn,)))
            auth = {"TrainingRepositoryCredentialsProviderArn": arn}
        return {"TrainingRepositoryAccessMode": api_value(self.access), "TrainingRepositoryAuthConfig": auth}


@dataclass(frozen=True, slots=True, kw_only=True)
class MlflowTracking:
    """The MLflow server that a training job records its run with.

    Attributes:
        resource_arn: The ARN of a tracking server or an MLflow app.
        experiment_name: The MLflow experiment. Default: SageMaker's choice.
        run_name: The MLflow run. Default: SageMaker's choice.
    """

    resource_arn: str
    experiment_name: str | None = None
    run_name: str | None = None

    def to_request(self, spec: JobSpec) -> dict[str, Any]:
        """The ``MlflowConfig``; what it needs is declared."""
        app = ":mlflow-app/" in self.resource_arn
        _allow(spec, (*TRACK_RUNS, *(CALL_APP if app else ())), self.resource_arn, "mlflow")
        return {
            "MlflowResourceArn": self.resource_arn,
            "MlflowExperimentName": self.experiment_name,
            "MlflowRunName": self.run_name,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPackageOutput:
    """The group that serverless training registers its model in.

    Attributes:
        group_arn: The model package group that the new version belongs to.
        source_arn: The model package that is trained further or evaluated. Default: none.
    """

    group_arn: str
    source_arn: str | None = None

    def to_request(self, spec: JobSpec) -> dict[str, Any]:
        """The ``ModelPackageConfig``; what it needs is declared."""
        in_group = ("sagemaker:CreateModelPackage", "sagemaker:DescribeModelPackageGroup")
        _allow(spec, in_group, self.group_arn, "model_package")
        group = parse_text(self.group_arn)
        if isinstance(group, str) and ":model-package-group/" in group:
            versions = f"{group.replace(':model-package-group/', ':model-package/')}/*"
            spec.access.other.append(Statement(REGISTER, (versions,)))
        elif isinstance(group, str):
            # The name in a group's ARN that is known only at deployment cannot be split off.
            place = spec.context.of_stack.place
            spec.access.other.append(Statement(REGISTER, (place.arn("sagemaker", "model-package/*"),)))
        if self.source_arn is not None:
            read = ("sagemaker:AccessModelPackage", "sagemaker:DescribeModelPackage")
            _allow(spec, read, self.source_arn, "model_package")
        return {"ModelPackageGroupArn": self.group_arn, "SourceModelPackageArn": self.source_arn}


class ServerlessJobType(Enum):
    """The use that serverless training makes of the base model."""

    FINE_TUNING = "FineTuning"
    EVALUATION = "Evaluation"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerlessTraining:
    """Training of a foundation model on capacity that SageMaker chooses, instead of an image and instances.

    Attributes:
        base_model_arn: The base model in SageMaker's public hub.
        job_type: Whether the model is fine-tuned or evaluated.
        accept_eula: Whether the model's licence is accepted. Default: no.
        technique: ``SFT``, ``DPO``, ``RLVR`` or ``RLAIF``.
        peft: ``LORA`` to train few parameters. Default: SageMaker's choice.
        evaluation_type: ``LLMAJEvaluation``, ``CustomScorerEvaluation`` or ``BenchmarkEvaluation``.
        evaluator_arn: The reward function or prompt: a Lambda function or content of a hub.
        sequence_length: The longest sequence in tokens: ``1K`` to ``128K``. Default: SageMaker's choice.
    """

    base_model_arn: str
    job_type: ServerlessJobType | str = ServerlessJobType.FINE_TUNING
    accept_eula: bool | None = None
    technique: CustomizationTechnique | str | None = None
    peft: Peft | str | None = None
    evaluation_type: EvaluationType | str | None = None
    evaluator_arn: str | None = None
    sequence_length: str | None = None

    def to_request(self, spec: JobSpec) -> dict[str, Any]:
        """The ``ServerlessJobConfig``; what it needs is declared."""
        read_hub_content(spec, self.base_model_arn, "serverless")
        evaluator = self.evaluator_arn
        if evaluator is not None and ":lambda:" in evaluator:
            spec.access.other.append(Statement(("lambda:InvokeFunction",), (evaluator,)))
        elif evaluator is not None:
            read_hub_content(spec, evaluator, "serverless")
        if api_value(self.job_type) == ServerlessJobType.EVALUATION.value and self.evaluation_type is None:
            fix = "pass ml.training.ServerlessTraining(evaluation_type=...)"
            spec.faults.add("serverless.evaluation_type", "is required for an evaluation", fix)
        return {
            "BaseModelArn": self.base_model_arn,
            "AcceptEula": self.accept_eula,
            "JobType": api_value(self.job_type),
            "CustomizationTechnique": self.technique,
            "Peft": self.peft,
            "EvaluationType": self.evaluation_type,
            "EvaluatorArn": evaluator,
            "SequenceLength": self.sequence_length,
        }


def _allow(spec: JobSpec, actions: tuple[str, ...], arn: str, member: str) -> None:
    known = parse_text(arn)
    if not isinstance(known, Runtime):
        spec.access.other.append(Statement(actions, (known,)))
    elif spec.derives_role:
        problem = "has an ARN that is known only at run time, so no permission can be derived from it"
        spec.faults.add(member, problem, "pass role= with the permission to use it")
