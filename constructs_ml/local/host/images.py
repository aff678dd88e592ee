"""Which command stands for an image that no container engine runs here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.local.aws.faults import JobError

if TYPE_CHECKING:
    from collections.abc import Mapping


def mapped_command(image: str, images: Mapping[str, list[str]]) -> list[str] | None:
    """The command that the user mapped an image to, or None."""
    return next((list(command) for part, command in images.items() if part in image), None)


def command_for(image: str, images: Mapping[str, list[str]]) -> list[str]:
    """The command that the user mapped an image to.

    Args:
        image: The image's URI.
        images: Commands by a part of an image's URI.

    Raises:
        JobError: If there is none: only Docker could tell what the image would run.
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
