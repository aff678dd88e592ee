"""Small expressions of JSONata, put together from texts and runtime values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.asl.literals import jsonata_text

if TYPE_CHECKING:
    from constructs_ml.asl.expressions import Runtime


def braced(expression: str) -> str:
    """An expression as ASL writes it."""
    return f"{{% {expression} %}}"


def operand(value: str | Runtime) -> str:
    """A text or a runtime value as a part of an expression.

    Raises:
        ValueError: If JSONata cannot say it.
    """
    return jsonata_text(value) if isinstance(value, str) else value.jsonata


def one_of(value: str, texts: tuple[str, ...]) -> str:
    """Whether a value is one of some texts."""
    return f"{value} in [{', '.join(jsonata_text(text) for text in texts)}]"


def says(value: str, *texts: str) -> str:
    """Whether a value is there and has one of some texts in it."""
    tests = " or ".join(f"$contains({value}, {jsonata_text(text)})" for text in texts)
    return f"($exists({value}) and ({tests}))"


def because(value: str) -> str:
    """The end of a sentence that gives a reason, if there is one."""
    return f"($exists({value}) ? ': ' & {value} : '')"
