"""The relations, each with its source; ``of the API`` means the page of that type or operation in the API reference."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from constructs_ml.sagemaker.model import ModelError, input_shape, operations
from constructs_ml.sagemaker.relations.conditions import Absent, Ends, Given, Is, LocalStorage
from constructs_ml.sagemaker.relations.kinds import (
    Apart,
    Below,
    Compared,
    Distinct,
    Elsewhere,
    Ending,
    Forbidden,
    Length,
    Named,
    OneOf,
    Required,
    Same,
    Uniform,
    Values,
)
from constructs_ml.sagemaker.relations.relation import ANY, Relation

if TYPE_CHECKING:
    from collections.abc import Mapping

_TRAINING = ("CreateTrainingJob", "HyperParameterTrainingJobDefinition")
_TRANSFORM = ("CreateTransformJob", "TransformJobDefinition")
_WAIT, _RUNTIME = "StoppingCondition.MaxWaitTimeInSeconds", "StoppingCondition.MaxRuntimeInSeconds"
_SPOT = Is("EnableManagedSpotTraining", (True,))
_S3_TYPE = "DataSource.S3DataSource.S3DataType"
_MODE = {"member": "InputMode", "fallback": "^AlgorithmSpecification.TrainingInputMode"}
_DAY, _28_DAYS = 86_400, 2_419_200
_HYPERBAND = "StrategyConfig.HyperbandStrategyConfig"
_RANGES = ("IntegerParameterRanges", "ContinuousParameterRanges", "CategoricalParameterRanges")
_PERCENT = "CAPACITY_PERCENT"
_INPUT_PATHS = ("ProcessingInputs[].S3Input.LocalPath", "ProcessingInputs[].DatasetDefinition.LocalPath")
_OUTPUT_PATH = "ProcessingOutputConfig.Outputs[].S3Output.LocalPath"
_MANIFEST = "AugmentedManifestFile"

_PROCESSING: tuple[Relation, ...] = (
    Relation(
        name="a processing input has one source",
        of=("ProcessingInput",),
        must=OneOf(("S3Input", "DatasetDefinition")),
        source="ProcessingInput of the API",
    ),
    Relation(
        name="a processing output has one destination",
        of=("ProcessingOutput",),
        must=OneOf(("S3Output", "FeatureStoreOutput")),
        source="ProcessingOutput of the API",
    ),
    Relation(
        name="a dataset has one source",
        of=("DatasetDefinition",),
        must=OneOf(("AthenaDatasetDefinition", "RedshiftDatasetDefinition")),
        source="DatasetDefinition of the API",
    ),
    Relation(
        name="files are not unpacked",
        topic="gzip",
        of=("ProcessingS3Input",),
        must=Values(("S3CompressionType",), ("None",), when=(Is("S3InputMode", ("File",)),)),
        source="ProcessingS3Input of the API",
        fix="read it in Pipe mode, or unpack it in the container",
    ),
    Relation(
        name="the application writes to a feature store",
        topic="feature_store",
        of=("ProcessingOutput",),
        must=Values(("AppManaged",), (True,), default=False, when=(Given("FeatureStoreOutput"),)),
        source="ProcessingOutput of the API",
    ),
    Relation(
        name="an input has a local path",
        topic="local_path_required",
        of=("ProcessingInput",),
        must=Required(("S3Input.LocalPath",), when=(Is("AppManaged", (False,), default=False), Given("S3Input"))),
        source="ProcessingS3Input of the API",
        fix="write '/opt/ml/processing/input/...', or set AppManaged",
    ),
    Relation(
        name="a dataset has a local path",
        topic="local_path_required",
        of=("ProcessingInput",),
        must=Required(
            ("DatasetDefinition.LocalPath",),
            when=(Is("AppManaged", (False,), default=False), Given("DatasetDefinition")),
        ),
        source="DatasetDefinition of the API",
        fix="write '/opt/ml/processing/input/...', or set AppManaged",
    ),
    Relation(
        name="inputs and outputs have names of their own",
        topic="names",
        of=("CreateProcessingJob",),
        must=Distinct(("ProcessingInputs[].InputName", "ProcessingOutputConfig.Outputs[].OutputName")),
        source="issue 3484 of aws/sagemaker-python-sdk",
        fix="give each a name of its own",
    ),
    Relation(
        name="local paths are below their folder",
        topic="local_path",
        of=("CreateProcessingJob",),
        must=Below((*_INPUT_PATHS, _OUTPUT_PATH), "/opt/ml/processing"),
        source="'How Amazon SageMaker Processing Configures Input and Output For Your Processing Container' of the developer "
        "guide; issue 1950 of aws/sagemaker-python-sdk",
        fix="write '/opt/ml/processing/...'",
    ),
    Relation(
        name="outputs are not where inputs are",
        topic="places",
        of=("CreateProcessingJob",),
        must=Elsewhere((_OUTPUT_PATH,), _INPUT_PATHS),
        source="issue 1950 of aws/sagemaker-python-sdk",
        fix="write to a folder of its own",
    ),
    Relation(
        name="inputs have folders of their own",
        topic="places",
        of=("CreateProcessingJob",),
        must=Distinct(_INPUT_PATHS, paths=True),
        source="issue 4939 of aws/sagemaker-python-sdk",
        fix="give each input a path of its own",
    ),
)

_INSTANCES: tuple[Relation, ...] = (
    Relation(
        name="local storage has no volume key",
        topic="volume_key",
        of=("ProcessingClusterConfig", "ResourceConfig", "TransformResources", "HyperParameterTuningResourceConfig"),
        must=Forbidden(("VolumeKmsKeyId",), when=(LocalStorage("InstanceType"),)),
        source="VolumeKmsKeyId of ProcessingClusterConfig, ResourceConfig and TransformResources of the API",
        fix="leave it out",
    ),
    Relation(
        name="preferred instance types exclude one type",
        topic="instance_choice",
        of=("ProcessingClusterConfig",),
        must=Forbidden(("InstanceType",), when=(Given("InstancePreferences"),)),
        source="ProcessingClusterConfig of the API",
        fix="leave one out",
    ),
    Relation(
        name="preferred instance types exclude groups, placement and one type",
        topic="instance_choice",
        of=("ResourceConfig",),
        must=Forbidden(
            ("InstanceType", "InstanceGroups", "InstancePlacementConfig"), when=(Given("InstancePreferences"),)
        ),
        source="ResourceConfig of the API",
        fix="leave one out",
    ),
    Relation(
        name="preferred instance types exclude spot",
        topic="instance_choice",
        of=_TRAINING,
        must=Values(("EnableManagedSpotTraining",), (False,), when=(Given("ResourceConfig.InstancePreferences"),)),
        source="ResourceConfig of the API",
        fix="leave one out",
    ),
    Relation(
        name="preferred instance types are counted alike",
        of=("ProcessingClusterConfig", "ResourceConfig"),
        must=Uniform("InstancePreferences[].InstanceCount"),
        source="InstanceCount of InstancePreference and ProcessingInstancePreference of the API",
        fix="give each a count, or give one for the job",
    ),
    Relation(
        name="preferred instance types are counted once",
        of=("ProcessingClusterConfig", "ResourceConfig"),
        must=Forbidden(("InstanceCount",), when=(Given("InstancePreferences[].InstanceCount"),)),
        source="InstanceCount of InstancePreference and ProcessingInstancePreference of the API",
        fix="leave one out",
    ),
    Relation(
        name="preferred instance types are counted",
        of=("ProcessingClusterConfig", "ResourceConfig"),
        must=Required(
            ("InstanceCount",), when=(Given("InstancePreferences"), Absent("InstancePreferences[].InstanceCount"))
        ),
        source="InstanceCount of InstancePreference and ProcessingInstancePreference of the API",
        fix="give one for the job, or one for each type",
    ),
    Relation(
        name="preferred instance types are different",
        of=("ProcessingClusterConfig", "ResourceConfig"),
        must=Distinct(("InstancePreferences[].InstanceType",)),
        source="InstanceType of InstancePreference and ProcessingInstancePreference of the API",
    ),
    Relation(
        name="a training plan is the job's or an instance type's",
        of=("ResourceConfig",),
        must=Forbidden(("TrainingPlanArn",), when=(Given("InstancePreferences[].TrainingPlanArns"),)),
        source="InstancePreference of the API",
        fix="leave one out",
    ),
    Relation(
        name="instance groups exclude an instance type",
        of=("ResourceConfig",),
        must=Forbidden(("InstanceType", "InstanceCount"), when=(Given("InstanceGroups"),)),
        source="'Configure a training job with a heterogeneous cluster in Amazon SageMaker AI' of the developer guide; "
        "the SageMaker Python SDK refuses both",
        fix="leave one out",
    ),
    Relation(
        name="instance groups have names of their own",
        of=("ResourceConfig",),
        must=Distinct(("InstanceGroups[].InstanceGroupName",)),
        source="InstanceGroup of the API: data goes to groups by their names",
    ),
    Relation(
        name="a warm pool has one instance type",
        of=("ResourceConfig",),
        must=Values(("KeepAlivePeriodInSeconds",), (0,), when=(Given("InstanceGroups"),)),
        source="'SageMaker AI Managed Warm Pools' of the developer guide, Considerations",
        fix="leave it out",
    ),
    Relation(
        name="a warm pool is not of spot instances",
        of=_TRAINING,
        must=Values(("ResourceConfig.KeepAlivePeriodInSeconds",), (0,), when=(_SPOT,)),
        source="'SageMaker AI Managed Warm Pools' of the developer guide, Considerations",
        fix="leave it out",
    ),
    Relation(
        name="a list of instances excludes one of them",
        of=("HyperParameterTuningResourceConfig",),
        must=Forbidden(("InstanceType", "InstanceCount", "VolumeSizeInGB"), when=(Given("InstanceConfigs"),)),
        source="InstanceConfigs of HyperParameterTuningResourceConfig of the API",
        fix="leave it out",
    ),
    Relation(
        name="a transform job has at most 100 instances",
        of=("TransformResources",),
        must=Compared("InstanceCount", "at most", 100),
        source="TransformResources of the API",
    ),
)

_TRAINING_JOBS: tuple[Relation, ...] = (
    Relation(
        name="spot training may wait",
        topic="spot",
        of=_TRAINING,
        must=Required((_WAIT,), when=(_SPOT,)),
        source="'Managed Spot Training in Amazon SageMaker AI' of the developer guide",
        fix=f"write at least {{{_RUNTIME}|{_DAY}}}",
    ),
    Relation(
        name="spot training may wait for as long as it runs",
        topic="spot",
        of=_TRAINING,
        must=Compared(_WAIT, "at least", _RUNTIME, default=_DAY, when=(_SPOT,)),
        source="StoppingCondition of the API",
    ),
    Relation(
        name="only spot training may wait",
        topic="spot",
        of=_TRAINING,
        must=Forbidden((_WAIT,), when=(Is("EnableManagedSpotTraining", (False,), default=False),)),
        source="issue 4140 of aws/sagemaker-python-sdk",
        fix="set EnableManagedSpotTraining, or leave it out",
    ),
    Relation(
        name="training runs for at most 28 days",
        of=("StoppingCondition",),
        must=Compared("MaxRuntimeInSeconds", "at most", _28_DAYS),
        source="StoppingCondition of the API",
    ),
    Relation(
        name="training has an image or an algorithm",
        topic="algorithm",
        of=("AlgorithmSpecification", "HyperParameterAlgorithmSpecification"),
        must=OneOf(("TrainingImage", "AlgorithmName")),
        source="AlgorithmSpecification of the API",
    ),
    Relation(
        name="channels have names of their own",
        topic="channels",
        of=_TRAINING,
        must=Distinct(("InputDataConfig[].ChannelName",)),
        source="'Amazon SageMaker AI Training Storage Folders' of the developer guide",
    ),
    Relation(
        name="augmented manifests are piped",
        topic="augmented_manifest",
        of=_TRAINING,
        each="InputDataConfig",
        must=Values(("InputMode",), ("Pipe",), fallback=_MODE["fallback"], when=(Is(_S3_TYPE, (_MANIFEST,)),)),
        source="S3DataSource of the API",
    ),
    Relation(
        name="fast file mode reads prefixes",
        of=_TRAINING,
        each="InputDataConfig",
        must=Values((_S3_TYPE,), ("S3Prefix", "Converse"), when=(Is(values=("FastFile",), **_MODE),)),
        source="'How Amazon SageMaker AI Provides Training Information' of the developer guide",
        fix="read it in File mode",
    ),
    Relation(
        name="only pipes unpack",
        of=_TRAINING,
        each="InputDataConfig",
        must=Values(("CompressionType",), ("None",), when=(Is(values=("File",), **_MODE),)),
        source="Channel of the API",
        fix="leave it out, or read it in Pipe mode",
        certain=False,
    ),
    Relation(
        name="only pipes wrap records",
        of=_TRAINING,
        each="InputDataConfig",
        must=Values(("RecordWrapperType",), ("None",), when=(Is(values=("File",), **_MODE),)),
        source="Channel of the API",
        fix="leave it out, or read it in Pipe mode",
        certain=False,
    ),
    Relation(
        name="data goes to groups that there are",
        of=_TRAINING,
        must=Named(
            "InputDataConfig[].DataSource.S3DataSource.InstanceGroupNames[]",
            ("ResourceConfig.InstanceGroups[].InstanceGroupName",),
        ),
        source="S3DataSource of the API",
    ),
    Relation(
        name="file systems are reached in a VPC",
        of=_TRAINING,
        must=Required(("VpcConfig",), when=(Given("InputDataConfig[].DataSource.FileSystemDataSource"),)),
        source="'Setting up training jobs to access datasets' of the developer guide",
    ),
    Relation(
        name="private registries of training are reached in a VPC",
        of=("CreateTrainingJob",),
        must=Required(
            ("VpcConfig",),
            when=(Is("AlgorithmSpecification.TrainingImageConfig.TrainingRepositoryAccessMode", ("Vpc",)),),
        ),
        source="'Use a Docker registry that requires authentication for training' of the developer guide",
    ),
    Relation(
        name="debugger rules have names of their own",
        of=("CreateTrainingJob",),
        must=Distinct(("DebugRuleConfigurations[].RuleConfigurationName",)),
        source="DebugRuleConfiguration of the API",
    ),
    Relation(
        name="profiler rules have names of their own",
        of=("CreateTrainingJob",),
        must=Distinct(("ProfilerRuleConfigurations[].RuleConfigurationName",)),
        source="ProfilerRuleConfiguration of the API",
    ),
    Relation(
        name="tensor collections have names of their own",
        of=("DebugHookConfig",),
        must=Distinct(("CollectionConfigurations[].CollectionName",)),
        source="CollectionConfiguration of the API",
    ),
    Relation(
        name="the profiler looks at some intervals",
        of=("ProfilerConfig",),
        must=Values(("ProfilingIntervalInMilliseconds",), (100, 200, 500, 1000, 5000, 60_000)),
        source="ProfilerConfig of the API",
    ),
    Relation(
        name="an evaluation has a type",
        of=("ServerlessJobConfig",),
        must=Required(("EvaluationType",), when=(Is("JobType", ("Evaluation",)),)),
        source="ServerlessJobConfig of the API",
    ),
)

_TUNING: tuple[Relation, ...] = (
    Relation(
        name="a tuning job has one definition or several",
        of=("CreateHyperParameterTuningJob",),
        must=OneOf(("TrainingJobDefinition", "TrainingJobDefinitions")),
        source="CreateHyperParameterTuningJob of the API; the SageMaker Python SDK refuses both and none",
    ),
    Relation(
        name="no more trials at once than there are",
        of=("ResourceLimits",),
        must=Compared("MaxParallelTrainingJobs", "at most", "MaxNumberOfTrainingJobs"),
        source="ResourceLimits of the API",
    ),
    Relation(
        name="a range starts below its end",
        of=("ContinuousParameterRange", "IntegerParameterRange"),
        must=Compared("MinValue", "at most", "MaxValue"),
        source="ContinuousParameterRange and IntegerParameterRange of the API",
        fix="swap them",
    ),
    Relation(
        name="a logarithmic range is above 0",
        of=("ContinuousParameterRange", "IntegerParameterRange"),
        must=Compared("MinValue", "above", 0, when=(Is("ScalingType", ("Logarithmic",)),)),
        source="ContinuousParameterRange and IntegerParameterRange of the API",
    ),
    Relation(
        name="a reverse logarithmic range starts at 0 at least",
        of=("ContinuousParameterRange",),
        must=Compared("MinValue", "at least", 0, when=(Is("ScalingType", ("ReverseLogarithmic",)),)),
        source="ContinuousParameterRange of the API",
    ),
    Relation(
        name="a reverse logarithmic range ends below 1",
        of=("ContinuousParameterRange",),
        must=Compared("MaxValue", "below", 1, when=(Is("ScalingType", ("ReverseLogarithmic",)),)),
        source="ContinuousParameterRange of the API",
    ),
    Relation(
        name="whole numbers are not scaled in reverse",
        of=("IntegerParameterRange",),
        must=Values(("ScalingType",), ("Auto", "Linear", "Logarithmic")),
        source="'Define Hyperparameter Ranges' of the developer guide",
    ),
    Relation(
        name="a grid is of categories",
        of=("HyperParameterTuningJobConfig",),
        must=Forbidden(
            ("ParameterRanges.IntegerParameterRanges", "ParameterRanges.ContinuousParameterRanges"),
            when=(Is("Strategy", ("Grid",)),),
        ),
        source="'Define Hyperparameter Ranges' of the developer guide",
        fix="write a categorical range, or another strategy",
    ),
    Relation(
        name="a grid of definitions is of categories",
        of=("CreateHyperParameterTuningJob",),
        must=Forbidden(
            tuple(
                f"{definition}.HyperParameterRanges.{kind}"
                for definition in ("TrainingJobDefinition", "TrainingJobDefinitions[]")
                for kind in _RANGES[:2]
            ),
            when=(Is("HyperParameterTuningJobConfig.Strategy", ("Grid",)),),
        ),
        source="'Define Hyperparameter Ranges' of the developer guide",
        fix="write a categorical range, or another strategy",
    ),
    Relation(
        name="the settings of Hyperband are for Hyperband",
        topic="hyperband",
        of=("HyperParameterTuningJobConfig",),
        must=Forbidden((_HYPERBAND,), when=(Is("Strategy", ("Bayesian", "Random", "Grid")),)),
        source="HyperParameterTuningJobStrategyConfig of the API",
        fix="leave it out, or write Strategy 'Hyperband'",
    ),
    Relation(
        name="Hyperband stops trials itself",
        of=("HyperParameterTuningJobConfig",),
        must=Values(("TrainingJobEarlyStoppingType",), ("Off",), when=(Is("Strategy", ("Hyperband",)),)),
        source="HyperParameterTuningJobConfig of the API",
        fix="leave it out",
    ),
    Relation(
        name="Hyperband's least resource is below its most",
        of=("HyperbandStrategyConfig",),
        must=Compared("MinResource", "at most", "MaxResource"),
        source="HyperbandStrategyConfig of the API",
    ),
    Relation(
        name="a hyperparameter has one range",
        of=("ParameterRanges",),
        must=Distinct(tuple(f"{kind}[].Name" for kind in _RANGES)),
        source="ParameterRanges of the API: a range is of the hyperparameter of its name",
    ),
    Relation(
        name="a hyperparameter of a definition is searched or fixed",
        of=("HyperParameterTrainingJobDefinition",),
        must=Apart("StaticHyperParameters", tuple(f"HyperParameterRanges.{kind}[].Name" for kind in _RANGES)),
        source="StaticHyperParameters of HyperParameterTrainingJobDefinition of the API: those that do not change",
        fix="leave it out of one of them",
    ),
    Relation(
        name="a hyperparameter is searched or fixed",
        of=("CreateHyperParameterTuningJob",),
        must=Apart(
            "TrainingJobDefinition.StaticHyperParameters",
            tuple(f"HyperParameterTuningJobConfig.ParameterRanges.{kind}[].Name" for kind in _RANGES),
        ),
        source="StaticHyperParameters of HyperParameterTrainingJobDefinition of the API: those that do not change",
        fix="leave it out of one of them",
    ),
    Relation(
        name="definitions have names of their own",
        of=("CreateHyperParameterTuningJob",),
        must=Distinct(("TrainingJobDefinitions[].DefinitionName",)),
        source="DefinitionName of HyperParameterTrainingJobDefinition of the API",
    ),
    Relation(
        name="trials have resources of one kind",
        of=("HyperParameterTrainingJobDefinition",),
        must=OneOf(("ResourceConfig", "HyperParameterTuningResourceConfig"), least=0),
        source="ResourceConfig of HyperParameterTrainingJobDefinition of the API",
    ),
    Relation(
        name="the objective is a metric that there is",
        of=("CreateHyperParameterTuningJob",),
        must=Named(
            "HyperParameterTuningJobConfig.HyperParameterTuningJobObjective.MetricName",
            ("TrainingJobDefinition.AlgorithmSpecification.MetricDefinitions[].Name",),
            when=(
                Given("TrainingJobDefinition.AlgorithmSpecification.MetricDefinitions"),
                Given("TrainingJobDefinition.AlgorithmSpecification.TrainingImage"),
            ),
        ),
        source="MetricDefinition of the API",
    ),
    Relation(
        name="the objective of a definition is a metric that there is",
        of=("HyperParameterTrainingJobDefinition",),
        must=Named(
            "TuningObjective.MetricName",
            ("AlgorithmSpecification.MetricDefinitions[].Name",),
            when=(
                Given("AlgorithmSpecification.MetricDefinitions"),
                Given("AlgorithmSpecification.TrainingImage"),
            ),
        ),
        source="MetricDefinition of the API",
    ),
)

_TRANSFORM_JOBS: tuple[Relation, ...] = (
    Relation(
        name="a payload has at most 100 MB",
        topic="payload",
        of=_TRANSFORM,
        must=Compared("MaxPayloadInMB", "at most", 100),
        source="CreateTransformJob of the API",
    ),
    Relation(
        name="payloads at the same time have at most 100 MB",
        topic="payload",
        of=_TRANSFORM,
        must=Compared("MaxPayloadInMB", "at most", 100, times="MaxConcurrentTransforms"),
        source="CreateTransformJob of the API",
        fix="send fewer at once, or smaller ones",
    ),
    Relation(
        name="several records are split",
        of=_TRANSFORM,
        must=Values(
            ("TransformInput.SplitType",),
            ("Line", "RecordIO", "TFRecord"),
            default="None",
            when=(Is("BatchStrategy", ("MultiRecord",)),),
        ),
        source="BatchStrategy of CreateTransformJob of the API",
        fix="write 'Line', or leave BatchStrategy out",
    ),
    Relation(
        name="augmented manifests are not transformed",
        of=("TransformS3DataSource",),
        must=Values(("S3DataType",), ("ManifestFile", "S3Prefix")),
        source="TransformS3DataSource of the API",
    ),
)

_MODELS: tuple[Relation, ...] = (
    Relation(
        name="a model has one container or several",
        of=("CreateModel",),
        must=OneOf(("PrimaryContainer", "Containers")),
        source="CreateModel of the API",
    ),
    Relation(
        name="all containers have host names or none",
        topic="container_names",
        of=("CreateModel",),
        must=Uniform("Containers[].ContainerHostname"),
        source="ContainerDefinition of the API",
    ),
    Relation(
        name="containers have host names of their own",
        of=("CreateModel",),
        must=Distinct(("Containers[].ContainerHostname",)),
        source="ContainerDefinition of the API",
    ),
    Relation(
        name="several models have one prefix",
        of=("ContainerDefinition",),
        must=Forbidden(("ModelDataSource",), when=(Is("Mode", ("MultiModel",)),)),
        source="ModelDataSource of ContainerDefinition of the API",
        fix="write ModelDataUrl",
    ),
    Relation(
        name="a prefix of model data ends in a slash",
        of=("S3ModelDataSource",),
        must=Ending("S3Uri", "/", when=(Is("S3DataType", ("S3Prefix",)),)),
        source="S3ModelDataSource of the API",
    ),
    Relation(
        name="only private registries are signed in to",
        of=("ImageConfig",),
        must=Forbidden(("RepositoryAuthConfig",), when=(Is("RepositoryAccessMode", ("Platform",)),)),
        source="ImageConfig of the API",
        fix="write RepositoryAccessMode 'Vpc', or leave it out",
    ),
    Relation(
        name="a private registry is reached in a VPC",
        of=("CreateModel",),
        must=Required(("VpcConfig",), when=(Is("PrimaryContainer.ImageConfig.RepositoryAccessMode", ("Vpc",)),)),
        source="'Use a Private Docker Registry for Real-Time Inference Containers' of the developer guide",
    ),
)

_ENDPOINTS: tuple[Relation, ...] = (
    Relation(
        name="variants have names of their own",
        of=("CreateEndpointConfig",),
        must=Distinct(("ProductionVariants[].VariantName", "ShadowProductionVariants[].VariantName")),
        source="ProductionVariant of the API",
    ),
    Relation(
        name="a serverless variant has no instances",
        of=("ProductionVariant",),
        must=Forbidden(("InstanceType", "InitialInstanceCount"), when=(Given("ServerlessConfig"),)),
        source="ServerlessConfig of ProductionVariant of the API",
        fix="leave one of them out",
    ),
    Relation(
        name="serverless memory comes in steps",
        of=("ProductionVariantServerlessConfig",),
        must=Values(("MemorySizeInMB",), (1024, 2048, 3072, 4096, 5120, 6144)),
        source="ProductionVariantServerlessConfig of the API",
    ),
    Relation(
        name="no more is provisioned than runs",
        of=("ProductionVariantServerlessConfig", "ProductionVariantServerlessUpdateConfig"),
        must=Compared("ProvisionedConcurrency", "at most", "MaxConcurrency"),
        source="ProductionVariantServerlessConfig and ProductionVariantServerlessUpdateConfig of the API",
    ),
    Relation(
        name="a serverless endpoint has one variant",
        of=("CreateEndpointConfig",),
        must=Length("ProductionVariants", 1, when=(Given("ProductionVariants[].ServerlessConfig"),)),
        source="'Deploy models with Amazon SageMaker Serverless Inference' of the developer guide, Feature exclusions",
    ),
    Relation(
        name="a serverless endpoint captures no data",
        of=("CreateEndpointConfig",),
        must=Values(
            ("DataCaptureConfig.EnableCapture",),
            (False,),
            default=True,
            when=(Given("ProductionVariants[].ServerlessConfig"), Given("DataCaptureConfig")),
        ),
        source="'Deploy models with Amazon SageMaker Serverless Inference' of the developer guide, Feature exclusions",
        fix="leave DataCaptureConfig out",
    ),
    Relation(
        name="one variant has a shadow",
        of=("CreateEndpointConfig",),
        must=Length("ProductionVariants", 1, when=(Given("ShadowProductionVariants"),)),
        source="ShadowProductionVariants of CreateEndpointConfig of the API",
    ),
    Relation(
        name="a variant has one shadow",
        of=("CreateEndpointConfig",),
        must=Length("ShadowProductionVariants", 1),
        source="ShadowProductionVariants of CreateEndpointConfig of the API",
    ),
    Relation(
        name="the fewest instances are no more than the most",
        of=("ProductionVariantManagedInstanceScaling",),
        must=Compared("MinInstanceCount", "at most", "MaxInstanceCount"),
        source="ProductionVariantManagedInstanceScaling of the API",
    ),
    Relation(
        name="routing by prefixes says how",
        of=("ProductionVariantRoutingConfig",),
        must=Required(
            ("PrefixAwareRoutingConfig.PrefixLength", "PrefixAwareRoutingConfig.ConcurrencyThreshold"),
            when=(Is("RoutingStrategy", ("PREFIX_AWARE",)),),
        ),
        source="PrefixAwareRoutingConfig of the API",
    ),
    Relation(
        name="only routing by prefixes has prefixes",
        of=("ProductionVariantRoutingConfig",),
        must=Forbidden(
            ("PrefixAwareRoutingConfig",), when=(Is("RoutingStrategy", ("LEAST_OUTSTANDING_REQUESTS", "RANDOM")),)
        ),
        source="ProductionVariantRoutingConfig of the API",
        fix="leave it out",
    ),
    Relation(
        name="a baseline is written or in S3",
        of=("ClarifyShapBaselineConfig",),
        must=OneOf(("ShapBaseline", "ShapBaselineUri")),
        source="ClarifyShapBaselineConfig of the API",
    ),
    Relation(
        name="a deployment has one policy",
        of=("DeploymentConfig",),
        must=OneOf(("BlueGreenUpdatePolicy", "RollingUpdatePolicy"), least=0),
        source="BlueGreenUpdatePolicy of the API",
    ),
    Relation(
        name="a canary has a size",
        of=("TrafficRoutingConfig",),
        must=Required(("CanarySize",), when=(Is("Type", ("CANARY",)),)),
        source="'Use canary traffic shifting' of the developer guide",
    ),
    Relation(
        name="linear steps have a size",
        of=("TrafficRoutingConfig",),
        must=Required(("LinearStepSize",), when=(Is("Type", ("LINEAR",)),)),
        source="'Use linear traffic shifting' of the developer guide",
    ),
    Relation(
        name="a canary is at most half",
        of=("TrafficRoutingConfig",),
        must=Compared("CanarySize.Value", "at most", 50, when=(Is("CanarySize.Type", (_PERCENT,)),)),
        source="TrafficRoutingConfig of the API",
    ),
    Relation(
        name="a linear step is at most half",
        of=("TrafficRoutingConfig",),
        must=Compared("LinearStepSize.Value", "at most", 50, when=(Is("LinearStepSize.Type", (_PERCENT,)),)),
        source="TrafficRoutingConfig of the API",
    ),
    Relation(
        name="a linear step is at least a tenth",
        of=("TrafficRoutingConfig",),
        must=Compared("LinearStepSize.Value", "at least", 10, when=(Is("LinearStepSize.Type", (_PERCENT,)),)),
        source="TrafficRoutingConfig of the API",
    ),
    Relation(
        name="a rolling batch is at most half",
        of=("RollingUpdatePolicy",),
        must=Compared("MaximumBatchSize.Value", "at most", 50, when=(Is("MaximumBatchSize.Type", (_PERCENT,)),)),
        source="RollingUpdatePolicy of the API",
    ),
    Relation(
        name="a rolling batch is at least a twentieth",
        of=("RollingUpdatePolicy",),
        must=Compared("MaximumBatchSize.Value", "at least", 5, when=(Is("MaximumBatchSize.Type", (_PERCENT,)),)),
        source="RollingUpdatePolicy of the API",
    ),
    Relation(
        name="a rollback puts back at most all",
        of=("RollingUpdatePolicy",),
        must=Compared(
            "RollbackMaximumBatchSize.Value", "at most", 100, when=(Is("RollbackMaximumBatchSize.Type", (_PERCENT,)),)
        ),
        source="CapacitySize of the API",
    ),
    Relation(
        name="a deployment has time for what it waits for",
        of=("BlueGreenUpdatePolicy",),
        must=Compared(
            "TerminationWaitInSeconds",
            "below",
            "MaximumExecutionTimeoutInSeconds",
            plus="TrafficRoutingConfiguration.WaitIntervalInSeconds",
        ),
        source="BlueGreenUpdatePolicy of the API",
        certain=False,
    ),
    Relation(
        name="only what is retained can be excluded",
        of=("UpdateEndpoint",),
        must=Values(
            ("RetainAllVariantProperties",), (True,), default=False, when=(Given("ExcludeRetainedVariantProperties"),)
        ),
        source="UpdateEndpoint of the API",
        certain=False,
    ),
    Relation(
        name="a component has one specification or several",
        of=("CreateInferenceComponent",),
        must=OneOf(("Specification", "Specifications"), least=0),
        source="CreateInferenceComponent of the API",
    ),
)

_REGISTRY: tuple[Relation, ...] = (
    Relation(
        name="a package has a name or a group",
        of=("CreateModelPackage",),
        must=OneOf(("ModelPackageName", "ModelPackageGroupName")),
        source="CreateModelPackage of the API",
    ),
    Relation(
        name="a version has the tags of its group",
        of=("CreateModelPackage",),
        must=Forbidden(("Tags",), when=(Given("ModelPackageGroupName"),)),
        source="Tags of CreateModelPackage of the API",
        fix="tag the group",
    ),
    Relation(
        name="only versions are approved",
        of=("CreateModelPackage",),
        must=Forbidden(("ModelApprovalStatus",), when=(Given("ModelPackageName"),)),
        source="ModelApprovalStatus of CreateModelPackage of the API",
        fix="leave it out",
        certain=False,
    ),
    Relation(
        name="versions are not certified",
        of=("CreateModelPackage",),
        must=Values(("CertifyForMarketplace",), (False,), when=(Given("ModelPackageGroupName"),)),
        source="CertifyForMarketplace of CreateModelPackage of the API",
        fix="leave it out",
        certain=False,
    ),
    Relation(
        name="a package without versions says where it runs",
        of=("CreateModelPackage",),
        must=Required(
            (
                "InferenceSpecification.SupportedTransformInstanceTypes",
                "InferenceSpecification.SupportedRealtimeInferenceInstanceTypes",
            ),
            when=(Given("ModelPackageName"), Given("InferenceSpecification")),
        ),
        source="InferenceSpecification of the API",
    ),
    Relation(
        name="a package without versions has no source",
        of=("CreateModelPackage",),
        must=Forbidden(("SourceUri",), when=(Given("ModelPackageName"),)),
        source="pull request 4492 of aws/sagemaker-python-sdk",
        fix="leave it out",
    ),
    Relation(
        name="a package without versions has archives",
        of=("CreateModelPackage",),
        must=Forbidden(("InferenceSpecification.Containers[].ModelDataSource",), when=(Given("ModelPackageName"),)),
        source="pull request 4492 of aws/sagemaker-python-sdk",
        fix="write ModelDataUrl",
    ),
    Relation(
        name="additional specifications have names of their own",
        of=("CreateModelPackage",),
        must=Distinct(("AdditionalInferenceSpecifications[].Name",)),
        source="AdditionalInferenceSpecificationDefinition of the API",
    ),
)

_CONFIG, _CHANNEL_TYPE = "AutoMLProblemTypeConfig", "AutoMLJobInputDataConfig[].DataSource.S3DataSource.S3DataType"
_ONE_CANDIDATE = (
    "ImageClassificationJobConfig",
    "TextClassificationJobConfig",
    "TimeSeriesForecastingJobConfig",
    "TextGenerationJobConfig",
)

_AUTOML: tuple[Relation, ...] = (
    Relation(
        name="an endpoint's name is drawn or given",
        of=("ModelDeployConfig",),
        must=Forbidden(("EndpointName",), when=(Is("AutoGenerateEndpointName", (True,)),)),
        source="ModelDeployConfig of the API",
        fix="leave one of them out",
    ),
    Relation(
        name="an endpoint's name is given or drawn",
        of=("ModelDeployConfig",),
        must=Required(("EndpointName",), when=(Is("AutoGenerateEndpointName", (False,), default=False),)),
        source="ModelDeployConfig of the API",
        fix="write it, or set AutoGenerateEndpointName",
    ),
    Relation(
        name="an objective has a problem type",
        of=("CreateAutoMLJobV2",),
        must=Required(
            (f"{_CONFIG}.TabularJobConfig.ProblemType",),
            when=(Given("AutoMLJobObjective"), Given(f"{_CONFIG}.TabularJobConfig")),
        ),
        source="AutoMLJobObjective of CreateAutoMLJobV2 of the API",
        fix="write both or none",
    ),
    Relation(
        name="a problem type has an objective",
        of=("CreateAutoMLJobV2",),
        must=Required(("AutoMLJobObjective",), when=(Given(f"{_CONFIG}.TabularJobConfig.ProblemType"),)),
        source="ProblemType of TabularJobConfig of the API",
        fix="write both or none",
    ),
    Relation(
        name="time series are split by Autopilot",
        of=("CreateAutoMLJobV2",),
        must=Forbidden(("DataSplitConfig",), when=(Given(f"{_CONFIG}.TimeSeriesForecastingJobConfig"),)),
        source="DataSplitConfig of CreateAutoMLJobV2 of the API",
        fix="leave it out",
    ),
    Relation(
        name="only tables have several candidates",
        of=_ONE_CANDIDATE,
        must=Values(("CompletionCriteria.MaxCandidates",), (1,)),
        source="AutoMLJobCompletionCriteria of the API",
    ),
    Relation(
        name="samples are weighed in ensembles",
        of=("TabularJobConfig",),
        must=Forbidden(("SampleWeightAttributeName",), when=(Is("Mode", ("HYPERPARAMETER_TUNING",)),)),
        source="TabularJobConfig of the API",
        fix="write Mode 'ENSEMBLING'",
    ),
    Relation(
        name="channels share their content type",
        of=("CreateAutoMLJobV2",),
        must=Same("AutoMLJobInputDataConfig[].ContentType"),
        source="AutoMLJobChannel of the API",
    ),
    Relation(
        name="manifests are not packed",
        of=("AutoMLJobChannel",),
        must=Values(
            ("CompressionType",),
            ("None",),
            when=(Is("DataSource.S3DataSource.S3DataType", ("ManifestFile", "AugmentedManifestFile")),),
        ),
        source="AutoMLJobChannel of the API",
    ),
    Relation(
        name="some data is for validation",
        of=("AutoMLDataSplitConfig",),
        must=Compared("ValidationFraction", "above", 0),
        source="AutoMLDataSplitConfig of the API",
    ),
    Relation(
        name="some data is for training",
        of=("AutoMLDataSplitConfig",),
        must=Compared("ValidationFraction", "below", 1),
        source="AutoMLDataSplitConfig of the API",
    ),
    Relation(
        name="tables are no augmented manifests",
        of=("CreateAutoMLJobV2",),
        must=Values((_CHANNEL_TYPE,), ("S3Prefix", "ManifestFile"), when=(Given(f"{_CONFIG}.TabularJobConfig"),)),
        source="AutoMLJobInputDataConfig of CreateAutoMLJobV2 of the API",
    ),
    *(
        Relation(
            name=f"the data of {words} is a prefix",
            of=("CreateAutoMLJobV2",),
            must=Values((_CHANNEL_TYPE,), ("S3Prefix",), when=(Given(f"{_CONFIG}.{config}"),)),
            source="AutoMLJobInputDataConfig of CreateAutoMLJobV2 of the API",
        )
        for config, words in (
            ("TextClassificationJobConfig", "text classification"),
            ("TimeSeriesForecastingJobConfig", "time series"),
            ("TextGenerationJobConfig", "text generation"),
        )
    ),
    Relation(
        name="a forecast has at most 500 steps",
        of=("TimeSeriesForecastingJobConfig",),
        must=Compared("ForecastHorizon", "at most", 500),
        source="TimeSeriesForecastingJobConfig of the API",
    ),
)

_LABELING: tuple[Relation, ...] = (
    Relation(
        name="a labeling job has data",
        of=("LabelingJobDataSource",),
        must=OneOf(("S3DataSource", "SnsDataSource"), most=2),
        source="LabelingJobDataSource of the API",
    ),
    Relation(
        name="a labeling job has one template",
        of=("UiConfig",),
        must=OneOf(("HumanTaskUiArn", "UiTemplateS3Uri")),
        source="UiConfig of the API",
    ),
    Relation(
        name="labels are no metadata",
        of=("CreateLabelingJob",),
        must=Ending("LabelAttributeName", "-metadata", wanted=False),
        source="LabelAttributeName of CreateLabelingJob of the API",
    ),
    Relation(
        name="the public's tasks are there for 12 hours at most",
        of=("HumanTaskConfig",),
        must=Compared(
            "TaskAvailabilityLifetimeInSeconds",
            "at most",
            43_200,
            when=(Ends("WorkteamArn", ":workteam/public-crowd/default"),),
        ),
        source="TaskAvailabilityLifetimeInSeconds of HumanTaskConfig of the API",
    ),
)

_OTHERS: tuple[Relation, ...] = (
    Relation(
        name="tags have keys of their own",
        topic="tags",
        of=(ANY,),
        must=Distinct(("Tags[].Key",)),
        source="Tag of the API",
    ),
    Relation(
        name="a parameter of a pipeline has one value",
        of=("StartPipelineExecution",),
        must=Distinct(("PipelineParameters[].Name",)),
        source="Parameter of the API: it assigns a value to the pipeline's parameter of its name",
    ),
    Relation(
        name="a compilation has one target",
        of=("OutputConfig",),
        must=OneOf(("TargetDevice", "TargetPlatform")),
        source="OutputConfig of the API",
    ),
    Relation(
        name="a compilation has one source",
        of=("CreateCompilationJob",),
        must=OneOf(("ModelPackageVersionArn", "InputConfig")),
        source="CreateCompilationJob of the API",
    ),
    Relation(
        name="features have names of their own",
        of=("CreateFeatureGroup",),
        must=Distinct(("FeatureDefinitions[].FeatureName",)),
        source="FeatureDefinition of the API: a feature is told by its name",
    ),
    Relation(
        name="records are told by a feature",
        of=("CreateFeatureGroup",),
        must=Named("RecordIdentifierFeatureName", ("FeatureDefinitions[].FeatureName",)),
        source="CreateFeatureGroup of the API",
    ),
    Relation(
        name="records are dated by a feature",
        of=("CreateFeatureGroup",),
        must=Named("EventTimeFeatureName", ("FeatureDefinitions[].FeatureName",)),
        source="CreateFeatureGroup of the API",
    ),
)

RELATIONS = (
    *_PROCESSING,
    *_INSTANCES,
    *_TRAINING_JOBS,
    *_TUNING,
    *_TRANSFORM_JOBS,
    *_MODELS,
    *_ENDPOINTS,
    *_REGISTRY,
    *_AUTOML,
    *_LABELING,
    *_OTHERS,
)


def relations_of(shape: str, *, is_input: bool) -> tuple[Relation, ...]:
    """The relations between the members of a type.

    Args:
        shape: Its name in the API.
        is_input: Whether it is the whole input of an operation.
    """
    found = _by_shape()
    return (*found.get(shape, ()), *(found.get(ANY, ()) if is_input else ()))


@cache
def _by_shape() -> Mapping[str, tuple[Relation, ...]]:
    known = frozenset(operations())
    found: dict[str, tuple[Relation, ...]] = {}
    for relation in RELATIONS:
        for name in relation.of:
            shape = _input_name(name) if name in known else name
            found[shape] = (*found.get(shape, ()), relation)
    return found


def _input_name(operation: str) -> str:
    try:
        return input_shape(operation).name
    except ModelError:
        return ""
