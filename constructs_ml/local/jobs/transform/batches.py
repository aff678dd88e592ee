"""Splitting of an object into payloads, and assembly of the responses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs_ml.local.aws.faults import JobError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MEGABYTE = 1 << 20


def payloads(content: Iterable[bytes], *, split: str, strategy: str, megabytes: int) -> Iterator[bytes]:
    """Yield the payloads of an object.

    Args:
        content: The object, decompressed, in chunks; no more of it is held than a payload.
        split: SplitType: ``None`` or ``Line``.
        strategy: BatchStrategy: ``MultiRecord`` fills a payload with as many lines as fit.
        megabytes: MaxPayloadInMB; 0 for no limit.

    Raises:
        JobError: If the split is not known here, or a record is too large.
    """
    limit = megabytes * _MEGABYTE or None
    if split == "None":
        yield _whole(content, limit)
        return
    if split != "Line":
        message = f"SplitType {split} is not split in a local run; use Line or None"
        raise JobError(message)
    batch: list[bytes] = []
    size = 0
    for line in (line for line in _lines(content, limit) if line.strip()):
        full = strategy == "SingleRecord" or (limit is not None and size + len(line) + 1 > limit)
        if batch and full:
            yield _checked(b"\n".join(batch), limit)
            batch, size = [], 0
        batch.append(line)
        size += len(line) + 1
    if batch:
        yield _checked(b"\n".join(batch), limit)


def assembled(answers: Iterable[bytes], assemble_with: str) -> Iterator[bytes]:
    """Yield one object made of all responses.

    Args:
        answers: The model's responses, in order.
        assemble_with: AssembleWith: ``None`` concatenates, ``Line`` ends each answer's lines.
    """
    for answer in answers:
        yield answer if assemble_with == "None" else answer.rstrip(b"\n") + b"\n"


def _whole(content: Iterable[bytes], limit: int | None) -> bytes:
    chunks: list[bytes] = []
    size = 0
    for chunk in content:
        size += len(chunk)
        if limit is None or size <= limit:
            chunks.append(chunk)
    if limit is not None and size > limit:
        raise _too_large(size, limit)
    return b"".join(chunks)


def _lines(content: Iterable[bytes], limit: int | None) -> Iterator[bytes]:
    """The lines of a content, as of ``bytes.splitlines``."""
    begun: list[bytes] = []
    for chunk in content:
        begun.append(chunk)
        if b"\n" not in chunk and b"\r" not in chunk and not begun[0].endswith(b"\r"):
            size = sum(map(len, begun))
            if limit is not None and size > limit:
                raise _too_large(size, limit)
            continue
        *lines, rest = b"".join(begun).splitlines(keepends=True) or [b""]
        yield from (line.rstrip(b"\r\n") for line in lines)
        # A line that ends here ends for sure with \n: \r may be the first half of an end.
        if rest.endswith(b"\n"):
            yield rest.rstrip(b"\r\n")
            rest = b""
        begun = [rest]
    if rest := b"".join(begun):
        yield rest.rstrip(b"\r\n")


def _checked(payload: bytes, limit: int | None) -> bytes:
    if limit is not None and len(payload) > limit:
        raise _too_large(len(payload), limit)
    return payload


def _too_large(size: int, limit: int) -> JobError:
    return JobError(f"a payload of {size} bytes is more than MaxPayloadInMB={limit // _MEGABYTE}; split the input")
