"""Files and data of the presets' tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aws_cdk import Stack
from aws_cdk import aws_s3 as s3

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "code"
    (folder / "common").mkdir(parents=True)
    for name in ("features.py", "helpers.py", "common/__init__.py", "common/text.py", "a.jar", "app.jar", "conf.ini"):
        (folder / name).write_text(f"# {name}\n")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def data(stack: Stack) -> Callable[[str], ml.S3Data]:
    bucket = s3.Bucket.from_bucket_name(stack, "Data", "data")
    return lambda prefix: ml.S3Data.from_bucket(bucket, prefix)
