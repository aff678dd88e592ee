"""Channels: the inputs of a training job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.core.enums import Compression, Distribution, InputMode, api_value
from constructs_ml.core.model_data import read_hub_content
from constructs_ml.core.s3_data import S3Data, located
from constructs_ml.sagemaker.script_mode import CODE_CHANNEL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TypeAlias

    from constructs_ml.core.enums import RecordWrapper
    from constructs_ml.core.job_spec import JobSpec
    from constructs_ml.tasks.training.file_systems import FileSystem, HubDataset


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingChannel:
    """A named input of a training job, found at ``/opt/ml/input/data/<name>``.

    Attributes:
        source: Where the data is: in S3, in a file system, or in a hub.
        input_mode: Files, fast files or a pipe. Default: the job's ``input_mode``.
        content_type: The MIME type of the data.
        compression: Whether the data is decompressed on the way.
        distribution: The data that each instance gets.
        record_wrapper: ``RecordIO`` to wrap each object in a record; only with a pipe.
        shuffle_seed: Shuffles the order of the objects with this seed in each epoch. Default: not shuffled.
        attribute_names: The attributes of an augmented manifest that are read.
        instance_groups: The instance groups that get the data. Default: all.
        accept_eula: Whether the licence of the model that is read is accepted. Default: no.
        hub_content_arn: The reference in a private hub to the public model that is read. Default: none.
        fingerprint: A value that stands for the data in the key of a cached job: a version, or the ETag of a manifest; it may be a
            JsonPath or JSONata. Default: the data is listed.
    """

    source: S3Data | FileSystem | HubDataset
    input_mode: InputMode | str | None = None
    content_type: str | None = None
    compression: Compression | str = Compression.NONE
    distribution: Distribution | str = Distribution.FULLY_REPLICATED
    record_wrapper: RecordWrapper | str | None = None
    shuffle_seed: int | str | None = None
    attribute_names: Sequence[str] | None = None
    instance_groups: Sequence[str] | None = None
    accept_eula: bool | None = None
    hub_content_arn: str | None = None
    fingerprint: str | None = None


Channels: TypeAlias = "Mapping[str, S3Data | FileSystem | HubDataset | TrainingChannel | str]"


def channels_request(channels: Channels, spec: JobSpec) -> list[dict[str, Any]]:
    """The channels as CreateTrainingJob takes them; what reading them needs is declared."""
    request = []
    for name, given in channels.items():
        channel = given if isinstance(given, TrainingChannel) else TrainingChannel(source=located(given))
        _allow(channel, spec, f"channels[{name!r}]")
        source = channel.source if isinstance(channel.source, S3Data) else None
        spec.read(f"InputDataConfig[{name}]", source, channel.fingerprint)
        request.append(_channel_request(name, channel))
    return request


def code_channel(archive: S3Data) -> dict[str, Any]:
    """The channel that brings the code to a container without a network; whatever the job's mode is, it is a file."""
    channel = TrainingChannel(source=archive, input_mode=InputMode.FILE)
    return _channel_request(CODE_CHANNEL, channel)


def _allow(channel: TrainingChannel, spec: JobSpec, member: str) -> None:
    source = channel.source
    if not isinstance(source, S3Data):
        source.allow(spec, member)
        for name in ("attribute_names", "instance_groups", "accept_eula", "hub_content_arn"):
            value = getattr(channel, name)
            if value is not None:
                spec.faults.add(f"{member}.{name}", f"is for data in S3 only, got {value!r}", "leave it out")
        return
    spec.access.reads += source.objects
    if not source.objects and spec.derives_role:
        spec.unknown_location(member)
    if channel.hub_content_arn is not None:
        read_hub_content(spec, channel.hub_content_arn, f"{member}.hub_content_arn")


def _channel_request(name: str, channel: TrainingChannel) -> dict[str, Any]:
    source = channel.source
    return {
        "ChannelName": name,
        "DataSource": _s3_request(channel, source) if isinstance(source, S3Data) else source.to_request(),
        "ContentType": channel.content_type,
        # A file system is mounted: there is nothing to decompress on the way.
        "CompressionType": api_value(channel.compression) if isinstance(source, S3Data) else None,
        "RecordWrapperType": channel.record_wrapper,
        "InputMode": api_value(channel.input_mode),
        "ShuffleConfig": None if channel.shuffle_seed is None else {"Seed": channel.shuffle_seed},
    }


def _s3_request(channel: TrainingChannel, source: S3Data) -> dict[str, Any]:
    return {
        "S3DataSource": {
            "S3DataType": source.data_type.value,
            "S3Uri": source.location,
            "S3DataDistributionType": api_value(channel.distribution),
            "AttributeNames": None if channel.attribute_names is None else list(channel.attribute_names),
            "InstanceGroupNames": None if channel.instance_groups is None else list(channel.instance_groups),
            "ModelAccessConfig": None if channel.accept_eula is None else {"AcceptEula": channel.accept_eula},
            "HubAccessConfig": None if channel.hub_content_arn is None else {"HubContentArn": channel.hub_content_arn},
        }
    }
