"""What is added to MiniStack: variables in JSONPath, brackets in a ResultPath, the context of distributed iterations."""

from __future__ import annotations

from typing import Any

import pytest

from constructs_ml.local.variables import context_of_child, put_result, resolve_path, resolve_template


def follow(path: str, data: Any) -> Any:
    """MiniStack's own way to follow a path, as far as these tests go."""
    for name in path.removeprefix("$").split(".")[1:]:
        data = data[name]
    return data


def fill(template: dict[str, str], data: Any, _context: Any) -> Any:
    return {key: resolve_path(follow, path, data) for key, path in template.items()}


def test_a_path_may_start_at_a_variable() -> None:
    context = {"variables": {"order": {"number": 7}, "plain": "x"}}
    template = {"a": "$order.number", "b": "$plain", "c": "$.mine"}
    assert resolve_template(fill, template, {"mine": 1}, context) == {"a": 7, "b": "x", "c": 1}


def test_a_variable_is_seen_only_while_its_template_is_filled_in() -> None:
    resolve_template(fill, {"a": "$seen"}, {}, {"variables": {"seen": 1}})
    assert resolve_path(follow, "$seen", {}) is None


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$['Create Model']", {"kept": 1, "Create Model": "r"}),
        ("$.a['b c'].d", {"kept": 1, "a": {"b c": {"d": "r"}}}),
        ("$['kept']", {"kept": "r"}),
    ],
)
def test_a_result_is_put_under_a_name_in_brackets(path: str, expected: Any) -> None:
    data = {"kept": 1}
    assert put_result(lambda *_: "MiniStack's", path, data, "r") == expected
    assert data == {"kept": 1}


@pytest.mark.parametrize("path", [None, "$", "$.plain"])
def test_other_result_paths_are_left_to_ministack(path: str | None) -> None:
    assert put_result(lambda *given: given, path, {}, "r") == (path, {}, "r")


def test_an_iteration_of_a_distributed_map_has_its_own_name_and_no_variables_of_outside() -> None:
    context = {"Execution": {"Id": "arn", "Name": "parent"}, "variables": {"outer": 1}}
    child = {"mapRunArn": "run", "name": "child"}
    seen = context_of_child(context, child, {"item": 1})
    assert seen == {"Execution": {"Id": "arn", "Name": "child", "Input": {"item": 1}}, "variables": {}}
    inner = {**seen, "variables": {"drawn": 2}}
    assert context_of_child(inner, child, {"other": 1}) == inner
    assert context_of_child(context, {"name": "parent"}, {}) == context
