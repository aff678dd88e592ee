"""Of training jobs, by themselves or as trials."""

from __future__ import annotations

from constructs_ml.sagemaker.relations.conditions import Given, Is
from constructs_ml.sagemaker.relations.lists import Distinct, Named
from constructs_ml.sagemaker.relations.presence import Forbidden, OneOf, Required
from constructs_ml.sagemaker.relations.relation import Relation
from constructs_ml.sagemaker.relations.values import Compared, Values

_TRAINING = ("CreateTrainingJob", "HyperParameterTrainingJobDefinition")
_WAIT, _RUNTIME = "StoppingCondition.MaxWaitTimeInSeconds", "StoppingCondition.MaxRuntimeInSeconds"
_SPOT = Is("EnableManagedSpotTraining", (True,))
_S3_TYPE = "DataSource.S3DataSource.S3DataType"
_MODE = {"member": "InputMode", "fallback": "^AlgorithmSpecification.TrainingInputMode"}
_DAY, _28_DAYS = 86_400, 2_419_200
_MANIFEST = "AugmentedManifestFile"


ROWS: tuple[Relation, ...] = (
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
