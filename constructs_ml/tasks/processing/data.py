"""Inputs and outputs of a processing job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.core.enums import Compression, Distribution, InputMode, UploadMode, api_value
from constructs_ml.core.s3_data import S3Data, located

if TYPE_CHECKING:
    from constructs_ml.errors import Faults
    from constructs_ml.iam.job_role import JobAccess
    from constructs_ml.iam.resources import Place
    from constructs_ml.tasks.processing.datasets import AthenaDataset, RedshiftDataset

INPUT_FOLDER = "/opt/ml/processing/input"
OUTPUT_FOLDER = "/opt/ml/processing/output"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessingInput:
    """An input of a processing job.

    Attributes:
        source: Where the data comes from.
        local_path: Where the container finds it. Default: ``/opt/ml/processing/input/<name>``.
        mode: Files or a pipe.
        distribution: The data that each instance gets.
        compression: Only with a pipe: decompressed on the way.
        app_managed: Whether the container fetches the data itself.
        fingerprint: A value that stands for the data in the key of a cached job: a version, or the ETag of a manifest; it may be a
            JsonPath or JSONata. Default: the data is listed.
    """

    source: S3Data | AthenaDataset | RedshiftDataset
    local_path: str | None = None
    mode: InputMode | str = InputMode.FILE
    distribution: Distribution | str = Distribution.FULLY_REPLICATED
    compression: Compression | str = Compression.NONE
    app_managed: bool = False
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessingOutput:
    """An output of a processing job.

    Attributes:
        destination: Where it is uploaded to. Default: a place that only the running execution writes to.
        local_path: Where the container writes it. Default: ``/opt/ml/processing/output/<name>``.
        upload_mode: At the end of the job or while it runs.
        feature_group: The name of the Feature Store group that gets the output instead; set ``app_managed``.
        app_managed: Whether the container uploads the data itself.
    """

    destination: S3Data | None = None
    local_path: str | None = None
    upload_mode: UploadMode | str = UploadMode.END_OF_JOB
    feature_group: str | None = None
    app_managed: bool = False


Inputs = Mapping[str, "S3Data | ProcessingInput | str"]
Outputs = Sequence[str] | Mapping[str, "S3Data | ProcessingOutput | str"]


def named_outputs(outputs: Outputs, faults: Faults) -> dict[str, ProcessingOutput]:
    """The outputs by name."""
    if isinstance(outputs, Mapping):
        return {
            name: output if isinstance(output, ProcessingOutput) else ProcessingOutput(destination=located(output))
            for name, output in outputs.items()
        }
    for name in sorted({name for name in outputs if list(outputs).count(name) > 1}):
        faults.add("outputs", f"must have different names, got {name!r} twice", "rename one of them")
    return {name: ProcessingOutput() for name in outputs}


def input_request(name: str, given: S3Data | ProcessingInput) -> dict[str, Any]:
    """An input as CreateProcessingJob takes it."""
    item = ProcessingInput(source=given) if isinstance(given, S3Data) else given
    local_path = item.local_path or f"{INPUT_FOLDER}/{name}"
    request: dict[str, Any] = {"InputName": name, "AppManaged": item.app_managed or None}
    if isinstance(item.source, S3Data):
        request["S3Input"] = {
            "S3Uri": item.source.location,
            "LocalPath": local_path,
            "S3DataType": item.source.data_type.value,
            "S3InputMode": api_value(item.mode),
            "S3DataDistributionType": api_value(item.distribution),
            "S3CompressionType": api_value(item.compression),
        }
    else:
        request["DatasetDefinition"] = {
            **item.source.to_request(),
            "LocalPath": local_path,
            "DataDistributionType": api_value(item.distribution),
            "InputMode": api_value(item.mode),
        }
    return request


def output_request(name: str, output: ProcessingOutput, destination: S3Data | None) -> dict[str, Any]:
    """An output as CreateProcessingJob takes it."""
    request: dict[str, Any] = {"OutputName": name, "AppManaged": output.app_managed or None}
    if output.feature_group is not None:
        request["FeatureStoreOutput"] = {"FeatureGroupName": output.feature_group}
    if destination is not None:
        request["S3Output"] = {
            "S3Uri": destination.location,
            "LocalPath": output.local_path or f"{OUTPUT_FOLDER}/{name}",
            "S3UploadMode": api_value(output.upload_mode),
        }
    return request


def allow_input(given: S3Data | ProcessingInput, access: JobAccess, place: Place) -> bool:
    """Declare the permissions to read an input. False if its location does not show them."""
    source = given.source if isinstance(given, ProcessingInput) else given
    if isinstance(source, S3Data):
        access.reads += source.objects
        return bool(source.objects)
    return source.allow(access, place)
