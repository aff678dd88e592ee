"""A wrong request and a right one for each relation between members, as changes of requests that keep all relations."""

from __future__ import annotations

from typing import Any

Changes = dict[str, Any]
DAY = 86_400
IMAGE = "111122223333.dkr.ecr.us-east-1.amazonaws.com/churn:1"
ROLE = "arn:aws:iam::111122223333:role/Jobs"
FOLDER = "/opt/ml/processing"
LOCAL = {"S3Uri": "s3://churn/raw/", "S3DataType": "S3Prefix", "S3InputMode": "File", "LocalPath": f"{FOLDER}/raw"}
ATHENA = {
    "Catalog": "c",
    "Database": "d",
    "QueryString": "select 1",
    "OutputS3Uri": "s3://churn/athena/",
    "OutputFormat": "PARQUET",
}
REDSHIFT = {
    "ClusterId": "c",
    "Database": "d",
    "DbUser": "u",
    "QueryString": "select 1",
    "ClusterRoleArn": ROLE,
    "OutputS3Uri": "s3://churn/redshift/",
    "OutputFormat": "CSV",
}
VPC = {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}
GROUP = {"InstanceGroupName": "workers", "InstanceType": "ml.m5.xlarge", "InstanceCount": 2}
CLUSTER = {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30}
TRIAL: Changes = {
    "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
    "OutputDataConfig": {"S3OutputPath": "s3://churn/models/"},
    "ResourceConfig": CLUSTER,
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    "RoleArn": ROLE,
}
TRANSFORM: Changes = {
    "TransformInput": {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://churn/parts/"}}},
    "TransformOutput": {"S3OutputPath": "s3://churn/scores/"},
    "TransformResources": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge"},
}
VARIANT = {"VariantName": "all", "ModelName": "churn", "InstanceType": "ml.m5.xlarge", "InitialInstanceCount": 1}
SERVERLESS = {
    "VariantName": "all",
    "ModelName": "churn",
    "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5},
}
CONTAINERS = {"Containers": [{"Image": IMAGE, "ModelDataUrl": "s3://churn/model.tar.gz"}]}
CHANNEL = {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://churn/train/"}}}

BASES: dict[str, Changes] = {
    "CreateProcessingJob": {
        "ProcessingJobName": "churn",
        "AppSpecification": {"ImageUri": IMAGE},
        "ProcessingResources": {"ClusterConfig": CLUSTER},
        "RoleArn": ROLE,
    },
    "CreateTrainingJob": {"TrainingJobName": "churn", **TRIAL},
    "CreateHyperParameterTuningJob": {
        "HyperParameterTuningJobName": "churn",
        "HyperParameterTuningJobConfig": {
            "Strategy": "Bayesian",
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 10, "MaxParallelTrainingJobs": 2},
        },
        "TrainingJobDefinition": TRIAL,
    },
    "CreateTransformJob": {"TransformJobName": "churn", "ModelName": "churn", **TRANSFORM},
    "CreateModel": {"ModelName": "churn", "PrimaryContainer": {"Image": IMAGE}, "ExecutionRoleArn": ROLE},
    "CreateEndpointConfig": {"EndpointConfigName": "churn", "ProductionVariants": [VARIANT]},
    "UpdateEndpoint": {"EndpointName": "churn", "EndpointConfigName": "churn-2"},
    "UpdateEndpointWeightsAndCapacities": {"EndpointName": "churn"},
    "UpdateInferenceComponent": {"InferenceComponentName": "churn"},
    "CreateInferenceRecommendationsJob": {
        "JobName": "churn",
        "JobType": "Advanced",
        "RoleArn": ROLE,
        "InputConfig": {"ModelPackageVersionArn": "arn:aws:sagemaker:us-east-1:111122223333:model-package/churn/1"},
    },
    "CreateInferenceComponent": {"InferenceComponentName": "churn", "EndpointName": "churn"},
    "CreateModelPackage": {"ModelPackageGroupName": "churn", "InferenceSpecification": CONTAINERS},
    "CreateAutoMLJobV2": {
        "AutoMLJobName": "churn",
        "AutoMLJobInputDataConfig": [{"DataSource": CHANNEL["DataSource"]}],
        "OutputDataConfig": {"S3OutputPath": "s3://churn/models/"},
        "AutoMLProblemTypeConfig": {"TabularJobConfig": {"TargetAttributeName": "churned"}},
        "RoleArn": ROLE,
    },
    "CreateLabelingJob": {
        "LabelingJobName": "churn",
        "LabelAttributeName": "labels",
        "InputConfig": {"DataSource": {"S3DataSource": {"ManifestS3Uri": "s3://churn/manifest"}}},
        "OutputConfig": {"S3OutputPath": "s3://churn/labels/"},
        "RoleArn": ROLE,
        "HumanTaskConfig": {
            "WorkteamArn": "arn:aws:sagemaker:us-east-1:111122223333:workteam/private-crowd/us",
            "UiConfig": {"UiTemplateS3Uri": "s3://churn/template.html"},
            "TaskTitle": "Label",
            "TaskDescription": "Label them",
            "NumberOfHumanWorkersPerDataObject": 1,
            "TaskTimeLimitInSeconds": 300,
        },
    },
    "StartPipelineExecution": {"PipelineName": "churn", "ClientRequestToken": "t" * 32},
    "CreateCompilationJob": {
        "CompilationJobName": "churn",
        "RoleArn": ROLE,
        "InputConfig": {"S3Uri": "s3://churn/model.tar.gz", "Framework": "XGBOOST"},
        "OutputConfig": {"S3OutputLocation": "s3://churn/compiled/", "TargetDevice": "ml_m5"},
        "StoppingCondition": {"MaxRuntimeInSeconds": 900},
    },
    "CreateFeatureGroup": {
        "FeatureGroupName": "churn",
        "RecordIdentifierFeatureName": "customer",
        "EventTimeFeatureName": "at",
        "FeatureDefinitions": [
            {"FeatureName": "customer", "FeatureType": "String"},
            {"FeatureName": "at", "FeatureType": "String"},
        ],
    },
}


def request(operation: str, changes: Changes) -> Changes:
    """The request of an operation with changes; None takes a member away."""
    return _merged(BASES[operation], changes)


def _merged(base: Changes, changes: Changes) -> Changes:
    merged = dict(base)
    for name, value in changes.items():
        own = merged.get(name)
        merged[name] = _merged(own, value) if isinstance(own, dict) and isinstance(value, dict) else value
        if value is None:
            del merged[name]
    return merged


def s3_input(**changes: Any) -> Changes:
    """An input of a processing job."""
    item = {"InputName": "raw", "S3Input": {**LOCAL, **changes.pop("S3Input", {})}, **changes}
    return {"ProcessingInputs": [without_none(item)]}


def without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_none(item) for name, item in value.items() if item is not None}
    return value


def dataset(source: Changes, **changes: Any) -> Changes:
    return {
        "ProcessingInputs": [
            {"InputName": "raw", "DatasetDefinition": {"LocalPath": f"{FOLDER}/d", **source}, **changes}
        ]
    }


def output(name: str, path: str | None = None, **changes: Any) -> Changes:
    place = {"S3Uri": "s3://churn/out/", "S3UploadMode": "EndOfJob", "LocalPath": path or f"{FOLDER}/out/{name}"}
    return without_none({"OutputName": name, "S3Output": place, **changes})


def outputs(*items: Changes) -> Changes:
    return {"ProcessingOutputConfig": {"Outputs": list(items)}}


def cluster(**changes: Any) -> Changes:
    return {"ProcessingResources": {"ClusterConfig": changes}}


def resources(**changes: Any) -> Changes:
    return {"ResourceConfig": changes}


def channels(*items: Changes, mode: str | None = None) -> Changes:
    named = [{"ChannelName": f"c{at}", **_merged(CHANNEL, item)} for at, item in enumerate(items)]
    return {"InputDataConfig": named, **({"AlgorithmSpecification": {"TrainingInputMode": mode}} if mode else {})}


def s3_data(**changes: Any) -> Changes:
    return {"DataSource": {"S3DataSource": changes}}


def config(**changes: Any) -> Changes:
    return {"HyperParameterTuningJobConfig": changes}


def trial(**changes: Any) -> Changes:
    return {"TrainingJobDefinition": changes}


def reals(**changes: Any) -> Changes:
    return config(ParameterRanges={"ContinuousParameterRanges": [{"Name": "eta", **changes}]})


def wholes(**changes: Any) -> Changes:
    return config(ParameterRanges={"IntegerParameterRanges": [{"Name": "depth", **changes}]})


def variants(*items: Changes, **changes: Any) -> Changes:
    return {
        "ProductionVariants": [{**VARIANT, "VariantName": f"v{at}", **item} for at, item in enumerate(items)],
        **changes,
    }


def serverless(variant: Changes | None = None, **changes: Any) -> Changes:
    made = {**SERVERLESS, **(variant or {}), "ServerlessConfig": {**SERVERLESS["ServerlessConfig"], **changes}}  # type: ignore[dict-item]
    return {"ProductionVariants": [made]}


def routing(kind: str, **changes: Any) -> Changes:
    how = {"Type": kind, "WaitIntervalInSeconds": 300, **changes}
    return {"DeploymentConfig": {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": how}}}


def rolling(**changes: Any) -> Changes:
    batch = {"Type": "CAPACITY_PERCENT", "Value": 20}
    return {
        "DeploymentConfig": {
            "RollingUpdatePolicy": {"MaximumBatchSize": batch, "WaitIntervalInSeconds": 300, **changes}
        }
    }


def percent(value: int) -> Changes:
    return {"Type": "CAPACITY_PERCENT", "Value": value}


def copies(value: int, kind: str = "CAPACITY_PERCENT") -> Changes:
    batch = {"MaximumBatchSize": {"Type": kind, "Value": value}, "WaitIntervalInSeconds": 60}
    return {"DeploymentConfig": {"RollingUpdatePolicy": batch}}


def phases(*items: Changes, **changes: Any) -> Changes:
    return {"InputConfig": {"TrafficPattern": {"TrafficType": "PHASES", "Phases": list(items)}, **changes}}


def count(value: int) -> Changes:
    return {"Type": "INSTANCE_COUNT", "Value": value}


def problem(name: str, **changes: Any) -> Changes:
    needed: Changes = {
        "TimeSeriesForecastingJobConfig": {
            "ForecastFrequency": "1D",
            "ForecastHorizon": 7,
            "TimeSeriesConfig": {
                "TargetAttributeName": "y",
                "TimestampAttributeName": "at",
                "ItemIdentifierAttributeName": "item",
            },
        },
        "TextClassificationJobConfig": {"ContentColumn": "text", "TargetLabelColumn": "label"},
        "TabularJobConfig": {"TargetAttributeName": "churned"},
    }
    own = {name: {**needed.get(name, {}), **changes}}
    return {"AutoMLProblemTypeConfig": own if name == "TabularJobConfig" else {"TabularJobConfig": None, **own}}


def data_of(kind: str, **changes: Any) -> Changes:
    source = {"S3DataSource": {"S3DataType": kind, "S3Uri": "s3://churn/data/"}}
    return {"AutoMLJobInputDataConfig": [{"DataSource": source, **changes}]}


def rules_of(member: str, *names: str) -> Changes:
    return {member: [{"RuleConfigurationName": name, "RuleEvaluatorImage": IMAGE} for name in names]}


def preferences(*items: Changes) -> list[Changes]:
    return [{"InstanceType": f"ml.m5.{size}xlarge", **item} for size, item in zip(("", 2, 4), items, strict=False)]


MANIFEST = "AugmentedManifestFile"
FILES = {
    "FileSystemDataSource": {
        "FileSystemId": "fs-0123456789abcdef0",
        "FileSystemAccessMode": "ro",
        "FileSystemType": "EFS",
        "DirectoryPath": "/churn",
    },
    "S3DataSource": None,
}
PLAN = "arn:aws:sagemaker:us-east-1:111122223333:training-plan/mine"
KEEP = {"KeepAlivePeriodInSeconds": 600}
STOP, SPOT = "StoppingCondition", {"EnableManagedSpotTraining": True}
SPOT_OK = {**SPOT, STOP: {"MaxWaitTimeInSeconds": 7200}}
TARGETS = {"TargetPlatform": {"Os": "LINUX", "Arch": "ARM64"}}
HYPERBAND = {"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": 9}}
CAPTURE = {
    "InitialSamplingPercentage": 100,
    "DestinationS3Uri": "s3://churn/captured/",
    "CaptureOptions": [{"CaptureMode": "Input"}],
}
MODEL_DATA = {"S3DataType": "S3Prefix", "CompressionType": "None"}
HOST = {"Image": IMAGE, "ContainerHostname": "first"}
METRICS = {"AlgorithmSpecification": {"MetricDefinitions": [{"Name": "auc", "Regex": "auc=(.*)"}]}}
UNVERSIONED = {
    "ModelPackageGroupName": None,
    "ModelPackageName": "churn",
    "InferenceSpecification": {
        "SupportedTransformInstanceTypes": ["ml.m5.xlarge"],
        "SupportedRealtimeInferenceInstanceTypes": ["ml.m5.xlarge"],
    },
}
BASELINE = {"ShapBaseline": "1,2"}


def explained(**baseline: Any) -> Changes:
    shap = {"ShapBaselineConfig": baseline}
    return {"ExplainerConfig": {"ClarifyExplainerConfig": {"ShapConfig": shap}}}


def vpc_registry(**changes: Any) -> Changes:
    image = {"TrainingImageConfig": {"TrainingRepositoryAccessMode": "Vpc"}}
    return {"AlgorithmSpecification": image, **changes}


def grid(**changes: Any) -> Changes:
    return config(Strategy="Grid", **changes)


ETA = [{"Name": "eta", "MinValue": "0.1", "MaxValue": "0.5"}]
BOOSTER = [{"Name": "booster", "Values": ["gbtree", "dart"]}]
P, T, H, X = "CreateProcessingJob", "CreateTrainingJob", "CreateHyperParameterTuningJob", "CreateTransformJob"
M, E, U, R = "CreateModel", "CreateEndpointConfig", "UpdateEndpoint", "CreateModelPackage"
A, L, F = "CreateAutoMLJobV2", "CreateLabelingJob", "CreateFeatureGroup"
C, I = "UpdateInferenceComponent", "CreateInferenceRecommendationsJob"  # noqa: E741 - as the others
TIMES = "TimeSeriesForecastingJobConfig"

CASES: dict[str, tuple[str, Changes, Changes]] = {
    "a processing input has one source": (P, s3_input(DatasetDefinition={"AthenaDatasetDefinition": ATHENA, "LocalPath": f"{FOLDER}/d"}), s3_input()),
    "a processing output has one destination": (P, outputs(output("o", S3Output=None)), outputs(output("o"))),
    "a dataset has one source": (P, dataset({"AthenaDatasetDefinition": ATHENA, "RedshiftDatasetDefinition": REDSHIFT}), dataset({"AthenaDatasetDefinition": ATHENA})),
    "files are not unpacked": (P, s3_input(S3Input={"S3CompressionType": "Gzip"}), s3_input(S3Input={"S3CompressionType": "Gzip", "S3InputMode": "Pipe"})),
    "the application writes to a feature store": (P, outputs(output("o", S3Output=None, FeatureStoreOutput={"FeatureGroupName": "g"})), outputs(output("o", S3Output=None, FeatureStoreOutput={"FeatureGroupName": "g"}, AppManaged=True))),
    "an input has a local path": (P, s3_input(S3Input={"LocalPath": None}), s3_input(S3Input={"LocalPath": None}, AppManaged=True)),
    "a dataset has a local path": (P, dataset({"AthenaDatasetDefinition": ATHENA, "LocalPath": None}), dataset({"AthenaDatasetDefinition": ATHENA, "LocalPath": None}, AppManaged=True)),
    "inputs and outputs have names of their own": (P, {**s3_input(InputName="raw"), **outputs(output("raw"))}, {**s3_input(), **outputs(output("out"))}),
    "local paths are below their folder": (P, s3_input(S3Input={"LocalPath": "/opt/ml/processing"}), s3_input(S3Input={"LocalPath": "/opt/ml/processing/x/"})),
    "outputs are not where inputs are": (P, {**s3_input(), **outputs(output("o", f"{FOLDER}/raw/"))}, {**s3_input(), **outputs(output("o", f"{FOLDER}/raw/out"), output("p", f"{FOLDER}/raw/out"))}),
    "inputs have folders of their own": (P, {"ProcessingInputs": [{"InputName": "a", "S3Input": LOCAL}, {"InputName": "b", "S3Input": {**LOCAL, "LocalPath": f"{FOLDER}/raw/"}}]}, {"ProcessingInputs": [{"InputName": "a", "S3Input": LOCAL}, {"InputName": "b", "S3Input": {**LOCAL, "LocalPath": f"{FOLDER}/raw2"}}]}),
    "local storage has no volume key": (P, cluster(InstanceType="ml.g5.xlarge", VolumeKmsKeyId="alias/a"), cluster(VolumeKmsKeyId="alias/a")),
    "preferred instance types exclude one type": (P, cluster(InstancePreferences=preferences({})), cluster(InstancePreferences=preferences({}), InstanceType=None)),
    "preferred instance types exclude groups, placement and one type": (T, resources(InstancePreferences=preferences({})), resources(InstancePreferences=preferences({}), InstanceType=None)),
    "preferred instance types exclude spot": (T, {**SPOT_OK, **resources(InstancePreferences=preferences({}), InstanceType=None)}, {"EnableManagedSpotTraining": False, **resources(InstancePreferences=preferences({}), InstanceType=None)}),
    "preferred instance types are counted alike": (P, cluster(InstancePreferences=preferences({"InstanceCount": 1}, {}), InstanceType=None, InstanceCount=None), cluster(InstancePreferences=preferences({"InstanceCount": 1}, {"InstanceCount": 2}), InstanceType=None, InstanceCount=None)),
    "preferred instance types are counted once": (T, resources(InstancePreferences=preferences({"InstanceCount": 1}), InstanceType=None), resources(InstancePreferences=preferences({"InstanceCount": 1}), InstanceType=None, InstanceCount=None)),
    "preferred instance types are counted": (T, resources(InstancePreferences=preferences({}), InstanceType=None, InstanceCount=None), resources(InstancePreferences=preferences({}), InstanceType=None)),
    "preferred instance types are different": (T, resources(InstancePreferences=[{"InstanceType": "ml.m5.xlarge"}] * 2, InstanceType=None), resources(InstancePreferences=preferences({}, {}), InstanceType=None)),
    "a training plan is the job's or an instance type's": (T, resources(InstancePreferences=preferences({"TrainingPlanArns": [PLAN]}), InstanceType=None, TrainingPlanArn=PLAN), resources(InstancePreferences=preferences({"TrainingPlanArns": [PLAN]}), InstanceType=None)),
    "instance groups exclude an instance type": (T, resources(InstanceGroups=[GROUP], InstanceCount=None), resources(InstanceGroups=[GROUP], InstanceCount=None, InstanceType=None)),
    "instance groups have names of their own": (T, resources(InstanceGroups=[GROUP, GROUP], InstanceCount=None, InstanceType=None), resources(InstanceGroups=[GROUP, {**GROUP, "InstanceGroupName": "other"}], InstanceCount=None, InstanceType=None)),
    "a warm pool has one instance type": (T, resources(InstanceGroups=[GROUP], InstanceCount=None, InstanceType=None, **KEEP), resources(**KEEP)),
    "a warm pool is not of spot instances": (T, {**SPOT_OK, **resources(**KEEP)}, {**SPOT_OK, **resources(KeepAlivePeriodInSeconds=0)}),
    "a list of instances excludes one of them": (H, trial(ResourceConfig=None, HyperParameterTuningResourceConfig={"InstanceConfigs": [CLUSTER], "InstanceType": "ml.m5.xlarge"}), trial(ResourceConfig=None, HyperParameterTuningResourceConfig={"InstanceConfigs": [CLUSTER]})),
    "a transform job has at most 100 instances": (X, {"TransformResources": {"InstanceCount": 101}}, {"TransformResources": {"InstanceCount": 100}}),
    "spot training may wait": (T, SPOT, SPOT_OK),
    "spot training may wait for as long as it runs": (T, {**SPOT, STOP: {"MaxRuntimeInSeconds": None, "MaxWaitTimeInSeconds": DAY - 1}}, {**SPOT, STOP: {"MaxRuntimeInSeconds": None, "MaxWaitTimeInSeconds": DAY}}),
    "only spot training may wait": (H, trial(StoppingCondition={"MaxWaitTimeInSeconds": 7200}), trial(**SPOT_OK)),
    "training runs for at most 28 days": (H, trial(StoppingCondition={"MaxRuntimeInSeconds": 28 * DAY + 1}), trial(StoppingCondition={"MaxRuntimeInSeconds": 28 * DAY})),
    "training has an image or an algorithm": (T, {"AlgorithmSpecification": {"AlgorithmName": "mine"}}, {"AlgorithmSpecification": {"AlgorithmName": "mine", "TrainingImage": None}}),
    "channels have names of their own": (T, channels({"ChannelName": "a"}, {"ChannelName": "a"}), channels({}, {})),
    "augmented manifests are piped": (T, channels(s3_data(S3DataType=MANIFEST)), channels({"InputMode": "Pipe", **s3_data(S3DataType=MANIFEST)})),
    "fast file mode reads prefixes": (T, channels(s3_data(S3DataType="ManifestFile"), mode="FastFile"), channels({"InputMode": "File", **s3_data(S3DataType="ManifestFile")}, {}, mode="FastFile")),
    "only pipes unpack": (T, channels({"CompressionType": "Gzip"}), channels({"CompressionType": "Gzip"}, mode="Pipe")),
    "only pipes wrap records": (H, trial(**channels({"RecordWrapperType": "RecordIO"})), trial(**channels({"RecordWrapperType": "None"}))),
    "data goes to groups that there are": (T, channels(s3_data(InstanceGroupNames=["workers"])), {**channels(s3_data(InstanceGroupNames=["workers"])), **resources(InstanceGroups=[GROUP], InstanceCount=None, InstanceType=None)}),
    "file systems are reached in a VPC": (T, channels({"DataSource": FILES}), {**channels({"DataSource": FILES}), "VpcConfig": VPC}),
    "private registries of training are reached in a VPC": (T, vpc_registry(), vpc_registry(VpcConfig=VPC)),
    "debugger rules have names of their own": (T, rules_of("DebugRuleConfigurations", "a", "a"), rules_of("DebugRuleConfigurations", "a", "b")),
    "profiler rules have names of their own": (T, rules_of("ProfilerRuleConfigurations", "a", "a"), rules_of("ProfilerRuleConfigurations", "a", "b")),
    "tensor collections have names of their own": (T, {"DebugHookConfig": {"S3OutputPath": "s3://churn/debug/", "CollectionConfigurations": [{"CollectionName": "a"}, {"CollectionName": "a"}]}}, {"DebugHookConfig": {"S3OutputPath": "s3://churn/debug/", "CollectionConfigurations": [{"CollectionName": "a"}, {}]}}),
    "the profiler looks at some intervals": (T, {"ProfilerConfig": {"ProfilingIntervalInMilliseconds": 300}}, {"ProfilerConfig": {"ProfilingIntervalInMilliseconds": 500}}),
    "an evaluation has a type": (T, {"ServerlessJobConfig": {"BaseModelArn": "arn:aws:sagemaker:us-east-1:aws:hub-content/h/Model/m/1.0.0", "JobType": "Evaluation"}}, {"ServerlessJobConfig": {"BaseModelArn": "arn:aws:sagemaker:us-east-1:aws:hub-content/h/Model/m/1.0.0", "JobType": "FineTuning"}}),
    "a tuning job has one definition or several": (H, {"TrainingJobDefinition": None}, {}),
    "no more trials at once than there are": (H, config(ResourceLimits={"MaxNumberOfTrainingJobs": 1}), config(ResourceLimits={"MaxNumberOfTrainingJobs": 2})),
    "a range starts below its end": (H, reals(MinValue="0.5", MaxValue="0.1"), reals(MinValue="1e-3", MaxValue="1")),
    "a logarithmic range is above 0": (H, wholes(MinValue="0", MaxValue="9", ScalingType="Logarithmic"), wholes(MinValue="1", MaxValue="9", ScalingType="Logarithmic")),
    "a reverse logarithmic range starts at 0 at least": (H, reals(MinValue="-0.5", MaxValue="0.9", ScalingType="ReverseLogarithmic"), reals(MinValue="0", MaxValue="0.9", ScalingType="ReverseLogarithmic")),
    "a reverse logarithmic range ends below 1": (H, reals(MinValue="0.5", MaxValue="1.0", ScalingType="ReverseLogarithmic"), reals(MinValue="0.5", MaxValue="0.999", ScalingType="ReverseLogarithmic")),
    "whole numbers are not scaled in reverse": (H, wholes(MinValue="1", MaxValue="9", ScalingType="ReverseLogarithmic"), wholes(MinValue="1", MaxValue="9", ScalingType="Auto")),
    "a grid is of categories": (H, grid(ParameterRanges={"ContinuousParameterRanges": ETA}), grid(ParameterRanges={"CategoricalParameterRanges": BOOSTER, "ContinuousParameterRanges": []})),
    "a grid of definitions is of categories": (H, {**grid(), "TrainingJobDefinition": None, "TrainingJobDefinitions": [{**TRIAL, "HyperParameterRanges": {"ContinuousParameterRanges": ETA}}]}, {**grid(), **trial(HyperParameterRanges={"CategoricalParameterRanges": BOOSTER})}),
    "the settings of Hyperband are for Hyperband": (H, config(StrategyConfig=HYPERBAND), config(Strategy="Hyperband", StrategyConfig=HYPERBAND)),
    "Hyperband stops trials itself": (H, config(Strategy="Hyperband", TrainingJobEarlyStoppingType="Auto"), config(Strategy="Hyperband", TrainingJobEarlyStoppingType="Off")),
    "Hyperband's least resource is below its most": (H, config(Strategy="Hyperband", StrategyConfig={"HyperbandStrategyConfig": {"MinResource": 9, "MaxResource": 3}}), config(Strategy="Hyperband", StrategyConfig=HYPERBAND)),
    "Hyperband's most resource is 20,000": (H, config(Strategy="Hyperband", StrategyConfig={"HyperbandStrategyConfig": {"MaxResource": 20_001}}), config(Strategy="Hyperband", StrategyConfig={"HyperbandStrategyConfig": {"MaxResource": 20_000}})),
    "a hyperparameter has one range": (H, config(ParameterRanges={"ContinuousParameterRanges": ETA, "CategoricalParameterRanges": [{"Name": "eta", "Values": ["1"]}]}), config(ParameterRanges={"ContinuousParameterRanges": ETA, "CategoricalParameterRanges": BOOSTER})),
    "a hyperparameter of a definition is searched or fixed": (H, trial(StaticHyperParameters={"eta": "1"}, HyperParameterRanges={"ContinuousParameterRanges": ETA}), trial(StaticHyperParameters={"depth": "1"}, HyperParameterRanges={"ContinuousParameterRanges": ETA})),
    "a hyperparameter is searched or fixed": (H, {**trial(StaticHyperParameters={"eta": "1"}), **config(ParameterRanges={"ContinuousParameterRanges": ETA})}, {**trial(StaticHyperParameters={"depth": "1"}), **config(ParameterRanges={"ContinuousParameterRanges": ETA})}),
    "definitions have names of their own": (H, {"TrainingJobDefinition": None, "TrainingJobDefinitions": [{**TRIAL, "DefinitionName": "a"}] * 2}, {"TrainingJobDefinition": None, "TrainingJobDefinitions": [{**TRIAL, "DefinitionName": "a"}, {**TRIAL, "DefinitionName": "b"}]}),
    "trials have resources of one kind": (H, trial(HyperParameterTuningResourceConfig={"InstanceConfigs": [CLUSTER]}), trial(ResourceConfig=None, HyperParameterTuningResourceConfig={"InstanceConfigs": [CLUSTER]})),
    "the objective is a metric that there is": (H, {**trial(**METRICS), **config(HyperParameterTuningJobObjective={"Type": "Maximize", "MetricName": "acc"})}, {**trial(**METRICS), **config(HyperParameterTuningJobObjective={"Type": "Maximize", "MetricName": "auc"})}),
    "the objective of a definition is a metric that there is": (H, trial(**METRICS, TuningObjective={"Type": "Maximize", "MetricName": "acc"}), trial(TuningObjective={"Type": "Maximize", "MetricName": "validation:auc"})),
    "a payload has at most 100 MB": (X, {"MaxPayloadInMB": 101}, {"MaxPayloadInMB": 100}),
    "payloads at the same time have at most 100 MB": (X, {"MaxPayloadInMB": 51, "MaxConcurrentTransforms": 2}, {"MaxPayloadInMB": 50, "MaxConcurrentTransforms": 2}),
    "several records are split": (X, {"BatchStrategy": "MultiRecord"}, {"BatchStrategy": "MultiRecord", "TransformInput": {"SplitType": "RecordIO"}}),
    "augmented manifests are not transformed": (X, {"TransformInput": {"DataSource": {"S3DataSource": {"S3DataType": MANIFEST}}}}, {"TransformInput": {"DataSource": {"S3DataSource": {"S3DataType": "ManifestFile"}}}}),
    "a model has one container or several": (M, {"Containers": [HOST]}, {"PrimaryContainer": None, "Containers": [HOST]}),
    "all containers have host names or none": (M, {"PrimaryContainer": None, "Containers": [HOST, {"Image": IMAGE}]}, {"PrimaryContainer": None, "Containers": [{"Image": IMAGE}, {"Image": IMAGE}]}),
    "containers have host names of their own": (M, {"PrimaryContainer": None, "Containers": [HOST, HOST]}, {"PrimaryContainer": None, "Containers": [HOST, {**HOST, "ContainerHostname": "last"}]}),
    "several models have one prefix": (M, {"PrimaryContainer": {"Mode": "MultiModel", "ModelDataSource": {"S3DataSource": {**MODEL_DATA, "S3Uri": "s3://churn/models/"}}}}, {"PrimaryContainer": {"Mode": "MultiModel", "ModelDataUrl": "s3://churn/models/"}}),
    "a prefix of model data ends in a slash": (M, {"PrimaryContainer": {"ModelDataSource": {"S3DataSource": {**MODEL_DATA, "S3Uri": "s3://churn/model"}}}}, {"PrimaryContainer": {"ModelDataSource": {"S3DataSource": {**MODEL_DATA, "S3Uri": "s3://churn/model/"}}}}),
    "a model is no folder": (M, {"PrimaryContainer": {"ModelDataUrl": "s3://churn/model/"}}, {"PrimaryContainer": {"ModelDataUrl": "s3://churn/model.tar.gz"}}),
    "a model of a package is no folder": (R, {"InferenceSpecification": {"Containers": [{"Image": IMAGE, "ModelDataUrl": "s3://churn/model/"}]}}, {"InferenceSpecification": {"Containers": [{"Image": IMAGE, "ModelDataUrl": "s3://churn/v1/m.tgz"}]}}),
    "a model is an archive": (M, {"PrimaryContainer": {"ModelDataUrl": "s3://churn/model.zip"}}, {"PrimaryContainer": {"ModelDataUrl": "s3://churn/model.zip/m.tar.gz"}}),
    "a model of a package is an archive": (R, {"InferenceSpecification": {"Containers": [{"Image": IMAGE, "ModelDataUrl": "s3://churn/m.joblib"}]}}, {"InferenceSpecification": {"Containers": [{"Image": IMAGE, "ModelDataUrl": "s3://churn/m"}]}}),
    "what is unpacked is an archive": (M, {"PrimaryContainer": {"ModelDataSource": {"S3DataSource": {"S3DataType": "S3Object", "CompressionType": "Gzip", "S3Uri": "s3://churn/m.zip"}}}}, {"PrimaryContainer": {"ModelDataSource": {"S3DataSource": {"S3DataType": "S3Object", "CompressionType": "None", "S3Uri": "s3://churn/m.zip"}}}}),
    "one object is no folder": (M, {"PrimaryContainer": {"ModelDataSource": {"S3DataSource": {**MODEL_DATA, "S3DataType": "S3Object", "S3Uri": "s3://churn/m/"}}}}, {"PrimaryContainer": {"ModelDataSource": {"S3DataSource": {**MODEL_DATA, "S3DataType": "S3Object", "S3Uri": "s3://churn/m"}}}}),
    "several models are below a prefix": (M, {"PrimaryContainer": {"Mode": "MultiModel", "ModelDataUrl": "s3://churn/m.tar.gz"}}, {"PrimaryContainer": {"Mode": "MultiModel", "ModelDataUrl": "s3://churn/m/"}}),
    "only private registries are signed in to": (M, {"PrimaryContainer": {"ImageConfig": {"RepositoryAccessMode": "Platform", "RepositoryAuthConfig": {"RepositoryCredentialsProviderArn": "arn:aws:lambda:us-east-1:111122223333:function:f"}}}}, {"PrimaryContainer": {"ImageConfig": {"RepositoryAccessMode": "Platform"}}}),
    "a private registry is reached in a VPC": (M, {"PrimaryContainer": {"ImageConfig": {"RepositoryAccessMode": "Vpc"}}}, {"PrimaryContainer": {"ImageConfig": {"RepositoryAccessMode": "Vpc"}}, "VpcConfig": VPC}),
    "variants have names of their own": (E, variants({}, ShadowProductionVariants=[{**VARIANT, "VariantName": "v0"}]), variants({}, {})),
    "a serverless variant has no instances": (E, serverless({"InstanceType": "ml.m5.xlarge"}), serverless()),
    "serverless memory comes in steps": (E, serverless(MemorySizeInMB=1500), serverless(MemorySizeInMB=6144)),
    "no more is provisioned than runs": (E, serverless(ProvisionedConcurrency=6), serverless(ProvisionedConcurrency=5)),
    "a serverless endpoint has one variant": (E, {"ProductionVariants": [SERVERLESS, {**SERVERLESS, "VariantName": "b"}]}, {"ProductionVariants": [VARIANT, {**VARIANT, "VariantName": "b"}]}),
    "a serverless endpoint captures no data": (E, {**serverless(), "DataCaptureConfig": CAPTURE}, {**serverless(), "DataCaptureConfig": {**CAPTURE, "EnableCapture": False}}),
    "one variant has a shadow": (E, variants({}, {}, ShadowProductionVariants=[{**VARIANT, "VariantName": "s"}]), variants({}, ShadowProductionVariants=[{**VARIANT, "VariantName": "s"}])),
    "a variant has one shadow": (E, variants({}, ShadowProductionVariants=[{**VARIANT, "VariantName": "s"}, {**VARIANT, "VariantName": "t"}]), variants({}, ShadowProductionVariants=[{**VARIANT, "VariantName": "s"}])),
    "the fewest instances are no more than the most": (E, variants({"ManagedInstanceScaling": {"MinInstanceCount": 3, "MaxInstanceCount": 2}}), variants({"ManagedInstanceScaling": {"MinInstanceCount": 2, "MaxInstanceCount": 2}})),
    "routing by prefixes says how": (E, variants({"RoutingConfig": {"RoutingStrategy": "PREFIX_AWARE", "PrefixAwareRoutingConfig": {"PrefixLength": 2048}}}), variants({"RoutingConfig": {"RoutingStrategy": "PREFIX_AWARE", "PrefixAwareRoutingConfig": {"PrefixLength": 2048, "ConcurrencyThreshold": 8}}})),
    "only routing by prefixes has prefixes": (E, variants({"RoutingConfig": {"RoutingStrategy": "RANDOM", "PrefixAwareRoutingConfig": {"PrefixLength": 2048}}}), variants({"RoutingConfig": {"RoutingStrategy": "RANDOM"}})),
    "a baseline is written or in S3": (E, explained(ShapBaselineUri="s3://churn/base.csv", **BASELINE), explained(**BASELINE)),
    "a deployment has one policy": (U, {"DeploymentConfig": {**routing("ALL_AT_ONCE")["DeploymentConfig"], **rolling()["DeploymentConfig"]}}, {"DeploymentConfig": {}}),
    "a canary has a size": (U, routing("CANARY"), routing("CANARY", CanarySize=percent(10))),
    "linear steps have a size": (U, routing("LINEAR"), routing("LINEAR", LinearStepSize=percent(10))),
    "a canary is at most half": (U, routing("CANARY", CanarySize=percent(51)), routing("CANARY", CanarySize=count(60))),
    "a linear step is at most half": (U, routing("LINEAR", LinearStepSize=percent(60)), routing("LINEAR", LinearStepSize=percent(50))),
    "a linear step is at least a tenth": (U, routing("LINEAR", LinearStepSize=percent(9)), routing("LINEAR", LinearStepSize=count(1))),
    "a rolling batch is at most half": (U, rolling(MaximumBatchSize=percent(51)), rolling(MaximumBatchSize=count(70))),
    "a rolling batch is at least a twentieth": (U, rolling(MaximumBatchSize=percent(4)), rolling(MaximumBatchSize=percent(5))),
    "a rollback puts back at most all": (U, rolling(RollbackMaximumBatchSize=percent(101)), rolling(RollbackMaximumBatchSize=percent(100))),
    "a rolling batch of copies is at most half": (C, copies(51), copies(70, "COPY_COUNT")),
    "a rolling batch of copies is at least a twentieth": (C, copies(4), copies(5)),
    "a deployment has time for what it waits for": (U, {"DeploymentConfig": {"BlueGreenUpdatePolicy": {**routing("ALL_AT_ONCE")["DeploymentConfig"]["BlueGreenUpdatePolicy"], "TerminationWaitInSeconds": 300, "MaximumExecutionTimeoutInSeconds": 600}}}, {"DeploymentConfig": {"BlueGreenUpdatePolicy": {**routing("ALL_AT_ONCE")["DeploymentConfig"]["BlueGreenUpdatePolicy"], "TerminationWaitInSeconds": 299, "MaximumExecutionTimeoutInSeconds": 600}}}),
    "only what is retained can be excluded": (U, {"ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredWeight"}]}, {"RetainAllVariantProperties": True, "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredWeight"}]}),
    "a component has one specification or several": ("CreateInferenceComponent", {"Specification": {"ModelName": "m"}, "Specifications": [{"ModelName": "m"}]}, {"Specification": {"ModelName": "m"}}),
    "a package has a name or a group": (R, {"ModelPackageName": "churn", "InferenceSpecification": UNVERSIONED["InferenceSpecification"]}, {}),
    "a version has the tags of its group": (R, {"Tags": [{"Key": "a", "Value": "b"}]}, {**UNVERSIONED, "Tags": [{"Key": "a", "Value": "b"}]}),
    "only versions are approved": (R, {**UNVERSIONED, "ModelApprovalStatus": "Approved"}, {"ModelApprovalStatus": "Approved"}),
    "versions are not certified": (R, {"CertifyForMarketplace": True}, {"CertifyForMarketplace": False}),
    "a package without versions says where it runs": (R, {**UNVERSIONED, "InferenceSpecification": {}}, UNVERSIONED),
    "a package without versions has no source": (R, {**UNVERSIONED, "SourceUri": "arn:aws:sagemaker:us-east-1:111122223333:model/m"}, {"SourceUri": "arn:aws:sagemaker:us-east-1:111122223333:model/m"}),
    "a package without versions has archives": (R, _merged(UNVERSIONED, {"InferenceSpecification": {"Containers": [{"Image": IMAGE, "ModelDataSource": {"S3DataSource": {**MODEL_DATA, "S3Uri": "s3://churn/m/"}}}]}}), {"InferenceSpecification": {"Containers": [{"Image": IMAGE, "ModelDataSource": {"S3DataSource": {**MODEL_DATA, "S3Uri": "s3://churn/m/"}}}]}}),
    "additional specifications have names of their own": (R, {"AdditionalInferenceSpecifications": [{"Name": "a", **CONTAINERS}] * 2}, {"AdditionalInferenceSpecifications": [{"Name": "a", **CONTAINERS}, {"Name": "b", **CONTAINERS}]}),
    "an endpoint's name is generated or given": (A, {"ModelDeployConfig": {"AutoGenerateEndpointName": True, "EndpointName": "e"}}, {"ModelDeployConfig": {"AutoGenerateEndpointName": True}}),
    "an endpoint's name is given or generated": (A, {"ModelDeployConfig": {"AutoGenerateEndpointName": False}}, {"ModelDeployConfig": {"EndpointName": "e"}}),
    "an objective has a problem type": (A, {"AutoMLJobObjective": {"MetricName": "F1"}}, {"AutoMLJobObjective": {"MetricName": "F1"}, **problem("TabularJobConfig", ProblemType="BinaryClassification")}),
    "a problem type has an objective": (A, problem("TabularJobConfig", ProblemType="Regression"), {"AutoMLJobObjective": {"MetricName": "RMSE"}, **problem(TIMES)}),
    "time series are split by Autopilot": (A, {**problem(TIMES), "DataSplitConfig": {"ValidationFraction": 0.2}}, {"DataSplitConfig": {"ValidationFraction": 0.2}}),
    "only tables have several candidates": (A, problem(TIMES, CompletionCriteria={"MaxCandidates": 2}), problem("TabularJobConfig", CompletionCriteria={"MaxCandidates": 20})),
    "samples are weighed in ensembles": (A, problem("TabularJobConfig", SampleWeightAttributeName="w", Mode="HYPERPARAMETER_TUNING"), problem("TabularJobConfig", SampleWeightAttributeName="w", Mode="AUTO")),
    "channels share their content type": (A, {"AutoMLJobInputDataConfig": [{"DataSource": CHANNEL["DataSource"], "ContentType": kind} for kind in ("a/b", "c/d")]}, {"AutoMLJobInputDataConfig": [{"DataSource": CHANNEL["DataSource"], "ContentType": "a/b"}, {"DataSource": CHANNEL["DataSource"]}]}),
    "manifests are not packed": (A, data_of("ManifestFile", CompressionType="Gzip"), data_of("S3Prefix", CompressionType="Gzip")),
    "some data is for validation": (A, {"DataSplitConfig": {"ValidationFraction": 0}}, {"DataSplitConfig": {"ValidationFraction": 0.01}}),
    "some data is for training": (A, {"DataSplitConfig": {"ValidationFraction": 1}}, {"DataSplitConfig": {"ValidationFraction": 0.99}}),
    "tables are no augmented manifests": (A, data_of(MANIFEST), {**data_of(MANIFEST), **problem("ImageClassificationJobConfig")}),
    "the data of text classification is a prefix": (A, {**data_of("ManifestFile"), **problem("TextClassificationJobConfig")}, problem("TextClassificationJobConfig")),
    "the data of time series is a prefix": (A, {**data_of("ManifestFile"), **problem(TIMES)}, problem(TIMES)),
    "the data of text generation is a prefix": (A, {**data_of("ManifestFile"), **problem("TextGenerationJobConfig")}, problem("TextGenerationJobConfig")),
    "a forecast has at most 500 steps": (A, problem(TIMES, ForecastHorizon=501), problem(TIMES, ForecastHorizon=500)),
    "a labeling job has data": (L, {"InputConfig": {"DataSource": {"S3DataSource": None}}}, {"InputConfig": {"DataSource": {"SnsDataSource": {"SnsTopicArn": "arn:aws:sns:us-east-1:111122223333:t"}}}}),
    "a labeling job has one template": (L, {"HumanTaskConfig": {"UiConfig": {"UiTemplateS3Uri": None}}}, {}),
    "labels are no metadata": (L, {"LabelAttributeName": "labels-metadata"}, {"LabelAttributeName": "labels-ref"}),
    "the public's tasks are there for 12 hours at most": (L, {"HumanTaskConfig": {"WorkteamArn": "arn:aws:sagemaker:us-east-1:394669845002:workteam/public-crowd/default", "TaskAvailabilityLifetimeInSeconds": 43_201}}, {"HumanTaskConfig": {"TaskAvailabilityLifetimeInSeconds": 864_000}}),
    "tags have keys of their own": (X, {"Tags": [{"Key": "a", "Value": "b"}, {"Key": "a", "Value": "c"}]}, {"Tags": [{"Key": "a", "Value": "b"}, {"Key": "A", "Value": "b"}]}),
    "a parameter of a pipeline has one value": ("StartPipelineExecution", {"PipelineParameters": [{"Name": "a", "Value": "1"}, {"Name": "a", "Value": "2"}]}, {"PipelineParameters": [{"Name": "a", "Value": "1"}, {"Name": "b", "Value": "1"}]}),
    "a compilation has one target": ("CreateCompilationJob", {"OutputConfig": TARGETS}, {"OutputConfig": {**TARGETS, "TargetDevice": None}}),
    "a compilation has one source": ("CreateCompilationJob", {"InputConfig": None}, {}),
    "features have names of their own": (F, {"FeatureDefinitions": [{"FeatureName": name, "FeatureType": "String"} for name in ("customer", "at", "at")]}, {}),
    "records are identified by a feature": (F, {"RecordIdentifierFeatureName": "id"}, {"RecordIdentifierFeatureName": "at"}),
    "records are dated by a feature": (F, {"EventTimeFeatureName": "when"}, {"EventTimeFeatureName": "customer"}),
    "a recommendation takes 5 hours at most": (I, {"InputConfig": {"JobDurationInSeconds": 18_001}}, {"InputConfig": {"JobDurationInSeconds": 18_000}}),
    "a phase of traffic ends with its job": (I, phases({"DurationInSeconds": 600}, {"DurationInSeconds": 901}, JobDurationInSeconds=900), phases({"DurationInSeconds": 900}, JobDurationInSeconds=900)),
    "a phase of a load test takes 2 minutes at least": (I, phases({"DurationInSeconds": 119}), {"JobType": "Default", **phases({"DurationInSeconds": 119})}),
    "a phase of a load test takes an hour at most": (I, phases({"DurationInSeconds": 600}, {"DurationInSeconds": 3601}), phases({"DurationInSeconds": 3600})),
    "a phase of traffic begins with 3 users at most": (I, phases({"InitialNumberOfUsers": 4}), phases({"InitialNumberOfUsers": 3})),
}  # fmt: skip
"""By relation: the operation, and what makes its request wrong, and right."""
