"""From what users write (texts, tokens, JsonPath, JSONata) to the runtime values of the pure core."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.asl.expressions import Path, Runtime, join
from constructs_ml.asl.expressions import execution_input as _execution_input

_STRING_TOKEN = re.compile(r"\$\{Token\[[^\]]*\]\}")
_LIST_TOKEN = re.compile(r"#\{Token\[[^\]]*\]\}")
# CDK encodes numbers that are known later as doubles below this bound.
_NUMBER_TOKEN = -1e280

_paths: dict[str | float, str | None] = {}
"""The JSONPath of each token seen, or None for a token of CloudFormation's. Tokens are unique in a process."""


def execution_input(*names: str) -> str:
    """A member of the execution's input, for any prop of a job or of aws-cdk-lib's own tasks.

    Args:
        names: The names that lead to the member: ``execution_input("Training", "Epochs")``.

    Returns:
        A token. Jobs in either query language take it, aws-cdk-lib's own tasks take it in JSONPath.
    """
    return sfn.JsonPath.string_at(_execution_input(*names).jsonpath)


def to_core(value: Any) -> Any:  # noqa: ANN401 - a request is JSON
    """Replaces the JsonPath tokens in a request by runtime values; leaves CloudFormation's tokens as they are."""
    _learn(value)
    return _replace(value)


def text_to_core(value: str) -> str | Runtime:
    """The same for one text, in which tokens may be parts."""
    result: str | Runtime = to_core(value)
    return result


def _learn(value: Any) -> None:  # noqa: ANN401
    unknown = {token for token in _tokens(value) if token not in _paths}
    if not unknown:
        return
    tokens = list(unknown)
    # A call to CDK costs about a millisecond, so all new tokens of a request go in one.
    rendered = sfn.FieldUtils.render_object({str(at): _for_cdk(token) for at, token in enumerate(tokens)}) or {}
    for at, token in enumerate(tokens):
        _paths[token] = rendered.get(f"{at}.$")


def _for_cdk(token: str | float) -> Any:  # noqa: ANN401
    return [token] if isinstance(token, str) and token.startswith("#") else token


def _tokens(value: Any) -> set[str | float]:  # noqa: ANN401
    if isinstance(value, str):
        return {*_STRING_TOKEN.findall(value), *_LIST_TOKEN.findall(value)}
    if isinstance(value, float):
        return {value} if value < _NUMBER_TOKEN else set()
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return set().union(*(_tokens(item) for item in value))
    return set()


def _replace(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, str):
        return _replace_text(value)
    if isinstance(value, float) and value < _NUMBER_TOKEN:
        path = _paths[value]
        return value if path is None else Path(path)
    if isinstance(value, Mapping):
        return {key: _replace(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        whole = _paths.get(value[0]) if len(value) == 1 and isinstance(value[0], str) else None
        if whole is not None and value[0].startswith("#"):
            return Path(whole)
        return [_replace(item) for item in value]
    return value


def _replace_text(text: str) -> str | Runtime:
    if "${Token[" not in text:
        return text
    parts: list[str | Runtime] = []
    at = 0
    for match in _STRING_TOKEN.finditer(text):
        path = _paths[match[0]]
        parts += [text[at : match.start()], match[0] if path is None else Path(path)]
        at = match.end()
    return join(*parts, text[at:])
