"""Spark jobs: smspark-submit's command line, as pyspark's spark-submit takes it."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import stat
import textwrap
from typing import TYPE_CHECKING, Any

import pytest
from local_bench import IMAGE, Bench, Workflow, machine, processing, s3_input, task

from constructs_ml.local import LocalAws
from constructs_ml.local.aws.faults import JobError
from constructs_ml.local.host.contract import Host
from constructs_ml.local.host.spark import SparkSubmit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_APP = "/opt/ml/processing/input/code/app.py"
_HAS_SPARK = (importlib.util.find_spec("pyspark") or shutil.which("spark-submit")) and shutil.which("java")


class _Storage:
    """Storage of objects that hold their keys."""

    def download(self, objects: list[Any], directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        for found in objects:
            (directory / found.path).write_text(found.key)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with a spark-submit that writes down what it is called with, and a java."""
    folder = tmp_path / "programs"
    folder.mkdir()
    submit = """\
        #!/bin/sh
        for argument in "$@"; do echo "$argument"; done > "$OUTPUT/arguments"
        cat "$OUTPUT/../../spark/py-files/"* > "$OUTPUT/files" 2>/dev/null; echo "$SPARK_LOCAL_IP"
    """
    for name, text in {"spark-submit": submit, "java": "#!/bin/sh\n"}.items():
        (folder / name).write_text(textwrap.dedent(text))
        (folder / name).chmod((folder / name).stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


def _translated(tmp_path: Path, *arguments: str, configuration: Any = None) -> tuple[list[str], list[str]]:
    """The command without its program and the properties that every one has; and what was told."""
    host = Host("algo-1", 0, tmp_path / "ml")
    if configuration is not None:
        host.write("processing/input/conf/configuration.json", configuration)
    notes: list[str] = []
    storage: Any = _Storage()
    command = SparkSubmit(storage, "http://127.0.0.1:1", notes.append).command(list(arguments), host)
    assert command[1:3] == ["--master", "local[*]"]
    own = [at for at, part in enumerate(command) if part.startswith(("spark.hadoop.fs.s3", "spark.ui.enabled"))]
    left = [part for at, part in enumerate(command) if at not in own and at + 1 not in own]
    return left[3:], notes


@pytest.mark.usefixtures("programs")
@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ([_APP], [_APP]),
        ([_APP, "--day", "1", "--class", "x"], [_APP, "--day", "1", "--class", "x"]),
        (["--class", "com.x.Main", "/opt/ml/a.jar", "x"], ["--class", "com.x.Main", "/opt/ml/a.jar", "x"]),
        (["--verbose", "--conf", "a=b", _APP], ["--verbose", "--conf", "a=b", _APP]),
        (
            ["--py-files", "s3://b/h/a.py,s3://b/x#1/b.zip", _APP],
            ["--py-files", "/opt/ml/processing/spark/py-files/a.py,/opt/ml/processing/spark/py-files/b.zip", _APP],
        ),
        (["--jars=s3a://b/x.jar", _APP], ["--jars", "/opt/ml/processing/spark/jars/x.jar", _APP]),
        (["--files", "/opt/ml/f.txt,file:///opt/ml/g", _APP], ["--files", "/opt/ml/f.txt,/opt/ml/g", _APP]),
    ],
)
def test_options_are_translated(tmp_path: Path, arguments: list[str], wanted: list[str]) -> None:
    assert _translated(tmp_path, *arguments) == (wanted, [])


@pytest.mark.usefixtures("programs")
def test_what_is_left_out_is_told(tmp_path: Path) -> None:
    given = ["--local-spark-event-logs-dir", "/opt/ml/e/", "--spark-event-logs-s3-uri=s3://b/e", "--master", "yarn"]
    left, notes = _translated(tmp_path, *given, _APP)
    assert left == [_APP]
    assert [note.partition(":")[0] for note in notes] == [given[0], "--spark-event-logs-s3-uri", "--master yarn"]


@pytest.mark.usefixtures("programs")
def test_the_configuration_file_sets_properties(tmp_path: Path) -> None:
    configuration = [
        {"Classification": "spark-defaults", "Properties": {"spark.executor.memory": "2g", "spark.master": "yarn"}},
        {"Classification": "yarn-site", "Properties": {"x": "1"}},
    ]
    left, notes = _translated(tmp_path, _APP, configuration=configuration)
    assert left == ["--conf", "spark.executor.memory=2g", _APP]
    assert notes == ["configuration yarn-site: it configures a cluster, and a local run has none"]


@pytest.mark.usefixtures("programs")
@pytest.mark.parametrize(
    ("arguments", "said"), [(["--class"], "--class needs a value"), (["--verbose"], "there is no application")]
)
def test_a_call_without_an_application_is_refused(tmp_path: Path, arguments: list[str], said: str) -> None:
    with pytest.raises(JobError, match=f"smspark-submit: {said}"):
        _translated(tmp_path, *arguments)


@pytest.mark.parametrize("missing", ["spark-submit", "java"])
def test_what_is_missing_is_told(tmp_path: Path, programs: Path, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    (programs / missing).unlink()
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(JobError, match=rf"pip install pyspark \(and a Java runtime\), .*; there is no {missing} here"):
        _translated(tmp_path, _APP)


def _request(*options: str, **changes: Any) -> dict[str, Any]:
    request = processing("app.py", Environment={"OUTPUT": "/opt/ml/processing/output/result"}, **changes)
    request["AppSpecification"] |= {
        "ContainerEntrypoint": ["smspark-submit", *options, _APP],
        "ContainerArguments": ["--day", "1"],
    }
    request["ProcessingInputs"].append(s3_input("conf"))
    return request


_CONF = json.dumps([{"Classification": "spark-defaults", "Properties": {"spark.app.name": "features"}}])


@pytest.fixture
def spark_bench(tmp_path: Path) -> Iterator[Bench]:
    logs: list[str] = []
    notes: list[str] = []
    with LocalAws(on_log=lambda line: logs.append(line.text), on_note=notes.append, stop_grace=1) as aws:
        yield Bench(aws, tmp_path / "assemblies", logs, notes)


@pytest.mark.local
@pytest.mark.usefixtures("programs")
def test_a_job_runs_spark_submit(spark_bench: Bench) -> None:
    request = _request("--py-files", "s3://${Bucket}/in/h/helpers.py", "--local-spark-event-logs-dir", "/opt/ml/e/")
    request["ProcessingResources"]["ClusterConfig"]["InstanceCount"] = 2
    workflow = Workflow(machine(Spark=task("Processing", request)))
    files = {"code__app_py": "app", "h__helpers_py": "x = 1", "conf__configuration_json": _CONF}
    deployment, execution = spark_bench.run(workflow, **files)
    assert execution.status == "SUCCEEDED", execution.cause
    found = spark_bench.objects(deployment)
    arguments = found["out/result/arguments"].decode().splitlines()
    assert arguments[:2] == ["--master", "local[*]"]
    assert arguments[-5:] == ["--py-files", "/opt/ml/processing/spark/py-files/helpers.py", _APP, "--day", "1"]
    assert "spark.app.name=features" in arguments
    assert found["out/result/files"] == b"x = 1"
    assert "127.0.0.1" in spark_bench.logs
    told = " ".join(execution.simulated)
    assert "a local run writes no event logs of Spark" in told
    assert "Spark runs on this machine alone, not on 2 instances" in told


@pytest.mark.local
def test_a_mapped_image_takes_the_options(tmp_path: Path) -> None:
    script = tmp_path / "mine.py"
    script.write_text("import os, sys; open(os.environ['OUTPUT'] + '/x', 'w').write(' '.join(sys.argv[1:]))")
    with LocalAws(images={IMAGE: ["python3", str(script)]}) as aws:
        bench = Bench(aws, tmp_path / "assemblies", [])
        workflow = Workflow(machine(Spark=task("Processing", _request("--verbose"))))
        deployment, _ = bench.run(workflow, code__app_py="app", conf__configuration_json="[]")
        assert bench.objects(deployment) == {"out/result/x": f"--verbose {_APP} --day 1".encode()}


@pytest.mark.local
@pytest.mark.skipif(not _HAS_SPARK, reason="pyspark and Java are not installed")
def test_an_application_runs_in_spark(spark_bench: Bench) -> None:
    app = """
        import os, sys
        from pyspark.sql import SparkSession
        import helpers
        spark = SparkSession.builder.getOrCreate()
        rows = spark.read.csv("/opt/ml/processing/input/rows", header=True).groupBy("kind").count()
        doubled = rows.rdd.map(lambda row: (row["kind"], helpers.double(row["count"]))).collect()
        with open(os.environ["OUTPUT"] + "/counts", "w") as file:
            print(spark.conf.get("spark.app.name"), sorted(doubled), sys.argv[1:], file=file)
    """
    request = _request("--py-files", "s3://${Bucket}/in/h/helpers.py")
    request["ProcessingInputs"].append(s3_input("rows"))
    deployment, execution = spark_bench.run(
        Workflow(machine(Spark=task("Processing", request))),
        code__app_py=app,
        h__helpers_py="def double(x): return 2 * x",
        conf__configuration_json=_CONF,
        rows__a_csv="kind,x\na,1\nb,2\na,3\n",
    )
    assert execution.status == "SUCCEEDED", execution.cause
    counted = spark_bench.objects(deployment)["out/result/counts"].decode().strip()
    assert counted == "features [('a', 4), ('b', 2)] ['--day', '1']"
