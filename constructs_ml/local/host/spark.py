"""Spark applications on this machine: the image's ``smspark-submit``, replaced by pyspark's ``spark-submit``.

In the container smspark-submit makes a YARN cluster of the job's instances and hands its options on. Here the application runs
on all processors of this machine, as one process.

Source: the command line of aws/sagemaker-spark-container.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs_ml.local.aws.faults import JobError
from constructs_ml.local.host.keys import split_uri
from constructs_ml.local.host.sandbox import OPT_ML
from constructs_ml.local.host.storage import S3Object

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.local.host.contract import Host
    from constructs_ml.local.host.storage import Storage

SUBMIT = "smspark-submit"
_FILES = ("--py-files", "--jars", "--files")
_EVENTS = ("--local-spark-event-logs-dir", "--spark-event-logs-s3-uri")
_FLAGS = ("--verbose", "-v")
_CLUSTER = ("--master", "--deploy-mode", "spark.master", "spark.submit.deployMode")
_CONFIGURATION = "processing/input/conf/configuration.json"
_DEFAULTS = "spark-defaults"
_FOLDER = "processing/spark"


class SparkSubmit:
    """Translator of the call of a job's container.

    Args:
        storage: S3 under the job's role, from where the application's files come.
        endpoint_url: The endpoint of S3, for applications with a client of their own (hadoop-aws).
        note: Takes messages about omitted features.
    """

    def __init__(self, storage: Storage, endpoint_url: str, note: Callable[[str], None]) -> None:
        self._storage, self._endpoint_url, self._note = storage, endpoint_url, note

    def command(self, arguments: list[str], host: Host) -> list[str]:
        """The command that runs here.

        Args:
            arguments: The arguments after ``smspark-submit``.
            host: The instance, whose configuration exists already.

        Raises:
            JobError: If there is no spark-submit or no Java, or a file is missing.
        """
        program = _program()
        options, application = self._options(arguments, host)
        # Nobody else on the network sees its page; and no call of an application's S3 client leaves this machine.
        properties = {
            "spark.ui.enabled": "false",
            "spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
            "spark.hadoop.fs.s3a.endpoint": self._endpoint_url,
            "spark.hadoop.fs.s3a.path.style.access": "true",
            **self._configuration(host),
        }
        configured = [part for name, value in sorted(properties.items()) for part in ("--conf", f"{name}={value}")]
        return [program, "--master", "local[*]", *configured, *options, *application]

    def _options(self, arguments: list[str], host: Host) -> tuple[list[str], list[str]]:
        """The options for spark-submit, and the application with its own arguments."""
        options: list[str] = []
        rest = list(arguments)
        while rest and rest[0].startswith("-"):
            option = rest.pop(0)
            name, equals, value = option.partition("=")
            if name in _FLAGS:
                options.append(name)
                continue
            if not equals:
                if not rest:
                    raise JobError(f"{SUBMIT}: {name} needs a value")
                value = rest.pop(0)
            if name in _EVENTS:
                self._note(f"{name}: a local run writes no event logs of Spark")
            elif name in _CLUSTER:
                self._note(f"{name} {value}: Spark runs as one process on this machine")
            elif name in _FILES:
                options += [name, ",".join(self._local(place, name, host) for place in value.split(",") if place)]
            else:
                options += [name, value]
        if not rest:
            raise JobError(f"{SUBMIT}: there is no application, got {' '.join(arguments)!r}")
        return options, rest

    def _local(self, place: str, option: str, host: Host) -> str:
        """Return the local path of a file of the application; files in S3 are downloaded."""
        if not place.startswith(("s3://", "s3a://", "s3n://")):
            return place.removeprefix("file://")
        bucket, key = split_uri(f"s3://{place.partition('://')[2]}")
        name = key.rpartition("/")[2]
        folder = f"{_FOLDER}/{option.lstrip('-')}"
        self._storage.download([S3Object(bucket, key, name)], host.ml / folder)
        return f"{OPT_ML}/{folder}/{name}"

    def _configuration(self, host: Host) -> dict[str, str]:
        """Return the Spark properties in the job's configuration file; others concern a cluster."""
        file = host.ml / _CONFIGURATION
        if not file.is_file():
            return {}
        found: Any = json.loads(file.read_text(encoding="utf-8"))
        entries = found if isinstance(found, list) else [found]
        properties: dict[str, str] = {}
        for entry in entries:
            if entry.get("Classification") == _DEFAULTS:
                given = entry.get("Properties") or {}
                properties |= {name: str(value) for name, value in given.items() if name not in _CLUSTER}
            else:
                self._note(
                    f"configuration {entry.get('Classification')}: it configures a cluster, and a local run has none"
                )
        return properties


def _program() -> str:
    """Return pyspark's spark-submit: the one on the PATH, else that of the Python that runs this library."""
    found = shutil.which("spark-submit")
    if found is None:
        package = importlib.util.find_spec("pyspark")
        places = (package.submodule_search_locations if package else None) or []
        found = next((str(path) for place in places if (path := Path(place, "bin", "spark-submit")).is_file()), None)
    java = shutil.which("java") or shutil.which("java", path=str(Path(os.environ.get("JAVA_HOME", "/nowhere"), "bin")))
    if found is None or java is None:
        missing = "spark-submit" if found is None else "java"
        raise JobError(
            f"PySparkJob runs spark-submit: pip install pyspark (and a Java runtime), or map the image: --image "
            f"sagemaker-spark=COMMAND; there is no {missing} here"
        )
    return found
