"""Train a classifier of penguins and measure it: the training job's script.

Gaussian naive Bayes in the standard library, so that nothing else has to be installed for a local run. SageMaker's
container has scikit-learn: ``GaussianNB`` is the same model, and any estimator of it can take its place.
It runs on Python 3.8, which SageMaker's scikit-learn 1.2-1 container has.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import os
import sys
from pathlib import Path
from statistics import fmean, pvariance
from typing import NamedTuple

LABEL = "species"


class Species(NamedTuple):
    """A species as the model knows it: its share of all rows, and the distribution of each measurement."""

    share: float
    means: list[float]
    variances: list[float]


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the hyperparameters, which SageMaker passes under their names, and the folders that it mounts."""
    env = os.environ.get
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--var_smoothing", type=float, default=1e-9)
    parser.add_argument("--train", type=Path, default=env("SM_CHANNEL_TRAIN", "/opt/ml/input/data/train"))
    parser.add_argument("--test", type=Path, default=env("SM_CHANNEL_TEST", "/opt/ml/input/data/test"))
    parser.add_argument("--model-dir", type=Path, default=env("SM_MODEL_DIR", "/opt/ml/model"))
    return parser.parse_args(arguments)


def read(channel: Path) -> dict[str, list[list[float]]]:
    """Read the measurements of every CSV file of a channel, by species."""
    rows: dict[str, list[list[float]]] = {}
    for file in sorted(channel.rglob("*.csv")):
        with file.open(newline="", encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                rows.setdefault(row.pop(LABEL), []).append([float(value) for value in row.values()])
    if not rows:
        raise ValueError(f"there is no row of CSV below {channel}")
    return rows


def fit(rows: dict[str, list[list[float]]], var_smoothing: float) -> dict[str, Species]:
    """Learn each species' distribution.

    A share of the largest variance is added to every variance: none is 0, even of a species with a single row.
    """
    everything = [row for of_species in rows.values() for row in of_species]
    added = var_smoothing * max(pvariance(column) for column in zip(*everything))
    return {
        name: Species(
            share=len(of_species) / len(everything),
            means=[fmean(column) for column in zip(*of_species)],
            variances=[pvariance(column) + added for column in zip(*of_species)],
        )
        for name, of_species in rows.items()
    }


def predict(model: dict[str, Species], row: list[float]) -> str:
    """Name the most likely species."""

    def log_likelihood(name: str) -> float:
        species = model[name]
        return (
            math.log(species.share)
            - sum(
                (value - mean) ** 2 / variance + math.log(variance)
                for value, mean, variance in zip(row, species.means, species.variances)
            )
            / 2
        )

    return max(model, key=log_likelihood)


def accuracy(model: dict[str, Species], rows: dict[str, list[list[float]]]) -> float:
    """Measure the share of rows whose species is predicted."""
    return fmean(predict(model, row) == name for name, of_species in rows.items() for row in of_species)


def main(arguments: list[str] | None = None) -> None:
    """Run the job; the metric is printed as the job's metric definition looks for it."""
    args = parse(arguments)
    try:
        train, test = read(args.train), read(args.test)
    except ValueError as error:
        sys.exit(f"train: {error}")
    model = fit(train, args.var_smoothing)
    args.model_dir.mkdir(parents=True, exist_ok=True)
    content = {name: species._asdict() for name, species in model.items()}
    (args.model_dir / "model.json").write_text(json.dumps(content, indent=2), encoding="utf-8")
    print(f"train_rows={sum(map(len, train.values()))}; test_accuracy={accuracy(model, test):.4f};")


if __name__ == "__main__":
    main()
