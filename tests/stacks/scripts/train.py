"""Counts rows, which is its model."""

import json
import os
from pathlib import Path

channel = Path(os.environ["SM_CHANNEL_TRAIN"])
rows = sum(len(file.read_text().splitlines()) for file in channel.rglob("*.csv"))
Path(os.environ["SM_MODEL_DIR"], "model.json").write_text(json.dumps({"rows": rows}))
print(f"accuracy={min(1.0, rows / 10)};")
