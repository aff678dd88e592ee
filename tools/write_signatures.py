"""Writes the signatures of MiniStack's private names that are used: ``python tools/write_signatures.py``."""

from __future__ import annotations

import json
from pathlib import Path

from constructs_ml.interpreter import interpreter, pinned


def main() -> None:
    """Writes the file."""
    names = {*pinned.flat(pinned.PRIVATE_NAMES), *pinned.flat(interpreter.NAMES)}
    found = {name: pinned.signature_of(*name.rsplit(".", 1)) for name in sorted(names)}
    file = Path(pinned.__file__).with_name("signatures.json")
    file.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
