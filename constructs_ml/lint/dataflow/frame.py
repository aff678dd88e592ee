"""What is known where a state begins."""

from __future__ import annotations

from dataclasses import dataclass

from constructs_ml.lint.dataflow.shape import ANYTHING, EMPTY, OPEN, Lacks, Shape, join


@dataclass(frozen=True, slots=True, order=True)
class Way:
    """The last thing that was decided on the way to a state.

    Attributes:
        caught: Whether it was an error that was caught.
        label: What it was, for messages: ``Catch[0] of Train``; empty if nothing was.
    """

    caught: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """What is known where a state begins.

    Attributes:
        input: Its input.
        variables: The variables that it sees.
        way: The last decision on the way.
        item: The item of the innermost Map around it; None if there is none.
    """

    input: Shape
    variables: Shape = EMPTY
    way: Way = Way()
    item: Shape | None = None

    def joined(self, other: Frame) -> Frame:
        """What is known where two ways meet."""
        # An input that has to be given anew is lacking for certain only if an error led past what makes it: a loop, or
        # what a Choice leaves out, may count on the input of the execution.
        lacks = Lacks(self.way.label, other.way.label, self.way.caught, other.way.caught)
        return Frame(
            join(self.input, other.input, lacks),
            join(self.variables, other.variables, lacks),
            min(self.way, other.way),
            self.item if self.item is None or other.item is None else join(self.item, other.item, lacks),
        )

    def unknown(self) -> Frame:
        """The same if nothing is known of any value."""
        return Frame(ANYTHING, OPEN, self.way, None if self.item is None else ANYTHING)
