"""A change in the emulator is told before anything runs on it."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest

from constructs_ml.errors import LocalRunError
from constructs_ml.interpreter import interpreter, pinned


def test_every_name_that_is_used_has_a_signature() -> None:
    written = json.loads(Path(pinned.__file__).with_name("signatures.json").read_text())
    names = {*pinned.flat(pinned.PRIVATE_NAMES), *pinned.flat(interpreter.NAMES)}
    assert set(written) == names, "run python tools/write_signatures.py"
    assert {name: pinned.signature_of(*name.rsplit(".", 1)) for name in names} == written


@pytest.mark.parametrize(
    ("module", "name", "changed"),
    [
        ("ministack.core.iam_evaluator", "authenticate", lambda _key: None),
        ("ministack.services.stepfunctions", "_invoke_resource", lambda _resource, _data, _more: None),
        ("ministack.services.sts", "register_session", "no function any more"),
    ],
)
def test_another_signature_is_refused(monkeypatch: pytest.MonkeyPatch, module: str, name: str, changed: object) -> None:
    monkeypatch.setattr(importlib.import_module(module), name, changed)
    with pytest.raises(LocalRunError, match=rf"{module}\.{name} is .*, was \("):
        pinned.check()


def test_a_name_that_is_gone_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(importlib.import_module("ministack.core.iam_evaluator"), "authenticate")
    with pytest.raises(LocalRunError, match=r"gone: ministack\.core\.iam_evaluator\.authenticate"):
        pinned.check()
