"""What synthesis costs: a chain of jobs of this library, of aws-cdk-lib's own task states, and of ASL written by hand.

Each case runs in its own process, the cases take turns, and the medians are shown. The exit code tells whether the bars
hold. ``--write`` puts the table into benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from aws_cdk import Stack
    from aws_cdk import aws_stepfunctions as sfn

COUNTS = (1, 100, 500)
REPEATS = 5
IMPORTS = 11
SAMPLE_SECONDS = 0.02
MEBIBYTE = 2**20
TOO_MANY = re.compile(r"Number of resources in stack .* is greater than allowed maximum of \d+")

MOST_REQUESTS_A_JOB = 5.0
MOST_IMPORT_SECONDS = 0.1
MOST_CPU_OF_STOCK = 1.0
FIRST_WORKFLOW = ("Code", "ContainerImage", "JobStateChangeRule", "ProcessingJob", "S3Data", "TrainingJob", "Workflow")
"""What the README's first workflow uses."""
NOT_IMPORTED = ("aws_cdk.aws_stepfunctions_tasks", "aws_cdk.aws_ec2", "botocore", "sagemaker")

RESULTS = Path(__file__).with_name("README.md")
IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/job:1"


# The cases ----------------------------------------------------------------------------------------------------------


def ours(stack: Stack, count: int) -> None:
    """A chain of ``ml.ProcessingJob``."""
    from aws_cdk import aws_s3 as s3
    from aws_cdk import aws_stepfunctions as sfn

    import constructs_ml as ml

    data = s3.Bucket(stack, "Data")
    image = ml.ContainerImage.from_registry(IMAGE)
    chain = _chained(
        ml.ProcessingJob(
            stack,
            f"Job{number}",
            image=image,
            arguments=["--part", str(number)],
            inputs={"raw": ml.S3Data.from_bucket(data, f"raw/{number}/")},
            outputs=["out"],
        )
        for number in range(count)
    )
    sfn.StateMachine(stack, "Machine", definition_body=sfn.DefinitionBody.from_chainable(chain))


def stock(stack: Stack, count: int, *, own_roles: bool = False) -> None:
    """A chain of ``tasks.SageMakerCreateTrainingJob``, the nearest that aws-cdk-lib has, with one role for all."""
    from aws_cdk import Duration, Size
    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_s3 as s3
    from aws_cdk import aws_stepfunctions as sfn
    from aws_cdk import aws_stepfunctions_tasks as tasks

    data, results = s3.Bucket(stack, "Data"), s3.Bucket(stack, "Results")
    role = None if own_roles else iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    image = tasks.DockerImage.from_registry(IMAGE)
    # What the states have in common is made once, as it is for the other chains.
    resources = tasks.ResourceConfig(
        instance_count=1,
        instance_type=ec2.InstanceType.of(ec2.InstanceClass.M5, ec2.InstanceSize.XLARGE),
        volume_size=Size.gibibytes(30),
    )
    stopping = tasks.StoppingCondition(max_runtime=Duration.hours(24))
    unique = sfn.JsonPath.uuid()
    chain = _chained(
        tasks.SageMakerCreateTrainingJob(
            stack,
            f"Job{number}",
            training_job_name=sfn.JsonPath.format(f"job-{number}-{{}}", unique),
            algorithm_specification=tasks.AlgorithmSpecification(training_image=image),
            hyperparameters={"part": str(number)},
            input_data_config=[
                tasks.Channel(
                    channel_name="raw",
                    data_source=tasks.DataSource(
                        s3_data_source=tasks.S3DataSource(
                            s3_location=tasks.S3Location.from_bucket(data, f"raw/{number}/")
                        )
                    ),
                )
            ],
            output_data_config=tasks.OutputDataConfig(
                s3_output_location=tasks.S3Location.from_bucket(results, f"job{number}/")
            ),
            resource_config=resources,
            stopping_condition=stopping,
            integration_pattern=sfn.IntegrationPattern.RUN_JOB,
            result_path=f"$.Job{number}",
            role=role,
        )
        for number in range(count)
    )
    sfn.StateMachine(stack, "Machine", definition_body=sfn.DefinitionBody.from_chainable(chain))


def stock_with_own_roles(stack: Stack, count: int) -> None:
    """The same as most write it: each state makes its role."""
    stock(stack, count, own_roles=True)


def by_hand(stack: Stack, count: int) -> None:
    """The states of :func:`ours` as a text, with none of their permissions."""
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_s3 as s3
    from aws_cdk import aws_stepfunctions as sfn

    data, results = s3.Bucket(stack, "Data"), s3.Bucket(stack, "Results")
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    names = (data.bucket_name, results.bucket_name, role.role_arn, stack.partition)
    states = {f"Job{number}": _state(number, *names, last=number == count - 1) for number in range(count)}
    definition = json.dumps({"StartAt": "Job0", "States": states})
    sfn.StateMachine(stack, "Machine", definition_body=sfn.DefinitionBody.from_string(definition))


def _state(number: int, data: str, results: str, role: str, partition: str, *, last: bool) -> dict[str, Any]:
    location = f"States.Format('s3://{results}/job{number}/{{}}/', $$.Execution.Name)"
    request = {
        "ProcessingJobName.$": f"States.Format('job-{number}-{{}}', States.UUID())",
        "ProcessingInputs": [
            {
                "InputName": "raw",
                "S3Input": {
                    "S3Uri": f"s3://{data}/raw/{number}/",
                    "LocalPath": "/opt/ml/processing/input/raw",
                    "S3DataType": "S3Prefix",
                    "S3InputMode": "File",
                    "S3DataDistributionType": "FullyReplicated",
                    "S3CompressionType": "None",
                },
            }
        ],
        "ProcessingOutputConfig": {
            "Outputs": [
                {
                    "OutputName": "out",
                    "S3Output": {
                        "S3Uri.$": location,
                        "LocalPath": "/opt/ml/processing/output/out",
                        "S3UploadMode": "EndOfJob",
                    },
                }
            ]
        },
        "ProcessingResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 30}
        },
        "AppSpecification": {"ImageUri": IMAGE, "ContainerArguments": ["--part", str(number)]},
        "RoleArn": role,
    }
    goes_on: dict[str, Any] = {"End": True} if last else {"Next": f"Job{number + 1}"}
    return {
        "Type": "Task",
        "Resource": f"arn:{partition}:states:::sagemaker:createProcessingJob.sync",
        "Parameters": request,
        "ResultPath": f"$.Job{number}",
        **goes_on,
    }


def _chained(states: Iterable[Any]) -> sfn.IChainable:
    chain: Any = None
    for state in states:
        chain = state if chain is None else chain.next(state)
    return chain


CASES: dict[str, Callable[[Stack, int], None]] = {
    "constructs-ml": ours,
    "aws-cdk-lib": stock,
    "ASL by hand": by_hand,
    "aws-cdk-lib, own roles": stock_with_own_roles,
}
COMPARED = ("constructs-ml", "aws-cdk-lib", "ASL by hand")


def run_case(name: str, count: int) -> None:
    """Synthesizes a case in this process and prints what this process knows of it, as JSON."""
    from jsii._kernel.providers import process

    sent = [0]
    send = process._NodeProcess.send  # noqa: SLF001 - jsii has no public counter

    def counting(self: Any, *args: Any) -> Any:  # noqa: ANN401 - jsii's own signature
        sent[0] += 1
        return send(self, *args)

    process._NodeProcess.send = counting  # type: ignore[method-assign] # noqa: SLF001
    from aws_cdk import App, Stack

    with tempfile.TemporaryDirectory() as folder:
        app = App(outdir=folder, analytics_reporting=False)
        sent[0] = 0
        stack = Stack(app, "Benchmark")
        CASES[name](stack, count)
        app.synth()
        template = Path(folder, stack.template_file).read_bytes()
    print(
        json.dumps(
            {
                "requests": sent[0],
                "bytes": len(template),
                "resources": len(json.loads(template)["Resources"]),
                "python": time.process_time(),
            }
        )
    )


def run_import() -> None:
    """Imports the package after aws-cdk-lib's and prints what that adds, as JSON; names are imported when used."""
    import aws_cdk
    import aws_cdk.aws_stepfunctions  # noqa: F401 - what an app has imported already

    start = time.process_time()
    import constructs_ml as ml

    package = time.process_time() - start
    for name in FIRST_WORKFLOW:
        getattr(ml, name)
    first = time.process_time() - start
    for name in ml.__all__:
        getattr(ml, name)
    every = time.process_time() - start
    loaded = [name for name in NOT_IMPORTED if name in sys.modules]
    print(json.dumps({"package": package, "first": first, "every": every, "loaded": loaded}))


# Measuring ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Measured:
    """One run of a case, or the medians of several.

    Attributes:
        cpu: The CPU seconds of Python and Node together, from start to end.
        python: Those of Python alone.
        memory: The peak of the memory of Python and Node together, in MiB.
        requests: What Python sent to Node.
        bytes: The size of the template.
        resources: The resources in it.
    """

    cpu: float
    python: float
    memory: float
    requests: float
    bytes: float
    resources: float


class Benchmark:
    """Runs cases in processes of their own, with bytecode compiled and without aws-cdk-lib's own linter."""

    def __init__(self, cache: str) -> None:
        # The cases differ in what the linter would see only by the size of the definition.
        self._environment = {**os.environ, "PYTHONPYCACHEPREFIX": cache, "CDK_VALIDATION": "false"}
        self._environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def case(self, name: str, count: int) -> Measured | str:
        """A run of a case, or the end of its error."""
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            arguments = [sys.executable, __file__, "--case", name, "--jobs", str(count)]
            process = subprocess.Popen(arguments, env=self._environment, stdout=out, stderr=err)
            peak, status, usage = _watch(process)
            out.seek(0)
            err.seek(0)
            if status:
                text = err.read()
                told = TOO_MANY.search(text)
                return told[0] if told else text[-300:]
            printed = json.load(out)
        return Measured(
            cpu=usage.ru_utime + usage.ru_stime,
            python=printed["python"],
            memory=peak / MEBIBYTE,
            requests=printed["requests"],
            bytes=printed["bytes"],
            resources=printed["resources"],
        )

    def imports(self) -> dict[str, Any]:
        """One import in a fresh interpreter."""
        command = [sys.executable, __file__, "--import"]
        printed = subprocess.run(command, env=self._environment, capture_output=True, text=True, check=True).stdout
        told: dict[str, Any] = json.loads(printed)
        return told


def _watch(process: subprocess.Popen[Any]) -> tuple[int, int, Any]:
    """Waits for a process; its peak of memory with that of its children, its status, its and their usage."""
    peak, watched = 0, psutil.Process(process.pid)
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return peak, process.returncode, usage
        peak = max(peak, _memory(watched))
        time.sleep(SAMPLE_SECONDS)


def _memory(process: psutil.Process) -> int:
    total = 0
    try:
        for one in (process, *process.children(recursive=True)):
            total += one.memory_info().rss
    except psutil.NoSuchProcess:
        pass
    return total


def median(runs: list[Measured]) -> Measured:
    """The medians of several runs."""
    values = {field: statistics.median(getattr(run, field) for run in runs) for field in Measured.__slots__}
    return Measured(**values)


def measure(benchmark: Benchmark, repeats: int) -> dict[tuple[str, int], Measured]:
    """The medians of all cases; a case takes its turn after all others have."""
    runs: dict[tuple[str, int], list[Measured]] = {}
    for turn in range(repeats):
        for count in COUNTS:
            # No case is always the first or the last.
            for name in COMPARED[turn % len(COMPARED) :] + COMPARED[: turn % len(COMPARED)]:
                run = benchmark.case(name, count)
                if isinstance(run, str):
                    raise SystemExit(f"{name} with {count} jobs failed: {run}")
                runs.setdefault((name, count), []).append(run)
                print(f"  {name}, {count}: {run.cpu:.2f} s", file=sys.stderr)
    return {key: median(values) for key, values in runs.items()}


def own_roles_end(benchmark: Benchmark) -> tuple[int, str]:
    """The number of stock states with roles of their own that no longer fit into a stack, and the error."""
    name, fits, fails = "aws-cdk-lib, own roles", 100, 500
    error = benchmark.case(name, fails)
    while fails - fits > 1:
        tried = (fits + fails) // 2
        run = benchmark.case(name, tried)
        if isinstance(run, str):
            fails, error = tried, run
        else:
            fits = tried
    return fails, str(error)


# Telling ------------------------------------------------------------------------------------------------------------


def machine() -> str:
    """This machine in words."""
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip().lstrip("v")
    python = ".".join(platform.python_version_tuple()[:2])
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{cores} cores, {platform.system()}, Python {python}, Node {node.split('.')[0]}"


def table(results: dict[tuple[str, int], Measured]) -> list[str]:
    """The medians as a table of Markdown."""
    lines = [
        "| jobs | chain of | CPU s | of it Python | against stock | peak MiB | jsii requests a job | template kB | resources |",
        "| ---: | :--- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for count in COUNTS:
        stock_cpu = results["aws-cdk-lib", count].cpu
        for name in COMPARED:
            it = results[name, count]
            lines.append(
                f"| {count} | {name} | {it.cpu:.2f} | {it.python:.2f} | {it.cpu / stock_cpu:.2f} | {it.memory:.0f} | "
                f"{it.requests / count:.1f} | {it.bytes / 1000:.1f} | {it.resources:.0f} |"
            )
    return lines


def bars(
    results: dict[tuple[str, int], Measured], added: dict[str, float], loaded: list[str]
) -> list[tuple[str, bool]]:
    """What must hold, and whether it does."""
    most = COUNTS[-1]
    mine, theirs = results["constructs-ml", most], results["aws-cdk-lib", most]
    ratio, requests = mine.cpu / theirs.cpu, mine.requests / most
    return [
        (f"{most} jobs take at most the CPU of aws-cdk-lib's own states: {ratio:.2f}", ratio <= MOST_CPU_OF_STOCK),
        (f"at most {MOST_REQUESTS_A_JOB:.0f} jsii requests a job: {requests:.1f}", requests <= MOST_REQUESTS_A_JOB),
        (
            (
                f"importing constructs_ml adds at most {MOST_IMPORT_SECONDS} s CPU to aws-cdk-lib: {added['package']:.3f} s "
                f"(names are imported when used: {added['first']:.3f} s with those of the first workflow, "
                f"{added['every']:.3f} s with all)"
            ),
            added["package"] <= MOST_IMPORT_SECONDS,
        ),
        (f"and loads none of {', '.join(NOT_IMPORTED)}: {', '.join(loaded) or 'none'}", not loaded),
    ]


def report(*, write: bool, repeats: int) -> int:
    """Measures, prints and perhaps writes the report; 1 if a bar fails."""
    with tempfile.TemporaryDirectory() as cache:
        benchmark = Benchmark(cache)
        for name in COMPARED:
            benchmark.case(name, 1)
        benchmark.imports()
        imports = [benchmark.imports() for _ in range(IMPORTS)]
        added = {name: statistics.median(one[name] for one in imports) for name in ("package", "first", "every")}
        results = measure(benchmark, repeats)
        end, error = own_roles_end(benchmark)
    held = bars(results, added, imports[0]["loaded"])
    lines = [
        "# Benchmarks",
        "",
        "`make benchmark` runs them; `python benchmarks/synth.py --write` writes this file.",
        "",
        "## Synthesis",
        "",
        f"A chain of jobs in one state machine, on {machine()}; medians of {repeats} runs that take turns, each in a",
        "process of its own from start to end, with bytecode compiled and `CDK_VALIDATION=false`. CPU and memory are those",
        "of Python and Node together. The chain of aws-cdk-lib is of `SageMakerCreateTrainingJob`s that share one role; the",
        "chain by hand is a text, without permissions.",
        "",
        *table(results),
        "",
        "Without the shared role, each state of aws-cdk-lib's makes its own, and",
        f"{end} of them no longer fit into a stack: `{error}`.",
        "",
        *[f"- {'holds' if ok else 'FAILS'}: {text}" for text, ok in held],
        "",
    ]
    text = "\n".join(lines)
    print(text)
    if write:
        RESULTS.write_text(text, encoding="utf-8")
    return 0 if all(ok for _, ok in held) else 1


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name} beside this script")
    parser.add_argument("--repeats", type=int, default=REPEATS, help="how often each case is run")
    parser.add_argument("--case", choices=CASES, help=argparse.SUPPRESS)
    parser.add_argument("--jobs", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--import", action="store_true", dest="imports", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.case:
        run_case(asked.case, asked.jobs)
    elif asked.imports:
        run_import()
    else:
        return report(write=asked.write, repeats=asked.repeats)
    return 0


if __name__ == "__main__":
    sys.exit(main())
