"""A SageMaker batch transform job as a state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from constructs_ml.asl.dynamic import is_dynamic
from constructs_ml.core.enums import Compression, api_value
from constructs_ml.core.execution_role import permissions_for
from constructs_ml.core.job_spec import DEFAULT_INSTANCE_TYPE, JobSpec, volume_key_arn
from constructs_ml.core.job_task import SyncJob
from constructs_ml.core.props import RunProps
from constructs_ml.core.requests import mebibytes, structure
from constructs_ml.core.s3_data import Place, S3Data, S3DataType, located
from constructs_ml.core.task import adapter
from constructs_ml.errors import Fault, InvalidPropsError
from constructs_ml.iam.job_role import job_statements
from constructs_ml.sagemaker.kinds import JobKind

if TYPE_CHECKING:
    from aws_cdk import Duration, Size
    from aws_cdk import aws_iam as iam
    from constructs import Construct
    from typing_extensions import Self, Unpack

    from constructs_ml.core.cdk_types import AnyKey, AnyRole
    from constructs_ml.core.props import AdapterProps, Experiment
    from constructs_ml.core.requests import Whole
    from constructs_ml.core.spec import Policy
    from constructs_ml.tasks.transform.options import (
        AssembleWith,
        BatchDataCapture,
        BatchStrategy,
        JoinSource,
        SplitType,
    )


class TransformSpec(JobSpec):
    """The spec of a job whose data the model's role reads and writes.

    Attributes:
        model_role: The role, if the user has one.
    """

    model_role: AnyRole | None = None

    @property
    def derives_role(self) -> bool:
        """Return whether the library makes the model's role."""
        return self.model_role is None and super().derives_role

    def finish(self, request: Mapping[str, Any], policy: Policy | None) -> tuple[dict[str, Any], list[str]]:
        """Complete the request, and grant the model's role the job's permissions; see :meth:`JobSpec.finish`."""
        finished = super().finish(request, policy)
        self.permissions = permissions_for(self.context, self.model_role)
        self.permissions.allow(job_statements(self.access, self.context.of_stack.place))
        return finished


MAX_PAYLOAD = 100
"""MiB that the requests to one instance may have at once. Source: MaxPayloadInMB of the CreateTransformJob API."""


class NamedModel(Protocol):
    """A model whose name is known: a construct, or a state that creates one."""

    @property
    def model_name(self) -> str:
        """The name of the model."""


class TransformProps(RunProps, total=False):
    """Props of transform jobs: those of every job that they have, and those that few of them need."""

    instance_type: str
    """Such as ``ml.c5.2xlarge``. Default: ``ml.m5.xlarge``."""
    instance_count: int | str
    """Default: 1."""
    volume_key: AnyKey
    """The KMS key of the volumes. Default: SageMaker's own key."""
    output_key: AnyKey
    """The KMS key of the results. Default: the bucket's encryption."""
    environment: Mapping[str, str] | Whole
    """Environment variables of the container, at most 16. Default: the model's."""
    experiment: Experiment
    """The experiment and trial that the job is recorded in. Default: none."""
    data_capture: BatchDataCapture
    """The capture of requests and answers. Default: none."""
    data_fingerprint: str
    """A value that stands for the data in the key of a cached job: a version, or the ETag of a manifest; it may be a JsonPath or JSONata.
    Default: the data is listed."""
    invocation_timeout: Duration | str
    """The time that the model may take for a request, 1 second to 1 hour. Default: 10 minutes."""
    invocation_retries: int | str
    """The number of times that a failed request is sent again, 0-3. Default: 3."""
    ami_version: str
    """The machine image of the instances, such as ``al2-ami-sagemaker-batch-gpu-535``. Default: SageMaker's choice."""


class TransformJob(SyncJob):
    """Defines a state that runs a model over a data set and, by default, waits for it.

    ::

        score = ml.TransformJob(
            self, "Score",
            model="churn-2026-11",
            data=ml.S3Data.from_bucket(bucket, "customers/"),
            content_type="text/csv",
            split_type=ml.transform.SplitType.LINE,
            input_filter="$[1:]",
            join_source=ml.transform.JoinSource.INPUT,
        )

    It has no role of its own: the model's role reads the data and writes the results. Its result is that of
    DescribeTransformJob. Source of members and limits: the CreateTransformJob API.
    """

    kind = JobKind.TRANSFORM
    spec_class = TransformSpec

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        model: str | NamedModel,
        data: Place,
        content_type: str | None = None,
        compression: Compression | str | None = None,
        split_type: SplitType | str | None = None,
        output: Place | None = None,
        accept: str | None = None,
        assemble_with: AssembleWith | str | None = None,
        batch_strategy: BatchStrategy | str | None = None,
        max_concurrent_transforms: int | str | None = None,
        max_payload: Size | str | None = None,
        input_filter: str | None = None,
        output_filter: str | None = None,
        join_source: JoinSource | str | None = None,
        model_role: AnyRole | None = None,
        **props: Unpack[TransformProps],
    ) -> None:
        """Define the job.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id, and the name of its state.
            model: The name of the model, the result of a state before, or an object with its ``model_name``.
            data: The data to transform.
            content_type: The MIME type of the data. Default: the model gets none.
            compression: How the data is compressed. Default: not at all.
            split_type: The part of an object that is one record. Default: all of it.
            output: Where the results go. Default: a location unique to the execution.
            accept: The MIME type of the results. Default: the model's choice.
            assemble_with: The separator between the results of two records. Default: nothing.
            batch_strategy: How many records are in one request. Default: SageMaker's choice.
            max_concurrent_transforms: The maximum number of concurrent requests for each instance. Default: the
                container's choice, or one.
            max_payload: The greatest request, at most 100 MiB. Default: 6 MiB.
            input_filter: A JSONPath to the part of a record that the model gets. Default: all of it.
            output_filter: A JSONPath to the part of a result that is kept. Default: all of it.
            join_source: The source that each result is joined with. Default: nothing.
            model_role: The role of the model, which is granted to read the data and write the results. Default: the one
                that the stack's jobs share, which the models of this library run under too.
            props: The rarer props of transform jobs, and those of all jobs:
                :class:`~constructs_ml.transform.TransformProps`.

        Raises:
            InvalidPropsError: If anything is wrong; it lists all of it.
        """
        spec = TransformSpec(self.kind, scope, construct_id, props, known=TransformProps)
        spec.model_role = model_role
        spec.members |= _MEMBERS
        destination = spec.writes(located(output or spec.own_place("")))
        capture = props.get("data_capture")
        captured = None if capture is None else capture.to_request(spec)
        spec.access.reads += (data := located(data)).objects
        spec.read("TransformInput", data, props.get("data_fingerprint"))
        if not isinstance(model, str) and isinstance(known := getattr(model, "request", None), Mapping):
            # The name of a model that a state creates is new in every execution.
            spec.notes.models.append(known)
        payload = mebibytes(max_payload)
        instance_type = spec.either("instance_type", DEFAULT_INSTANCE_TYPE)
        _check(spec, data, payload, max_concurrent_transforms)
        if spec.derives_role:
            places = {"data": data, "output": destination} | ({} if captured is None else {"data_capture": captured[1]})
            for member, place in places.items():
                if not place.objects:
                    spec.unknown_location(member)
        super().__init__(
            spec,
            {
                "ModelName": model if isinstance(model, str) else model.model_name,
                "MaxConcurrentTransforms": max_concurrent_transforms,
                "ModelClientConfig": _client(spec),
                "MaxPayloadInMB": payload,
                "BatchStrategy": api_value(batch_strategy),
                "Environment": spec.environment(),
                "TransformInput": {
                    "DataSource": {"S3DataSource": {"S3DataType": data.data_type.value, "S3Uri": data.location}},
                    "ContentType": content_type,
                    "CompressionType": api_value(compression),
                    "SplitType": api_value(split_type),
                },
                "TransformOutput": {
                    "S3OutputPath": destination.location,
                    "Accept": accept,
                    "AssembleWith": api_value(assemble_with),
                    "KmsKeyId": spec.output_key_arn,
                },
                "DataCaptureConfig": None if captured is None else captured[0],
                "TransformResources": {
                    "InstanceType": instance_type,
                    "InstanceCount": spec.either("instance_count", 1),
                    "VolumeKmsKeyId": volume_key_arn(spec, [instance_type]),
                    "TransformAmiVersion": props.get("ami_version"),
                },
                "DataProcessing": structure(
                    {
                        "InputFilter": input_filter,
                        "OutputFilter": output_filter,
                        "JoinSource": api_value(join_source),
                    }
                ),
                "ExperimentConfig": spec.experiment(),
                "Tags": spec.tags(),
            },
        )
        self._output = destination

    @property
    def model_role(self) -> iam.IRole:
        """The role that is granted to read the data and write the results.

        Raises:
            InvalidPropsError: If the job was defined by its request, from which nothing is derived.
        """
        if self._spec.permissions is None:
            raise InvalidPropsError(
                self._path, [Fault("model_role", "is not known for a job that is defined by a request")]
            )
        return self._spec.permissions.role

    @property
    def output_location(self) -> S3Data:
        """The place of the results, ``<key of the input>.out`` for each object, for the states after it.

        Raises:
            InvalidPropsError: If the job was defined by its request, from which nothing is derived.
        """
        return self._as_read(self._known_output())

    @classmethod
    def from_transformer(
        cls,
        scope: Construct,
        construct_id: str,
        transformer: Any,  # noqa: ANN401 - an object of the SDK's
        *,
        run: Mapping[str, Any] | None = None,
        **props: Unpack[AdapterProps],
    ) -> Self:
        """Define a job by a transformer of the SageMaker Python SDK and the arguments of its ``transform``.

        The SDK is asked offline. Results without a place of their own go to one that only the running execution writes to.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id, and the name of its state.
            transformer: A ``Transformer``, of version 3 or 2 of the SDK; it is left as it is.
            run: The arguments of its ``transform``; any string may be a token, a JsonPath or a JSONata expression.
            props: Further props of the job; ``role`` is the model's role, which is granted to read and write.
        """
        job: Self = adapter("transform").from_transformer(cls, scope, construct_id, transformer, run or {}, props)
        return job


_MEMBERS = {
    "BatchStrategy": "batch_strategy",
    "DataCaptureConfig": "data_capture",
    "DataProcessing.InputFilter": "input_filter",
    "DataProcessing.JoinSource": "join_source",
    "DataProcessing.OutputFilter": "output_filter",
    "MaxConcurrentTransforms": "max_concurrent_transforms",
    "MaxPayloadInMB": "max_payload",
    "ModelClientConfig.InvocationsMaxRetries": "invocation_retries",
    "ModelClientConfig.InvocationsTimeoutInSeconds": "invocation_timeout",
    "ModelName": "model",
    "TransformInput.CompressionType": "compression",
    "TransformInput.ContentType": "content_type",
    "TransformInput.DataSource.S3DataSource": "data",
    "TransformInput.SplitType": "split_type",
    "TransformJobName": "job_name",
    "TransformOutput.Accept": "accept",
    "TransformOutput.AssembleWith": "assemble_with",
    "TransformOutput.KmsKeyId": "output_key",
    "TransformOutput.S3OutputPath": "output",
    "TransformResources.InstanceCount": "instance_count",
    "TransformResources.InstanceType": "instance_type",
    "TransformResources.TransformAmiVersion": "ami_version",
    "TransformResources.VolumeKmsKeyId": "volume_key",
}


def _check(spec: JobSpec, data: S3Data, payload: object, concurrent: object) -> None:
    """Check the constraints that botocore's model states only in prose."""
    if data.data_type is S3DataType.AUGMENTED_MANIFEST:
        spec.faults.add("data", "must not be an augmented manifest", "pass a prefix or a manifest")
    if not isinstance(payload, (int, float)) or is_dynamic(payload):
        return
    requests = concurrent if isinstance(concurrent, int) and not is_dynamic(concurrent) else 1
    if payload * max(requests, 1) > MAX_PAYLOAD:
        times = f" for each of {requests} requests at once" if requests > 1 else ""
        problem = f"must be at most {MAX_PAYLOAD} MiB in all, got {payload:g} MiB{times}"
        spec.faults.add("max_payload", problem, "pass Size.mebibytes(6)")


def _client(spec: JobSpec) -> dict[str, Any] | None:
    return structure(
        {
            "InvocationsTimeoutInSeconds": spec.seconds("invocation_timeout"),
            "InvocationsMaxRetries": spec.props.get("invocation_retries"),
        }
    )
