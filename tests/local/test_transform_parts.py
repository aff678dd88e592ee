"""The parts of transform jobs that need no AWS."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.each import each

from constructs_ml.local.aws.faults import JobError
from constructs_ml.local.jobs.transform import serve
from constructs_ml.local.jobs.transform.batches import assembled, payloads
from constructs_ml.local.jobs.transform.job import data_of
from constructs_ml.local.jobs.transform.records import DataProcessing, select

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_RECORD = {"id": 1, "a b": 2, "features": [1, 2, 3], "deep": {"x": [{"y": 5}]}}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$", _RECORD),
        ("$.features", [1, 2, 3]),
        ("$['id','features']", {"id": 1, "features": [1, 2, 3]}),
        ('$["a b"]', 2),
        ("$.features[1:]", [2, 3]),
        ("$.features[:-1]", [1, 2]),
        ("$.features[0, -1]", [1, 3]),
        ("$.features[0]", 1),
        ("$.deep.x[0].y", 5),
        ("$.deep.*", [[{"y": 5}]]),
        ("$.features[*]", [1, 2, 3]),
    ],
)
def test_paths_select(path: str, found: Any) -> None:
    assert select(path, _RECORD) == found


@pytest.mark.parametrize("path", ["features", "$features", "$..id", "$.nothing", "$.features[9]", "$[?(@.x)]"])
def test_what_a_path_cannot_select_is_told(path: str) -> None:
    with pytest.raises(JobError):
        select(path, _RECORD)


def _request(kind: str = "text/csv", accept: str | None = None, **processing: str) -> dict[str, Any]:
    output = {"Accept": accept} if accept else {}
    return {"TransformInput": {"ContentType": kind}, "TransformOutput": output, "DataProcessing": processing}


@pytest.mark.parametrize(
    ("kind", "processing", "payload", "sent", "answer", "kept"),
    [
        ("text/csv", {"InputFilter": "$[1:]"}, "a,1,2", "1,2\n", "9", "9"),
        ("text/csv", {"InputFilter": "$[0,-1]"}, '"x,y",1,2', '"x,y",2\n', "9", "9"),
        ("text/csv", {"JoinSource": "Input"}, "a,1\nb,2", "a,1\nb,2", "8\n9", "a,1,8\nb,2,9\n"),
        ("text/csv", {"OutputFilter": "$[0]"}, "a", "a", "8,7\n9,6", "8\n9\n"),
        (
            "application/json",
            {"InputFilter": "$.f", "JoinSource": "Input"},
            '{"f": [1]}',
            "[1]",
            '{"p": 2}',
            '{"f":[1],"SageMakerOutput":{"p":2}}',
        ),
        (
            "application/json; charset=utf-8",
            {"JoinSource": "Input"},
            "[1]",
            "[1]",
            "[2]",
            '{"SageMakerInput":[1],"SageMakerOutput":[2]}',
        ),
    ],
)
def test_records_are_filtered_and_joined(  # noqa: PLR0917 - pytest passes them by name
    kind: str, processing: dict[str, str], payload: str, sent: str, answer: str, kept: str
) -> None:
    found = DataProcessing.of(_request(kind, **processing))
    assert found.sent(payload.encode()).decode() == sent
    assert found.kept(payload.encode(), answer.encode()).decode() == kept


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda: DataProcessing.of(_request(accept="application/json", JoinSource="Input")), "needs one type for both"),
        (lambda: DataProcessing.of(_request(JoinSource="Input")).kept(b"1\n2", b"1"), "gave 1 records for 2"),
        (lambda: DataProcessing.of(_request("image/png", InputFilter="$[0]")).sent(b""), "filters and joins text/csv"),
        (lambda: DataProcessing.of(_request("application/json", InputFilter="$.a")).sent(b"{"), "a record is not"),
    ],
)
def test_what_cannot_be_processed_is_told(act: Callable[[], object], said: str) -> None:
    with pytest.raises(JobError, match=said):
        act()


@given(st.lists(st.text("abc,1", min_size=1)), st.sampled_from(["SingleRecord", "MultiRecord"]))
def test_lines_come_through_batches_unchanged(lines: list[str], strategy: str) -> None:
    content = "\n".join(lines).encode()
    cut = list(payloads([content], split="Line", strategy=strategy, megabytes=6))
    expected = "".join(f"{line}\n" for line in lines).encode()
    assert (b"".join(assembled(cut, "Line")) if cut else b"") == expected
    if strategy == "SingleRecord":
        assert len(cut) == len(lines)


@given(
    st.binary().map(lambda found: found.translate(bytes(b"a\r\nb"[code % 4] for code in range(256)))), st.integers(1, 5)
)
def test_lines_are_the_same_however_they_arrive(content: bytes, size: int) -> None:
    chunks = [content[start : start + size] for start in range(0, len(content), size)]
    cut = list(payloads(chunks, split="Line", strategy="SingleRecord", megabytes=6))
    assert cut == [line for line in content.splitlines() if line.strip()]


def test_a_line_without_end_is_refused_before_it_is_held() -> None:
    read = []

    def content() -> Iterator[bytes]:
        for number in range(1000):
            read.append(number)
            yield bytes(1 << 19)

    with pytest.raises(JobError, match="is more than MaxPayloadInMB=2"):
        list(payloads(content(), split="Line", strategy="MultiRecord", megabytes=2))
    assert len(read) == 5


def test_payloads_are_as_large_as_they_may_be() -> None:
    line = b"x" * (400 * 1024)
    cut = list(payloads([b"\n".join([line] * 5)], split="Line", strategy="MultiRecord", megabytes=1))
    assert [len(payload.splitlines()) for payload in cut] == [2, 2, 1]
    assert len(list(payloads([b"\n".join([line] * 5)], split="Line", strategy="MultiRecord", megabytes=0))) == 1
    with pytest.raises(JobError, match="is more than MaxPayloadInMB=1"):
        list(payloads([line * 3], split="None", strategy="MultiRecord", megabytes=1))


def test_where_the_data_of_a_container_lies() -> None:
    assert data_of({"ModelDataUrl": "s3://b/m.tar.gz"}) == ("s3://b/m.tar.gz", True)
    source = {"S3Uri": "s3://b/m/", "S3DataType": "S3Prefix", "CompressionType": "None"}
    assert data_of({"ModelDataSource": {"S3DataSource": source}}) == ("s3://b/m/", False)
    assert data_of({}) == ("", True)


class _Model:
    def predict(self, rows: Any) -> Any:
        return rows * 2


def _script(**functions: Any) -> ModuleType:
    module = ModuleType("script")
    module.__file__ = "script.py"
    functions.setdefault("model_fn", lambda _directory: _Model())
    for name, function in functions.items():
        setattr(module, name, function)
    return module


@pytest.mark.parametrize(
    ("body", "kind", "accept", "answer", "answered"),
    [
        (b"1,2\n3,4\n", "text/csv", "text/csv", b"2,4\n6,8\n", "text/csv"),
        (b"1,2\n", "text/csv", "application/json", b"[2, 4]", "application/json"),
        (b"[[1, 2.5]]", "application/json", "text/html, text/csv", b"2.0,5.0\n", "text/csv"),
    ],
)
def test_the_default_handlers(body: bytes, kind: str, accept: str, answer: bytes, answered: str) -> None:
    """Those of SageMaker's toolkit; of one row of CSV it makes no table."""
    assert serve.Handlers(_script(), "/model").answer(body, kind, accept) == (answer, answered)


def test_the_default_handlers_need_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    """As lists a script's rows would be other than in a container."""
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(ImportError, match=r"the default input_fn needs numpy, .*pip install numpy, or write one"):
        serve.Handlers(_script(), "/model").answer(b"1,2", "text/csv", "text/csv")


@pytest.mark.parametrize(
    ("kind", "seen"),
    [
        ("text/csv", str),
        ("application/json", str),
        ("text/plain", bytes),
        ("text/csv; charset=utf-8", bytes),
        (None, bytes),
    ],
)
def test_two_types_are_texts(kind: str | None, seen: type) -> None:
    script = _script(input_fn=lambda body, _kind: type(body).__name__, predict_fn=lambda data, _model: data)
    assert serve.Handlers(script, "/model").answer(b"1", kind, "application/json")[0] == f'"{seen.__name__}"'.encode()


def test_functions_may_take_the_context() -> None:
    script = _script(
        model_fn=lambda directory, context: (directory, context.system_properties["gpu_id"]),
        transform_fn=lambda model, _body, _kind, _accept, context: json.dumps([*model, len(context.system_properties)]),
    )
    assert serve.Handlers(script, "/model").answer(b"", "text/csv", "x/y") == (b'["/model", null, 3]', "x/y")
    with pytest.raises(TypeError, match="takes 3 arguments, and gets 1"):
        serve.Handlers(_script(model_fn=lambda _directory, _context, _more: None), "/model")


def test_what_is_accepted_may_be_left_to_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [serve.accepted(given) for given in (None, "", "*/*", "x/y")] == [*["application/json"] * 3, "x/y"]
    monkeypatch.setenv("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "text/csv")
    assert serve.accepted(None) == "text/csv"


def test_transform_fn_stands_alone() -> None:
    script = _script(transform_fn=lambda *_: b"", output_fn=lambda *_: b"")
    with pytest.raises(ValueError, match="has transform_fn and output_fn; containers take transform_fn alone"):
        serve.Handlers(script, "/model")


def test_a_scripts_own_handlers_are_used() -> None:
    script = _script(
        input_fn=lambda body, kind: (body, kind),
        predict_fn=lambda data, _model: data,
        output_fn=lambda prediction, accept: (json.dumps([*prediction, accept]), "x/y"),
    )
    found, kind = serve.Handlers(script, "/model").answer(b"body", "text/csv", "text/plain")
    assert (json.loads(found), kind) == (["body", "text/csv", "text/plain"], "x/y")
    whole = _script(transform_fn=lambda _model, body, _kind, _accept: body)
    assert serve.Handlers(whole, "/model").answer(b"\x00", "image/png", "x/y") == (b"\x00", "x/y")


def test_a_type_that_has_no_default_handler_names_input_fn() -> None:
    with pytest.raises(ValueError, match="write an input_fn"):
        serve.Handlers(_script(), "/model").answer(b"", "image/png", "text/csv")


def test_serving_needs_the_standard_library_only() -> None:
    """The program runs where the user's script does, which need not have this library."""
    tree = ast.parse(Path(serve.__file__).read_text(encoding="utf-8"))
    imported = {node.module or "" for node in tree.body if isinstance(node, ast.ImportFrom)}
    imported |= {name.name for node in tree.body if isinstance(node, ast.Import) for name in node.names}
    assert {name.partition(".")[0] for name in each(imported)} <= {*sys.stdlib_module_names, "__future__"}
