"""Files in S3 that describe a model package: metrics, constraints, reports."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from constructs_ml.core.requests import structure
from constructs_ml.core.s3_data import S3Data

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsFile:
    """A file with metrics, constraints or a report.

    Attributes:
        source: Where it is.
        content_type: Its MIME type.
        digest: Its hash, ``sha256:`` and 64 hexadecimal digits. Default: not checked.
    """

    source: S3Data
    content_type: str = "application/json"
    digest: str | None = None

    def to_request(self) -> dict[str, Any]:
        """A ``MetricsSource`` or ``FileSource`` of a request."""
        return {"ContentType": self.content_type, "ContentDigest": self.digest, "S3Uri": self.source.location}


File = MetricsFile | S3Data


class _Files:
    """Files by their place in a request."""

    __slots__ = ()
    places: Mapping[str, tuple[str, str]]

    def to_request(self) -> dict[str, Any]:
        """The structure of a request."""
        request: dict[str, Any] = {}
        for item in fields(self):  # type: ignore[arg-type] # the subclasses are dataclasses
            given: File | None = getattr(self, item.name)
            if given is not None:
                part, member = self.places[item.name]
                file = MetricsFile(source=given) if isinstance(given, S3Data) else given
                request.setdefault(part, {})[member] = structure(file.to_request())
        return request


_METRICS = {
    "model_quality_statistics": ("ModelQuality", "Statistics"),
    "model_quality_constraints": ("ModelQuality", "Constraints"),
    "data_quality_statistics": ("ModelDataQuality", "Statistics"),
    "data_quality_constraints": ("ModelDataQuality", "Constraints"),
    "bias_report": ("Bias", "Report"),
    "bias_pre_training_report": ("Bias", "PreTrainingReport"),
    "bias_post_training_report": ("Bias", "PostTrainingReport"),
    "explainability_report": ("Explainability", "Report"),
}
_BASELINES = {
    "bias_config": ("Bias", "ConfigFile"),
    "bias_pre_training_constraints": ("Bias", "PreTrainingConstraints"),
    "bias_post_training_constraints": ("Bias", "PostTrainingConstraints"),
    "explainability_constraints": ("Explainability", "Constraints"),
    "explainability_config": ("Explainability", "ConfigFile"),
    "model_quality_statistics": ("ModelQuality", "Statistics"),
    "model_quality_constraints": ("ModelQuality", "Constraints"),
    "data_quality_statistics": ("ModelDataQuality", "Statistics"),
    "data_quality_constraints": ("ModelDataQuality", "Constraints"),
}


@dataclass(frozen=True, kw_only=True)
class ModelMetrics(_Files):
    """Measurements of a model: files in S3, each an ``S3Data`` or a ``MetricsFile``.

    Attributes:
        model_quality_statistics: The quality of its predictions.
        model_quality_constraints: The quality that they must have.
        data_quality_statistics: The statistics of its data.
        data_quality_constraints: The constraints on them.
        bias_report: The bias of the model.
        bias_pre_training_report: The bias of its training data.
        bias_post_training_report: The bias of its predictions.
        explainability_report: The explanations of its predictions.
    """

    places = _METRICS
    model_quality_statistics: File | None = None
    model_quality_constraints: File | None = None
    data_quality_statistics: File | None = None
    data_quality_constraints: File | None = None
    bias_report: File | None = None
    bias_pre_training_report: File | None = None
    bias_post_training_report: File | None = None
    explainability_report: File | None = None


@dataclass(frozen=True, kw_only=True)
class DriftBaselines(_Files):
    """Baselines that monitoring compares a model with: files in S3, each an ``S3Data`` or a ``MetricsFile``.

    Attributes:
        bias_config: The configuration of bias metrics.
        bias_pre_training_constraints: The limits of bias in its training data.
        bias_post_training_constraints: The limits of bias in its predictions.
        explainability_constraints: The limits of the explanations of its predictions.
        explainability_config: The configuration of explanations.
        model_quality_statistics: The quality of its predictions.
        model_quality_constraints: The quality that they must have.
        data_quality_statistics: The statistics of its data.
        data_quality_constraints: The constraints on them.
    """

    places = _BASELINES
    bias_config: File | None = None
    bias_pre_training_constraints: File | None = None
    bias_post_training_constraints: File | None = None
    explainability_constraints: File | None = None
    explainability_config: File | None = None
    model_quality_statistics: File | None = None
    model_quality_constraints: File | None = None
    data_quality_statistics: File | None = None
    data_quality_constraints: File | None = None


def members_of(path: str, prop: str, files: type[_Files]) -> dict[str, str]:
    """The props that the members of a structure of files come from."""
    places = {f"{path}.{part}.{member}": f"{prop}.{name}" for name, (part, member) in files.places.items()}
    return {path: prop, **places}
