"""Clean the penguins and split them into a training and a test set: what a SageMaker processing job runs.

It reads every CSV file that the job's input `raw` holds, and writes its outputs `train` and `test`.
Python 3.8 and pandas 1.1 are enough for it: they are what the scikit-learn 1.2-1 container has.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pandas as pd
from sklearn.model_selection import train_test_split

LABEL = "species"
MEASUREMENTS = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
CATEGORIES = ["island", "sex"]
COLUMNS = [LABEL, *MEASUREMENTS, *CATEGORIES]


def read(folder: Path) -> pd.DataFrame:
    """Read the columns in use of all CSV files below a folder."""
    files = sorted(folder.rglob("*.csv"))
    if not files:
        raise ValueError(f"no CSV file below {folder}")
    frames = []
    for file in files:
        try:
            frame = pd.read_csv(file, dtype=dict.fromkeys(MEASUREMENTS, "float64"))
        except ValueError as error:
            raise ValueError(f"{file.name}: {error}") from error
        missing = [name for name in COLUMNS if name not in frame.columns]
        if missing:
            raise ValueError(f"{file.name}: no column {', '.join(missing)}")
        frames.append(frame[COLUMNS])
    return pd.concat(frames, ignore_index=True)


def clean(penguins: pd.DataFrame) -> pd.DataFrame:
    """Drop what nothing can be learnt from: rows without a label, or without a single measurement.

    Other gaps stay: the model fills them with what it learnt from the training set alone.
    """
    return penguins.dropna(subset=[LABEL]).dropna(subset=MEASUREMENTS, how="all")


def parse(argv: list[str] | None) -> argparse.Namespace:
    """Read the job's arguments; the folders are where SageMaker mounts them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train-test-split-ratio", type=float, default=0.2, help="the share of the test set")
    parser.add_argument("--random-state", type=int, default=0, help="the same number makes the same split")
    parser.add_argument("--input-dir", type=Path, default=Path("/opt/ml/processing/input/raw"))
    parser.add_argument("--output-dir", type=Path, default=Path("/opt/ml/processing/output"))
    parser.add_argument("--message-file", type=Path, default=Path("/opt/ml/output/message"))
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Run the job; what was wrong with its input becomes the job's exit message."""
    args = parse(argv)
    try:
        penguins = read(args.input_dir)
        usable = clean(penguins)
        train, test = train_test_split(
            usable,
            test_size=args.train_test_split_ratio,
            random_state=args.random_state,
            stratify=usable[LABEL],
        )
    except ValueError as error:
        print(error, file=sys.stderr)
        args.message_file.parent.mkdir(parents=True, exist_ok=True)
        args.message_file.write_text(str(error))
        return 1
    print(f"rows={len(penguins)}; usable={len(usable)};")
    for name, rows in (("train", train), ("test", test)):
        folder = args.output_dir / name
        folder.mkdir(parents=True, exist_ok=True)
        rows.to_csv(folder / f"{name}.csv", index=False)
        print(f"{name}={len(rows)}; {rows[LABEL].value_counts().to_dict()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
