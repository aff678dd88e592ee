"""Expressions in JSONata for waiting with a deadline and few state transitions.

A loop of Wait, Task and Choice costs three transitions a round. Its waits grow with the time that has passed: each is half
of it, so that what takes an hour is asked for some fifteen times and its end is noticed at most half as late again.
"""

from __future__ import annotations

from dataclasses import dataclass

from constructs_ml.asl.expressions import Runtime, jsonata_name, jsonata_text


@dataclass(frozen=True, slots=True)
class Polling:
    """A loop that keeps what it knows under a name of the state's input.

    Attributes:
        name: The name.
        timeout: Seconds after which it gives up.
        shortest: Seconds of its first wait.
        longest: Seconds of its longest wait.
    """

    name: str
    timeout: int
    shortest: int
    longest: int

    @property
    def here(self) -> str:
        """What the loop knows."""
        return f"$states.input.{jsonata_name(self.name)}"

    @property
    def since(self) -> str:
        """When the loop began, in milliseconds."""
        return f"$exists({self.here}.Since) ? {self.here}.Since : $millis()"

    @property
    def _elapsed(self) -> str:
        return f"($millis() - {self.here}.Since) / 1000"

    @property
    def late(self) -> str:
        """Whether its time is over."""
        return f"{self._elapsed} >= {self.timeout}"

    @property
    def seconds(self) -> str:
        """How long to wait now: half of the time that has passed, and not beyond the deadline."""
        growing = f"$max([{self.shortest}, $min([{self.longest}, {self._elapsed} / 2])])"
        return f"$ceil($max([1, $min([{growing}, {self.timeout} - {self._elapsed}])]))"

    def keep(self, **known: str) -> str:
        """The input with what the loop knows now, as the output of a state."""
        members = ", ".join(f'"{name}": {expression}' for name, expression in known.items())
        return f'{{% $merge([$states.input, {{"{self.name}": {{{members}}}}}]) %}}'


def braced(expression: str) -> str:
    """An expression as ASL writes it."""
    return f"{{% {expression} %}}"


def one_of(value: str, texts: tuple[str, ...]) -> str:
    """Whether a value is one of some texts."""
    return f"{value} in [{', '.join(jsonata_text(text) for text in texts)}]"


def says(value: str, *texts: str) -> str:
    """Whether a value is there and has one of some texts in it."""
    tests = " or ".join(f"$contains({value}, {jsonata_text(text)})" for text in texts)
    return f"($exists({value}) and ({tests}))"


def operand(value: str | Runtime) -> str:
    """A text or a runtime value as a part of an expression.

    Raises:
        ValueError: If JSONata cannot say it.
    """
    return jsonata_text(value) if isinstance(value, str) else value.jsonata
