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


def required(tmp_path: Path, requirement: str, url: str) -> tuple[Path | None, list[str]]:
    """The environment of code that requires something from an index."""
    code, told = tmp_path / "code", []
    code.mkdir(exist_ok=True)
    (code / "requirements.txt").write_text(f"{requirement}\n")
    variables = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "PIP_INDEX_URL": url, "PIP_RETRIES": "0"}
    return packages.python_with(code, variables, told.append, lambda _: None), told


def test_an_index_of_the_users_own_is_used_once(tmp_path: Path, index: str) -> None:
    """The second run finds the environment by the file's content, and asks no index: there is none any more."""
    made, told = required(tmp_path, "ours", index)
    assert made is not None
    assert subprocess.run([made / "python3", "-c", "import ours"], check=False).returncode == 0
    assert len(told) == 1
    assert required(tmp_path, "ours", "http://127.0.0.1:9/simple") == (made, [])


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
