"""The page about a run: everything in it is data, it needs nothing else, and it has all that a reader looks for."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from support.large_definition import large_definition
from support.run_records import failure, large, many, refused, success

from constructs_ml.asl.definition import read_definition
from constructs_ml.errors import UnusableInputError
from constructs_ml.insight.report.kept import kept_record
from constructs_ml.insight.report.page import page_of
from constructs_ml.run_record import Log, RunRecord, Visit, read_record

if TYPE_CHECKING:
    from pathlib import Path


class Page(HTMLParser):
    """A page as a browser reads it: its elements, and the text in each kind of them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self._in = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._in = tag

    def handle_endtag(self, tag: str) -> None:
        self._in = "" if tag in {"script", "style"} else self._in

    def handle_data(self, data: str) -> None:
        kinds = {"script": self.scripts, "style": self.styles}
        kinds.get(self._in, self.texts).append(data)

    @property
    def text(self) -> str:
        return "".join(self.texts)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    made = {"success": success(), "failure": failure(), "many": many(), "refused": refused()}
    return {name: page_of(record) for name, record in made.items()}


def test_a_log_is_data(pages: dict[str, str]) -> None:
    """No tag of it is one of the page, no colour or control character is left, and half a character breaks nothing."""
    page = Page(pages["failure"])
    assert [each.get("id") for each in page.all("script")] == ["record", None]
    assert "<script>alert(1)</script> </script>" in page.text
    assert "red link \\x07" in page.text
    assert "\x1b" not in pages["failure"]
    assert "\u202e" not in pages["failure"]
    assert "[31m" not in page.text
    pages["failure"].encode()


def test_everything_of_a_record_is_escaped() -> None:
    """Each text of a record is replaced by markup: the page has the same elements, and one handler of events nowhere."""
    evil = '"><img src=x onerror=alert(1)><script>alert(2)</script>'

    def hostile(record: RunRecord) -> RunRecord:
        text = record.dumps()
        names = {"Census", "Evaluate", "Prepare", "FileNotFoundError", "s3://bucket/rows/", "OnCompleted", "JobRole"}
        for name in names:
            text = text.replace(name, name + evil.replace('"', '\\"'))
        return read_record(text, "hostile")

    for record in (success(), failure(), refused()):
        plain, marked = Page(page_of(record)), Page(page_of(hostile(record)))
        assert {tag for tag, _ in marked.elements} == {tag for tag, _ in plain.elements}
        assert len(marked.all("script")) == 2
        assert [name for _, found in marked.elements for name in found if name.startswith("on")] == []


def test_a_page_needs_nothing_else(pages: dict[str, str]) -> None:
    """No address leads out of it, and its policy allows its own style and script, by their hashes, and nothing else."""
    for text in pages.values():
        page = Page(text)
        addresses = [found[name] or "" for _, found in page.elements for name in ("src", "href") if name in found]
        assert [each for each in addresses if not each.startswith(("#", "data:,"))] == []
        (policy,) = (found["content"] for found in page.all("meta") if "http-equiv" in found)
        hashes = re.findall(r"'sha256-([^']+)'", policy or "")
        sources = ["".join(page.styles), page.scripts[-1]]
        assert hashes == [base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in sources]
        assert (policy or "").startswith("default-src 'none'; img-src data:;")
        assert [tag for tag, found in page.elements if "style" in found] == []


def test_ids_are_unique_and_lead_somewhere(pages: dict[str, str]) -> None:
    for text in pages.values():
        page = Page(text)
        ids = [found["id"] for _, found in page.elements if "id" in found]
        assert len(ids) == len(set(ids))
        targets = [(found["href"] or "")[1:] for found in page.all("a")]
        assert [target for target in targets if target not in ids] == []


def test_the_failed_state_comes_first(pages: dict[str, str]) -> None:
    """The reason stands at the top with a way to the state; its panel has the traceback before the log, and all of that."""
    page = Page(pages["failure"])
    assert "Show Evaluate" in page.text
    assert page.text.index("Traceback (most recent call last)") < page.text.index("Earlier lines")
    assert "365 of 405" in page.text
    assert all(f"line {at}\n" in page.text for at in range(400))
    (node,) = (found for found in page.all("g") if found.get("data-state") == "Evaluate")
    assert "cml-is-failed" in (node["class"] or "")
    assert "failed after 1.10 s" in (node["aria-label"] or "")


def test_a_failure_that_a_catch_ends_begins_at_the_job() -> None:
    """The state that failed has the log, not the Fail that its Catch leads to."""
    record = failure()
    states = {
        **record.definition["States"],
        "Told": {"Type": "Fail", "Error": "Told", "Cause": "a job failed"},
    }
    states["Evaluate"] = {**states["Evaluate"], "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Told"}]}
    last = record.visits[-1]
    assert last.state == "Evaluate"
    told = Visit(last.id + 1, "Told", "failed", last.end, last.end)
    caught = [*record.visits[:-1], replace(last, status="caught"), told]
    page = Page(page_of(replace(record, definition={**record.definition, "States": states}, visits=caught)))
    assert "Show Evaluate" in page.text


def test_what_a_successful_run_did(pages: dict[str, str]) -> None:
    text = Page(pages["success"]).text
    for part in (
        "succeeded after 2.50 s, 2 attempts",
        "1 failure that the workflow got over",
        "s3://bucket/rows/",
        "kept/Prepare/rows",
        "30 values, 0.03333 to 1",
        "rows: 120",
        "sqs: Results by rule OnCompleted",
        "nobody",
        "1 used, 2 never used, 1 refused",
        "s3:DeleteObject on arn:aws:s3:::bucket/rows/a.csv",
        "endpoint census is not served",
        "first run: no earlier marker",
        "CML306 Prepare: retries States.ALL",
        "1 of 3 granted actions were used, 1 refused",
    ):
        assert part in text, part


def test_a_map_of_200_is_folded(pages: dict[str, str]) -> None:
    """A summary stands for all iterations; those that failed and the slowest have rows and details of their own."""
    page = Page(pages["many"])
    rows = [found for found in page.all("a") if "row" in (found.get("class") or "").split()]
    assert len(rows) == 8  # the Map, its summary, three that failed, and three of the slowest
    for part in ("200 iterations", "3 failed, median 0.80 s, slowest 5.00 s", "iteration 99", "194 other visits"):
        assert part in page.text, part
    assert len(pages["many"]) < 300_000


def test_a_run_that_was_refused_says_why(pages: dict[str, str]) -> None:
    text = Page(pages["refused"]).text
    for part in ("was refused: nothing was executed", 'got "deep"', "No state ran.", "3 not run", "was not run"):
        assert part in text, part


def test_a_definition_that_cannot_be_drawn_has_a_list() -> None:
    """Without a definition the page has the states that ran, each with its panel."""
    page = Page(page_of(replace(failure(), definition={})))
    assert "It cannot be drawn" in page.text
    assert "Traceback" in page.text
    links = [found for found in page.all("a") if found.get("data-state") == "x1"]
    assert links


def test_a_page_has_its_record(tmp_path: Path) -> None:
    """The page is made again, byte by byte, from the record in it."""
    record = read_record(success().dumps(), "record.json")
    file = tmp_path / "run.html"
    file.write_text(page_of(record), encoding="utf-8")
    assert kept_record(file) == record
    assert page_of(kept_record(file)) == file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text[:100], "has no record of a run"),
        (lambda text: text.replace('id="record">', 'id="record">AAAA'), "its record is damaged"),
        (lambda text: re.sub(r'(id="record">.{40})[^<]*', r"\1", text), "its record is incomplete"),
    ],
)
def test_a_page_without_a_sound_record_is_refused(
    pages: dict[str, str], tmp_path: Path, change: object, said: str
) -> None:
    file = tmp_path / "run.html"
    file.write_text(change(pages["refused"]), encoding="utf-8")  # type: ignore[operator]
    with pytest.raises(UnusableInputError, match=said):
        kept_record(file)


def test_300_states_have_less_than_5_mb() -> None:
    """With as much data, log and request as a recorder keeps."""
    definition = large_definition(300)
    record = large(definition, [state.name for state in read_definition(definition).walk()])
    assert len(record.dumps()) > 2_000_000
    assert len(page_of(record).encode()) < 5_000_000


def test_lines_that_were_not_kept_are_told() -> None:
    record = failure()
    job = replace(record.jobs[1], log=Log(9000, "first", "\n".join(f"last {at}" for at in range(50)), 8949))
    text = Page(page_of(replace(record, jobs=[job]))).text
    assert "11 of 9000, 8949 left out" in text
    assert "… 8949 lines are left out …" in text
