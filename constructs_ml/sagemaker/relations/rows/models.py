"""Of models and the transform jobs that use them."""

from __future__ import annotations

from constructs_ml.sagemaker.relations.conditions import Is
from constructs_ml.sagemaker.relations.lists import Distinct
from constructs_ml.sagemaker.relations.presence import Forbidden, OneOf, Required, Uniform
from constructs_ml.sagemaker.relations.relation import Relation
from constructs_ml.sagemaker.relations.values import Compared, Ending, Values

_FILES = (".bin", ".h5", ".joblib", ".json", ".onnx", ".pickle", ".pkl", ".pt", ".pth", ".safetensors", ".xgb")
"""Extensions of model files that are not archives."""
_ONE_MODEL = Is("Mode", ("SingleModel",), default="SingleModel")
_NO_ARCHIVES = (".zip", ".tar", ".tar.bz2", ".tar.xz", *_FILES)
_PACK = (
    "pack it as model.tar.gz; a 'ModelDataSource' with CompressionType 'None', or ml.data.ModelData(...), takes unpacked "
    "files"
)
_OR_A_FOLDER = (
    "name the model.tar.gz; a folder is a 'ModelDataSource' of S3DataType 'S3Prefix' and CompressionType 'None', or "
    "ModelData(source=...)"
)
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
        must=Ending("S3Uri", ("/",), when=(Is("S3DataType", ("S3Prefix",)),)),
        source="S3ModelDataSource of the API",
    ),
    Relation(
        name="a model is no folder",
        of=("ContainerDefinition",),
        must=Ending("ModelDataUrl", ("/",), wanted=False, when=(_ONE_MODEL,)),
        source="ModelDataUrl of ContainerDefinition of the API; issue 179 of awslabs/generative-ai-cdk-constructs",
        fix=_OR_A_FOLDER,
    ),
    Relation(
        name="a model of a package is no folder",
        of=("ModelPackageContainerDefinition", "SourceAlgorithm"),
        must=Ending("ModelDataUrl", ("/",), wanted=False),
        source="ModelDataUrl of ModelPackageContainerDefinition of the API",
        fix=_OR_A_FOLDER,
        certain=False,
    ),
    Relation(
        name="a model is an archive",
        of=("ContainerDefinition",),
        must=Ending("ModelDataUrl", _NO_ARCHIVES, wanted=False, when=(_ONE_MODEL,)),
        source="ModelDataUrl of ContainerDefinition of the API",
        fix=_PACK,
        certain=False,
    ),
    Relation(
        name="a model of a package is an archive",
        of=("ModelPackageContainerDefinition", "SourceAlgorithm"),
        must=Ending("ModelDataUrl", _NO_ARCHIVES, wanted=False),
        source="ModelDataUrl of ModelPackageContainerDefinition of the API",
        fix=_PACK,
        certain=False,
    ),
    Relation(
        name="what is unpacked is an archive",
        of=("S3ModelDataSource",),
        must=Ending("S3Uri", _NO_ARCHIVES, wanted=False, when=(Is("CompressionType", ("Gzip",)),)),
        source="CompressionType of S3ModelDataSource of the API",
        fix="pack it, or write CompressionType 'None'",
        certain=False,
    ),
    Relation(
        name="one object is no folder",
        of=("S3ModelDataSource",),
        must=Ending("S3Uri", ("/",), wanted=False, when=(Is("S3DataType", ("S3Object",)),)),
        source="S3ModelDataSource of the API",
        fix="name the object, or write S3DataType 'S3Prefix'",
        certain=False,
    ),
    Relation(
        name="several models are below a prefix",
        of=("ContainerDefinition",),
        must=Ending("ModelDataUrl", (".tar.gz",), wanted=False, when=(Is("Mode", ("MultiModel",)),)),
        source="'Create a Multi-Model Endpoint' of the developer guide",
        fix="write the prefix that the archives are below",
        certain=False,
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
