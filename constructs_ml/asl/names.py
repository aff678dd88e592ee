"""Names of SageMaker jobs: valid, new at every attempt, and scoped by a prefix.

A job's name is ``<owner>-<job>-<uuid>``. The owner stands for the stack and is what IAM statements are scoped to; the
prefix ``<owner>-<job>-`` stands for the job and is what event rules filter by. The UUID is drawn by Step Functions when
the state starts, so two executions, two iterations of a Map, a retry and a redrive never share a name.

Source: CreateProcessingJob and CreateTrainingJob allow ``[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}``, unique for ever in an
account and region. An execution's name may have 80 characters and underscores, so it cannot be part of a job's name.
"""

from __future__ import annotations

import hashlib
import re
import string

from constructs_ml.asl.expressions import Format, Path

UUID_LENGTH = 36
PREFIX_LENGTH = 63 - UUID_LENGTH - 1
OWNER_LENGTH = 12
JOB_LENGTH = PREFIX_LENGTH - OWNER_LENGTH - 1

_ALPHABET = string.digits + string.ascii_letters
UUID = Path("States.UUID()", "$uuid()")


def slug(text: str) -> str:
    """The letters and digits of a text, words joined by single hyphens."""
    return "-".join(re.findall(r"[A-Za-z0-9]+", text))


def digest(text: str, length: int) -> str:
    """A short, stable stand-in for a text, of letters and digits."""
    number = int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
    out = ""
    for _ in range(length):
        number, at = divmod(number, len(_ALPHABET))
        out += _ALPHABET[at]
    return out


def owner_name(stack: str) -> str:
    """The first part of the names of all jobs of a stack, at most 12 characters."""
    start = slug(stack)[: OWNER_LENGTH - 5].rstrip("-")
    return f"{start or 'ml'}-{digest(stack, 4)}"


def job_part(path: str) -> str:
    """The second part of a job's names, at most 13 letters and digits.

    It has no hyphen, so that the names of one job never start with the prefix of another.

    Args:
        path: The path of the job's construct below its stack.
    """
    words = slug(path.rsplit("/", 1)[-1]).split("-")
    start = words[0] + "".join(word[:1].upper() + word[1:] for word in words[1:])
    if path == start and len(path) <= JOB_LENGTH:
        return path
    return f"{start[: JOB_LENGTH - 6] or 'job'}{digest(path, 6)}"


def job_prefix(owner: str, path: str) -> str:
    """What the names of one job start with, including the final hyphen; at most 27 characters."""
    return f"{owner}-{job_part(path)}-"


def is_prefix(text: str) -> bool:
    """Whether a name that is valid comes of a text and a UUID after it."""
    return len(text) <= PREFIX_LENGTH + 1 and re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9-]*", text, re.ASCII) is not None


def fresh_name(prefix: str) -> Format:
    """A name that is new whenever it is evaluated."""
    return Format((prefix, UUID))
