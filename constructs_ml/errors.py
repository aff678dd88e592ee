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

from dataclasses import dataclass, field


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
