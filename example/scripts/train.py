"""Train a classifier of penguins, and serve it: a SageMaker script-mode entry point.

As a training job it reads the channels `train` and `test` that preprocess.py wrote, and keeps the model, its metrics, and itself
as the code that serves the model: so a model without a network has it too.
As an endpoint's or a transform job's entry point it loads the model and answers rows of CSV.
Python 3.8 and scikit-learn 1.2 are enough for it: they are what the scikit-learn 1.2-1 container has.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import joblib
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.metrics import accuracy_score, f1_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

if TYPE_CHECKING:
    import numpy as np

LABEL = "species"
MEASUREMENTS = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
CATEGORIES = ["island", "sex"]
FEATURES = [*MEASUREMENTS, *CATEGORIES]
MODEL = "model.joblib"


def build(max_depth: int, n_estimators: int, random_state: int) -> Pipeline:
    """Make the untrained model: gaps filled, categories encoded, measurements scaled, then a forest."""
    columns = ColumnTransformer(
        [
            ("measurements", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), MEASUREMENTS),
            (
                "categories",
                make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")),
                CATEGORIES,
            ),
        ]
    )
    forest = RandomForestClassifier(max_depth=max_depth, n_estimators=n_estimators, random_state=random_state)
    return Pipeline([("columns", columns), ("forest", forest)])


def read(channel: Path) -> pd.DataFrame:
    """Read all CSV files of a channel."""
    files = sorted(channel.glob("*.csv"))
    if not files:
        raise FileNotFoundError(f"no CSV file in {channel}")
    return pd.concat([pd.read_csv(file) for file in files], ignore_index=True)


def evaluate(model: Pipeline, penguins: pd.DataFrame) -> dict[str, float]:
    """Measure a model on penguins that it has not seen."""
    predicted = model.predict(penguins[FEATURES])
    return {
        "test_accuracy": float(accuracy_score(penguins[LABEL], predicted)),
        "test_f1_macro": float(f1_score(penguins[LABEL], predicted, average="macro")),
    }


def parse(argv: list[str] | None) -> argparse.Namespace:
    """Read the hyperparameters, which SageMaker passes under their own names, and the folders that it mounts."""
    env = os.environ
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--max-depth", "--max_depth", type=int, default=6)
    parser.add_argument("--n-estimators", "--n_estimators", type=int, default=100)
    parser.add_argument("--random-state", "--random_state", type=int, default=0)
    parser.add_argument("--train", type=Path, default=env.get("SM_CHANNEL_TRAIN", "/opt/ml/input/data/train"))
    parser.add_argument("--test", type=Path, default=env.get("SM_CHANNEL_TEST"), help="without it nothing is measured")
    parser.add_argument("--model-dir", type=Path, default=env.get("SM_MODEL_DIR", "/opt/ml/model"))
    parser.add_argument("--output-data-dir", type=Path, default=env.get("SM_OUTPUT_DATA_DIR", "/opt/ml/output/data"))
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    """Run the training job; each metric is printed as `name=value;`, for the job's metric definitions to find."""
    args = parse(argv)
    penguins = read(args.train)
    model = build(args.max_depth, args.n_estimators, args.random_state)
    model.fit(penguins[FEATURES], penguins[LABEL])
    print(f"train_rows={len(penguins)};")
    args.model_dir.mkdir(parents=True, exist_ok=True)
    joblib.dump(model, args.model_dir / MODEL)
    serving = args.model_dir / "code" / "inference.py"
    serving.parent.mkdir(exist_ok=True)
    shutil.copyfile(__file__, serving)
    if args.test:
        metrics = evaluate(model, read(args.test))
        for name, value in metrics.items():
            print(f"{name}={value:.4f};")
        args.output_data_dir.mkdir(parents=True, exist_ok=True)
        (args.output_data_dir / "metrics.json").write_text(json.dumps(metrics, indent=2))


def model_fn(model_dir: str) -> Pipeline:
    """Load the model: the container calls this once, before the first request."""
    return joblib.load(Path(model_dir) / MODEL)


def input_fn(body: bytes | str, content_type: str) -> pd.DataFrame:
    """Read a request: rows of CSV, either under a header or with the features in their order."""
    if content_type.split(";", maxsplit=1)[0].strip() != "text/csv":
        raise ValueError(f"content type must be text/csv, got {content_type}")
    text = body.decode() if isinstance(body, bytes) else body
    names = text.split("\n", 1)[0].strip().split(",")
    if set(FEATURES) <= set(names):
        return pd.read_csv(io.StringIO(text))[FEATURES]
    return pd.read_csv(io.StringIO(text), header=None, names=FEATURES)


def predict_fn(penguins: pd.DataFrame, model: Pipeline) -> np.ndarray:
    """Answer a request: the species of each row."""
    return model.predict(penguins)


if __name__ == "__main__":
    main()
