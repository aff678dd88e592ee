"""Clean the penguins and split them into a training and a test set: the processing job's script.

It runs on Python 3.8, which SageMaker's scikit-learn 1.2-1 container has, and needs the standard library only.
"""

from __future__ import annotations

import argparse
import csv
import random
import sys
from pathlib import Path

LABEL = "species"
MEASUREMENTS = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
COLUMNS = [LABEL, *MEASUREMENTS]
GAPS = {"", "NA", None}


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the job's arguments; the defaults are where SageMaker mounts the folders."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--input", type=Path, default=Path("/opt/ml/processing/input/raw"))
    parser.add_argument("--output", type=Path, default=Path("/opt/ml/processing/output"))
    parser.add_argument("--message", type=Path, default=Path("/opt/ml/output/message"))
    parser.add_argument("--test-share", type=float, default=0.2)
    return parser.parse_args(arguments)


def read(folder: Path) -> list[dict[str, str]]:
    """Read the columns in use of every CSV file below a folder."""
    rows: list[dict[str, str]] = []
    for file in sorted(folder.rglob("*.csv")):
        with file.open(newline="", encoding="utf-8") as lines:
            reader = csv.DictReader(lines)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or [])]
            if missing:
                raise ValueError(f"{file.name} has no column {', '.join(missing)}")
            rows += [{name: row[name] for name in COLUMNS} for row in reader]
    if not rows:
        raise ValueError(f"there is no row of CSV below {folder}")
    return rows


def complete(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Drop the rows that have gaps."""
    return [row for row in rows if not GAPS.intersection(row.values())]


def split(rows: list[dict[str, str]], test_share: float) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Split rows at random into those to train with and those to test with, always in the same way."""
    shuffled = random.Random(0).sample(rows, len(rows))
    at = round(len(rows) * test_share)
    train, test = shuffled[at:], shuffled[:at]
    if not train or not test:
        raise ValueError(
            f"{len(rows)} complete rows, of which {test_share:g} are for testing, "
            "leave nothing to train or to test with"
        )
    return train, test


def write(rows: list[dict[str, str]], file: Path) -> None:
    """Write rows as CSV."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


def main(arguments: list[str] | None = None) -> None:
    """Run the job; what is wrong with its input becomes the job's exit message."""
    args = parse(arguments)
    try:
        rows = read(args.input)
        usable = complete(rows)
        train, test = split(usable, args.test_share)
    except ValueError as error:
        args.message.parent.mkdir(parents=True, exist_ok=True)
        args.message.write_text(str(error), encoding="utf-8")
        sys.exit(f"preprocess: {error}")
    write(train, args.output / "train" / "train.csv")
    write(test, args.output / "test" / "test.csv")
    print(f"rows={len(rows)}; complete={len(usable)}; train={len(train)}; test={len(test)};")


if __name__ == "__main__":
    main()
