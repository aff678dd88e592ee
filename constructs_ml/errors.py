"""Every error that the library raises; those of one subject stand in its module.

::

    ConstructsMLError
    ├── InvalidPropsError (ValueError)   all that is wrong with one construct, in one message
    ├── ModelError (LookupError)         botocore's model of the API lacks something; sagemaker.model
    ├── UnknownImageError (LookupError)  SageMaker has no such image; sagemaker.images
    ├── UnknownMemberError (LookupError) a result has no such member; sagemaker.result
    ├── UnusableInputError (ValueError)  something that was given cannot be used; told in one line
    │   ├── UnreadableFileError          a file cannot be read, or is not what it should be
    │   └── LinkError                    a link in a folder that is to be shipped leads nowhere; folders
    ├── SimulationError                  an execution that cannot be simulated as a test says; testing.faults
    └── LocalRunError                    a local run that could not be set up or carried out
        ├── RunInputError                an UnusableInputError too: what was given to a run
        └── MissingRequirementError      something that it, or a simulation, needs is not installed
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum

__all__ = [
    "ConstructsMLError",
    "Fault",
    "InvalidPropsError",
    "LinkError",
    "LocalRunError",
    "MissingRequirementError",
    "RunInputError",
    "SimulationError",
    "UnreadableFileError",
    "UnusableInputError",
]


class ConstructsMLError(Exception):
    """Base of every error of this library."""


class UnusableInputError(ConstructsMLError, ValueError):
    """Something that was given, as an argument or in a file, cannot be used; the message is one line."""


class UnreadableFileError(UnusableInputError):
    """A file cannot be read, or is not what it should be."""


class LinkError(UnusableInputError):
    """A link among files that are to be shipped leads nowhere, or in a circle."""


class LocalRunError(ConstructsMLError):
    """A local run could not be set up or carried out."""


class RunInputError(LocalRunError, UnusableInputError):
    """Something that was given to a local run cannot be used."""


class MissingRequirementError(LocalRunError):
    """Something that a local run or a simulation needs is not installed on this machine."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: ``volume_size must be 1-16384 GiB, got 0; pass Size.gibibytes(30)``.

    Attributes:
        member: The prop or request member at fault.
        problem: What must hold and what was got.
        fix: What to write instead. Empty when the problem says it already.
    """

    member: str
    problem: str
    fix: str = ""

    def __str__(self) -> str:
        return f"{self.member} {self.problem}" + (f"; {self.fix}" if self.fix else "")


class InvalidPropsError(ConstructsMLError, ValueError):
    """The props of one construct are wrong; the message lists all their faults.

    Attributes:
        path: The path of the construct in the tree.
        faults: What is wrong, in the order it was found.
    """

    def __init__(self, path: str, faults: list[Fault]) -> None:
        self.path = path
        self.faults = tuple(faults)
        first, *rest = faults
        lines = [f"{path}: {first}", *(f"{path}: {fault}" for fault in rest)]
        super().__init__("\n".join(lines))


@dataclass(slots=True)
class Faults:
    """Collects what is wrong with one construct, to report all of it at once.

    Attributes:
        path: The path of the construct in the tree.
    """

    path: str
    found: list[Fault] = field(default_factory=list)

    def add(self, member: str, problem: str, fix: str = "") -> None:
        """Notes a fault."""
        self.found.append(Fault(member, problem, fix))

    def raise_if_any(self) -> None:
        """Raises all that was noted.

        Raises:
            InvalidPropsError: If anything was noted.
        """
        if self.found:
            raise InvalidPropsError(self.path, self.found)


WHOLE = "the request"
"""The member of a finding that is about a request as a whole."""


PLUGIN = "constructs-ml"
SECURITY_PLUGIN = "constructs-ml-security"
"""The names of the checks and of the security pack, with which ids of acknowledgements begin: ``constructs-ml::CML001``."""


class Severity(Enum):
    """How certain it is that something does harm."""

    ERROR = "error"
    WARNING = "warning"


class FindingKind(Enum):
    """What a finding is about."""

    REQUIRED = "required"
    UNKNOWN = "unknown"
    TYPE = "type"
    ENUM = "enum"
    PATTERN = "pattern"
    RANGE = "range"
    LENGTH = "length"
    UNION = "union"
    RUNTIME = "runtime"
    RELATION = "relation"
    IMAGE = "image"


@dataclass(frozen=True, slots=True)
class Finding:
    """``ProcessingResources.ClusterConfig.VolumeSizeInGB must be 1-16384, got 0``.

    Attributes:
        member: The path of the member: names joined by dots, ``[0]`` for an item, ``['key']`` for an entry of a map.
        problem: What must hold, and what was got.
        fix: What to write instead; empty if the problem says it already.
        rule: What it is about.
        severity: An error, or a warning where the model may be older than the service.
        topic: Of a relation between members: what kind of mistake it is.
        relation: Of a relation between members: what it is called.
        related: Of a relation between members: the paths of those that it is about, where they are alternatives.
    """

    member: str
    problem: str
    fix: str
    rule: FindingKind
    severity: Severity = Severity.ERROR
    topic: str = ""
    relation: str = ""
    related: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The message: member, problem and fix."""
        return f"{self.member} {self.problem}" + (f"; {self.fix}" if self.fix else "")


def shown(value: object, limit: int = 60) -> str:
    """A value as a message shows it: its repr, cut if long."""
    text = repr(value)
    return text if len(text) <= limit else f"{text[: limit - 3]}..."


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong: ``CML002 Check: Choices[0].Next is 'Trian', which is no state; did you mean 'Train'?``.

    Attributes:
        state: The name of the state; empty if it is about the whole.
        member: The field at fault, as a path from the state: ``Parameters.ProcessingResources``. May be empty.
        problem: What must hold, and what was got.
        fix: What to write instead; empty if the problem says it already.
        severity: Whether it is certain to do harm. The rule's, unless the violation says otherwise.
        rule: The id of the rule; filled in by the rule.
        machine: The logical id of the state machine, or what a definition alone is called; filled in by the rule.
        line: The line of the file, if it is known.
        cause: The state that is at fault, if that is another one: an acknowledgement on it counts too.
    """

    state: str
    member: str
    problem: str
    fix: str = ""
    severity: Severity | None = None
    rule: str = ""
    machine: str = ""
    line: int | None = None
    cause: str = ""

    @property
    def message(self) -> str:
        """What is wrong, and what to do: ``Check: Choices[0].Next is 'Trian', …``."""
        subject = ": ".join(part for part in (self.state, f"{self.member} {self.problem}".strip()) if part)
        return readable(subject + (f"; {self.fix}" if self.fix else ""))

    def __str__(self) -> str:
        return f"{self.rule} {self.message}".strip()


def readable(text: str) -> str:
    """A text as messages show it: ``<Bucket.Arn>`` for what is known only later."""
    return re.sub(r"\$\{Token\[([^\]]*)\]\}", r"<\1>", text)


class SimulationError(ConstructsMLError):
    """An execution cannot be simulated as the test says."""
