"""The call of ``smspark-submit`` that starts an application in SageMaker's Spark container.

The container is started with ``smspark-submit``, which passes its options on to ``spark-submit`` on a YARN cluster of
the job's instances. It takes the application from a local path, its dependencies from S3, its configuration from
``/opt/ml/processing/input/conf/configuration.json``, and writes event logs to a local directory that is uploaded while
the job runs.

Source: the command line of aws/sagemaker-spark-container; "Run a Processing Job with Apache Spark" of the SageMaker
developer guide.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import join
from constructs_ml.core.archive import named_file
from constructs_ml.core.context import context_of
from constructs_ml.core.enums import UploadMode
from constructs_ml.core.s3_data import SCHEME, S3Data
from constructs_ml.errors import Faults
from constructs_ml.sagemaker.deciding import LOGS
from constructs_ml.tasks.presets.staging import known_later, named_json, staged_all
from constructs_ml.tasks.processing.data import ProcessingInput, ProcessingOutput, named_outputs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs import Construct

    from constructs_ml.asl.expressions import Runtime
    from constructs_ml.core.context import ScopeContext
    from constructs_ml.tasks.processing.data import Inputs, Outputs

SUBMIT = "smspark-submit"
INPUTS = "/opt/ml/processing/input"
EVENTS = "/opt/ml/processing/spark-events/"
APP_INPUT, CONF_INPUT, EVENTS_OUTPUT = "app", "conf", LOGS
_CLASSIFICATION = {"Classification", "Properties", "Configurations"}

App = str | Path | S3Data


@dataclass(slots=True)
class Submission:
    """A call of smspark-submit, and what it needs.

    Attributes:
        context: The context of the job's scope.
        faults: The faults so far.
        inputs: The job's inputs.
        outputs: The job's outputs.
        options: The command so far.
        reads: The S3 data that the application reads by itself.
    """

    context: ScopeContext
    faults: Faults
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    options: list[str | Runtime]
    reads: list[S3Data]

    @classmethod
    def of(cls, scope: Construct, construct_id: str, inputs: Inputs | None, outputs: Outputs) -> Submission:
        """Start the options of an application."""
        context = context_of(scope)
        faults = Faults(context.path_of(construct_id))
        return cls(context, faults, dict(inputs or {}), dict(named_outputs(outputs, faults)), [SUBMIT], [])

    def add_files(self, option: str, prop: str, given: Sequence[App]) -> None:
        """Pass files by an option that takes a list of S3 locations."""
        staged = staged_all(self.context, prop, given, self.faults)
        self.reads += staged
        if staged:
            places = [part for data in staged for part in (",", data.location)][1:]
            self.options += [f"--{option}", join(*places)]

    def add_configuration(self, configuration: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None) -> None:
        """Pass the configuration of Spark, Hadoop and Hive as a file."""
        if configuration is None:
            return
        entries = configuration if isinstance(configuration, (list, tuple)) else [configuration]
        for at, entry in enumerate(entries):
            wrong = sorted(set(entry) - _CLASSIFICATION) if hasattr(entry, "keys") else [repr(entry)]
            if wrong or "Classification" not in entry:
                problem = f"must have Classification and Properties, got {', '.join(wrong or entry)}"
                fix = "pass {'Classification': 'spark-defaults', 'Properties': {...}}"
                self.faults.add(f"configuration[{at}]", problem, fix)
        for path in known_later(entries):
            fix = "pass it as an argument of the application"
            self.faults.add(f"configuration{path}", "is known only later, and the configuration is a file", fix)
        if not self.faults.found:
            conf = named_json(self.context, "configuration.json", entries)
            self._add_input(CONF_INPUT, conf, "configuration")

    def add_events(self, events: S3Data | None) -> None:
        """Pass the location of the event logs."""
        if events is None:
            return
        self.options += ["--local-spark-event-logs-dir", EVENTS]
        self.outputs[EVENTS_OUTPUT] = ProcessingOutput(
            destination=events, local_path=EVENTS, upload_mode=UploadMode.CONTINUOUS
        )

    def add_app(self, app: App, endings: tuple[str, ...], how: str) -> None:
        """Pass the application: a file that the container finds locally."""
        data = app if isinstance(app, S3Data) else None
        if data is None and str(app).startswith(SCHEME):
            data = S3Data.from_uri(str(app))
        name = data.location if data is not None else str(app)
        if not isinstance(name, str) or PurePosixPath(name).suffix not in endings:
            self.faults.add("app", f"must be a {' or '.join(endings)} file, got {str(name)!r}", how)
            return
        if data is None:
            path = Path(str(app))
            if not path.is_file():
                fix = "check the path: it is relative to the folder that the app runs in"
                self.faults.add("app", f"must exist, got {str(app)!r}, which does not in {Path.cwd().name}/", fix)
                return
            data = named_file(self.context, path)
        self._add_input(APP_INPUT, data, "app")
        self.options.append(f"{INPUTS}/{APP_INPUT}/{PurePosixPath(str(data.location)).name}")

    def _add_input(self, name: str, data: S3Data, prop: str) -> None:
        if name in self.inputs:
            self.faults.add("inputs", f"must not be named {name!r} together with {prop}=", "rename the input")
        self.inputs[name] = ProcessingInput(source=data)

    def check_arguments(self, arguments: Sequence[Any]) -> None:
        """Refuse arguments that the container's shell would split: it joins them with spaces."""
        for at, argument in enumerate(arguments):
            if isinstance(argument, str) and "{" not in argument and re.search(r"[\s;&|<>()`\"'\\*?#~]", argument):
                fix = "encode it, or pass it in the environment"
                problem = f"must hold no blanks, quotes or special characters of a shell, got {argument!r}"
                self.faults.add(f"arguments[{at}]", problem, fix)
