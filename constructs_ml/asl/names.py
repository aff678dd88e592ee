"""Names of SageMaker jobs: valid, new at every attempt, and scoped by a prefix.

A job's name is ``<owner>-<job>-<uuid>``. The owner stands for the stack and is what IAM statements are scoped to; the
prefix ``<owner>-<job>-`` stands for the job and is what event rules filter by. Step Functions generates the UUID when the
state starts, so two executions, two iterations of a Map, a retry and a redrive never share a name.

Source: CreateProcessingJob and CreateTrainingJob allow ``[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}``, unique for ever in an
account and region. An execution's name may have 80 characters and underscores, so it cannot be part of a job's name.
"""

from __future__ import annotations

import hashlib
import re
import string

from constructs_ml.asl.expressions import Format, Path

UUID_LENGTH = 36
NAME_LENGTH = 63
OWNER_LENGTH = 12
JOB_LENGTH = NAME_LENGTH - UUID_LENGTH - OWNER_LENGTH - 2
SHORT_JOB_LENGTH = 6

_ALPHABET = string.digits + string.ascii_letters
UUID = Path("States.UUID()", "$uuid()")
SHORT_LENGTH = 12
SHORT_UUID = Path("States.ArrayGetItem(States.StringSplit(States.UUID(), '-'), 4)", "$split($uuid(), '-')[4]")
"""The last group of a UUID, 48 random bits, for names that have no room for all of it."""


def slug(text: str) -> str:
    """Keep the letters and digits of a string, words joined by single hyphens."""
    return "-".join(re.findall(r"[A-Za-z0-9]+", text))


def digest(text: str, length: int) -> str:
    """Return a short, stable hash of a string, of letters and digits."""
    number = int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
    out = ""
    for _ in range(length):
        number, at = divmod(number, len(_ALPHABET))
        out += _ALPHABET[at]
    return out


def owner_name(stack: str) -> str:
    """Return the first part of the names of all jobs of a stack, at most 12 characters."""
    start = slug(stack)[: OWNER_LENGTH - 5].rstrip("-")
    return f"{start or 'ml'}-{digest(stack, 4)}"


def job_part(path: str, length: int = JOB_LENGTH) -> str:
    """Return the second part of a job's names: letters and digits.

    It has no hyphen, so that the names of one job never start with the prefix of another.

    Args:
        path: The path of the job's construct below its stack.
        length: The greatest length.
    """
    words = slug(path.rpartition("/")[2]).split("-")
    start = words[0] + "".join(word[:1].upper() + word[1:] for word in words[1:])
    if path == start and len(path) <= length:
        return path
    return f"{start[: length - 6] or ('job' if length > SHORT_JOB_LENGTH else '')}{digest(path, 6)}"


def job_prefix(owner: str, path: str, name_length: int = NAME_LENGTH) -> str:
    """Return the common prefix of one job's names, including the final hyphen.

    Args:
        owner: The part that stands for the stack.
        path: The path of the job's construct below its stack.
        name_length: The greatest length of the names.
    """
    return f"{owner}-{job_part(path, prefix_length(name_length) - OWNER_LENGTH - 2)}-"


def prefix_length(name_length: int = NAME_LENGTH) -> int:
    """Return the greatest length of a fresh name's prefix, including the final hyphen."""
    return name_length - (SHORT_LENGTH if name_length < NAME_LENGTH else UUID_LENGTH)


def is_prefix(text: str, name_length: int = NAME_LENGTH) -> bool:
    """Return whether ``text`` followed by a UUID is a valid name."""
    fits = len(text) <= prefix_length(name_length)
    return fits and re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9-]*", text) is not None


def fresh_name(prefix: str, name_length: int = NAME_LENGTH) -> Format:
    """Return a name that is new whenever it is evaluated."""
    return Format((prefix, SHORT_UUID if name_length < NAME_LENGTH else UUID))
