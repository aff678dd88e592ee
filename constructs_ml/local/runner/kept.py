"""The outputs of a run's jobs, copied to this machine in the form in which a later run takes them as given."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from constructs_ml.local.host.disk_space import writing
from constructs_ml.local.host.keys import join_uri
from constructs_ml.local.host.part import METRICS, MODEL
from constructs_ml.local.host.storage import Storage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from constructs_ml.local.runner.aws import LocalAws
    from constructs_ml.local.runner.event_log import JobRecord
    from constructs_ml.local.runner.report import RunReport


def kept_outputs(report: RunReport, aws: LocalAws, directory: Path) -> dict[str, Path]:
    """Copy the outputs of the jobs that completed, each to a folder of its state's name.

    Args:
        report: The report of the run.
        aws: The embedded AWS.
        directory: The directory.

    Returns:
        The folders by their states. Of several jobs of a state, the last one's outputs are kept.
    """
    s3 = aws.client("s3")
    storage = Storage(lambda: s3)
    last = {report.within.get(job.state, job.state): job for job in report.jobs if job.status == "Completed"}
    kept = {}
    for state, job in last.items():
        folder = directory / state.replace("/", "_")
        with writing("the outputs", directory, "name another folder (--keep-outputs)"):
            for name, uri in places_of(job):
                storage.download(storage.find(uri, required=False), folder / name)
                kept[state] = folder
            if job.metrics:
                folder.mkdir(parents=True, exist_ok=True)
                (folder / METRICS).write_text(json.dumps(job.metrics), encoding="utf-8")
    return kept


def places_of(job: JobRecord) -> Iterator[tuple[str, str]]:
    """Yield the places of a job's outputs, each with its folder.

    Args:
        job: The job.
    """
    for item in (job.request.get("ProcessingOutputConfig") or {}).get("Outputs") or []:
        if item.get("S3Output"):
            yield item["OutputName"], join_uri(item["S3Output"]["S3Uri"], "")
    if job.model_artifacts:
        archived = job.model_artifacts.endswith(MODEL)
        folder = job.model_artifacts.rpartition("/")[0] if archived else job.model_artifacts
        yield "" if archived else "model", join_uri(folder, "")
    if job.request.get("TransformOutput"):
        yield "", join_uri(job.request["TransformOutput"]["S3OutputPath"], "")
