"""Spark applications as processing jobs in SageMaker's Spark container.

Source: "Run a Processing Job with Apache Spark" of the SageMaker developer guide.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from constructs_ml.core.image import ContainerImage
from constructs_ml.errors import Fault, InvalidPropsError
from constructs_ml.tasks.presets.spark_submit import EVENTS_OUTPUT, Submission
from constructs_ml.tasks.presets.staging import allow
from constructs_ml.tasks.processing.job import ProcessingJob

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from constructs import Construct
    from typing_extensions import Unpack

    from constructs_ml.core.props import JobProps
    from constructs_ml.core.s3_data import S3Data
    from constructs_ml.tasks.presets.spark_submit import App
    from constructs_ml.tasks.processing.data import Inputs, Outputs

SPARK_VERSION = "3.5"
_JAVA_CLASS = re.compile(r"[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*", re.ASCII)


class _SparkJob(ProcessingJob):
    """The base of both kinds of applications."""

    def __init__(
        self,
        submission: Submission,
        scope: Construct,
        construct_id: str,
        *,
        image: ContainerImage,
        arguments: Sequence[str],
        writes: Sequence[S3Data],
        props: JobProps,
    ) -> None:
        submission.check_arguments(arguments)
        found = submission.faults
        command: Any = submission.options
        try:
            super().__init__(
                scope,
                construct_id,
                image=image,
                entrypoint=command,
                arguments=arguments,
                inputs=submission.inputs,
                outputs=submission.outputs,
                **props,
            )
        except InvalidPropsError as error:
            raise InvalidPropsError(error.path, [*found.found, *error.faults]) from None
        found.raise_if_any()
        allow(scope, props.get("role"), reads=submission.reads, writes=writes)
        self._logs_events = EVENTS_OUTPUT in submission.outputs

    @property
    def event_logs(self) -> S3Data:
        """The place of the application's event logs, for a Spark history server.

        Raises:
            InvalidPropsError: If it writes none.
        """
        if not self._logs_events:
            fault = Fault("event_logs", "are not written", "pass event_logs=S3Data.from_bucket(bucket, prefix)")
            raise InvalidPropsError(self._path, [fault])
        return self.output(EVENTS_OUTPUT)


class PySparkJob(_SparkJob):
    """Defines a state that runs a PySpark application on SageMaker.

    ::

        features = ml.PySparkJob(
            self, "Features",
            app="src/features.py",
            py_files=["src/common"],
            arguments=["--day", ml.execution_input("day")],
            configuration={"Classification": "spark-defaults", "Properties": {"spark.executor.memory": "2g"}},
            event_logs=ml.S3Data.from_bucket(bucket, "spark-events/"),
            instance_count=3,
        )

    The application reads and writes S3 by itself: say where with ``reads`` and ``writes``, so that its role is allowed to.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        app: App,
        image: ContainerImage | None = None,
        arguments: Sequence[str] = (),
        py_files: Sequence[App] = (),
        jars: Sequence[App] = (),
        files: Sequence[App] = (),
        configuration: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None = None,
        event_logs: S3Data | None = None,
        reads: Sequence[S3Data] = (),
        writes: Sequence[S3Data] = (),
        inputs: Inputs | None = None,
        outputs: Outputs = (),
        **props: Unpack[JobProps],
    ) -> None:
        """Define the job.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id, and the name of its state.
            app: The Python file that is submitted: a path of this machine or a place in S3.
            image: The image that it runs in. Default: SageMaker's Spark 3.5.
            arguments: The arguments of the application, at most 100; the container takes none with blanks.
            py_files: The code that its workers import: modules, zip files, or directories with packages, which are
                zipped.
            jars: JAR files on the class path of driver and executors.
            files: Files in the working directory of each executor.
            configuration: The configuration of Spark, Hadoop and Hive, one or several classifications as EMR has them.
            event_logs: Where event logs go while the job runs. Default: none.
            reads: The S3 data that the application reads by itself.
            writes: The S3 locations that it writes to by itself.
            inputs: The data that is downloaded for it, by name; see :class:`~constructs_ml.ProcessingJob`.
            outputs: The data that is uploaded after it, by name.
            props: The props of processing and training jobs: :class:`~constructs_ml.props.JobProps`.

        Raises:
            InvalidPropsError: If anything is wrong; it lists all of it.
        """
        submission = Submission.of(scope, construct_id, inputs, outputs)
        submission.add_files("py-files", "py_files", py_files)
        submission.add_files("jars", "jars", jars)
        submission.add_files("files", "files", files)
        submission.add_configuration(configuration)
        submission.add_events(event_logs)
        submission.add_app(app, (".py",), "pass the path of a .py file, or make it an ml.processing.SparkJarJob")
        submission.reads += reads
        super().__init__(
            submission,
            scope,
            construct_id,
            image=image or ContainerImage.spark(SPARK_VERSION),
            arguments=arguments,
            writes=writes,
            props=props,
        )


class SparkJarJob(_SparkJob):
    """Defines a state that runs a Spark application from a JAR file on SageMaker.

    ::

        features = ml.processing.SparkJarJob(self, "Features", app="build/features.jar", main_class="com.example.Features")

    The application reads and writes S3 by itself: say where with ``reads`` and ``writes``, so that its role is allowed to.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        app: App,
        main_class: str,
        image: ContainerImage | None = None,
        arguments: Sequence[str] = (),
        jars: Sequence[App] = (),
        files: Sequence[App] = (),
        configuration: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None = None,
        event_logs: S3Data | None = None,
        reads: Sequence[S3Data] = (),
        writes: Sequence[S3Data] = (),
        inputs: Inputs | None = None,
        outputs: Outputs = (),
        **props: Unpack[JobProps],
    ) -> None:
        """Define the job.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id, and the name of its state.
            app: The JAR file that is submitted: a path of this machine or a place in S3.
            main_class: The class with the application's ``main``, with its package.
            image: The image that it runs in. Default: SageMaker's Spark 3.5.
            arguments: The arguments of the application, at most 100; the container takes none with blanks.
            jars: Further JAR files on the class path of driver and executors.
            files: Files in the working directory of each executor.
            configuration: The configuration of Spark, Hadoop and Hive, one or several classifications as EMR has them.
            event_logs: Where event logs go while the job runs. Default: none.
            reads: The S3 data that the application reads by itself.
            writes: The S3 locations that it writes to by itself.
            inputs: The data that is downloaded for it, by name; see :class:`~constructs_ml.ProcessingJob`.
            outputs: The data that is uploaded after it, by name.
            props: The props of processing and training jobs: :class:`~constructs_ml.props.JobProps`.

        Raises:
            InvalidPropsError: If anything is wrong; it lists all of it.
        """
        submission = Submission.of(scope, construct_id, inputs, outputs)
        if not _JAVA_CLASS.fullmatch(main_class):
            submission.faults.add(
                "main_class", f"must be the name of a class, got {main_class!r}", "pass 'com.example.Main'"
            )
        submission.options += ["--class", main_class]
        submission.add_files("jars", "jars", jars)
        submission.add_files("files", "files", files)
        submission.add_configuration(configuration)
        submission.add_events(event_logs)
        submission.add_app(app, (".jar",), "pass the path of a .jar file, or make it an ml.PySparkJob")
        submission.reads += reads
        super().__init__(
            submission,
            scope,
            construct_id,
            image=image or ContainerImage.spark(SPARK_VERSION),
            arguments=arguments,
            writes=writes,
            props=props,
        )
