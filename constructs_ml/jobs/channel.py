"""What a training job reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.jobs.data import S3Data
from constructs_ml.jobs.options import Compression, Distribution, InputMode, api_value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs_ml.jobs.draft import Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingChannel:
    """A named input of a training job, found at ``/opt/ml/input/data/<name>``.

    Attributes:
        source: Where the data is.
        input_mode: Files, fast files or a pipe. Default: the job's ``input_mode``.
        content_type: The MIME type of the data.
        compression: Whether the data is decompressed on the way.
        distribution: What each instance gets.
        record_wrapper: ``RecordIO`` to wrap each object in a record; only with a pipe.
        shuffle_seed: Shuffles the order of the objects with this seed in each epoch. Default: not shuffled.
        attribute_names: The attributes of an augmented manifest that are read.
        instance_groups: The instance groups that get the data. Default: all.
    """

    source: S3Data
    input_mode: InputMode | str | None = None
    content_type: str | None = None
    compression: Compression | str = Compression.NONE
    distribution: Distribution | str = Distribution.FULLY_REPLICATED
    record_wrapper: str | None = None
    shuffle_seed: int | str | None = None
    attribute_names: Sequence[str] | None = None
    instance_groups: Sequence[str] | None = None


Channels = dict[str, "S3Data | TrainingChannel"]


def channels_request(channels: Mapping[str, S3Data | TrainingChannel], draft: Draft) -> list[dict[str, Any]]:
    """The channels as CreateTrainingJob takes them; what reading them needs is declared."""
    request = []
    for name, given in channels.items():
        channel = TrainingChannel(source=given) if isinstance(given, S3Data) else given
        draft.access.reads += channel.source.objects
        if not channel.source.objects and draft.derives_role:
            draft.unknown_location(f"channels[{name!r}]")
        request.append(_channel_request(name, channel))
    return request


def _channel_request(name: str, channel: TrainingChannel) -> dict[str, Any]:
    return {
        "ChannelName": name,
        "DataSource": {
            "S3DataSource": {
                "S3DataType": channel.source.data_type.value,
                "S3Uri": channel.source.location,
                "S3DataDistributionType": api_value(channel.distribution),
                "AttributeNames": None if channel.attribute_names is None else list(channel.attribute_names),
                "InstanceGroupNames": None if channel.instance_groups is None else list(channel.instance_groups),
            }
        },
        "ContentType": channel.content_type,
        "CompressionType": api_value(channel.compression),
        "RecordWrapperType": channel.record_wrapper,
        "InputMode": api_value(channel.input_mode),
        "ShuffleConfig": None if channel.shuffle_seed is None else {"Seed": channel.shuffle_seed},
    }
