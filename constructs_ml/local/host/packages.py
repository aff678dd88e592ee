"""A Python environment with the requirements of a job's code, kept for later runs.

AWS's containers install ``requirements.txt`` into themselves. Here that would change the user's own environment, so that each
set of requirements has one of its own, on top of the user's: installed packages are not downloaded again.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from constructs_ml.folders import files_below
from constructs_ml.local.aws.faults import AlgorithmError
from constructs_ml.local.host.environment import NO_AWS_PROFILES, allowed
from constructs_ml.sagemaker.script_mode import INDEX_URL, NO_INDEX, REQUIREMENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MARK = ".installed"
_SHOWN = 600
_UNREACHED = ("NewConnectionError", "ConnectTimeoutError", "NameResolutionError", "ProxyError", "ReadTimeoutError")
"""The errors of pip's log that mean that no index answered."""
# A .pth file runs lines that begin with "import"; addsitedir follows the .pth files of the folders in turn.
_FOLDERS = (
    "import json, sys; print(json.dumps([p for p in sys.path if p.endswith(('site-packages', 'dist-packages'))]))"
)


def of_installers(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables by which pip finds its index: the user's, as for all installations on this machine."""
    others = {"XDG_CACHE_HOME", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"}
    return {
        name: value
        for name, value in environment.items()
        if name.startswith("PIP_") or name in others or name.lower().endswith("_proxy")
    }


def of_pip(environment: Mapping[str, str]) -> dict[str, str]:
    """Return pip's own variables of a job's environment, such as ``PIP_INDEX_URL``."""
    return {name: value for name, value in environment.items() if name.startswith("PIP_")}


def python_with(
    code: Path,
    variables: Mapping[str, str],
    tell: Callable[[str], None],
    started: Callable[[int], None],
    *,
    package: bool = False,
    network: bool = True,
) -> Path | None:
    """Create a Python environment with the requirements of a folder of code, or find that of an earlier run.

    Args:
        code: The folder, with a ``requirements.txt`` or a ``setup.py`` in it.
        variables: The variables that pip gets; see :func:`of_installers`.
        tell: Takes lines for the job's log.
        started: Takes the group of each process that is started.
        package: Whether the folder is installed itself.
        network: Whether packages may be fetched.

    Returns:
        The folder of its programs; None if nothing is required.

    Raises:
        AlgorithmError: If something cannot be installed.
    """
    wanted = [*(["-r", REQUIREMENTS] if (code / REQUIREMENTS).exists() else []), *(["."] if package else [])]
    if not wanted:
        return None
    folder = _cache(variables) / _key(code, package=package)
    import fcntl  # Windows has none, and imports this module

    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (folder / _MARK).exists():
            return folder / "bin"
        tell(f"installing {' '.join(wanted)} into an environment of its own; later runs find it there")
        environment = {**allowed(os.environ), **NO_AWS_PROFILES, **variables}
        _run([sys.executable, "-m", "venv", "--clear", str(folder)], code, environment, started)
        _on_top_of_this(folder, environment)
        offline = [] if network else ["--no-index"]
        pip = [str(folder / "bin" / "python3"), "-m", "pip", "install", "-q", "--disable-pip-version-check", *offline]
        _run([*pip, *wanted], code, environment, started)
        (folder / _MARK).touch()
    return folder / "bin"


def _cache(variables: Mapping[str, str]) -> Path:
    return Path(variables.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "constructs-ml" / "packages"


def _key(code: Path, *, package: bool) -> str:
    """Return a name for the installed packages, which depends also on the files that requirements refer to."""
    total = hashlib.sha256(f"{sys.executable}\0{sys.version}\0{package}".encode())
    for name, file in sorted(files_below(code, lambda _: False).items()):
        if package or name.suffix in {".txt", ".in"}:
            total.update(f"\0{name}\0".encode() + file.read_bytes())
    return total.hexdigest()[:20]


def _on_top_of_this(folder: Path, environment: Mapping[str, str]) -> None:
    found = subprocess.run(
        [sys.executable, "-c", _FOLDERS], env=dict(environment), capture_output=True, text=True, check=True
    )
    packages = next(folder.glob("lib/python3*/site-packages"))
    lines = [f"import site; site.addsitedir({path!r})\n" for path in json.loads(found.stdout)]
    (packages / "under.pth").write_text("".join(lines), encoding="utf-8")


def _run(argv: list[str], cwd: Path, environment: Mapping[str, str], started: Callable[[int], None]) -> None:
    process = subprocess.Popen(
        argv,
        cwd=cwd,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    started(process.pid)
    said = process.communicate()[0].decode("utf-8", "replace").strip()
    if process.returncode:
        command = " ".join(["python3", *argv[1:]])
        hint = unreached(said, environment)
        message = f"InstallRequirementsError: {command}: {said[-_SHOWN:]}, exit code: {process.returncode}{hint}"
        raise AlgorithmError(message)


def unreached(said: str, environment: Mapping[str, str]) -> str:
    """Return advice for the end of an error if pip reached no index; empty otherwise.

    Args:
        said: The output of pip.
        environment: The variables that it was run with.
    """
    if not any(sign in said for sign in _UNREACHED):
        return ""
    index = _without_password(environment.get(INDEX_URL, "")) or "pip's default index"
    return f"; {index} cannot be reached: set {INDEX_URL}, for this machine or in the job's environment, or PIP_FIND_LINKS and {NO_INDEX}=1"


def _without_password(url: str) -> str:
    """Return a URL without its user and password."""
    return re.sub(r"//[^/@]*@", "//", url)
