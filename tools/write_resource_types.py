"""Write docs/resource_types.md: the treatment of each resource type in a local run. Run: ``python tools/write_resource_types.py``."""

from __future__ import annotations

import json
from pathlib import Path

from constructs_ml.local.emulator import resource_types

PAGE = Path(__file__).parents[1] / "docs" / "resource_types.md"
_HEAD = """# Resource types in a local run
Written by `python tools/write_resource_types.py` from `constructs_ml/local/emulator/resource_types.json`.

This table says which resources of a stack a [local run](local.md#run-a-stack-with-other-resources) creates.

- **Real** types behave as on AWS; states, jobs and functions read and write them.
- **Stand-ins** replace types that have no meaning on one machine. They have ids and attributes in AWS's form and do nothing. A run lists
  them, and a call of their service fails with an error that names it.
- All other types are **refused** before anything starts, with the path of their construct. `--stand-in TYPE` adds a stand-in for one that
  the workflow does not need.

`all` means every type of the service, `others` every type that is not real.

`Custom::...` resources are real. Those of aws-cdk-lib itself (`BucketDeployment`, `autoDeleteObjects`, `LogRetention`,
`AwsCustomResource`, cross-region exports) are executed as their functions would, under their functions' roles; others invoke their
function.

| service | real | stand-in |
|---|---|---|
"""


def text() -> str:
    """Return the page."""
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
    """Write the page."""
    PAGE.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
