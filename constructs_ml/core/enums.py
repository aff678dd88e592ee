"""The closed choices of the SageMaker API that several constructs share, or that have no other home.

A prop of such a choice takes its value too, as a string, a token or an expression.
"""

from __future__ import annotations

from enum import Enum


class InputMode(Enum):
    """The way in which the data reaches the container."""

    FILE = "File"
    """The data is there when the container starts."""
    PIPE = "Pipe"
    """The data streams through a named pipe."""
    FAST_FILE = "FastFile"
    """The data looks like files and streams when it is read. Training jobs only."""


class Distribution(Enum):
    """The part of the data that each instance gets."""

    FULLY_REPLICATED = "FullyReplicated"
    SHARDED_BY_S3_KEY = "ShardedByS3Key"


class Compression(Enum):
    """The compression of the data."""

    NONE = "None"
    GZIP = "Gzip"


class UploadMode(Enum):
    """The time at which a job's output is uploaded."""

    END_OF_JOB = "EndOfJob"
    CONTINUOUS = "Continuous"


class ApprovalStatus(Enum):
    """The approval of a model package."""

    APPROVED = "Approved"
    REJECTED = "Rejected"
    PENDING_MANUAL_APPROVAL = "PendingManualApproval"


class AthenaCompression(Enum):
    """The compression of the result of an Athena query."""

    GZIP = "GZIP"
    SNAPPY = "SNAPPY"
    ZLIB = "ZLIB"


class AthenaFormat(Enum):
    """The format of the result of an Athena query."""

    PARQUET = "PARQUET"
    ORC = "ORC"
    AVRO = "AVRO"
    JSON = "JSON"
    TEXTFILE = "TEXTFILE"


class AutoMLMode(Enum):
    """The way in which an AutoML job finds candidates."""

    AUTO = "AUTO"
    ENSEMBLING = "ENSEMBLING"
    HYPERPARAMETER_TUNING = "HYPERPARAMETER_TUNING"


class AutoMLProblemType(Enum):
    """The kind of a problem of rows."""

    BINARY_CLASSIFICATION = "BinaryClassification"
    MULTICLASS_CLASSIFICATION = "MulticlassClassification"
    REGRESSION = "Regression"


class ContentClassifier(Enum):
    """A declaration of what data that people label is free of."""

    FREE_OF_PERSONALLY_IDENTIFIABLE_INFORMATION = "FreeOfPersonallyIdentifiableInformation"
    FREE_OF_ADULT_CONTENT = "FreeOfAdultContent"


class CustomizationTechnique(Enum):
    """The technique by which a foundation model is trained further."""

    SFT = "SFT"
    DPO = "DPO"
    RLVR = "RLVR"
    RLAIF = "RLAIF"


class EvaluationType(Enum):
    """The kind of evaluation of a foundation model."""

    LLM_AS_JUDGE = "LLMAJEvaluation"
    CUSTOM_SCORER_EVALUATION = "CustomScorerEvaluation"
    BENCHMARK_EVALUATION = "BenchmarkEvaluation"


class ExecutionMode(Enum):
    """The way of a request through the containers of a model: through all, or to the one that the caller names."""

    SERIAL = "Serial"
    DIRECT = "Direct"


class FeatureType(Enum):
    """The kind of a feature that is explained."""

    NUMERICAL = "numerical"
    CATEGORICAL = "categorical"
    TEXT = "text"


class ManagedStorage(Enum):
    """The keeping of a package's artifacts by SageMaker."""

    RESTRICTED = "Restricted"


class ModelCardStatus(Enum):
    """The stage of a model card."""

    DRAFT = "Draft"
    PENDING_REVIEW = "PendingReview"
    APPROVED = "Approved"
    ARCHIVED = "Archived"


class ModelDataType(Enum):
    """The objects that artifacts are: all below a prefix, or one."""

    S3_PREFIX = "S3Prefix"
    S3_OBJECT = "S3Object"


class ModelDomain(Enum):
    """The field of a model."""

    COMPUTER_VISION = "COMPUTER_VISION"
    NATURAL_LANGUAGE_PROCESSING = "NATURAL_LANGUAGE_PROCESSING"
    MACHINE_LEARNING = "MACHINE_LEARNING"


class OutputCompression(Enum):
    """The form of a training job's artifacts: an archive, or files."""

    GZIP = "GZIP"
    NONE = "NONE"


class Peft(Enum):
    """A way to train few of a model's parameters."""

    LORA = "LORA"


class RecordWrapper(Enum):
    """The wrapping of the objects of a channel."""

    NONE = "None"
    RECORD_IO = "RecordIO"


class RedshiftCompression(Enum):
    """The compression of the result of a Redshift query."""

    NONE = "None"
    GZIP = "GZIP"
    BZIP2 = "BZIP2"
    ZSTD = "ZSTD"
    SNAPPY = "SNAPPY"


class RedshiftFormat(Enum):
    """The format of the result of a Redshift query."""

    PARQUET = "PARQUET"
    CSV = "CSV"


class RegistrationType(Enum):
    """The kind of registration of a model package."""

    LOGGED = "Logged"
    REGISTERED = "Registered"


class RetainedProperty(Enum):
    """A property of a variant that an update may leave as it is."""

    DESIRED_INSTANCE_COUNT = "DesiredInstanceCount"
    DESIRED_WEIGHT = "DesiredWeight"
    DATA_CAPTURE_CONFIG = "DataCaptureConfig"


class RoutingStrategy(Enum):
    """The way in which requests are spread over instances."""

    LEAST_OUTSTANDING_REQUESTS = "LEAST_OUTSTANDING_REQUESTS"
    RANDOM = "RANDOM"
    PREFIX_AWARE = "PREFIX_AWARE"


class ScaleIn(Enum):
    """The way in which SageMaker scales in: it releases idle instances, or moves copies together."""

    IDLE_RELEASE = "IDLE_RELEASE"
    CONSOLIDATION = "CONSOLIDATION"


class SkipValidation(Enum):
    """SageMaker's own checks of a package that are left out."""

    ALL = "All"
    NONE = "None"


class TextGranularity(Enum):
    """The parts of a string that get a value each."""

    TOKEN = "token"  # noqa: S105 - a word of a text
    SENTENCE = "sentence"
    PARAGRAPH = "paragraph"


def api_value(value: Enum | str | None) -> str | None:
    """Return the API's word for an option: an enum's value, or a string as it is (a token, a JsonPath)."""
    return value.value if isinstance(value, Enum) else value
