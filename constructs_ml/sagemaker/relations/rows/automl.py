"""Of AutoML jobs."""

from __future__ import annotations

from constructs_ml.sagemaker.relations.conditions import Given, Is
from constructs_ml.sagemaker.relations.presence import Forbidden, Required
from constructs_ml.sagemaker.relations.relation import Relation
from constructs_ml.sagemaker.relations.values import Compared, Same, Values

_CONFIG, _CHANNEL_TYPE = "AutoMLProblemTypeConfig", "AutoMLJobInputDataConfig[].DataSource.S3DataSource.S3DataType"
_ONE_CANDIDATE = (
    "ImageClassificationJobConfig",
    "TextClassificationJobConfig",
    "TimeSeriesForecastingJobConfig",
    "TextGenerationJobConfig",
)

ROWS: tuple[Relation, ...] = (
    Relation(
        name="an endpoint's name is generated or given",
        of=("ModelDeployConfig",),
        must=Forbidden(("EndpointName",), when=(Is("AutoGenerateEndpointName", (True,)),)),
        source="ModelDeployConfig of the API",
        fix="leave one of them out",
    ),
    Relation(
        name="an endpoint's name is given or generated",
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
