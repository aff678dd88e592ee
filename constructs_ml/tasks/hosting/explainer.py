"""Explanations that an endpoint gives with its answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.core.requests import items, structure
from constructs_ml.tasks.hosting.capture import read_statements

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from constructs_ml.core.enums import FeatureType, TextGranularity
    from constructs_ml.core.resource_spec import ResourceSpec
    from constructs_ml.core.s3_data import S3Data
    from constructs_ml.iam.statements import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class ClarifyExplainer:
    """Explains answers with SHAP values, by SageMaker Clarify.

    Source: "Online explainability with SageMaker Clarify" of the SageMaker developer guide.

    Attributes:
        baseline: The baseline of the features: the content itself, at most 4,096 characters, or its location in S3.
            Default: SageMaker's choice.
        baseline_type: The MIME type of the baseline: ``text/csv``. Default: that of the request.
        enable: A JMESPath expression over the requests' records that says which are explained. Default: all.
        features_attribute: A JMESPath expression that finds the features in a record of JSON.
        content_template: A template that makes records of JSON lines of the features.
        max_records: How many records the model takes in one request.
        max_payload_mb: How many megabytes the model takes in one request, 1-25.
        probability_index: The column of the model's CSV output that contains the score.
        label_index: The column that contains the label.
        probability_attribute: A JMESPath expression that finds the score in the model's JSON output.
        label_attribute: A JMESPath expression that finds the label in it.
        label_headers: The names of the labels, at most 16.
        feature_headers: The names of the features, at most 256.
        feature_types: ``numerical``, ``categorical`` or ``text`` for each feature.
        samples: How many samples the values are estimated with. Default: SageMaker's choice.
        use_logit: Whether the values are of the log odds.
        seed: Makes the estimates the same each time.
        text_language: The language of text features: ``en``; with ``text_granularity``.
        text_granularity: The unit of text that gets a value: ``token``, ``sentence`` or ``paragraph``.
    """

    baseline: S3Data | str | None = None
    baseline_type: str | None = None
    enable: str | None = None
    features_attribute: str | None = None
    content_template: str | None = None
    max_records: int | str | None = None
    max_payload_mb: int | str | None = None
    probability_index: int | str | None = None
    label_index: int | str | None = None
    probability_attribute: str | None = None
    label_attribute: str | None = None
    label_headers: Sequence[str] = ()
    feature_headers: Sequence[str] = ()
    feature_types: Sequence[FeatureType | str] = ()
    samples: int | str | None = None
    use_logit: bool | None = None
    seed: int | str | None = None
    text_language: str | None = None
    text_granularity: TextGranularity | str | None = None

    def to_request(self, spec: ResourceSpec) -> dict[str, Any]:
        """The ``ExplainerConfig`` of a request."""
        inline = self.baseline if isinstance(self.baseline, str) else None
        stored = None if self.baseline is None or isinstance(self.baseline, str) else self.baseline
        if stored is not None and not stored.objects and spec.derives_role:
            spec.unknown_location("explainer.baseline")
        baseline = {
            "MimeType": self.baseline_type,
            "ShapBaseline": inline,
            "ShapBaselineUri": None if stored is None else stored.location,
        }
        return {
            "ClarifyExplainerConfig": {
                "EnableExplanations": self.enable,
                "InferenceConfig": structure(self._inference()),
                "ShapConfig": {
                    "ShapBaselineConfig": baseline,
                    "NumberOfSamples": self.samples,
                    "UseLogit": self.use_logit,
                    "Seed": self.seed,
                    "TextConfig": structure({"Language": self.text_language, "Granularity": self.text_granularity}),
                },
            }
        }

    def statements(self) -> Iterator[Statement]:
        """The statements of the model's role for it."""
        if self.baseline is not None and not isinstance(self.baseline, str):
            yield from read_statements(self.baseline)

    def _inference(self) -> dict[str, Any]:
        return {
            "FeaturesAttribute": self.features_attribute,
            "ContentTemplate": self.content_template,
            "MaxRecordCount": self.max_records,
            "MaxPayloadInMB": self.max_payload_mb,
            "ProbabilityIndex": self.probability_index,
            "LabelIndex": self.label_index,
            "ProbabilityAttribute": self.probability_attribute,
            "LabelAttribute": self.label_attribute,
            "LabelHeaders": items(self.label_headers),
            "FeatureHeaders": items(self.feature_headers),
            "FeatureTypes": items(self.feature_types),
        }
