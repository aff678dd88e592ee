"""Writes docs/resource_types.md: what becomes of each resource type in a local run. Run: ``python tools/write_resource_types.py``."""

from __future__ import annotations

import json
from pathlib import Path

from constructs_ml.local.emulator import resource_types

PAGE = Path(__file__).parents[1] / "docs" / "resource_types.md"
_HEAD = """# Resource types in a local run
Written by `python tools/write_resource_types.py` from `constructs_ml/local/emulator/resource_types.json`.

**Real** types do here what they do on AWS: what states, jobs and functions read and write is theirs. **Stood in for** are types
that have no meaning on one machine: they have ids and attributes of AWS's form and do nothing, a run lists them, and a call of
their service fails and names it. `all` means every type of the service, `others` every one that is not real. Any other type is
**refused**, with its construct's path, before anything starts; `--stand-in TYPE` stands in for it where it does not matter.

`Custom::...` resources are real: those of aws-cdk-lib itself (`BucketDeployment`, `autoDeleteObjects`, `LogRetention`,
`AwsCustomResource`, cross-region exports) are done as their functions would, under their functions' roles; others invoke their
function.

| service | real | stood in for |
|---|---|---|
"""


def text() -> str:
    """The page."""
    tables = json.loads(Path(resource_types.__file__).with_suffix(".json").read_text(encoding="utf-8"))
    lines = []
    for service in sorted({*tables["real"], *tables["stood_in"]}):
        real = ", ".join(f"`{kind}`" for kind in tables["real"].get(service, ()))
        kinds = tables["stood_in"].get(service, ())
        others = "others" if real else "all"
        stood_in = others if "*" in kinds else ", ".join(f"`{kind}`" for kind in kinds)
        lines.append(f"| {service} | {real} | {stood_in} |")
    return _HEAD + "\n".join(lines) + "\n"


def main() -> None:
    """Writes the page."""
    PAGE.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
