"""The user's scripts, shipped to S3 as assets and started by the container.

A script keeps its name in S3 and so in the container: what it raises names it. SageMaker does not unpack archives for
processing jobs, so a directory is shipped as ``sourcedir.tar.gz`` and unpacked by its entry point; the framework images
unpack the same archive themselves for training jobs (script mode).
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from constructs_ml.asl.expressions import join
from constructs_ml.core.archive import content_hash, files_of, named_file, write_archive
from constructs_ml.core.packages import NO_REQUIREMENTS, Requirements, requirements_of
from constructs_ml.core.prop_checks import check_arguments
from constructs_ml.core.s3_data import S3Data
from constructs_ml.core.shipped import ARCHIVE, Shipped, ship_archive, shipped_once
from constructs_ml.errors import LinkError
from constructs_ml.sagemaker.script_mode import (
    CODE_CHANNEL_FOLDER,
    INSTALL,
    PROGRAM,
    SIGN_IN,
    SIGN_IN_PROGRAM,
    SUBMIT_DIRECTORY,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from constructs_ml.asl.expressions import Runtime
    from constructs_ml.core.context import ScopeContext
    from constructs_ml.errors import Faults

CODE_FOLDER = "/opt/ml/processing/input/code"
INTERPRETERS = {".py": "python3", ".sh": "bash"}
_SHIPPED = (*INTERPRETERS, ARCHIVE)
"""Endings of the code of processing jobs in S3: in another version a script may be a folder."""
_UNPACK = (
    "d=/opt/ml/processing/code; mkdir -p $d && "
    f'python3 -m tarfile -e {CODE_FOLDER}/*.gz $d && cd $d && {{install}}exec {{interpreter}} "$0" "$@"'
)


@dataclass(frozen=True, slots=True)
class ProcessingCode:
    """Code that is ready for a processing job: where it is, and the container's entry point.

    Attributes:
        data: Where it is.
        entrypoint: The entry point.
        requirements: Its ``requirements.txt``, which the entry point installs.
    """

    data: S3Data
    entrypoint: list[str | Runtime]
    requirements: Requirements = NO_REQUIREMENTS


@dataclass(frozen=True, slots=True)
class TrainingCode:
    """Code that is ready for script mode.

    Attributes:
        archive: The archive.
        program: The program in it.
        isolated: Whether the container has no network, so that the archive comes by a channel.
        requirements: Its ``requirements.txt``, which the toolkit installs.
    """

    archive: S3Data
    program: str
    isolated: bool = False
    requirements: Requirements = NO_REQUIREMENTS

    def hyperparameters(self, region: str) -> dict[str, str | Runtime]:
        """Return the hyperparameters that have the SageMaker training toolkit in a framework image run the program.

        The toolkit reads each value as JSON, so strings are quoted.
        """
        return {
            "sagemaker_container_log_level": "20",
            PROGRAM: json.dumps(self.program),
            "sagemaker_region": f'"{region}"',
            SUBMIT_DIRECTORY: join('"', self._submitted(), '"'),
        }

    def _submitted(self) -> str | Runtime:
        """The place where the toolkit finds the archive: it fetches it from S3, and takes a path as it is."""
        if not self.isolated:
            return self.archive.location
        location = str(self.archive.location)
        # A folder of scripts is copied as it is.
        return CODE_CHANNEL_FOLDER if location.endswith("/") else f"{CODE_CHANNEL_FOLDER}/{_last_part(location)}"


@dataclass(frozen=True, slots=True)
class Code:
    """A script or a directory of scripts.

    Make one with :meth:`from_asset` or :meth:`from_s3`.
    """

    path: Path | None
    location: S3Data | None
    entry_point: str | None
    exclude: tuple[str, ...] = ()

    @classmethod
    @check_arguments
    def from_asset(cls, path: str | Path, *, entry_point: str | None = None, exclude: Sequence[str] = ()) -> Code:
        """A script or a directory on this machine.

        Args:
            path: Relative to the folder that the app runs in, as all paths of CDK assets.
            entry_point: The script in the directory that is started. Default: ``main.py``, or the only script there.
            exclude: Patterns of files that are left out. Caches and hidden folders always are.
        """
        return cls(Path(path), None, entry_point, tuple(exclude))

    @classmethod
    @check_arguments
    def from_s3(cls, location: S3Data | str, *, entry_point: str | None = None) -> Code:
        """Code that is in S3 already: a script, a folder of scripts, or for training a ``sourcedir.tar.gz``.

        Args:
            location: Where it is.
            entry_point: The script that is started. Default: the object itself.
        """
        return cls(None, location if isinstance(location, S3Data) else S3Data.from_uri(location), entry_point)

    def for_processing(self, context: ScopeContext, faults: Faults, *, signs_in: bool = False) -> ProcessingCode | None:
        """Prepare it for a processing job; None if it has a fault.

        Args:
            context: The context of the job's scope.
            faults: Collects the faults.
            signs_in: True if its packages come from CodeArtifact; no image signs in for a processing job.
        """
        if self.location is not None:
            script = self.entry_point or _last_part(self.location.location)
            return self._in_place(self.location, script, faults)
        entry = self._entry(faults)
        interpreter = None if entry is None else _interpreter(entry, faults)
        if entry is None or interpreter is None:
            return None
        requirements = self._requirements(entry)
        if self._local().is_file():
            data = named_file(context, self._local(), endings=_SHIPPED)
            return ProcessingCode(data, [interpreter, f"{CODE_FOLDER}/{entry}"], requirements)
        signs_in = signs_in and requirements.installed
        install = f"{SIGN_IN if signs_in else ''}{INSTALL} && " if requirements.installed else ""
        unpack = _UNPACK.format(install=install, interpreter=interpreter)
        program = SIGN_IN_PROGRAM if signs_in else ()
        return ProcessingCode(self._archive(context, _SHIPPED), ["sh", "-c", unpack, entry, *program], requirements)

    def for_training(self, context: ScopeContext, faults: Faults, *, isolated: bool = False) -> TrainingCode | None:
        """Prepare it for script mode; None if it has a fault.

        Args:
            context: The context of the job's scope.
            faults: Collects the faults.
            isolated: Whether the container has no network.
        """
        if self.location is not None:
            if self.entry_point is None:
                faults.add("code", "in S3 must name its program", "pass Code.from_s3(..., entry_point='train.py')")
                return None
            if isolated and not isinstance(self.location.location, str):
                problem = "has a location that is known only at run time, so the name of its file in the channel 'code' is unknown"
                faults.add("code", problem, "pass Code.from_s3('s3://...'), or leave out network_isolation")
                return None
            return TrainingCode(self.location, self.entry_point, isolated)
        script = self._entry(faults)
        if script is None:
            return None
        # As the toolkit does: it leaves what a shell script needs to the script.
        return TrainingCode(self._archive(context), script, isolated, self._requirements(script))

    def _requirements(self, entry: str) -> Requirements:
        path = self._local()
        return requirements_of(path, entry, files_of(path, self.exclude) if path.is_dir() else ())

    def _in_place(self, data: S3Data, script: str, faults: Faults) -> ProcessingCode | None:
        interpreter = _interpreter(script, faults)
        if interpreter is None:
            return None
        return ProcessingCode(data, [interpreter, f"{CODE_FOLDER}/{script}"])

    def _entry(self, faults: Faults) -> str | None:
        """The name of the script that is started, relative to the code."""
        path = self.path
        if path is None or not path.exists():
            faults.add(
                "code",
                f"must be a script or a directory, got {str(path)!r}, which does not exist in {Path.cwd().name}/",
                "check the path: it is relative to the folder that the app runs in",
            )
            return None
        if path.is_file():
            return path.name
        try:
            shipped = files_of(path, self.exclude)
        except LinkError as error:
            faults.add("code", f"cannot be shipped: {error}")
            return None
        return self._entry_among(shipped, path.name, faults)

    def _entry_among(self, shipped: Collection[str], folder: str, faults: Faults) -> str | None:
        scripts = [name for name in shipped if "/" not in name and _is_script(name)]
        if self.entry_point is not None:
            entry = PurePosixPath(self.entry_point).as_posix()
            if entry in shipped:
                return entry
            faults.add(
                "code",
                f"has no entry point {self.entry_point!r} in {folder}/",
                f"scripts there: {', '.join(scripts) or 'none'}",
            )
            return None
        if "main.py" in scripts or len(scripts) == 1:
            return "main.py" if "main.py" in scripts else scripts[0]
        faults.add(
            "code",
            f"must name its entry point, {folder}/ has {', '.join(scripts) or 'no script'}",
            "pass Code.from_asset(..., entry_point=...)",
        )
        return None

    def _archive(self, context: ScopeContext, endings: Collection[str] = ()) -> S3Data:
        files = files_of(self._local(), self.exclude)
        content = content_hash(files)

        def ship() -> Shipped:
            with tempfile.TemporaryDirectory() as folder:
                archive = Path(folder, "sourcedir.tar.gz")
                write_archive(files, archive)
                return ship_archive(context, archive, content)

        return shipped_once(context, "archive", content, ship).data(endings)

    def _local(self) -> Path:
        if self.path is None:
            raise ValueError("code in S3 is not shipped as an asset")
        return self.path


def _is_script(name: str) -> bool:
    return PurePosixPath(name).suffix in INTERPRETERS and name != "__init__.py"


def _interpreter(script: str, faults: Faults) -> str | None:
    interpreter = INTERPRETERS.get(PurePosixPath(script).suffix)
    if interpreter is None:
        faults.add(
            "code", f"must be a .py or .sh script, got {script!r}", "pass entrypoint=[...] and the file as an input"
        )
    return interpreter


def _last_part(location: str | Runtime) -> str:
    return PurePosixPath(location).name if isinstance(location, str) else ""
