"""The capture of an endpoint's requests, and asynchronous answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.core.requests import items, key_arn, structure
from constructs_ml.iam.job_role import JobAccess, job_statements
from constructs_ml.iam.resources import Place
from constructs_ml.iam.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from constructs_ml.core.cdk_types import AnyKey, AnyTopic
    from constructs_ml.core.resource_spec import ResourceSpec
    from constructs_ml.core.s3_data import S3Data


_NOWHERE = Place("", "", "")


def write_statements(data: S3Data, key_arn: str | None = None) -> Iterator[Statement]:
    """The statements for writing below a place in S3, encrypted with a key."""
    kept = data if key_arn is None else data.encrypted_with(key_arn)
    return _of_s3(JobAccess("", writes=list(kept.objects)))


def read_statements(data: S3Data) -> Iterator[Statement]:
    """The statements for reading a place in S3."""
    return _of_s3(JobAccess("", reads=list(data.objects)))


def publish_statement(topic_arn: str) -> Statement:
    """The statement for publishing to a topic."""
    return Statement(("sns:Publish",), (topic_arn,))


def _of_s3(access: JobAccess) -> Iterator[Statement]:
    for statement in job_statements(access, _NOWHERE):
        if statement.actions[0].startswith(("s3:", "kms:")):
            yield statement


@dataclass(frozen=True, slots=True, kw_only=True)
class DataCapture:
    """Keeps requests and responses in S3, for monitoring.

    Attributes:
        destination: Where they are kept.
        sampling_percentage: The percentage of requests that are kept, 0-100.
        modes: ``Input`` for requests, ``Output`` for responses, or ``InputAndOutput``.
        key: The KMS key that they are encrypted with. Default: the bucket's encryption.
        csv_content_types: Content types that are kept as CSV; others as Base64.
        json_content_types: Content types that are kept as JSON; others as Base64.
        enabled: Whether it is in force.
    """

    destination: S3Data
    sampling_percentage: int | str = 100
    modes: Sequence[str] = ("Input", "Output")
    key: AnyKey | None = None
    csv_content_types: Sequence[str] = ()
    json_content_types: Sequence[str] = ()
    enabled: bool = True

    def to_request(self, spec: ResourceSpec) -> dict[str, Any]:
        """The ``DataCaptureConfig`` of a request."""
        if not self.destination.objects and spec.derives_role:
            spec.unknown_location("data_capture.destination")
        types = {
            "CsvContentTypes": items(self.csv_content_types),
            "JsonContentTypes": items(self.json_content_types),
        }
        return {
            "EnableCapture": self.enabled,
            "InitialSamplingPercentage": self.sampling_percentage,
            "DestinationS3Uri": self.destination.location,
            "KmsKeyId": key_arn(self.key),
            "CaptureOptions": [{"CaptureMode": mode} for mode in self.modes],
            "CaptureContentTypeHeader": structure(types),
        }

    def statements(self) -> Iterator[Statement]:
        """The statements of the model's role for it."""
        yield from write_statements(self.destination, key_arn(self.key))


@dataclass(frozen=True, slots=True, kw_only=True)
class AsyncInference:
    """Answers requests later, in S3.

    Attributes:
        output: Where responses go. Default: where each request says.
        failures: Where the responses of failed requests go. Default: with the others.
        key: The KMS key that responses are encrypted with. Default: the bucket's encryption.
        success_topic: The topic that each response is announced to.
        error_topic: The topic that each failure is announced to.
        include_response_in: The topics that receive the response itself: ``SUCCESS_NOTIFICATION_TOPIC``,
            ``ERROR_NOTIFICATION_TOPIC``.
        max_concurrent_invocations: How many requests an instance works on at once, 1-1000. Default: SageMaker's choice.
        inputs: Where callers put the requests' payloads, so that the model may read them.
    """

    output: S3Data | None = None
    failures: S3Data | None = None
    key: AnyKey | None = None
    success_topic: AnyTopic | None = None
    error_topic: AnyTopic | None = None
    include_response_in: Sequence[str] = ()
    max_concurrent_invocations: int | str | None = None
    inputs: Sequence[S3Data] = ()

    def to_request(self, spec: ResourceSpec) -> dict[str, Any]:
        """The ``AsyncInferenceConfig`` of a request."""
        for name, data in (("output", self.output), ("failures", self.failures)):
            if data is not None and not data.objects and spec.derives_role:
                spec.unknown_location(f"async_inference.{name}")
        told = {
            "SuccessTopic": None if self.success_topic is None else self.success_topic.topic_arn,
            "ErrorTopic": None if self.error_topic is None else self.error_topic.topic_arn,
            "IncludeInferenceResponseIn": items(self.include_response_in),
        }
        return {
            "ClientConfig": structure({"MaxConcurrentInvocationsPerInstance": self.max_concurrent_invocations}),
            "OutputConfig": {
                "KmsKeyId": key_arn(self.key),
                "S3OutputPath": None if self.output is None else self.output.location,
                "NotificationConfig": structure(told),
                "S3FailurePath": None if self.failures is None else self.failures.location,
            },
        }

    def statements(self) -> Iterator[Statement]:
        """The statements of the model's role for it."""
        for data in (self.output, self.failures):
            if data is not None:
                yield from write_statements(data, key_arn(self.key))
        for data in self.inputs:
            yield from read_statements(data)
        for topic in (self.success_topic, self.error_topic):
            if topic is not None:
                yield publish_statement(topic.topic_arn)
