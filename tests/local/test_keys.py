"""Keys of S3 objects: whatever they hold, they come to a job and back byte for byte, or are refused by name."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from local_bench import Bench, Workflow, machine, processing, s3_input, s3_output, task

from constructs_ml.local.aws.faults import JobError
from constructs_ml.local.emulator.principals import policy_pattern
from constructs_ml.local.host.keys import file_below, join_uri, key_of, relative_path, split_uri
from constructs_ml.local.host.storage import S3Object, Storage

# As legal as a key can be: up to 1024 bytes of UTF-8, a null byte apart.
_KEYS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=250)
_AWKWARD = st.text(st.sampled_from("/.#?%+ a\n"), min_size=1, max_size=12)
_ODD = [
    "plain.csv",
    "report#1",
    "report#2",
    "report?x=1",
    "report?x=2",
    "#",
    "?",
    "a b/c d",
    " lead",
    "trail ",
    "a+b",
    "a%20b",
    "a%2Fb",
    "100%",
    "%zz",
    "ü/ö.csv",
    "e\u0301",
    "日本.csv",
    "😀",
    "line\nbreak",
    "tab\there",
    "quote'\"",
    "<a&b>",
    "back\\slash",
    "a:b*c|d",
    "-rf",
    "~home",
    "$HOME/${x}",
    "...",
    ".hidden",
    "a=b;c,d@e",
    "x" * 255,
    "/".join(["d" * 200] * 4),
]


@given(st.one_of(_KEYS, _AWKWARD))
def test_a_uri_is_split_at_the_first_slash_after_the_bucket(key: str) -> None:
    assert split_uri(f"s3://bucket/{key}") == ("bucket", key)
    assert S3Object("bucket", key, key).uri == f"s3://bucket/{key}"
    assert split_uri("s3://bucket") == ("bucket", "")


@given(st.one_of(_KEYS, _AWKWARD), st.sampled_from(["", "in/", "in", "/", "in//", "in/x#"]))
def test_a_key_becomes_a_file_of_that_name_or_is_refused(key: str, prefix: str) -> None:
    """What a job copies from an input to an output of the same prefix comes back under its own key."""
    slash = "" if not prefix or prefix.endswith("/") else "/"
    whole = f"{prefix}{slash}{key}"
    relative = relative_path(whole, prefix)
    assert relative == key
    if {"", ".", ".."} & set(key.split("/")):
        with pytest.raises(JobError) as caught:
            file_below(Path("/input"), relative, f"s3://bucket/{whole}")
        assert repr(f"s3://bucket/{whole}") in str(caught.value)
        return
    file = file_below(Path("/input"), relative, f"s3://bucket/{whole}")
    assert os.path.normpath(file) == str(file)
    name = key_of(file.relative_to("/input").as_posix())
    assert name == key
    assert split_uri(join_uri(f"s3://bucket/{prefix}", name)) == ("bucket", whole)


@pytest.mark.parametrize("key", ["in/part-1.csv", "in/part", "in/part#1", "in/part?", "in/part.d/x"])
def test_a_prefix_that_is_no_folder_keeps_the_names(key: str) -> None:
    assert relative_path(key, "in/part") == key.removeprefix("in/")


@pytest.mark.parametrize("uri", ["", "s3:/b/k", "s3:///key", "https://b/k", "b/k", "S3://b/k"])
def test_what_is_no_uri_is_refused(uri: str) -> None:
    with pytest.raises(JobError, match="is not an S3 URI"):
        split_uri(uri)


def test_a_file_name_that_is_no_text_is_refused() -> None:
    with pytest.raises(JobError, match=r"must be UTF-8, got the file name b'a\\xff'"):
        key_of(os.fsdecode(b"a\xff"))


class _Store:
    """An S3 client of a bucket in memory."""

    def __init__(self, *keys: str, sizes: dict[str, int] | None = None) -> None:
        self._objects = {key: b"x" * (sizes or {}).get(key, 1) for key in keys}

    def get_paginator(self, _name: str) -> _Store:
        return self

    def paginate(self, **where: str) -> list[dict[str, Any]]:
        listed = sorted(key for key in self._objects if key.startswith(where["Prefix"]))
        return [{"Contents": [{"Key": key, "Size": len(self._objects[key])} for key in listed]}]

    def get_object(self, **where: str) -> dict[str, Any]:
        return {"Body": _Body(self._objects[where["Key"]])}


class _Body:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def iter_chunks(self, _size: int) -> list[bytes]:
        return [self._content]

    def close(self) -> None:
        """Does nothing."""


@pytest.mark.parametrize(
    ("keys", "named", "said"),
    [
        (["in/a", "in/a/b"], "s3://b/in/a/b", "another object has the name of its folder"),
        (["in//a"], "s3://b/in//a", "empty segment"),
        (["in/a/../b"], "s3://b/in/a/../b", "'..'"),
        (["in/./b"], "s3://b/in/./b", "'.'"),
        (["in/" + "x" * 256], "s3://b/in/xxx", "too long for a file"),
    ],
)
def test_objects_that_cannot_be_files_are_refused_by_name(
    tmp_path: Path, keys: list[str], named: str, said: str
) -> None:
    storage = Storage(lambda: _Store(*keys))
    with pytest.raises(JobError) as caught:
        storage.download(storage.find("s3://b/in/"), tmp_path / "input")
    assert named in str(caught.value)
    assert said in str(caught.value)


def test_a_folders_marker_is_no_object_unless_it_holds_something(tmp_path: Path) -> None:
    storage = Storage(lambda: _Store("in/", "in/a", sizes={"in/": 0}))
    assert [found.key for found in storage.find("s3://b/in/")] == ["in/a"]
    full = Storage(lambda: _Store("in/a", "in/b/"))
    with pytest.raises(JobError, match="in/b/"):
        full.download(full.find("s3://b/in/"), tmp_path)


def test_names_that_are_one_file_are_refused(tmp_path: Path) -> None:
    """As on a file system that does not tell capitals apart; here by decompression."""
    found = [S3Object("b", "x", "x"), S3Object("b", "y", "x")]
    with pytest.raises(JobError, match="'s3://b/x' and 's3://b/y' would be one file"):
        Storage(lambda: _Store("x", "y")).download(found, tmp_path)


@given(st.text("ab\n*?.", max_size=8), st.text("ab\n*?.", max_size=8), st.booleans())
def test_a_policys_wildcards_stand_for_any_characters(text: str, pattern: str, ignore_case: bool) -> None:
    """Against the definition: ``?`` is one character, ``*`` any number of them."""

    def matches(at: int, of: int) -> bool:
        if of == len(pattern):
            return at == len(text)
        if pattern[of] == "*":
            return any(matches(after, of + 1) for after in range(at, len(text) + 1))
        return at < len(text) and pattern[of] in {"?", text[at]} and matches(at + 1, of + 1)

    assert (policy_pattern(pattern, ignore_case).match(text) is not None) == matches(0, 0)


_COPY = """
    import os, shutil
    ml = "/opt/ml/processing"
    for name in ("listed", "named"):
        shutil.copytree(f"{ml}/input/{name}", f"{ml}/output/{name}", dirs_exist_ok=True)
"""


@pytest.mark.local
def test_odd_keys_come_to_a_job_and_back(bench: Bench) -> None:
    request = processing("carry.py")
    named = s3_input("named", S3DataType="ManifestFile", S3Uri="s3://${Bucket}/in/manifest.json")
    request["ProcessingInputs"] += [
        {**found, "InputName": f"from-{at}"} for at, found in enumerate([s3_input("listed"), named])
    ]
    request["ProcessingOutputConfig"] = {"Outputs": [s3_output("listed"), s3_output("named")]}
    deployment = bench.deploy(Workflow(machine(Copy=task("Processing", request))), code__carry_py=_COPY)
    s3, bucket = bench.aws.client("s3"), deployment.physical_ids["Data"]
    for key in _ODD:
        s3.put_object(Bucket=bucket, Key=f"in/listed/{key}", Body=key.encode())
    manifest = json.dumps([{"prefix": f"s3://{bucket}/in/listed/"}, *_ODD])
    s3.put_object(Bucket=bucket, Key="in/manifest.json", Body=manifest.encode())
    execution = deployment.start({}).wait(60)
    assert execution.status == "SUCCEEDED", execution.cause
    for name in ("listed", "named"):
        assert bench.objects(deployment, f"out/{name}/") == {f"out/{name}/{key}": key.encode() for key in _ODD}


@pytest.mark.local
@pytest.mark.parametrize("key", ["a//b", "a/../b", "folder/"])
def test_a_key_that_no_file_can_have_fails_the_job_by_name(bench: Bench, key: str) -> None:
    request = processing("carry.py")
    request["ProcessingInputs"].append(s3_input("rows"))
    deployment = bench.deploy(Workflow(machine(Copy=task("Processing", request))), code__carry_py="")
    bucket = deployment.physical_ids["Data"]
    bench.aws.client("s3").put_object(Bucket=bucket, Key=f"in/rows/{key}", Body=b"content")
    execution = deployment.start({}).wait(60)
    assert execution.status == "FAILED"
    reason = json.loads(execution.cause or "")["FailureReason"]
    assert reason.startswith("ClientError: no file can have the name of the object")
    assert f"s3://{bucket}/in/rows/{key}" in reason
