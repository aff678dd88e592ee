"""AWS CDK constructs for machine-learning workflows on Step Functions and SageMaker.

Names are imported when they are first used: the pure parts of the library and its command start without aws_cdk. Type
checkers read them from the stub beside this module.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    name: f"constructs_ml.{module}"
    for module, names in {
        "asl.retry": "Retrier RetryPolicy",
        "checks.checking": "check_definition check_template",
        "checks.violation": "Severity Violation",
        "errors": "ConstructsMLError Fault InvalidPropsError LocalRunError MissingRequirementError",
        "events.resource_rules": "EndpointStateChangeRule ModelPackageStateChangeRule",
        "events.rule": "JobStateChangeRule",
        "hosting.capture": "AsyncInference DataCapture",
        "hosting.container": "ModelContainer",
        "hosting.deploy": "DeployEndpoint",
        "hosting.deployment": "Capacity Deployment",
        "hosting.endpoint": "CreateEndpoint UpdateEndpoint",
        "hosting.endpoint_config": "CreateEndpointConfig",
        "hosting.explainer": "ClarifyExplainer",
        "hosting.model": "CreateModel",
        "hosting.scaling": "InstancePool ManagedScaling Routing Serverless",
        "hosting.variant": "Variant",
        "jobs.acknowledge": "acknowledge",
        "jobs.automl.job": "AutoMLChannel AutoMLJob",
        "jobs.automl.problem": "AutoMLLimits AutoMLProblem",
        "jobs.training.channel": "TrainingChannel",
        "jobs.code": "Code",
        "jobs.data": "S3Data S3DataType",
        "jobs.processing.datasets": "AthenaDataset RedshiftDataset",
        "jobs.training.debugging": "DebugHook DebuggerRule Profiler TensorBoard TensorCollection",
        "jobs.defaults": "JobDefaults",
        "jobs.experiment": "Experiment",
        "jobs.training.file_systems": "FileSystem FileSystemType HubDataset",
        "jobs.image": "ContainerImage",
        "jobs.instances": "InstancePreference",
        "jobs.labeling.job": "LabelingJob LabelingProps",
        "jobs.labeling.task": "AutomatedLabeling LabelingTask TaskPrice",
        "jobs.model_data": "ModelData",
        "jobs.options": "Compression Distribution InputMode UploadMode",
        "jobs.pipeline_execution": "PipelineExecution",
        "jobs.presets.clarify": "ClarifyJob",
        "jobs.presets.model_monitor": "ModelMonitorJob",
        "jobs.presets.spark": "PySparkJob SparkJarJob",
        "jobs.processing.job": "ProcessingJob",
        "jobs.processing.data": "ProcessingInput ProcessingOutput",
        "jobs.props": "JobProps",
        "jobs.result": "Result",
        "jobs.training.job": "TrainingJob",
        "jobs.training.definition": "TrainingDefinition",
        "jobs.training.props": "TrainingProps",
        "jobs.training.resources": "InstanceGroup UltraServerPlacement",
        "jobs.training.services": "MlflowTracking ModelPackageOutput PrivateRegistry RegistryAccess ServerlessJobType ServerlessTraining",
        "jobs.transform.job": "TransformJob TransformProps",
        "jobs.transform.options": "AssembleWith BatchDataCapture BatchStrategy JoinSource SplitType",
        "jobs.tuning.job": "TuningJob",
        "jobs.tuning.options": "Hyperband Objective TrialInstances TuningStrategy WarmStart WarmStartType",
        "jobs.tuning.props": "TuningProps",
        "jobs.tuning.ranges": "AutoRange CategoricalRange ContinuousRange IntegerRange Scaling",
        "jobs.values": "execution_input",
        "patterns.training_pipeline": "TrainingPipeline TrainingPipelineStack",
        "patterns.inference_pipeline": "InferencePipeline InferencePipelineStack",
        "registry.approval": "UpdateModelApproval",
        "registry.gate": "ModelApprovalGate",
        "registry.group": "ModelPackageGroup",
        "registry.inference": "InferenceSpecification PackageContainer",
        "registry.register": "RegisterModel",
        "registry.sources": "DriftBaselines MetricsFile ModelMetrics",
        "registry.validation": "LifeCycle ModelCard PackageValidation Provenance SourceAlgorithm",
        "sagemaker.kinds": "JobKind",
        "validation.plugin": "WorkflowChecks",
        "validation.security": "SageMakerSecurityChecks",
        "workflow.map": "DistributedMap Map",
        "workflow.workflow": "Workflow",
    }.items()
    for name in names.split()
}
__all__ = sorted(_HOMES)  # noqa: PLE0605 - the stub beside this module lists them


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any of the names above
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
