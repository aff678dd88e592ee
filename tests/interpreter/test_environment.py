"""The emulator's environment: found where it is, made by one command, and apart from the user's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from constructs_ml import cli
from constructs_ml.errors import LocalRunError, MissingRequirementError
from constructs_ml.interpreter import environment

ROOT = Path(__file__).parents[2]
PREFIX = Path(sys.prefix)


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without the emulator."""
    monkeypatch.setattr(environment, "this", lambda: None)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv(environment.VARIABLE, raising=False)
    return tmp_path


def _environment(folder: Path, version: str) -> Path:
    """A folder that looks like an environment with an emulator."""
    packages = folder / "lib" / "python3.12" / "site-packages"
    information = packages / f"ministack-{version}.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: ministack\nVersion: {version}\n")
    (folder / "bin").mkdir()
    (folder / "bin" / "python").symlink_to(sys.executable)
    return folder


def test_this_environment_is_taken_if_it_has_the_very_version() -> None:
    found = environment.find()
    assert found.version == environment.VERSION
    assert found.python == Path(sys.executable)


def test_without_one_the_command_is_named(nowhere: Path) -> None:
    with pytest.raises(MissingRequirementError, match="in an environment of its own: constructs-ml emulator install"):
        environment.find()
    assert not (nowhere / "data").exists()


@pytest.mark.usefixtures("nowhere")
def test_one_that_was_installed_is_found() -> None:
    own = _environment(environment.own_folder(), environment.VERSION)
    assert environment.find().python == own / "bin" / "python"


def test_a_named_one_goes_first(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _environment(environment.own_folder(), environment.VERSION)
    named = _environment(nowhere / "named", environment.VERSION)
    monkeypatch.setenv(environment.VARIABLE, str(named))
    assert environment.find().packages.is_relative_to(named)


@pytest.mark.parametrize(("version", "said"), [("1.0.0", "has ministack 1.0.0"), ("", "has no ministack")])
def test_a_named_one_must_have_the_very_version(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch, version: str, said: str
) -> None:
    named = nowhere / "named"
    if version:
        _environment(named, version)
    monkeypatch.setenv(environment.VARIABLE, str(named))
    with pytest.raises(
        LocalRunError, match=f"{said}: it must have {environment.VERSION}; constructs-ml emulator install --into"
    ):
        environment.find()


@pytest.mark.usefixtures("nowhere")
def test_an_installed_one_of_another_version_is_not_taken() -> None:
    _environment(environment.own_folder(), "1.0.0")
    with pytest.raises(MissingRequirementError):
        environment.find()


def test_installing_over_something_else_is_refused(nowhere: Path) -> None:
    (nowhere / "mine").mkdir()
    (nowhere / "mine" / "file").write_text("kept")
    with pytest.raises(LocalRunError, match="exists and is not an environment of the emulator"):
        environment.install(nowhere / "mine")
    assert (nowhere / "mine" / "file").read_text() == "kept"


@pytest.mark.long
def test_a_failed_installation_leaves_nothing_and_says_why(nowhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wheels = nowhere / "wheels"
    wheels.mkdir()
    with pytest.raises(SystemExit) as caught:
        cli.main(["emulator", "install", "--into", str(nowhere / "made"), "--find-links", str(wheels)])
    assert caught.value.code == 1
    error = capsys.readouterr().err
    assert "No matching distribution found for" in error
    assert "Traceback" not in error
    assert not (nowhere / "made").exists()
    assert not (nowhere / "made.partial").exists()


def test_the_lock_has_a_hash_for_every_package_and_names_no_host() -> None:
    text = environment.LOCK.read_text()
    requirements = [line for line in text.splitlines() if line and line[0].isalpha()]
    assert f"ministack=={environment.VERSION} \\" in requirements
    assert text.count("==") >= len(requirements)
    assert all(line.endswith("\\") for line in requirements)
    assert "://" not in text


def test_extras_put_no_bound_on_what_users_have() -> None:
    tomllib = pytest.importorskip("tomllib")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    assert "boto3" in extras["local"]
    for name in ("local", "testing", "check"):
        assert not [each for each in extras[name] if each.startswith(("ministack", "botocore", "boto3="))]
        # A marker says for which Python something is needed.
        needed = [each.partition(";")[0] for each in extras[name]]
        assert needed
        assert not [each for each in needed if "==" in each or "<" in each]


# Neither environment is on the other's path: here this one's emulator is hidden from a process, which is told of it by name.
_HIDES = """
    import importlib.abc, json, sys

    class Hidden(importlib.abc.MetaPathFinder):
        def find_spec(self, name, path=None, target=None):
            if path is None and name in {"ministack", "hypercorn", "graphql", "defusedxml"}:
                raise ModuleNotFoundError(name)

    sys.meta_path.insert(0, Hidden())
    sys.modules.pop("ministack", None)
    from importlib.machinery import PathFinder
    original = PathFinder.find_spec
    PathFinder.find_spec = lambda name, *more: None if name == "ministack" else original(name, *more)
"""
_SIMULATES = """
    from constructs_ml.testing import simulate

    found = simulate({"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": 7, "End": True}}})
    packages = sorted({name.split(".")[0] for name in sys.modules})
    print(json.dumps([found.output, [name for name in packages if name in {"botocore", "hypercorn", "yaml", "graphql"}]]))
"""
_RUNS = """
    from constructs_ml.local import LocalAws

    with LocalAws() as aws:
        print(json.dumps(aws.client("sts").get_caller_identity()["Account"]))
"""


def _alone(*programs: str, variable: str = environment.VARIABLE, value: Path = PREFIX) -> object:
    """What the last line of programs says, in a process whose own environment has no emulator."""
    code = "".join(map(textwrap.dedent, (_HIDES, *programs)))
    variables = {name: each for name, each in os.environ.items() if name != environment.VARIABLE} | {
        variable: str(value)
    }
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=variables, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_a_simulation_loads_the_interpreter_and_nothing_else_of_that_environment() -> None:
    assert _alone(_SIMULATES) == [7, []]


@pytest.mark.local
def test_a_run_starts_the_emulator_of_that_environment() -> None:
    assert _alone(_RUNS) == "111122223333"


@pytest.mark.local
def test_a_run_after_a_simulation_starts_the_emulator_that_was_installed(tmp_path: Path) -> None:
    """The simulation has loaded the emulator's package; it is still none of this environment's."""
    installed = tmp_path / "constructs-ml" / f"emulator-{environment.VERSION}"
    installed.parent.mkdir()
    installed.symlink_to(PREFIX)
    assert _alone(_SIMULATES, _RUNS, variable="XDG_DATA_HOME", value=tmp_path) == "111122223333"


_USERS = {
    "aiobotocore": ["aiobotocore", "s3fs"],
    "sdk": ["sagemaker-core==2.27.0"],
    "older boto3": ["boto3==1.40.0"],
    "nothing": [],
}


@pytest.mark.long
@pytest.mark.parametrize("user", _USERS)
def test_a_users_packages_are_the_same_with_the_extras_and_without(user: str, tmp_path: Path) -> None:
    def resolved(ours: str) -> dict[str, str]:
        file = tmp_path / "requirements.in"
        file.write_text("\n".join([*_USERS[user], ours]))
        command = [
            str(PREFIX / "bin" / "uv"),
            "pip",
            "compile",
            "--no-config",
            "--no-annotate",
            "--no-header",
            str(file),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return dict(line.split("==") for line in done.stdout.splitlines() if "==" in line)

    without = resolved(str(ROOT))
    with_them = resolved(f"constructs-ml[check,local,testing] @ {ROOT.as_uri()}")
    own = {"constructs-ml"}
    assert {name: version for name, version in with_them.items() if name in without and name not in own} == {
        name: version for name, version in without.items() if name not in own
    }


@pytest.mark.long
@pytest.mark.local
def test_the_command_makes_an_environment_that_runs(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from constructs_ml.local import LocalAws

    folder = environment.install(nowhere / "made")
    assert environment.install(folder) == folder
    monkeypatch.setenv(environment.VARIABLE, str(folder))
    with LocalAws() as aws:
        assert aws.client("s3").list_buckets()["Buckets"] == []
