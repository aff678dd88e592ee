"""A script that serves a model answers in a local transform job as by SageMaker's own toolkit, which runs here as the oracle."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections import Counter
from itertools import product
from pathlib import Path

import pytest

from constructs_ml.local.jobs.transform import serve

ORACLE = Path(os.environ.get("CONFORMANCE_INFERENCE", "")) / "bin" / "python"
ANSWERS = Path(__file__).with_name("inference_answers.py")
pytestmark = pytest.mark.skipif("CONFORMANCE_INFERENCE" not in os.environ, reason="make conformance-inference")

MODEL = """
import json
class Model:
    def predict(self, rows):
        return rows * 2
def model_fn(model_dir):
    return Model()
"""
CONTEXT = MODEL.replace(
    "def model_fn(model_dir):", "def model_fn(model_dir, context):\n    assert context.system_properties"
)
SCRIPTS = {
    "defaults": MODEL,
    "a context": CONTEXT,
    "no model_fn": "x = 1",
    "model_fn of three": MODEL.replace("(model_dir)", "(model_dir, context, more)"),
    "input_fn": MODEL + "def input_fn(data, kind):\n    return [type(data).__name__, kind]\n",
    "input_fn and a context": MODEL
    + "def input_fn(data, kind, context):\n    return [len(data), context.system_properties['gpu_id']]\n",
    "input_fn of texts": MODEL + "def input_fn(data, kind):\n    return data.split(',')\n",
    "predict_fn": MODEL + "def predict_fn(data, model):\n    return data\n",
    "predict_fn of one": MODEL + "def predict_fn(data):\n    return data\n",
    "output_fn": MODEL + "def output_fn(prediction, accept):\n    return json.dumps([str(prediction), accept])\n",
    "output_fn and its type": MODEL
    + "def output_fn(prediction, accept, context):\n    return b'1', 'x/' + accept[:1]\n",
    "transform_fn": MODEL
    + "def transform_fn(model, data, kind, accept):\n    return json.dumps([str(data), kind, accept])\n",
    "transform_fn and its type": MODEL
    + "def transform_fn(model, data, kind, accept, context):\n    return bytes(3), 'y/z'\n",
    "transform_fn beside": MODEL
    + "def transform_fn(m, d, k, a):\n    return '1'\ndef input_fn(data, kind):\n    return data\n",
    "before and after": MODEL
    + "seen = []\ndef pre_model_fn(d):\n    seen.append(d)\ndef model_warmup_fn(d, model):\n    seen.append('warm')\n"
    "def transform_fn(m, d, k, a):\n    return json.dumps(seen)\n",
}
BODIES = [
    b"1,2\n3,4\n",
    b"1,2",
    b"1\n2\n3\n",
    b"5",
    b"a,b\n1,2\n",
    b"[[1, 2], [3, 4]]",
    b'{"a": 1}',
    b"[1, 2]\n[3, 4]\n",
    b"",
]
TYPES = [
    "text/csv",
    "application/json",
    "text/csv; charset=utf-8",
    "text/plain",
    "application/jsonlines",
    "application/octet-stream",
    None,
]
ACCEPTS = ["text/csv", "application/json", "*/*", None, "application/x-npy", "text/html, text/csv", "image/png"]


def test_five_thousand_requests() -> None:
    """Answers and their types are the same to the byte, and what fails there fails here."""
    asked = list(product(SCRIPTS, BODIES, TYPES, ACCEPTS))
    lines = [
        json.dumps(
            {"script": SCRIPTS[script], "body": base64.b64encode(body).decode(), "content_type": kind, "accept": accept}
        )
        for script, body, kind, accept in asked
    ]
    environment = {"PATH": os.environ["PATH"], "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [str(ORACLE), "-W", "ignore", str(ANSWERS), serve.__file__]
    done = subprocess.run(command, input="\n".join(lines), capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"theirs"')]
    assert len(answers) == len(asked) > 5000
    wrong = [(case, answer) for case, answer in zip(asked, answers, strict=True) if answer["ours"] != answer["theirs"]]
    assert wrong[:5] == []
    kinds = Counter("fails" if answer["theirs"] == "fails" else "answers" for answer in answers)
    assert min(kinds.values()) > 500
