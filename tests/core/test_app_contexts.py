"""What the library keeps of an app is kept with the app, and is there as long as anything of it is in use."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

from aws_cdk import App, Stack
from aws_cdk.assertions import Template
from constructs import Construct

import constructs_ml as ml
from constructs_ml.core.context import context_of

if TYPE_CHECKING:
    from collections.abc import Iterator

IMAGE = ml.ContainerImage.from_registry("111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1")


class Team(Stack):
    """A stack that nobody keeps a variable of."""

    def __init__(self, scope: Construct | None, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        job = ml.ProcessingJob(self, "Job", image=IMAGE, outputs=["out"])
        ml.Workflow(self, "Workflow", definition=job)


def machines(template: Template) -> int:
    return len(template.find_resources("AWS::StepFunctions::StateMachine"))


def test_it_hangs_on_the_app_alone() -> None:
    """Nothing beside the app's object knows of it, so that it goes when that goes."""
    app = App()
    context = context_of(Team(app, "Team")).app

    assert context in vars(app).values()
    assert {module for module, values in globals_of_the_library() if context in values} == set()


def globals_of_the_library() -> Iterator[tuple[str, list[object]]]:
    for name, module in list(sys.modules.items()):
        if name.startswith("constructs_ml."):
            yield name, [each for value in vars(module).values() for each in inside(value)]


def inside(value: object) -> list[object]:
    """A value and, of a dict or a list, what is in it."""
    return [value, *(value.values() if isinstance(value, dict) else value if isinstance(value, list) else ())]


def test_an_app_is_enough_to_keep_it() -> None:
    app = App()
    Team(app, "Team")
    gc.collect()

    assert app.synth().get_stack_by_name("Team").template["Resources"]


def test_a_stack_is_enough_to_keep_it() -> None:
    stack = Team(None, "Team")
    gc.collect()
    assert machines(Template.from_stack(stack)) == 1
    stack = Team(App(), "Team")
    gc.collect()
    assert machines(Template.from_stack(stack)) == 1


def test_a_construct_is_enough_to_keep_it() -> None:
    def inner() -> Construct:
        scope = Construct(Stack(App(), "Team"), "Jobs")
        ml.Workflow(scope, "Workflow", definition=ml.ProcessingJob(scope, "Job", image=IMAGE))
        return scope

    scope = inner()
    gc.collect()

    assert machines(Template.from_stack(Stack.of(scope))) == 1


def test_defaults_of_a_scope_that_nobody_keeps_hold() -> None:
    app = App()

    def team() -> str:
        scope = Construct(app, "Team")
        ml.JobDefaults(instance_type="ml.c5.xlarge").apply_to(scope)
        return scope.node.id

    name = team()
    gc.collect()
    job = ml.ProcessingJob(Stack(app.node.find_child(name), "Stack"), "Job", image=IMAGE)

    assert job.request["ProcessingResources"]["ClusterConfig"]["InstanceType"] == "ml.c5.xlarge"


def test_apps_do_not_share_anything() -> None:
    first, second = (Stack(App(), "Same") for _ in range(2))
    ml.JobDefaults(instance_type="ml.c5.xlarge").apply_to(first)

    jobs = [ml.ProcessingJob(stack, "Job", image=IMAGE) for stack in (first, second)]

    assert [job.request["ProcessingResources"]["ClusterConfig"]["InstanceType"] for job in jobs] == [
        "ml.c5.xlarge",
        "ml.m5.xlarge",
    ]
    assert context_of(first).app is not context_of(second).app
