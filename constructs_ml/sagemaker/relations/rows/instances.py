"""Of the instances that jobs run on."""

from __future__ import annotations

from constructs_ml.sagemaker.relations.conditions import Absent, Given, Is, LocalStorage
from constructs_ml.sagemaker.relations.lists import Distinct
from constructs_ml.sagemaker.relations.presence import Forbidden, Required, Uniform
from constructs_ml.sagemaker.relations.relation import Relation
from constructs_ml.sagemaker.relations.values import Compared, Values

_TRAINING = ("CreateTrainingJob", "HyperParameterTrainingJobDefinition")
_SPOT = Is("EnableManagedSpotTraining", (True,))

ROWS: tuple[Relation, ...] = (
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
