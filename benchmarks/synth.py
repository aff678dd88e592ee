"""The cost of synthesis: a chain of jobs in an ``ml.Workflow``, checked as users have it, beside aws-cdk-lib's own states.

Each case runs in its own process, the cases take turns, and the medians are shown. The exit code says whether the bars
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
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from aws_cdk import Stack
    from aws_cdk import aws_stepfunctions as sfn

COUNTS = (5, 100, 300)
REPEATS = 5
IMPORTS = 11
SAMPLE_SECONDS = 0.02
MEBIBYTE = 2**20
TOO_MANY = re.compile(r"Number of resources in stack .* is greater than allowed maximum of \d+")

MOST_IMPORT_SECONDS = 0.1
MOST_CPU_OF_STOCK = {5: 1.0, 100: 0.95, 300: 1.0}
CHECKS = "constructs_ml.lint.checking"
"""The module that is loaded only when a template is checked."""
FIRST_WORKFLOW = ("Code", "ContainerImage", "JobStateChangeRule", "ProcessingJob", "S3Data", "TrainingJob", "Workflow")
"""What the README's first workflow uses."""
NOT_IMPORTED = ("aws_cdk.aws_stepfunctions_tasks", "aws_cdk.aws_ec2", "botocore", "sagemaker")

RESULTS = Path(__file__).with_name("README.md")
IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/job:1"


# The cases ----------------------------------------------------------------------------------------------------------


def ours(stack: Stack, count: int) -> None:
    """Define a chain of ``ml.ProcessingJob`` in an ``ml.Workflow``, which checks it when it is synthesized."""
    import constructs_ml as ml

    ml.Workflow(stack, "Machine", definition=_jobs(stack, count))


def ours_unchecked(stack: Stack, count: int) -> None:
    """Define the same chain in a plain ``sfn.StateMachine``, which nothing checks."""
    from aws_cdk import aws_stepfunctions as sfn

    body = sfn.DefinitionBody.from_chainable(_jobs(stack, count))
    sfn.StateMachine(stack, "Machine", definition_body=body)


def _jobs(stack: Stack, count: int) -> sfn.IChainable:
    from aws_cdk import aws_s3 as s3

    import constructs_ml as ml

    data = s3.Bucket(stack, "Data")
    image = ml.ContainerImage.from_registry(IMAGE)
    return _chained(
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


def stock(stack: Stack, count: int, *, own_roles: bool = False) -> None:
    """Define a chain of ``tasks.SageMakerCreateTrainingJob``, the nearest that aws-cdk-lib has, with one role for all."""
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
    """Define the same as most write it: each state makes its role."""
    stock(stack, count, own_roles=True)


def _chained(states: Iterable[Any]) -> sfn.IChainable:
    chain: Any = None
    for state in states:
        chain = state if chain is None else chain.next(state)
    return chain


CASES: dict[str, Callable[[Stack, int], None]] = {
    "constructs-ml": ours,
    "constructs-ml, unchecked": ours_unchecked,
    "aws-cdk-lib": stock,
    "aws-cdk-lib, own roles": stock_with_own_roles,
}
COMPARED = ("constructs-ml", "constructs-ml, unchecked", "aws-cdk-lib")


def run_case(name: str, count: int) -> None:
    """Synthesizes a case in this process and prints what this process knows of it, as JSON."""
    from jsii._kernel.providers import process

    sent: Counter[str] = Counter()
    send = process._NodeProcess.send  # noqa: SLF001 - jsii has no public counter

    def counting(self: Any, request: Any, *args: Any) -> Any:  # noqa: ANN401 - jsii's own signature
        sent[_described(request)] += 1
        return send(self, request, *args)

    process._NodeProcess.send = counting  # type: ignore[method-assign] # noqa: SLF001
    from aws_cdk import App, Stack

    with tempfile.TemporaryDirectory() as folder:
        app = App(outdir=folder, analytics_reporting=False)
        sent.clear()
        stack = Stack(app, "Benchmark")
        CASES[name](stack, count)
        app.synth()
        template = Path(folder, stack.template_file).read_bytes()
    print(
        json.dumps(
            {
                "requests": sent.total(),
                "kinds": dict(sent.most_common()),
                "checked": CHECKS in sys.modules,
                "bytes": len(template),
                "resources": len(json.loads(template)["Resources"]),
                "python": time.process_time(),
            }
        )
    )


def _described(request: Any) -> str:  # noqa: ANN401 - any of jsii's requests
    """Returns a request's kind with what it is about: ``Invoke aws-cdk-lib.aws_s3.Bucket.arnForObjects``."""
    kind = type(request).__name__.removesuffix("Request")
    about = getattr(request, "fqn", None) or getattr(getattr(request, "objref", None), "ref", "").partition("@")[0]
    member = getattr(request, "method", None) or getattr(request, "property", None)
    return f"{kind} {about}{f'.{member}' if member else ''}".strip()


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
        value = getattr(ml, name)
        for inner in getattr(value, "__all__", ()):
            getattr(value, inner)
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
        if printed["checked"] is not (name == "constructs-ml"):
            return f"checked: {printed['checked']}"
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


Runs = dict[tuple[str, int], list[Measured]]
"""The runs of each case, one of each turn."""


def measure(benchmark: Benchmark, repeats: int) -> Runs:
    """Runs all cases; a case takes its turn after all others have."""
    runs: Runs = {}
    for turn in range(repeats):
        for count in COUNTS:
            # No case is always the first or the last.
            first = turn % len(COMPARED)
            for name in COMPARED[first:] + COMPARED[:first]:
                run = benchmark.case(name, count)
                if isinstance(run, str):
                    raise SystemExit(f"{name} with {count} jobs failed: {run}")
                runs.setdefault((name, count), []).append(run)
                print(f"  {name}, {count}: {run.cpu:.2f} s", file=sys.stderr)
    return runs


def against_stock(runs: Runs, name: str, count: int) -> list[float]:
    """The CPU of a case as a part of what aws-cdk-lib's own states took in the same turn, the least first."""
    return sorted(mine.cpu / its.cpu for mine, its in zip(runs[name, count], runs["aws-cdk-lib", count], strict=True))


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


def table(runs: Runs) -> list[str]:
    """The medians as a table of Markdown."""
    lines = [
        "| jobs | chain of | CPU s | of it Python | against stock (of single turns) | peak MiB | jsii requests a job | template kB | resources |",
        "| ---: | :--- | ---: | ---: | :--- | ---: | ---: | ---: | ---: |",
    ]
    for count in COUNTS:
        for name in COMPARED:
            it, ratios = median(runs[name, count]), against_stock(runs, name, count)
            spread = f" ({ratios[0]:.2f} to {ratios[-1]:.2f})" if name != "aws-cdk-lib" else ""
            lines.append(
                f"| {count} | {name} | {it.cpu:.2f} | {it.python:.2f} | {statistics.median(ratios):.2f}{spread} | {it.memory:.0f} | "
                f"{it.requests / count:.1f} | {it.bytes / 1000:.1f} | {it.resources:.0f} |"
            )
    return lines


def bars(runs: Runs, added: dict[str, float], loaded: list[str]) -> list[tuple[str, bool]]:
    """What must hold, and whether it does."""
    ratios = {count: statistics.median(against_stock(runs, "constructs-ml", count)) for count in COUNTS}
    return [
        *(
            (
                f"{count} jobs with their checks take at most {MOST_CPU_OF_STOCK[count]} of the CPU of aws-cdk-lib's own states: {ratio:.2f}",
                ratio <= MOST_CPU_OF_STOCK[count],
            )
            for count, ratio in ratios.items()
        ),
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


def told(held: list[tuple[str, bool]]) -> list[str]:
    """Bars as a list of Markdown."""
    return [f"- {'holds' if ok else 'FAILS'}: {text}" for text, ok in held]


def write_section(title: str, lines: list[str]) -> None:
    """Puts a section into benchmarks/README.md, in the place of the one with its title."""
    head, *sections = re.split(r"^## ", RESULTS.read_text(encoding="utf-8"), flags=re.MULTILINE)
    kept = {section.partition("\n")[0]: section.strip() for section in sections}
    kept[title] = "\n".join([title, "", *lines])
    RESULTS.write_text("\n\n## ".join([head.strip(), *kept.values()]) + "\n", encoding="utf-8")


def report(*, write: bool, repeats: int) -> int:
    """Measures, prints and perhaps writes the report; 1 if a bar fails."""
    with tempfile.TemporaryDirectory() as cache:
        benchmark = Benchmark(cache)
        for name in COMPARED:
            benchmark.case(name, 1)
        benchmark.imports()
        imports = [benchmark.imports() for _ in range(IMPORTS)]
        added = {name: statistics.median(one[name] for one in imports) for name in ("package", "first", "every")}
        runs = measure(benchmark, repeats)
        end, error = own_roles_end(benchmark)
    held = bars(runs, added, imports[0]["loaded"])
    lines = [
        f"`benchmarks/synth.py`: a chain of jobs in one state machine, on {machine()}; medians of {repeats} runs that",
        "take turns, each in a process of its own from start to end, with bytecode compiled and `CDK_VALIDATION=false` (which",
        "leaves out aws-cdk-lib's own linter of templates, not the checks of workflows). CPU and memory are those of Python and",
        "Node together; a ratio is of two runs of the same turn, and the further the least and the most of them are apart, the less",
        "the machine was quiet. constructs-ml is an `ml.Workflow` of `ml.ProcessingJob`s, checked when it is synthesized, as users",
        "have it; unchecked are the same jobs in an `sfn.StateMachine`. aws-cdk-lib is an `sfn.StateMachine` of",
        "`SageMakerCreateTrainingJob`s that share one role.",
        "",
        *table(runs),
        "",
        "Without the shared role, each state of aws-cdk-lib's makes its own, and",
        f"{end} of them no longer fit into a stack: `{error}`.",
        "",
        *told(held),
    ]
    print("\n".join(lines))
    if write:
        write_section("Synthesis", lines)
    return 0 if all(ok for _, ok in held) else 1


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"write the section of {RESULTS.name} beside this script")
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
