"""Asks a script's handlers of ``sagemaker-inference`` and of a local transform job the same, in one process.

``python inference_answers.py SERVE`` reads cases, one JSON object a line, and writes for each what both answer. The
toolkit's own handlers load no model of a class, so that ``model.predict`` stands for the frameworks' default ``predict_fn``.
"""

from __future__ import annotations

import base64
import importlib.util
import json
import os
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sagemaker_inference.default_inference_handler import DefaultInferenceHandler
from sagemaker_inference.transformer import Transformer


class Handler(DefaultInferenceHandler):
    """The defaults, with the prediction of a model that has one."""

    def default_predict_fn(self, data: Any, model: Any, context: Any = None) -> Any:  # noqa: ARG002 - as of its base
        """Asks the model."""
        return model.predict(data)


def main() -> None:
    """Answers the cases."""
    folder = Path(tempfile.mkdtemp())
    sys.path.insert(0, str(folder))
    serve = loaded("serve", Path(sys.argv[1]))
    for number, line in enumerate(sys.stdin):
        case = json.loads(line)
        (folder / f"script_{number}.py").write_text(case["script"])
        body = base64.b64decode(case["body"])
        answers = {
            "theirs": theirs(f"script_{number}", body, case["content_type"], case["accept"]),
            "ours": ours(serve, folder / f"script_{number}.py", body, case["content_type"], case["accept"]),
        }
        sys.stdout.write(json.dumps(answers) + "\n")


def theirs(name: str, body: bytes, content_type: str | None, accept: str | None) -> Any:
    """The toolkit's answer, or that it fails."""
    os.environ["SAGEMAKER_PROGRAM"] = f"{name}.py"
    seen: dict[str, Any] = {"status": 200, "type": None}
    headers = {"Content-Type": content_type, "Accept": accept}
    request = SimpleNamespace(get_request_properties=lambda: {key: value for key, value in headers.items() if value})
    context = SimpleNamespace(
        system_properties={"model_dir": "/model", "gpu_id": None},
        request_processor=[request],
        set_response_status=lambda code, phrase: seen.update(status=code, phrase=phrase),
        set_response_content_type=lambda _at, kind: seen.update(type=kind),
    )
    (answer,) = Transformer(default_inference_handler=Handler()).transform([{"body": body}], context)
    return told(answer, seen["type"]) if seen["status"] == 200 else "fails"


def ours(serve: Any, script: Path, body: bytes, content_type: str | None, accept: str | None) -> Any:
    """A local transform job's answer, or that it fails."""
    try:
        accepted = serve.accepted(accept)
        return told(
            *serve.Handlers(loaded(script.stem + "_ours", script), "/model").answer(body, content_type, accepted)
        )
    except Exception:  # noqa: BLE001 - the toolkit has one error for all
        return "fails"


def told(answer: Any, kind: str) -> list[str]:
    """Bytes, which the servers make of texts, as JSON holds them."""
    content = answer.encode() if isinstance(answer, str) else bytes(answer)
    return [base64.b64encode(content).decode(), kind]


def loaded(name: str, path: Path) -> Any:
    """A module by its file."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
