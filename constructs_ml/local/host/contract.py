"""The container contract: the files under /opt/ml and the environment of a job's process.

Sources: SageMaker Developer Guide, "How Amazon SageMaker AI Processing Runs Your Processing Container Image" and "How
Amazon SageMaker AI Provides Training Information".
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constructs_ml.local.aws.faults import JobError
from constructs_ml.local.host.sandbox import OPT_ML

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Command:
    """The command of a job's container.

    Attributes:
        argv: The command and its arguments.
        cwd: The working directory, as the job sees it.
        environment: Variables on top of those that every job has.
        overriding: Variables on top of those of the request.
        python: The folder with the programs of the Python that it runs with. Default: that of this library.
        own_network: Whether it has a network of its own, without a way out.
    """

    argv: list[str]
    cwd: str = "/"
    environment: dict[str, str] | None = None
    overriding: dict[str, str] | None = None
    python: Path | None = None
    own_network: bool = False


@dataclass(frozen=True)
class Host:
    """One instance of a job's cluster.

    Attributes:
        name: As ``algo-1``.
        index: From 0.
        ml: The directory that is its /opt/ml.
    """

    name: str
    index: int
    ml: Path

    def path(self, local_path: str) -> Path:
        """Return the path on this machine of a container's path.

        Raises:
            JobError: If the path is not below /opt/ml, which is all that a job has of its own.
        """
        relative = local_path.removeprefix(OPT_ML)
        path = (self.ml / relative.lstrip("/")).resolve()
        if relative == local_path or not path.is_relative_to(self.ml.resolve()):
            message = f"LocalPath must lie below {OPT_ML}, got {local_path}"
            raise JobError(message)
        return path

    def write(self, relative: str, value: Any) -> None:  # noqa: ANN401 - any JSON
        """Write a JSON file below /opt/ml."""
        path = self.ml / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value, indent=2), encoding="utf-8")


def resource_config(host: Host, groups: list[tuple[str, str, list[str]]]) -> dict[str, Any]:
    """Return the resourceconfig.json of one host.

    Args:
        host: The host.
        groups: The name, the instance type and the hosts of each instance group.
    """
    name, instance_type, _ = next(group for group in groups if host.name in group[2])
    return {
        "current_host": host.name,
        "current_instance_type": instance_type,
        "current_group_name": name,
        "hosts": sorted(other for group in groups for other in group[2]),
        "instance_groups": [
            {"instance_group_name": group, "instance_type": kind, "hosts": hosts} for group, kind, hosts in groups
        ],
        "network_interface_name": "lo",
    }


def input_data_config(channels: list[dict[str, Any]], default_mode: str) -> dict[str, Any]:
    """Return inputdataconfig.json, which describes a training job's channels."""
    return {
        channel["ChannelName"]: {
            "TrainingInputMode": channel.get("InputMode") or default_mode,
            "S3DistributionType": channel["DataSource"]["S3DataSource"].get(
                "S3DataDistributionType", "FullyReplicated"
            ),
            "RecordWrapperType": channel.get("RecordWrapperType", "None"),
            **({"ContentType": channel["ContentType"]} if channel.get("ContentType") else {}),
        }
        for channel in channels
    }


def mapped_command(image: str, images: Mapping[str, list[str]]) -> list[str] | None:
    """Return the command that the user mapped an image to, or None."""
    return next((list(command) for part, command in images.items() if part in image), None)


def command_for(image: str, images: Mapping[str, list[str]]) -> list[str]:
    """The command that the user mapped an image to.

    Args:
        image: The image's URI.
        images: Commands by a part of an image's URI.

    Raises:
        JobError: If there is none: only Docker could say what the image would run.
    """
    mapped = mapped_command(image, images)
    if mapped is not None:
        return mapped
    repository = image.rpartition("/")[2].partition(":")[0]
    message = (
        f"the image {image} runs an entry point of its own, which cannot run without a container engine; map it to a "
        f'command, LocalAws(images={{"{repository}": ["python3", "path/to/script.py"]}}), or set an entry point'
    )
    raise JobError(message)
