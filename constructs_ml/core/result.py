"""The output of a job's state, and the paths into it.

A path that a result lacks ends the execution with ``States.Runtime``, which no Catch catches, after the job has
completed. So a summary selects only members that every description has, and a reference is checked against the API's
shape when it is made.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.cached_job import CACHE, KEY, LINEAGE, PLACE
from constructs_ml.asl.expressions import Language, render
from constructs_ml.asl.jsonpath import read_path
from constructs_ml.asl.literals import jsonata_name, jsonata_text, key_for, member_path
from constructs_ml.sagemaker.result import UnknownMemberError, find_member

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_ml.asl.expressions import Path
    from constructs_ml.sagemaker.model import Shape


METRICS = "Metrics"
"""The member of a result that has the metrics."""
_OF_CACHE = (f"{CACHE}.{KEY}", f"{CACHE}.{PLACE}", f"{CACHE}.{LINEAGE}")


class Result(Enum):
    """The part of a job's description that its state passes on."""

    SUMMARY = "summary"
    """Its name, ARN and status, and what is referred to by ``result(...)``; a few hundred bytes."""
    FULL = "full"
    """The whole response of the Describe call. It can be larger than the 256 KiB that a state may pass on."""


@dataclass(slots=True)
class ResultPlan:
    """The output of one state.

    Attributes:
        shape: The shape of the response that it gets.
        members: The members that a summary selects.
        name: The state's name.
        content: How much is passed on.
        selector: The user's own selection, by its keys.
        at: The user's own place for the result.
        output_path: The part of the state's input and result that goes on to the next state.
        discarded: Whether the user discards the result.
        sealed: Whether the state is written already.
        referred: Whether another state was given a path into it.
        derived: Members of a summary that are derived from the response's: the path of each in the response.
        measured: Metrics that are passed on, by name: the expression of each in JSONata, the one language that can say that
            one is missing.
        handed_out: The paths into the result that states after it were given, in the language of each.
        cached: Whether the result has a member for the cache of the job.
        lineage: Whether that has what the result was made of.
    """

    shape: Shape
    members: list[str]
    name: str
    content: Result
    selector: Mapping[str, Any] | None
    at: str | None
    output_path: str | None = None
    discarded: bool = False
    sealed: bool = False
    referred: bool = False
    derived: Mapping[str, Path] = field(default_factory=dict)
    measured: dict[str, str] = field(default_factory=dict)
    handed_out: list[str] = field(default_factory=list)
    cached: bool = False
    lineage: bool = False

    def __post_init__(self) -> None:
        self.name = key_for(self.name)

    def refer(self, member: str) -> str:
        """Ensure that a member is passed on.

        Args:
            member: A path into the result, such as ``ModelArtifacts.S3ModelArtifacts``.

        Returns:
            The path, without ``$``.

        Raises:
            UnknownMemberError: If the result has no such member, or not always, or it is not passed on.
        """
        self.referred = True
        if self.discarded:
            raise UnknownMemberError("the result_path discards the result; leave it out")
        if self._place is None:
            raise UnknownMemberError(f"the output_path {self.output_path} leaves out the result; leave it out")
        path = member.removeprefix("$").removeprefix(".")
        if self.selector is not None:
            first = path.split(".")[0].split("[")[0]
            keys = [key.removesuffix(".$") for key in self.selector]
            if first not in keys:
                raise UnknownMemberError(f"{first} is not selected; the result_selector has {', '.join(keys)}")
            return path
        if (path in self.derived and self.content is Result.SUMMARY) or (self.cached and path in _OF_CACHE):
            return path
        found = find_member(self.shape, path)
        if self.content is Result.SUMMARY:
            if not found.always_present:
                raise UnknownMemberError(
                    f"{path} is not in every result, and a path that is missing ends the execution; "
                    "pass result=Result.FULL and guard the path with sfn.Condition.is_present"
                )
            first = str(found.path[0])
            if first not in self.members:
                if self.sealed:
                    raise UnknownMemberError(
                        f"{first} is not passed on by the state machine, which is defined already; "
                        "refer to it before, or pass result=Result.FULL"
                    )
                self.members.append(first)
        return path

    def jsonpath(self, path: str) -> str:
        """A path from :meth:`refer` in the state that follows, in JSONPath."""
        return self._handed(f"{self._place}{'' if path.startswith('[') else '.'}{path}")

    @property
    def _place(self) -> str | None:
        """The place where the next state finds the result, in JSONPath; None if it does not."""
        place, shown = self.at or member_path(self.name), self.output_path or "$"
        if shown == "$":
            return place
        inside = place == shown or place.startswith((f"{shown}.", f"{shown}["))
        return f"${place[len(shown) :]}" if inside else None

    def jsonata(self, path: str) -> str:
        """Return a path into the result in JSONata, without the ``{% %}``."""
        return self._handed(f"$states.input.{jsonata_name(self.name)}.{path}")

    def _handed(self, path: str) -> str:
        if path not in self.handed_out:
            self.handed_out.append(path)
        return path

    def render(self, language: Language) -> dict[str, Any]:
        """The fields of the state that pass on the result."""
        if language is Language.JSONATA:
            content = self._jsonata_full() if self.content is Result.FULL else self._jsonata_summary()
            return {"Output": f'{{% $merge([$states.input, {{"{self.name}": {content}}}]) %}}'}
        out: dict[str, Any] = {}
        if self.at is None:
            out["ResultPath"] = member_path(self.name)
        if self.selector is not None:
            out["ResultSelector"] = render(self.selector, language)
        elif self.content is Result.SUMMARY:
            selected = {f"{member}.$": f"$.{member}" for member in self.members}
            out["ResultSelector"] = selected | {f"{name}.$": path.jsonpath for name, path in self.derived.items()}
        return out

    def of_description(self) -> str:
        """The output of a cached job's state, in JSONata, of a description in ``$job`` and the cache in ``$cache``.

        Whatever the query language of the machine is, it does what ``result_path`` does in JSONPath.
        """
        if self.discarded:
            return "$states.input"
        full = self.content is Result.FULL
        found = self._jsonata_full() if full else self._jsonata_summary()
        cache = f"{{'{CACHE}': $cache}}"
        content = f"$merge([{found}, {cache}])".replace("$states.result", "$job")
        steps = [self.name] if self.at is None else [str(step) for step in read_path(self.at).steps]
        return _placed("$states.input", steps, content)

    def measure(self, name: str, expression: str) -> None:
        """Pass on a metric.

        Args:
            name: Its name.
            expression: Its value, in JSONata; an error if there is none.

        Raises:
            UnknownMemberError: If it cannot be passed on any more.
        """
        if self.sealed and name not in self.measured:
            raise UnknownMemberError("the state machine is defined already; ask for it before")
        self.measured[name] = expression

    def _jsonata_full(self) -> str:
        return f"$merge([$states.result, {{{self._jsonata_metrics()}}}])" if self.measured else "$states.result"

    def _jsonata_summary(self) -> str:
        parts = [f'"{member}": $states.result.{member}' for member in self.members]
        parts += [f'"{name}": {path.jsonata}' for name, path in self.derived.items()]
        return "{" + ", ".join([*parts, *([self._jsonata_metrics()] if self.measured else [])]) + "}"

    def _jsonata_metrics(self) -> str:
        members = (f"{jsonata_text(name)}: {expression}" for name, expression in self.measured.items())
        return f'"{METRICS}": {{{", ".join(members)}}}'


def _placed(given: str, steps: list[str], content: str) -> str:
    """An object with some content at a path, in JSONata."""
    if not steps:
        return content
    first, *rest = steps
    inner = _placed(f"{given}.{jsonata_name(first)}", rest, content)
    return f"$merge([{given}, {{{jsonata_text(first)}: {inner}}}])"
