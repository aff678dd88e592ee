"""Copies every row of every input to every output."""

import os
import sys
from pathlib import Path

ROOT = Path(os.environ.get("PROCESSING_DIR", "/opt/ml/processing"))
rows = [line for file in sorted((ROOT / "input").rglob("*.csv")) for line in file.read_text().splitlines()]
if not rows:
    sys.exit("there are no rows")
for folder in (ROOT / "output").iterdir():
    (folder / "rows.csv").write_text("\n".join([*rows, *sys.argv[1:]]) + "\n")
print(f"rows={len(rows)};")
