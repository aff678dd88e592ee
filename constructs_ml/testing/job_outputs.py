"""The outputs of a simulated job: an object under each place in S3 that its request names."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from constructs_ml.local.aws.describe import model_artifacts
from constructs_ml.sagemaker.kinds import JobKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs_ml.testing.objects import SimulatedObjects

# Requests and responses are any JSON.
_Json = Any
_FILE = "simulated.txt"


def write_outputs(
    objects: SimulatedObjects, kind: JobKind, request: _Json, described: Mapping[str, _Json], since: int
) -> None:
    """Write the outputs of a job that has completed.

    Args:
        objects: Where to.
        kind: The kind of job.
        request: Its request.
        described: Its description.
        since: The number of the last write before the job. A place in which something was written since is left as it is: the
            script has written the job's outputs.
    """
    name = request[kind.name_member]
    for place, path in _outputs(kind, request, described):
        if place.startswith("s3://"):
            folder = place.rstrip("/") + "/"
            if not any(_number(objects, uri) > since for uri in objects.under(folder)):
                objects.write(folder + path, f"written by {name} ({uuid.uuid4()})\n")


def _number(objects: SimulatedObjects, uri: str) -> int:
    found = objects.find(uri)
    return found.number if found else 0


def _outputs(kind: JobKind, request: _Json, described: Mapping[str, _Json]) -> Iterator[tuple[str, str]]:
    """Yield each place that a job writes to, and the path of an object in it."""
    name = request[kind.name_member]
    if kind is JobKind.PROCESSING:
        for output in (request.get("ProcessingOutputConfig") or {}).get("Outputs") or ():
            yield (output.get("S3Output") or {}).get("S3Uri", ""), _FILE
    elif kind is JobKind.TRAINING:
        place = request["OutputDataConfig"]["S3OutputPath"]
        written = model_artifacts(request).removeprefix(place.rstrip("/")).lstrip("/")
        yield place, f"{written}{_FILE}" if written.endswith("/") else written
    elif kind is JobKind.TRANSFORM:
        yield request["TransformOutput"]["S3OutputPath"], "simulated.out"
    elif kind is JobKind.TUNING:
        best = (described.get("BestTrainingJob") or {}).get("TrainingJobName", name)
        for definition in (request.get("TrainingJobDefinition"), *(request.get("TrainingJobDefinitions") or ())):
            if definition:
                yield definition["OutputDataConfig"]["S3OutputPath"], f"{best}/output/model.tar.gz"
    else:
        yield request["OutputConfig"]["S3OutputPath"], f"{name}/manifests/output/output.manifest"
