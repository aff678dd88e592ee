"""What a job's state hands on, and the paths into it.

A path that a result lacks ends the execution with ``States.Runtime``, which no Catch catches, after the job has
completed. So a summary selects only members that every description has, and a reference is checked against the API's
shape when it is made.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from constructs_ml.asl.expressions import Language, jsonata_name, member_path
from constructs_ml.sagemaker.result import UnknownMemberError, find_member, result_shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs_ml.sagemaker.kinds import JobKind


class Result(Enum):
    """How much of a job's description its state hands on."""

    SUMMARY = "summary"
    """Its name, ARN and status, and what is referred to by ``result(...)``; a few hundred bytes."""
    FULL = "full"
    """All of the Describe call's response. It can be larger than the 256 KiB that a state may hand on."""


SUMMARY_MEMBERS = ("{kind}JobName", "{kind}JobArn", "{kind}JobStatus")


@dataclass(slots=True)
class ResultPlan:
    """What one job's state hands on.

    Attributes:
        kind: The job's kind.
        wait: Whether the state waits for the job.
        name: The state's name.
        content: How much is handed on.
        selector: The user's own selection, by its keys.
        at: The user's own place for the result.
        members: The members that a summary selects.
    """

    kind: JobKind
    wait: bool
    name: str
    content: Result
    selector: Mapping[str, Any] | None
    at: str | None
    members: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        summary = SUMMARY_MEMBERS if self.wait else SUMMARY_MEMBERS[1:2]
        self.members += [member.format(kind=self.kind.value) for member in summary]

    def refer(self, member: str) -> str:
        """Makes sure that a member is handed on.

        Args:
            member: A path into the result, such as ``ModelArtifacts.S3ModelArtifacts``.

        Returns:
            The path, without ``$``.

        Raises:
            UnknownMemberError: If the result has no such member, or not always.
        """
        path = member.removeprefix("$").removeprefix(".")
        if self.selector is not None:
            first = path.split(".")[0].split("[")[0]
            keys = [key.removesuffix(".$") for key in self.selector]
            if first not in keys:
                raise UnknownMemberError(f"{first} is not selected; the result_selector has {', '.join(keys)}")
            return path
        shape = result_shape(self.kind.integration, sync=self.wait)
        found = find_member(shape, path)
        if self.content is Result.SUMMARY:
            if not found.always_present:
                raise UnknownMemberError(
                    f"{path} is not in every result, and a path that is missing ends the execution; "
                    "pass result=Result.FULL and guard the path with sfn.Condition.is_present"
                )
            first = str(found.path[0])
            if first not in self.members:
                self.members.append(first)
        return path

    def jsonpath(self, path: str) -> str:
        """A path from :meth:`refer` in the state that follows, in JSONPath."""
        place = self.at or member_path(self.name)
        return f"{place}{'' if path.startswith('[') else '.'}{path}"

    def jsonata(self, path: str) -> str:
        """The same in JSONata, without the ``{% %}``."""
        return f"$states.input.{jsonata_name(self.name)}.{path}"

    def render(self, language: Language) -> dict[str, Any]:
        """The fields of the state that hand on the result."""
        if language is Language.JSONATA:
            content = "$states.result" if self.content is Result.FULL else self._jsonata_summary()
            name = self.name.replace("\\", "\\\\").replace('"', '\\"')
            return {"Output": f'{{% $merge([$states.input, {{"{name}": {content}}}]) %}}'}
        out: dict[str, Any] = {}
        if self.at is None:
            out["ResultPath"] = member_path(self.name)
        if self.content is Result.SUMMARY and self.selector is None:
            out["ResultSelector"] = {f"{member}.$": f"$.{member}" for member in self.members}
        return out

    def _jsonata_summary(self) -> str:
        return "{" + ", ".join(f'"{member}": $states.result.{member}' for member in self.members) + "}"
