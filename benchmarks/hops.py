"""What one job costs in calls: Python's own to define it and to render its state, and jsii's requests to Node.

A profile by ``sys.setprofile`` of one ``ml.ProcessingJob`` with an image, an input and an output, and of one as in the README's
example, which ships code too, after a first one of its stack has been defined and rendered: modules are loaded, and what is
made once for a stack is there. Its image, code and data are made before.
A call is any that the interpreter reports: of a function, a comprehension, or a generator that goes on. The requests are all
of a stack with a chain of jobs in an ``ml.Workflow``, divided by its jobs; what the app itself takes before is not counted.

Unlike times, these figures are the same on every machine, but not with every Python: 3.12 calls no comprehensions.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synth import IMAGE, told, write_section
from synth import __file__ as synthesis

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import CodeType, FrameType

os.environ.setdefault("CDK_VALIDATION", "false")

JOBS = 300
MOST_CALLS_TO_DEFINE = 370
MOST_FILES_TO_DEFINE = 16
MOST_CALLS_TO_RENDER = 200
MOST_REQUESTS_A_JOB = 3.2
SHOWN = 12
"""How many of the most called files and functions, and of the most sent requests, are shown."""


@dataclass
class Profile:
    """The calls of constructs_ml's own code while something runs.

    Attributes:
        functions: How often each function was called, by its file and name.
        resumed: How many of the calls are of generators that went on.
        deepest: The most frames of constructs_ml that stood on each other.
    """

    functions: Counter[tuple[str, str]] = field(default_factory=Counter)
    resumed: int = 0
    deepest: int = 0

    @property
    def calls(self) -> int:
        """All calls."""
        return self.functions.total()

    @property
    def files(self) -> Counter[str]:
        """The calls of each file."""
        files: Counter[str] = Counter()
        for (file, _), calls in self.functions.items():
            files[file] += calls
        return files


def profiled(action: Callable[[], Any]) -> Profile:
    """Profiles an action."""
    import constructs_ml

    root = f"{Path(constructs_ml.__file__).parent}{os.sep}"
    own: dict[CodeType, tuple[str, str] | None] = {}
    entered: set[FrameType] = set()
    profile, depth = Profile(), 0

    def note(frame: FrameType, event: str, _: object) -> None:
        nonlocal depth
        if event not in {"call", "return"}:
            return
        code = frame.f_code
        if code not in own:
            file = code.co_filename
            own[code] = (file.removeprefix(root), code.co_name) if file.startswith(root) else None
        function = own[code]
        if function is None:
            return
        if event == "return":
            depth -= 1
            return
        depth += 1
        profile.deepest = max(profile.deepest, depth)
        profile.functions[function] += 1
        profile.resumed += frame in entered
        entered.add(frame)

    sys.setprofile(note)
    try:
        action()
    finally:
        sys.setprofile(None)
    return profile


def of_one_job(*, with_code: bool) -> tuple[Profile, Profile]:
    """The profiles of one more job of a stack: of its definition, and of the rendering of its state."""
    from aws_cdk import App, Duration, Stack
    from aws_cdk import aws_s3 as s3

    import constructs_ml as ml

    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(App(outdir=folder, analytics_reporting=False), "Benchmark")
        raw = ml.S3Data.from_bucket(s3.Bucket(stack, "RawData"), "census/")
        script = Path(folder, "preprocess.py")
        script.write_text("print('preprocessed')\n")
        props: dict[str, Any] = {"image": ml.ContainerImage.from_registry(IMAGE), "outputs": ["out"]}
        if with_code:
            props = {
                "image": ml.ContainerImage.sklearn("1.2-1"),
                "code": ml.Code.from_asset(str(script)),
                "arguments": ["--input", "/opt/ml/processing/input/raw", "--output", "/opt/ml/processing/output"],
                "outputs": ["train", "test"],
                "max_runtime": Duration.seconds(1200),
            }
        jobs: list[ml.ProcessingJob] = []

        def define() -> None:
            jobs.append(ml.ProcessingJob(stack, f"Preprocess{len(jobs)}", inputs={"raw": raw}, **props))

        define()
        jobs[0].to_state_json()
        return profiled(define), profiled(jobs[1].to_state_json)


def requests() -> Counter[str]:
    """The requests to Node of a stack of many jobs, by their kinds; a process of its own counts them."""
    command = [sys.executable, synthesis, "--case", "constructs-ml", "--jobs", str(JOBS)]
    printed = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    return Counter(json.loads(printed)["kinds"])


def bars(defined: Profile, rendered: Profile, sent: float) -> list[tuple[str, bool]]:
    """What must hold, and whether it does."""
    files = len(defined.files)
    return [
        (
            f"one job takes at most {MOST_CALLS_TO_DEFINE} Python calls to define: {defined.calls}",
            defined.calls <= MOST_CALLS_TO_DEFINE,
        ),
        (f"in at most {MOST_FILES_TO_DEFINE} files: {files}", files <= MOST_FILES_TO_DEFINE),
        (
            f"at most {MOST_CALLS_TO_RENDER} Python calls to render: {rendered.calls}",
            rendered.calls <= MOST_CALLS_TO_RENDER,
        ),
        (f"at most {MOST_REQUESTS_A_JOB} jsii requests a job of {JOBS}: {sent:.2f}", sent <= MOST_REQUESTS_A_JOB),
    ]


def figures(defined: Profile, rendered: Profile, sent: Counter[str]) -> dict[str, Any]:
    """All figures, for ``--json``."""
    told: dict[str, Any] = {
        name: {
            "calls": profile.calls,
            "resumed": profile.resumed,
            "files": len(profile.files),
            "deepest": profile.deepest,
            "by_file": dict(profile.files.most_common()),
            "by_function": {f"{file}:{name}": calls for (file, name), calls in profile.functions.most_common()},
        }
        for name, profile in (("define", defined), ("render", rendered))
    }
    return {**told, "requests_a_job": sent.total() / JOBS, "requests": dict(sent)}


def _most(title: str, counted: Sequence[tuple[str, float]]) -> str:
    width = max(len(name) for name, _ in counted)
    return "\n".join([f"\n{title}", *(f"  {name:{width}} {count:7g}" for name, count in counted)])


def table(profiles: Sequence[tuple[str, Profile]]) -> list[str]:
    """The profiles as a table of Markdown, which can be read as a text too."""
    lines = [
        "| one `ml.ProcessingJob` | Python calls | of them generators that go on | files | deepest frame |",
        "| :--------------------- | -----------: | ----------------------------: | ----: | ------------: |",
    ]
    for name, it in profiles:
        lines.append(f"| {name:22} | {it.calls:12} | {it.resumed:29} | {len(it.files):5} | {it.deepest:13} |")
    return lines


def main() -> int:
    """The command line; 1 if a bar fails and is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="exit with 1 if a bar fails")
    parser.add_argument("--json", action="store_true", help="print all figures, by file, function and request")
    parser.add_argument("--write", action="store_true", help="write the section of README.md beside this script")
    asked = parser.parse_args()
    (defined, rendered), with_code, sent = of_one_job(with_code=False), of_one_job(with_code=True), requests()
    held = bars(defined, rendered, sent.total() / JOBS)
    lines = [
        "`benchmarks/hops.py`: the calls of constructs_ml's own code while one more job of a stack is defined, with an image, an input",
        "and an output or with code as in the README's example, and while its state is rendered, by `sys.setprofile` with Python",
        f"{'.'.join(platform.python_version_tuple()[:2])}; and the requests to Node of a stack with a chain of {JOBS} jobs in an `ml.Workflow`, all of them divided by its jobs.",
        "`--json` has each file, function and request.",
        "",
        *table(
            [
                ("defined", defined),
                ("rendered", rendered),
                ("with code: defined", with_code[0]),
                ("with code: rendered", with_code[1]),
            ]
        ),
        "",
        *told(held),
    ]
    if asked.write:
        write_section("Calls", lines)
    if asked.json:
        print(json.dumps(figures(defined, rendered, sent), indent=2))
    else:
        print("\n".join(lines))
        for name, profile in (("define", defined), ("render", rendered)):
            print(_most(f"Most called files to {name}", profile.files.most_common(SHOWN)))
            functions = [
                (f"{file}:{function}", calls) for (file, function), calls in profile.functions.most_common(SHOWN)
            ]
            print(_most(f"Most called functions to {name}", functions))
        print(_most("Most sent requests, a job", [(kind, count / JOBS) for kind, count in sent.most_common(SHOWN)]))
    return 1 if asked.check and not all(ok for _, ok in held) else 0


if __name__ == "__main__":
    sys.exit(main())
