"""Of processing jobs: their inputs and outputs."""

from __future__ import annotations

from constructs_ml.sagemaker.relations.conditions import Given, Is
from constructs_ml.sagemaker.relations.lists import Distinct, Elsewhere
from constructs_ml.sagemaker.relations.presence import OneOf, Required
from constructs_ml.sagemaker.relations.relation import Relation
from constructs_ml.sagemaker.relations.values import Below, Values

_INPUT_PATHS = ("ProcessingInputs[].S3Input.LocalPath", "ProcessingInputs[].DatasetDefinition.LocalPath")
_OUTPUT_PATH = "ProcessingOutputConfig.Outputs[].S3Output.LocalPath"

ROWS: tuple[Relation, ...] = (
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
