"""Python's ``tarfile`` with its filters, by which an archive is extracted to nowhere but its folder.

They came with Python 3.10.12 and 3.11.4; for what distributions still have of before, ``backports.tarfile`` is the same code.
Source: PEP 706.
"""

from __future__ import annotations

import tarfile as _own
from typing import TYPE_CHECKING

if TYPE_CHECKING or hasattr(_own, "data_filter"):
    tarfile = _own
else:
    from backports import tarfile

__all__ = ["tarfile"]
