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
        "core.code": "Code",
        "core.defaults": "JobDefaults",
        "core.enums": "Compression Distribution InputMode UploadMode",
        "core.image": "ContainerImage",
        "core.model_data": "ModelData",
        "core.props": "Experiment InstancePreference JobProps",
        "core.result": "Result",
        "core.s3_data": "S3Data S3DataType",
        "core.suppressions": "acknowledge",
        "core.values": "execution_input",
        "errors": "ConstructsMLError Fault InvalidPropsError LocalRunError MissingRequirementError Severity Violation",
        "lint.cdk.plugin": "SageMakerSecurityChecks WorkflowChecks",
        "lint.checking": "check_definition check_template",
        "sagemaker.kinds": "JobKind",
        "tasks.automl.job": "AutoMLChannel AutoMLJob",
        "tasks.automl.problem": "AutoMLLimits AutoMLProblem",
        "tasks.hosting.capture": "AsyncInference DataCapture",
        "tasks.hosting.container": "ModelContainer",
        "tasks.hosting.deploy": "DeployEndpoint",
        "tasks.hosting.deployment": "Capacity Deployment",
        "tasks.hosting.endpoint": "CreateEndpoint UpdateEndpoint",
        "tasks.hosting.endpoint_config": "CreateEndpointConfig",
        "tasks.hosting.explainer": "ClarifyExplainer",
        "tasks.hosting.model": "CreateModel",
        "tasks.hosting.scaling": "InstancePool ManagedScaling Routing Serverless",
        "tasks.hosting.variant": "Variant",
        "tasks.labeling.job": "LabelingJob LabelingProps",
        "tasks.labeling.task": "AutomatedLabeling LabelingTask TaskPrice",
        "tasks.pipelines": "PipelineExecution",
        "tasks.presets.clarify": "ClarifyJob",
        "tasks.presets.model_monitor": "ModelMonitorJob",
        "tasks.presets.spark": "PySparkJob SparkJarJob",
        "tasks.processing.data": "ProcessingInput ProcessingOutput",
        "tasks.processing.datasets": "AthenaDataset RedshiftDataset",
        "tasks.processing.job": "ProcessingJob",
        "tasks.registry.approval": "UpdateModelApproval",
        "tasks.registry.gate": "ModelApprovalGate",
        "tasks.registry.group": "ModelPackageGroup",
        "tasks.registry.inference": "InferenceSpecification PackageContainer",
        "tasks.registry.register": "RegisterModel",
        "tasks.registry.sources": "DriftBaselines MetricsFile ModelMetrics",
        "tasks.registry.validation": "LifeCycle ModelCard PackageValidation Provenance SourceAlgorithm",
        "tasks.training.channel": "TrainingChannel",
        "tasks.training.debugging": "DebugHook DebuggerRule Profiler TensorBoard TensorCollection",
        "tasks.training.file_systems": "FileSystem FileSystemType HubDataset",
        "tasks.training.job": "TrainingJob",
        "tasks.training.props": "TrainingProps",
        "tasks.training.resources": "InstanceGroup UltraServerPlacement",
        "tasks.training.services": "MlflowTracking ModelPackageOutput PrivateRegistry RegistryAccess ServerlessJobType ServerlessTraining",
        "tasks.transform.job": "TransformJob TransformProps",
        "tasks.transform.options": "AssembleWith BatchDataCapture BatchStrategy JoinSource SplitType",
        "tasks.tuning.job": "TuningJob",
        "tasks.tuning.options": "Hyperband Objective TrialInstances TuningProps TuningStrategy WarmStart WarmStartType",
        "tasks.tuning.ranges": "AutoRange CategoricalRange ContinuousRange IntegerRange Scaling",
        "tasks.tuning.training_definition": "TrainingDefinition",
        "workflow.events.resource_rules": "EndpointStateChangeRule ModelPackageStateChangeRule",
        "workflow.events.rule": "JobStateChangeRule",
        "workflow.map": "DistributedMap Map",
        "workflow.patterns.inference_pipeline": "InferencePipeline InferencePipelineStack",
        "workflow.patterns.training_pipeline": "TrainingPipeline TrainingPipelineStack",
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
