"""What synthesis costs, and that it gives the same twice."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aws_cdk import App, Stack

import constructs_ml as ml

if TYPE_CHECKING:
    import pytest

JSII_REQUESTS = 5


def chain(stack: Stack, jobs: int) -> None:
    steps = [
        ml.ProcessingJob(
            stack,
            f"Job{number}",
            image=ml.ContainerImage.sklearn("1.2-1"),
            arguments=["--number", str(number)],
            outputs=["out"],
        )
        for number in range(jobs)
    ]
    for one, after in pairwise(steps):
        one.next(after)
    ml.Workflow(stack, "Workflow", definition=steps[0])


def test_a_template_is_written_the_same_twice(tmp_path: Path) -> None:
    """Byte by byte: a diff shows what was changed and nothing else."""
    written = []
    for number in range(2):
        app = App(outdir=str(tmp_path / str(number)))
        chain(Stack(app, "Census"), 3)
        assembly = app.synth()
        written.append(Path(assembly.directory, "Census.template.json").read_bytes())

    assert written[0] == written[1]


def test_a_job_takes_few_calls_of_jsii(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Users pay for each at every synthesis; what is shared by jobs does not count."""
    from jsii._kernel.providers.process import _NodeProcess

    sent = 0
    send = _NodeProcess.send

    def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
        nonlocal sent
        sent += 1
        return send(self, *args, **kwargs)

    monkeypatch.setattr(_NodeProcess, "send", counted)

    def requests(jobs: int) -> int:
        nonlocal sent
        stack = Stack(app, f"Census{jobs}")
        sent = 0
        chain(stack, jobs)
        return sent

    requests(2)
    few, many = requests(10), requests(30)

    assert (many - few) / 20 <= JSII_REQUESTS
