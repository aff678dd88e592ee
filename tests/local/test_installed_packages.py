"""The environment with the packages that a job's code requires: made once, from the user's own index."""

from __future__ import annotations

import functools
import http.server
import os
import subprocess
import sys
import threading
import zipfile
from typing import TYPE_CHECKING

import pytest

from constructs_ml.local.aws.faults import AlgorithmError
from constructs_ml.local.host import packages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def wheel(folder: Path, name: str) -> None:
    """A package of one module, as pip installs it."""
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{name}.py", "")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder, and says nothing."""

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def index(tmp_path: Path) -> Iterator[str]:
    """An index of the user's own, with the package ours."""
    packages_ = tmp_path / "simple" / "ours"
    packages_.mkdir(parents=True)
    wheel(packages_, "ours")
    handler = functools.partial(QuietHandler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/simple"
        server.shutdown()


def test_requirements_are_installed_once_from_an_index_of_the_users_own(tmp_path: Path, index: str) -> None:
    """The second time the environment is found by the file's content, and no index is asked: there is none any more."""
    code, told, groups = tmp_path / "code", list[str](), list[int]()
    code.mkdir()

    def made(url: str) -> Path | None:
        variables = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "PIP_INDEX_URL": url, "PIP_RETRIES": "0"}
        return packages.python_with(code, variables, told.append, groups.append)

    (code / "requirements.txt").write_text("ours\npytest\n")
    programs = made(index)
    assert programs is not None
    assert subprocess.run([programs / "python3", "-c", "import ours, pytest"], check=False).returncode == 0
    assert made("http://127.0.0.1:9/simple") == programs
    assert (len(told), len(groups)) == (1, 2)
    (code / "requirements.txt").write_text("no-such-package-of-ours\n")
    with pytest.raises(AlgorithmError, match=r"InstallRequirementsError: .*no-such-package-of-ours"):
        made(index)


def test_an_index_that_cannot_be_reached_is_named_with_the_ways_out(tmp_path: Path) -> None:
    """And its password is not. Pip itself writes the text that the advice goes by."""
    own = {"PIP_INDEX_URL": "http://me:s3cr3t@127.0.0.1:9/simple", "PIP_RETRIES": "1"}
    pip = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "ours"]
    done = subprocess.run(pip, cwd=tmp_path, env={**os.environ, **own}, capture_output=True, text=True, check=False)
    advice = packages.unreached(done.stderr, own)
    assert advice.startswith("; http://127.0.0.1:9/simple cannot be reached: set PIP_INDEX_URL")
    assert advice.endswith("or PIP_FIND_LINKS and PIP_NO_INDEX=1")
    assert packages.unreached("No matching distribution found for ours", own) == ""


def test_pip_gets_its_variables_of_the_jobs_environment() -> None:
    """Those alone: the others are the script's."""
    assert packages.of_pip({"PIP_INDEX_URL": "x", "DEPTH": "6"}) == {"PIP_INDEX_URL": "x"}
