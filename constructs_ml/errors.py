"""All errors that the library raises.

::

    ConstructsMLError
    ├── InvalidPropsError (ValueError)   all faults of one construct, in one message
    ├── ModelError (LookupError)         botocore's model of the API lacks something; sagemaker.model
    ├── UnknownImageError (LookupError)  SageMaker has no such image; sagemaker.images
    ├── UnknownMemberError (LookupError) a result has no such member; sagemaker.result
    ├── UnusableInputError (ValueError)  an argument or a file cannot be used; a one-line message
    │   ├── UnreadableFileError          a file cannot be read, or has the wrong contents
    │   └── LinkError                    a link in a folder to be uploaded leads nowhere; folders
    ├── SimulationError                  an execution cannot be simulated as a test asks; testing.faults
    └── LocalRunError                    a local run could not be set up or carried out
        ├── RunInputError                an input of a run cannot be used; an UnusableInputError too
        └── MissingRequirementError      a requirement of a run or a simulation is not installed
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
    """An argument or the contents of a file cannot be used; the message is one line."""


class UnreadableFileError(UnusableInputError):
    """A file cannot be read, or has the wrong contents."""


class LinkError(UnusableInputError):
    """A link among files to be uploaded leads nowhere, or in a circle."""


class LocalRunError(ConstructsMLError):
    """A local run could not be set up or carried out."""


class RunInputError(LocalRunError, UnusableInputError):
    """An input of a local run cannot be used."""


class MissingRequirementError(LocalRunError):
    """A requirement of a local run or a simulation is not installed on this machine."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One problem: ``volume_size must be 1-16384 GiB, got 0; pass Size.gibibytes(30)``.

    Attributes:
        member: The prop or request member at fault.
        problem: The constraint and the value that breaks it.
        fix: The fix. Empty if the problem makes it obvious.
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
        faults: The faults, in the order in which they were found.
    """

    def __init__(self, path: str, faults: list[Fault]) -> None:
        self.path = path
        self.faults = tuple(faults)
        first, *rest = faults
        lines = [f"{path}: {first}", *(f"{path}: {fault}" for fault in rest)]
        super().__init__("\n".join(lines))


@dataclass(slots=True)
class Faults:
    """Collector of the faults of one construct, to report all of them at once.

    Attributes:
        path: The path of the construct in the tree.
    """

    path: str
    found: list[Fault] = field(default_factory=list)

    def add(self, member: str, problem: str, fix: str = "") -> None:
        """Add a fault."""
        self.found.append(Fault(member, problem, fix))

    def raise_if_any(self) -> None:
        """Raise all faults in one error.

        Raises:
            InvalidPropsError: If there are any.
        """
        if self.found:
            raise InvalidPropsError(self.path, self.found)


WHOLE = "the request"
"""The member of a finding that is about a request as a whole."""


PLUGIN = "constructs-ml"
SECURITY_PLUGIN = "constructs-ml-security"
"""The names of the checks and of the security pack, which prefix the ids in acknowledgements: ``constructs-ml::CML001``."""


class Severity(Enum):
    """The certainty that a finding does harm."""

    ERROR = "error"
    WARNING = "warning"


class FindingKind(Enum):
    """The subject of a finding."""

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
        problem: The constraint, and the value that breaks it.
        fix: The fix; empty if the problem makes it obvious.
        rule: Its subject.
        severity: An error, or a warning if the model may be older than the service.
        topic: For a relation between members: the kind of mistake.
        relation: For a relation between members: the relation's name.
        related: For a relation between alternative members: their paths.
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
    """Return a value as a message shows it: its repr, cut if long."""
    text = repr(value)
    return text if len(text) <= limit else f"{text[: limit - 3]}..."


@dataclass(frozen=True, slots=True)
class Violation:
    """One problem: ``CML002 Check: Choices[0].Next is 'Trian', which is not a state; did you mean 'Train'?``.

    Attributes:
        state: The name of the state; empty if it is about the whole.
        member: The field at fault, as a path from the state: ``Parameters.ProcessingResources``. May be empty.
        problem: The constraint, and the value that breaks it.
        fix: The fix; empty if the problem makes it obvious.
        severity: The severity; None for that of the rule.
        rule: The id of the rule; filled in by the rule.
        machine: The logical id of the state machine, or the name of a definition by itself; filled in by the rule.
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
        """The problem and its fix: ``Check: Choices[0].Next is 'Trian', …``."""
        subject = ": ".join(part for part in (self.state, f"{self.member} {self.problem}".strip()) if part)
        return readable(subject + (f"; {self.fix}" if self.fix else ""))

    def __str__(self) -> str:
        return f"{self.rule} {self.message}".strip()


def readable(text: str) -> str:
    """Return a string as messages show it: ``<Bucket.Arn>`` for a value that is known only later."""
    return re.sub(r"\$\{Token\[([^\]]*)\]\}", r"<\1>", text)


class SimulationError(ConstructsMLError):
    """An execution cannot be simulated as the test asks."""
