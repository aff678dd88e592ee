"""A state machine as a picture, in three formats."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constructs_ml.documents.files import write_text
from constructs_ml.errors import UnusableInputError
from constructs_ml.insight.graph.describing import description_of
from constructs_ml.insight.graph.layout.placing import layout_of
from constructs_ml.insight.graph.mermaid import mermaid_of
from constructs_ml.insight.graph.model import graph_of
from constructs_ml.insight.graph.page import page_of
from constructs_ml.insight.graph.source import machine_of
from constructs_ml.insight.graph.svg import svg_of

if TYPE_CHECKING:
    from constructs_ml.insight.graph.layout.placing import Layout
    from constructs_ml.insight.graph.model import Graph

FORMATS = {".svg": "svg", ".html": "html", ".htm": "html", ".mmd": "mermaid", ".mermaid": "mermaid"}
"""The formats by the endings of files."""


@dataclass(frozen=True)
class Picture:
    """A picture of a state machine.

    The same definition gives the same bytes. A notebook shows it by itself.

    Attributes:
        graph: The state machine as a graph.
    """

    graph: Graph

    @cached_property
    def svg(self) -> str:
        """The picture as SVG."""
        return svg_of(self.graph, self.layout)

    @cached_property
    def html(self) -> str:
        """The picture as a page that needs no other file: a click on a state shows its details."""
        return page_of(self.graph, self.layout)

    @cached_property
    def mermaid(self) -> str:
        """The picture as a flowchart of Mermaid, which lays it out by itself."""
        return mermaid_of(self.graph)

    @cached_property
    def layout(self) -> Layout:
        """The places of its boxes."""
        return layout_of(self.graph.region)

    @property
    def text(self) -> str:
        """The picture in words: a line for each state, with where it leads."""
        return description_of(self.graph)

    @property
    def problems(self) -> tuple[str, ...]:
        """The mistakes in the definition, such as a reference to a state that does not exist."""
        return self.graph.problems

    def as_format(self, name: str) -> str:
        """Return the picture in a format.

        Args:
            name: ``svg``, ``html`` or ``mermaid``.
        """
        return {"svg": lambda: self.svg, "html": lambda: self.html, "mermaid": lambda: self.mermaid}[name]()

    def save(self, path: str | Path) -> Path:
        """Write the picture to a file.

        Args:
            path: The file. Its ending says the format: ``.svg``, ``.html`` or ``.mmd``.

        Returns:
            The file.

        Raises:
            UnusableInputError: If the ending is another.
        """
        file = Path(path)
        form = FORMATS.get(file.suffix.lower())
        if form is None:
            raise UnusableInputError(f"{file} must end in {', '.join(FORMATS)}, got {file.suffix or 'no ending'}")
        write_text(file, self.as_format(form))
        return file

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:  # noqa: ANN401 - what a notebook includes or excludes
        return {"image/svg+xml": self.svg, "text/plain": self.text}


def draw(
    source: Any,  # noqa: ANN401 - any of these
    *,
    state_machine: str | None = None,
    inner: bool = False,
    data: bool = False,
) -> Picture:
    """Draw a state machine.

    Args:
        source: A ``Workflow``, an ``sfn.StateMachine``, a stack, a template or a definition, as data or as text. Nothing is
            synthesized.
        state_machine: The logical id of the state machine, or its beginning. Default: the only one.
        inner: Whether to show the inside of states that stand for one call though they consist of several, such as a deployment
            that polls. Default: no.
        data: Whether to show the data that each state reads, and where it comes from. Default: no.

    Raises:
        UnusableInputError: If it cannot be drawn, or there are several state machines.
        MissingRequirementError: If Jinja2 or Node.js is missing, when the picture is first used.
    """
    machine, name = machine_of(source, state_machine)
    return Picture(graph_of(machine, inner=inner, data=data, name=name))
