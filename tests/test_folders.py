"""Folders that are shipped: links in them are followed or refused, and never dropped."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pytest
from aws_cdk import App, Stack

import constructs_ml as ml
from constructs_ml.core.archive import files_of
from constructs_ml.errors import InvalidPropsError, LinkError
from constructs_ml.folders import files_below

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Path]:
    """A folder of code, and a package beside it that it links to."""
    (tmp_path / "common").mkdir()
    (tmp_path / "common" / "helpers.py").write_text("x = 1")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "main.py").write_text("import common.helpers")
    (tmp_path / "src" / "common").symlink_to("../common")
    before = Path.cwd()
    os.chdir(tmp_path)
    yield tmp_path / "src"
    os.chdir(before)


def test_links_to_folders_are_followed(source: Path) -> None:
    (source / "one.py").symlink_to("main.py")
    assert [str(name) for name in files_below(source)] == ["common/helpers.py", "main.py", "one.py"]
    assert list(files_of(source)) == ["common/helpers.py", "main.py", "one.py"]
    assert list(files_of(source, ["common"])) == ["main.py", "one.py"]


@pytest.mark.parametrize(("target", "said"), [("nothing", "which is not there"), (".", "a folder that it lies in")])
def test_a_link_that_leads_nowhere_is_refused_unless_it_is_left_out(source: Path, target: str, said: str) -> None:
    (source / "link").symlink_to(target)
    with pytest.raises(LinkError, match=f"link is a link to .*{said}"):
        files_below(source)
    assert PurePosixPath("main.py") in files_below(source, lambda name: name.name == "link")
    assert "main.py" in files_of(source, ["link"])


def test_a_link_to_itself_is_refused(source: Path) -> None:
    (source / "link").symlink_to("link")
    with pytest.raises(LinkError, match="link is a link to"):
        files_below(source)


def test_code_with_a_broken_link_is_refused_when_the_job_is_made(source: Path) -> None:
    (source / "link").symlink_to("nothing")
    job = {"image": ml.ContainerImage.sklearn("1.2-1"), "code": ml.Code.from_asset(source)}
    with pytest.raises(InvalidPropsError, match=r"code cannot be shipped: .*link is a link to nothing"):
        ml.ProcessingJob(Stack(App(), "S"), "Job", **job)
