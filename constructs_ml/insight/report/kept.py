"""The record of a run that was kept: in a file of its own, or in the page about the run."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from typing import TYPE_CHECKING

from constructs_ml.documents.files import read_text
from constructs_ml.errors import UnusableInputError
from constructs_ml.run_record import read_record

if TYPE_CHECKING:
    from pathlib import Path

    from constructs_ml.run_record import RunRecord

_EMBEDDED = re.compile(r'<script type="text/plain" id="record">([A-Za-z0-9+/=\s]*)</script>')
_LARGEST = 64 << 20
"""The most bytes of a record."""


def embedded(record: RunRecord) -> str:
    """Return a record as a page has it: compressed, in characters that mean nothing in HTML."""
    return base64.b64encode(zlib.compress(record.dumps().encode(), 9)).decode()


def kept_record(file: Path) -> RunRecord:
    """Read the record of a run.

    Args:
        file: A file of ``constructs-ml run --record``, or a page of ``--report``.

    Raises:
        UnusableInputError: If there is no record in it.
    """
    text = read_text(file)
    if not text.lstrip().startswith("<"):
        return read_record(text, str(file))
    found = list(_EMBEDDED.finditer(text))
    if not found:
        raise UnusableInputError(f"{file} has no record of a run; name a page that constructs-ml run --report wrote")
    try:
        reader = zlib.decompressobj()
        content = reader.decompress(base64.b64decode(found[-1][1]), _LARGEST)
        if not reader.eof:
            raise UnusableInputError(f"{file}: its record is incomplete, or has more than {_LARGEST >> 20} MB")
        return read_record(content.decode(), str(file))
    except (binascii.Error, zlib.error, UnicodeDecodeError) as error:
        raise UnusableInputError(f"{file}: its record is damaged: {error}") from error
