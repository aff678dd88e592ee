"""How an object is cut into payloads, and how the answers become one object again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.local.faults import JobError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MEGABYTE = 1 << 20


def payloads(content: bytes, *, split: str, strategy: str, megabytes: int) -> Iterator[bytes]:
    """The payloads of an object.

    Args:
        content: The object, decompressed.
        split: SplitType: ``None`` or ``Line``.
        strategy: BatchStrategy: ``MultiRecord`` fills a payload with as many lines as fit.
        megabytes: MaxPayloadInMB; 0 for no limit.

    Raises:
        JobError: If the split is not known here, or a record is too large.
    """
    limit = megabytes * _MEGABYTE or None
    if split == "None":
        yield _checked(content, limit)
        return
    if split != "Line":
        message = f"SplitType {split} is not split in a local run; use Line or None"
        raise JobError(message)
    batch: list[bytes] = []
    size = 0
    for line in (line for line in content.splitlines() if line.strip()):
        full = strategy == "SingleRecord" or (limit is not None and size + len(line) + 1 > limit)
        if batch and full:
            yield _checked(b"\n".join(batch), limit)
            batch, size = [], 0
        batch.append(line)
        size += len(line) + 1
    if batch:
        yield _checked(b"\n".join(batch), limit)


def assembled(answers: Iterable[bytes], assemble_with: str) -> bytes:
    """One object of all answers.

    Args:
        answers: What the model gave, in order.
        assemble_with: AssembleWith: ``None`` concatenates, ``Line`` ends each answer's lines.
    """
    if assemble_with == "None":
        return b"".join(answers)
    return b"".join(answer.rstrip(b"\n") + b"\n" for answer in answers)


def _checked(payload: bytes, limit: int | None) -> bytes:
    if limit is not None and len(payload) > limit:
        message = f"a payload of {len(payload)} bytes is more than MaxPayloadInMB={limit // _MEGABYTE}; split the input"
        raise JobError(message)
    return payload
