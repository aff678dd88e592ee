"""Files of users as data: with limits, and one line that says what is wrong with them, and where."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

from constructs_ml.documents import files
from constructs_ml.documents.files import read_object, read_text, write_text
from constructs_ml.documents.json_text import DEEPEST, InvalidTextError, parse_json
from constructs_ml.documents.node import Node
from constructs_ml.errors import UnreadableFileError, UnusableInputError

if TYPE_CHECKING:
    from pathlib import Path


def test_the_deepest_document_is_read() -> None:
    assert parse_json("[" * DEEPEST + "]" * DEEPEST)
    with pytest.raises(InvalidTextError, match="nested too deeply"):
        parse_json("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1))


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ('{\n"a": 1,\n"b": NaN}', 3, "NaN is not a JSON number"),
        ('{"NaN": 1,\n"b": NaN}', 2, "NaN is not a JSON number"),
        (f'{{\n"a": {"9" * 309}}}', 2, "a number of 309 digits"),
        ('{\n\n"a": -1e999}', 3, "beyond the range of a double"),
        ('{\n"a" 1}', 2, "Expecting ':' delimiter"),
    ],
)
def test_the_line_is_told(text: str, line: int, problem: str) -> None:
    with pytest.raises(InvalidTextError, match=problem) as caught:
        parse_json(text)
    assert caught.value.line == line


def test_numbers_that_doubles_can_be_are_read() -> None:
    assert parse_json(f"[{'9' * 308}, 1e308, -1e-400]") == [int("9" * 308), 1e308, 0.0]


def test_whole_pairs_are_characters() -> None:
    assert parse_json('"\\ud83d\\ude00"') == "\U0001f600"
    with pytest.raises(InvalidTextError, match="half of a surrogate pair"):
        parse_json('[["\\ude00"]]')
    with pytest.raises(InvalidTextError, match="half of a surrogate pair"):
        parse_json('[{"\\ud83d": 1}]')


def test_what_comes_through_a_pipe_is_read(tmp_path: Path) -> None:
    """As ``check <(jq .definition file)`` gives it."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=("{}" + " " * 300_000,))
    writer.start()
    assert read_object(pipe).value == {}
    writer.join()


def test_a_pipe_without_an_end_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_PATIENCE", 0.05)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    opened = os.open(pipe, os.O_RDWR)
    os.write(opened, b"{")
    with pytest.raises(UnreadableFileError, match="is a pipe that was not closed within"):
        read_text(pipe)
    os.close(opened)


def test_a_file_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_BYTES", 1024 * 1024)
    (tmp_path / "large").write_bytes(b" " * (1024 * 1024 + 1))
    with pytest.raises(UnreadableFileError, match="is larger than 1 MB"):
        read_text(tmp_path / "large")


def test_a_byte_order_mark_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"a": 1}', encoding="utf-8-sig")
    assert read_object(tmp_path / "a.json").value == {"a": 1}


def test_nobody_is_waited_for_who_might_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for place in (tmp_path / "pipe", tmp_path, tmp_path / "no" / "file", tmp_path / ("n" * 300), tmp_path / "a\0b"):
        with pytest.raises(UnusableInputError, match="cannot be written"):
            write_text(place, "report")
    write_text(tmp_path / "file", "half \ud800 pair")
    assert (tmp_path / "file").read_text() == "half \\ud800 pair"


def test_members_are_told_with_their_places(tmp_path: Path) -> None:
    root = Node({"a": {"b": [{"c": 1}]}, "long": "x" * 1000}, tmp_path / "f.json")
    with pytest.raises(UnreadableFileError, match=r"f\.json: a\.b\[0\]\.c must be a string, got 1$"):
        root["a"]["b"].items()[0]["c"].text()
    with pytest.raises(UnreadableFileError, match=r"a\.b must be an object, got \[.*\]$"):
        root["a"]["b"].object()
    with pytest.raises(UnreadableFileError, match=r"a must be a list, got"):
        root["a"].items()
    with pytest.raises(UnreadableFileError, match=r"nothing must be a string, got null$"):
        root["nothing"].text()
    with pytest.raises(UnreadableFileError) as caught:
        root["long"].object()
    assert len(str(caught.value)) < 200 + len(str(tmp_path))
    assert (root["nothing"].text("x"), root["nothing"].items(), root["nothing"].members()) == ("x", [], {})
