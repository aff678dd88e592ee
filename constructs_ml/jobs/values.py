"""From what users write (texts, tokens, JsonPath, JSONata) to the runtime values of the pure core."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from aws_cdk import Token
from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.asl.expressions import Format, Path, Runtime, join, parse_jsonata
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

    Raises:
        ValueError: If no name is given, or one has a quote or a backslash in it.
    """
    return sfn.JsonPath.string_at(_execution_input(*names).jsonpath)


def to_core(value: Any) -> Any:  # noqa: ANN401 - a request is JSON
    """Replaces JsonPath tokens and JSONata by runtime values; leaves CloudFormation's tokens as they are."""
    _learn(value)
    return _replace(value)


def text_to_core(value: str) -> str | Runtime:
    """The same for one text, in which tokens may be parts."""
    result: str | Runtime = to_core(value)
    return result


def mixed_lists(value: Any, path: str = "") -> Iterator[str]:  # noqa: ANN401 - a request is JSON
    """The paths of lists in which a list that is known only later is one item: no language can say that."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from mixed_lists(item, f"{path}.{key}" if path else key)
    elif isinstance(value, (list, tuple)):
        if len(value) > 1 and any(isinstance(item, str) and item.startswith("#{Token[") for item in value):
            yield path
        for at, item in enumerate(value):
            yield from mixed_lists(item, f"{path}[{at}]")


def number_to_text(value: Any) -> Any:  # noqa: ANN401 - whatever was passed for a text
    """A number that is known only later as a text; anything else as it is."""
    if not isinstance(value, float) or value >= _NUMBER_TOKEN:
        return value
    number = to_core(value)
    return Format((number,)) if isinstance(number, Path) else Token.as_string(value)


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
        return {*_STRING_TOKEN.findall(value), *_LIST_TOKEN.findall(value)} if "{Token[" in value else set()
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
    if "{%" not in text:
        return _replace_tokens(text)
    parsed = parse_jsonata(text)
    parts = parsed.parts if isinstance(parsed, Format) else (parsed,)
    return join(*(_replace_tokens(part) if isinstance(part, str) else part for part in parts))


def _replace_tokens(text: str) -> str | Runtime:
    if "${Token[" not in text:
        return text
    parts: list[str | Runtime] = []
    at = 0
    for match in _STRING_TOKEN.finditer(text):
        path = _paths[match[0]]
        parts += [text[at : match.start()], match[0] if path is None else Path(path)]
        at = match.end()
    return join(*parts, text[at:])
