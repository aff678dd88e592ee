"""Typed inputs of every type and bound, and inputs for them that are drawn: right ones, wrong ones and nearly right ones."""

from __future__ import annotations

import random
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, Len, Lt, MaxLen, MinLen

import constructs_ml as ml

if TYPE_CHECKING:
    from collections.abc import Iterator


class Code(Enum):
    """Numbers to choose from."""

    ONE = 1
    TWO = 2


class Inputs(ml.ExecutionInput):
    """A field of each type, with each bound."""

    day: Annotated[str, Len(2, 10)]
    rows: ml.S3Uri
    true: str = 'it\'s "so"'
    depth: Annotated[int, Ge(1), Le(32)] = 6
    rate: Annotated[float, Gt(0), Lt(1)] = 0.5
    dry: bool = False
    size: Literal["s", "m", "it's"] = "s"
    code: Code = Code.ONE
    countries: Annotated[list[Annotated[str, MinLen(2)]], MaxLen(3)] = []  # noqa: RUF012 - the default of a field
    codes: list[Code] = [1]  # type: ignore[list-item]  # noqa: RUF012 - as JSON has them
    nested: list[list[int]] = [[1], []]  # noqa: RUF012
    weights: dict[str, Annotated[float, Ge(0)]] = {"a": 1}  # noqa: RUF012
    anything: dict[str, Any] = {"a": [None]}  # noqa: RUF012


_SCALARS = (
    *(None, True, False, 0, 1, 2, -1, 6.5, 1.0, 32, 33, 0.5, 1e20, "", "s", "m", "it's", 'a "b"', "at", "d"),
    *("s3://bucket/rows/", "s3://bucket", "s3://Bad/x", "s3://b/", "http://x", "é🙂", "x" * 150, "a\\b", "2026-01-31"),
)


def drawn_inputs() -> Iterator[Any]:
    """Yield inputs: each scalar and list alone, too."""
    draw = random.Random(15)  # noqa: S311 - no secret

    def value(depth: int = 0) -> Any:
        kind = draw.random()
        if depth < 3 and kind < 0.25:
            return [value(depth + 1) for _ in range(draw.randrange(4))]
        if depth < 3 and kind < 0.4:
            return {name: value(depth + 1) for name in draw.sample("abc", draw.randrange(3))}
        return draw.choice(_SCALARS)

    good = {"day": "2026-01-31", "rows": "s3://bucket/rows/"}
    yield from (good, {}, [], [good], *_SCALARS)
    names = [*(field.name for field in Inputs.shape.fields), "other", "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"]
    for _ in range(350):
        yield {**good, **{name: value() for name in draw.sample(names, draw.randrange(4))}}
