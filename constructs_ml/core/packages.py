"""The packages that a job's code requires: which jobs install them, and from which index.

Sources: ``modules.py`` of sagemaker-training 5.1.4 and ``model_server.py`` of sagemaker-inference 1.10.1 for the variable with a
repository of CodeArtifact, and for the scripts whose ``requirements.txt`` is installed; pip's user guide, "Environment
Variables", for all variables that begin with ``PIP_``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import Runtime
from constructs_ml.iam.job_role import read_packages
from constructs_ml.sagemaker.script_mode import INDEX_URL, NO_INDEX, REPOSITORY, REQUIREMENTS

if TYPE_CHECKING:
    from collections.abc import Collection

    from constructs_ml.errors import Faults
    from constructs_ml.iam.statements import Statement

_ARN = re.compile(r"(arn:[^:]+:codeartifact:[^:]+:[^:]+:)repository/([^/]+)/[^/]+")
_APP = ("cdk.json", "app.py")
"""Files of a folder with an app, whose requirements are the app's own."""
_FORM = "arn:aws:codeartifact:<region>:<account>:repository/<domain>/<repository>"


@dataclass(frozen=True, slots=True)
class Requirements:
    """The ``requirements.txt`` of a folder of code.

    Attributes:
        installed: True if it is installed before the script starts.
        fetched: True if packages may have to be fetched for that.
        ignored: The reason, with a fix, if there is one that nothing installs; empty otherwise.
    """

    installed: bool = False
    fetched: bool = False
    ignored: str = ""


NO_REQUIREMENTS = Requirements()


def requirements_of(path: Path, entry: str, shipped: Collection[str]) -> Requirements:
    """Find the requirements of code on this machine.

    Args:
        path: The script, or the folder.
        entry: The script in it that is started.
        shipped: The files of the folder that are shipped; not used for a script.
    """
    if path.is_file():
        beside = (path.parent / REQUIREMENTS).is_file() and not any((path.parent / name).exists() for name in _APP)
        return Requirements(ignored=_beside(path) if beside else "")
    if REQUIREMENTS not in shipped:
        return NO_REQUIREMENTS
    if PurePosixPath(entry).suffix == ".py":
        return Requirements(installed=True, fetched=_needs_index(path / REQUIREMENTS))
    if REQUIREMENTS in (path / entry).read_text(encoding="utf-8", errors="replace"):
        return NO_REQUIREMENTS
    return Requirements(
        ignored=f"has a {REQUIREMENTS} that nothing installs: a shell script installs its own, and {entry} does not name it; "
        f"add python3 -m pip install -r {REQUIREMENTS} to {entry}, or exclude the file"
    )


def refuse_without_network(
    requirements: Requirements, environment: Mapping[str, Any] | Runtime | None, faults: Faults
) -> None:
    """Note requirements that cannot be fetched because the container has no network.

    Args:
        requirements: Those of the code.
        environment: The environment of the container.
        faults: Collects the faults.
    """
    offline = isinstance(environment, Mapping) and environment.get(NO_INDEX)
    if requirements.fetched and not offline:
        faults.add(
            "code",
            f"has a {REQUIREMENTS}, whose packages cannot be fetched beside network_isolation",
            "pass an image that has them and exclude the file (Code.from_asset(..., exclude=['requirements.txt'])), or put their "
            f"wheels into the code and the lines '--no-index' and '--find-links wheels' into {REQUIREMENTS}",
        )


def uses_repository(environment: Mapping[str, Any] | Runtime | None) -> bool:
    """Return whether an environment names a repository of CodeArtifact."""
    return isinstance(environment, Mapping) and bool(environment.get(REPOSITORY))


def package_statements(request: Mapping[str, Any], member: str, faults: Faults, *, derived: bool) -> list[Statement]:
    """Return the statements for reading the CodeArtifact repositories that the containers of a request install packages from.

    Args:
        request: The request.
        member: The prop that environments come from, for faults.
        faults: Collects the faults.
        derived: True if the library makes the role that is to be allowed it.
    """
    found: list[Statement] = []
    for environment in _environments(request):
        arn = environment.get(REPOSITORY)
        if not arn:
            continue
        if environment.get(INDEX_URL):
            problem = f"cannot be combined with {REPOSITORY}, which replaces it"
            faults.add(f"{member}[{INDEX_URL!r}]", problem, "leave one of them out, or pass PIP_EXTRA_INDEX_URL")
        named = f"{member}[{REPOSITORY!r}]"
        if isinstance(arn, Runtime):
            if derived:
                problem = "is known only at run time, so no permission to read it can be derived"
                faults.add(named, problem, "pass the repository's ARN, or a role= that may read it")
        elif (domain := _domain_of(str(arn))) is None:
            faults.add(named, f"must be the ARN of a repository, got {str(arn)!r}", f"pass {_FORM}")
        else:
            found += read_packages(str(arn), domain)
    return found


def _environments(request: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the environments of a request's containers, as far as they are known."""
    holders = [request, request.get("TrainingJobDefinition"), request.get("PrimaryContainer")]
    for name in ("TrainingJobDefinitions", "Containers"):
        several = request.get(name)
        holders += several if isinstance(several, list) else []
    for holder in holders:
        environment = holder.get("Environment") if isinstance(holder, Mapping) else None
        if isinstance(environment, Mapping):
            yield environment


def _domain_of(repository: str) -> str | None:
    """Return the ARN of a repository's domain; None if it is not the ARN of a repository."""
    found = _ARN.fullmatch(repository)
    if found is not None:
        return f"{found[1]}domain/{found[2]}"
    if "${Token[" not in repository:
        return None
    from aws_cdk import Fn

    before, after = (Fn.select(at, Fn.split(":repository/", repository)) for at in (0, 1))
    return f"{before}:domain/{Fn.select(0, Fn.split('/', after))}"


def _needs_index(file: Path) -> bool:
    lines = [line.split(" #")[0].strip() for line in file.read_text(encoding="utf-8", errors="replace").splitlines()]
    required = [line for line in lines if line and not line.startswith("#")]
    return bool(required) and "--no-index" not in required


def _beside(script: Path) -> str:
    folder = script.parent.name
    return (
        f"is one script, so the {REQUIREMENTS} beside it is not shipped and nothing installs it; pass the folder, "
        f"Code.from_asset({folder!r}, entry_point={script.name!r})"
    )
