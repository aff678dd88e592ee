"""How much memory processes have had, in megabytes."""

from __future__ import annotations

from pathlib import Path


def peak(pid: int) -> int:
    """The most that a process has had resident."""
    return _megabytes(pid, "VmHWM")


def _megabytes(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    # A process that has ended has no memory.
    return int(next((line for line in lines if line.startswith(f"{name}:")), "none 0").split()[1]) >> 10
