"""Metrics: an expression that takes for ever holds up neither the job nor the run."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from local_bench import Workflow, archive, machine, task, training

from constructs_ml.local.jobs import metrics
from constructs_ml.local.jobs.metrics import InvalidMetricError, MetricReader

if TYPE_CHECKING:
    from local_bench import Bench


def _reader(*expressions: str) -> tuple[MetricReader, list[str]]:
    troubles: list[str] = []
    definitions = [{"Name": f"m{number}", "Regex": found} for number, found in enumerate(expressions)]
    return MetricReader(definitions, troubles.append), troubles


@pytest.mark.stress
@pytest.mark.parametrize("expression", ["(a+)+$", "(a|aa)+$", "((a{1,200}){1,200}){1,200}b", r"(?:a|a?)+=(\d)"])
@pytest.mark.parametrize("line", ["a" * 44 + "!", "a" * 5000 + "!"])
def test_no_line_takes_longer_than_its_time(expression: str, line: str) -> None:
    reader, troubles = _reader(expression, "loss=(.*?);")
    began = time.monotonic()
    for _ in range(20):
        reader.read(f"{line} loss=0.5;")
    # 3 s of this process's time; several times that where others have the processors too.
    assert time.monotonic() - began < 30
    assert reader.final()[-1]["Value"] == 0.5
    assert troubles == [] or "the metric is read no more in this job" in troubles[-1]


def test_an_expression_that_takes_too_long_is_told_with_its_metric(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "_LINE_SECONDS", 0.1)
    monkeypatch.setattr(metrics, "_ALL_SLOW_SECONDS", 0.3)
    reader, troubles = _reader("(a|aa)+$", "loss=(.*?);")
    for _ in range(5):
        reader.read(f"loss=0.5; {'a' * 44}!")
    assert troubles[0].startswith("metric m0: its Regex '(a|aa)+$' took longer than 0.1 s for a line of 55 characters;")
    assert "the metric is read no more in this job" in troubles[-1]
    assert len(troubles) <= 4
    assert reader.final()[-1]["Value"] == 0.5


@settings(max_examples=50)
@given(st.from_regex(r"[a-z =;:.0-9]{0,30}", fullmatch=True))
def test_it_finds_what_pythons_own_finds(line: str) -> None:
    expressions = ["loss=(.*?);", "([0-9.]+)", "a|b", r"^(\d+):", "x=([0-9]*)"]
    reader, _ = _reader(*expressions)
    reader.read(line)
    wanted = {}
    for number, expression in enumerate(expressions):
        for found in re.finditer(expression, line):
            text = found.group(1) if found.re.groups else found.group()
            try:
                wanted[f"m{number}"] = float(text)
            except ValueError:
                continue
    assert {found["MetricName"]: found["Value"] for found in reader.final()} == wanted


def test_what_is_no_expression_is_refused() -> None:
    with pytest.raises(InvalidMetricError, match=r"'\(a' is not a regular expression: missing \)"):
        _reader("(a")


@pytest.mark.local
@pytest.mark.stress
def test_a_job_with_such_an_expression_ends(bench: Bench) -> None:
    request = training()
    request["AlgorithmSpecification"]["MetricDefinitions"] = [
        {"Name": "slow", "Regex": "(a|aa)+$"},
        {"Name": "loss", "Regex": "loss=(.*?);"},
    ]
    script = "for _ in range(10): print('a' * 44 + '!', 'loss=0.5;')"
    code = {"code__sourcedir.tar_gz": archive(train_py=script)}
    workflow = machine(Train=task("Training", request))
    began = time.monotonic()
    _, execution = bench.run(Workflow(workflow), train__x_csv="1", **code)
    assert execution.status == "SUCCEEDED", execution.cause
    assert time.monotonic() - began < 40
    assert execution.output["FinalMetricDataList"][0]["Value"] == 0.5
    assert any("metric slow: its Regex '(a|aa)+$' took longer than 1 s" in note for note in bench.notes)
