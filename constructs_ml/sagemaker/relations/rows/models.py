"""Of models and the transform jobs that use them."""

from __future__ import annotations

from constructs_ml.sagemaker.relations.conditions import Is
from constructs_ml.sagemaker.relations.lists import Distinct
from constructs_ml.sagemaker.relations.presence import Forbidden, OneOf, Required, Uniform
from constructs_ml.sagemaker.relations.relation import Relation
from constructs_ml.sagemaker.relations.values import Compared, Ending, Values

_TRANSFORM = ("CreateTransformJob", "TransformJobDefinition")

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

ROWS = (*_TRANSFORM_JOBS, *_MODELS)
