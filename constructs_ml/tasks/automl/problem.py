"""The problems that an AutoML job finds models for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from constructs_ml.core.requests import seconds
from constructs_ml.core.values import later_to_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import Duration

    from constructs_ml.core.enums import AutoMLMode, AutoMLProblemType
    from constructs_ml.core.s3_data import S3Data


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoMLLimits:
    """Limits of an AutoML job's search.

    Attributes:
        max_candidates: How many candidates it may train.
        max_runtime: How long it may run. Default: SageMaker's, 30 days for tabular data.
        max_runtime_per_training_job: How long it may train one candidate.
    """

    max_candidates: int | str | None = None
    max_runtime: Duration | str | None = None
    max_runtime_per_training_job: Duration | str | None = None

    def to_request(self) -> dict[str, Any]:
        """The ``CompletionCriteria`` of a request."""
        return {
            "MaxCandidates": self.max_candidates,
            "MaxRuntimePerTrainingJobInSeconds": seconds(self.max_runtime_per_training_job),
            "MaxAutoMLJobRuntimeInSeconds": seconds(self.max_runtime),
        }


@dataclass(frozen=True, slots=True)
class AutoMLProblem:
    """The kind of problem, with what there is to say of it.

    Make one with :meth:`tabular`, :meth:`image_classification`, :meth:`text_classification`, :meth:`time_series` or
    :meth:`text_generation`. Source: ``AutoMLProblemTypeConfig`` of the CreateAutoMLJobV2 API.

    Attributes:
        member: The member of the API's union.
        request: Its content.
        reads: The data that the job reads in addition to its channels.
    """

    member: str
    request: Mapping[str, Any]
    reads: tuple[S3Data, ...] = field(default=())

    @classmethod
    def tabular(
        cls,
        target: str,
        *,
        problem_type: AutoMLProblemType | str | None = None,
        mode: AutoMLMode | str | None = None,
        algorithms: Sequence[str] | None = None,
        features: S3Data | None = None,
        sample_weight: str | None = None,
        only_candidate_definitions: bool | None = None,
        limits: AutoMLLimits | None = None,
    ) -> AutoMLProblem:
        """Regression or classification of rows.

        Args:
            target: The column to predict.
            problem_type: ``BinaryClassification``, ``MulticlassClassification`` or ``Regression``. Default: found out.
                With it, the job's ``objective`` is required too.
            mode: ``AUTO``, ``ENSEMBLING`` or ``HYPERPARAMETER_TUNING``. Default: by the size of the data.
            algorithms: Those that are tried, such as ``xgboost``. Default: all of the mode.
            features: A JSON file that selects columns and their types. Default: all columns.
            sample_weight: The column with the weights of the rows. Default: all weigh the same.
            only_candidate_definitions: Whether candidates are only described, not trained.
            limits: When enough was tried.
        """
        return cls(
            "TabularJobConfig",
            {
                "CandidateGenerationConfig": _algorithms(algorithms),
                "CompletionCriteria": _limits(limits),
                "FeatureSpecificationS3Uri": None if features is None else features.location,
                "Mode": mode,
                "GenerateCandidateDefinitionsOnly": only_candidate_definitions,
                "ProblemType": problem_type,
                "TargetAttributeName": target,
                "SampleWeightAttributeName": sample_weight,
            },
            () if features is None else (features,),
        )

    @classmethod
    def image_classification(cls, *, limits: AutoMLLimits | None = None) -> AutoMLProblem:
        """Classification of images."""
        return cls("ImageClassificationJobConfig", {"CompletionCriteria": _limits(limits)})

    @classmethod
    def text_classification(cls, *, content: str, target: str, limits: AutoMLLimits | None = None) -> AutoMLProblem:
        """Classification of texts.

        Args:
            content: The column with the texts.
            target: The column with the labels.
            limits: When enough was tried.
        """
        request = {"CompletionCriteria": _limits(limits), "ContentColumn": content, "TargetLabelColumn": target}
        return cls("TextClassificationJobConfig", request)

    @classmethod
    def time_series(
        cls,
        *,
        target: str,
        timestamp: str,
        item_identifier: str,
        frequency: str,
        horizon: int | str,
        quantiles: Sequence[str] | None = None,
        grouping: Sequence[str] | None = None,
        filling: Mapping[str, Mapping[str, str]] | None = None,
        aggregation: Mapping[str, str] | None = None,
        holidays: str | None = None,
        algorithms: Sequence[str] | None = None,
        features: S3Data | None = None,
        limits: AutoMLLimits | None = None,
    ) -> AutoMLProblem:
        """Forecasts of series.

        Args:
            target: The column to forecast.
            timestamp: The column with the time.
            item_identifier: The column that says which series a row is of.
            frequency: Of the forecasts, such as ``1D`` or ``15min``.
            horizon: How many steps are forecast.
            quantiles: Such as ``p50``, or ``mean``, at most 5. Default: ``p10``, ``p50`` and ``p90``.
            grouping: The columns that series are grouped by.
            filling: How missing values are filled, by column, such as ``{"price": {"backfill": "median"}}``.
            aggregation: How values are aggregated to the frequency, by column, such as ``{"sales": "sum"}``.
            holidays: The country whose holidays are known, such as ``US``.
            algorithms: Those that are tried. Default: all.
            features: A JSON file that selects columns and their types. Default: all columns.
            limits: When enough was tried.
        """
        transformations = {
            "Filling": None if filling is None else {name: dict(how) for name, how in filling.items()},
            "Aggregation": None if aggregation is None else dict(aggregation),
        }
        return cls(
            "TimeSeriesForecastingJobConfig",
            {
                "FeatureSpecificationS3Uri": None if features is None else features.location,
                "CompletionCriteria": _limits(limits),
                "ForecastFrequency": frequency,
                "ForecastHorizon": horizon,
                "ForecastQuantiles": quantiles,
                "Transformations": None if filling is None and aggregation is None else transformations,
                "TimeSeriesConfig": {
                    "TargetAttributeName": target,
                    "TimestampAttributeName": timestamp,
                    "ItemIdentifierAttributeName": item_identifier,
                    "GroupingAttributeNames": grouping,
                },
                "HolidayConfig": None if holidays is None else [{"CountryCode": holidays}],
                "CandidateGenerationConfig": _algorithms(algorithms),
            },
            () if features is None else (features,),
        )

    @classmethod
    def text_generation(
        cls,
        *,
        base_model: str | None = None,
        hyperparameters: Mapping[str, str | float] | None = None,
        accept_eula: bool | None = None,
        limits: AutoMLLimits | None = None,
    ) -> AutoMLProblem:
        """Fine-tuning of a language model.

        Args:
            base_model: The model that is tuned, such as ``Falcon7BInstruct``. Default: SageMaker's.
            hyperparameters: ``epochCount``, ``learningRate``, ``batchSize`` and ``learningRateWarmupSteps``.
            accept_eula: Whether the model's licence is accepted, for a gated model.
            limits: When enough was tried.
        """
        values = {name: _text(value) for name, value in (hyperparameters or {}).items()}
        return cls(
            "TextGenerationJobConfig",
            {
                "CompletionCriteria": _limits(limits),
                "BaseModelName": base_model,
                "TextGenerationHyperParameters": values or None,
                "ModelAccessConfig": None if accept_eula is None else {"AcceptEula": accept_eula},
            },
        )


def _limits(limits: AutoMLLimits | None) -> dict[str, Any] | None:
    return None if limits is None else limits.to_request()


def _algorithms(names: Sequence[str] | None) -> dict[str, Any] | None:
    return None if names is None else {"AlgorithmsConfig": [{"AutoMLAlgorithms": names}]}


def _text(value: str | float) -> Any:  # noqa: ANN401 - a text or a runtime value
    known_later = later_to_text(value)
    return str(value) if known_later is value and not isinstance(value, str) else known_later
