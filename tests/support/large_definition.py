"""A definition of any size, with nested Parallels, Maps, Choices, Catches and loops, drawn from a seed."""

from __future__ import annotations

import random
from typing import Any


def large_definition(states: int, *, seed: int = 1) -> dict[str, Any]:
    """Return a definition of about as many states as asked for.

    Args:
        states: The number of states.
        seed: The seed of the draw.
    """
    return _Maker(states, seed).made()


class _Maker:
    def __init__(self, states: int, seed: int) -> None:
        self.left, self.chance, self.count = states, random.Random(seed), 0  # noqa: S311 - no secret

    def made(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        self.fill(found, 0, self.left)
        return {"StartAt": next(iter(found)), "States": found}

    def name(self, kind: str) -> str:
        self.count += 1
        self.left -= 1
        return f"{kind} {self.count}"

    def fill(self, found: dict[str, Any], depth: int, budget: int) -> None:
        """Add a chain of steps to a scope, which ends."""
        last: list[dict[str, Any]] = []
        end = self.left - budget
        failed = ""
        while not last or self.left > max(end, 0):
            first = len(found)
            last = self.step(found, last, depth, min(budget, self.left - max(end, 0)))
            names = list(found)[first:]
            task = found[names[0]]
            if task["Type"] in {"Task", "Parallel", "Map"} and self.chance.random() < 0.15:
                if not failed:
                    failed = self.name("Failed")
                    found[failed] = {"Type": "Fail", "Error": "Broken", "Cause": "a step of the workflow failed"}
                task["Catch"] = [{"ErrorEquals": ["States.ALL"], "Next": failed}]
        for state in last:
            state["End"] = True

    def step(self, found: dict[str, Any], last: list[dict[str, Any]], depth: int, budget: int) -> list[dict[str, Any]]:
        kind = self.chance.choice(("Task", "Task", "Wait", "Choice", "Parallel", "Map"))
        if budget < 6 or (depth > 3 and kind in {"Parallel", "Map"}):
            kind = "Task"
        name = self.name(kind)
        for state in last:
            state["Next"] = name
        if kind == "Choice":
            return self.choice(found, name, depth)
        body: dict[str, Any] = {"Type": kind}
        found[name] = body
        if kind == "Task":
            body |= {"Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "check-the-data"}}
        elif kind == "Wait":
            body["Seconds"] = 90
        elif kind == "Map":
            body |= {
                "ItemsPath": "$.parts",
                "MaxConcurrency": 5,
                "ItemProcessor": self.scope(depth, min(budget // 3, 14)),
            }
        else:
            share = min(budget // 3, 12)
            body["Branches"] = [self.scope(depth, share) for _ in range(self.chance.randint(2, 3))]
        return [body]

    def choice(self, found: dict[str, Any], name: str, depth: int) -> list[dict[str, Any]]:
        body: dict[str, Any] = {"Type": "Choice", "Choices": []}
        found[name] = body
        ends = []
        for at in range(self.chance.randint(1, 3)):
            first = self.name("Way")
            found[first] = way = {"Type": "Pass"}
            ends.append(way)
            body["Choices"].append({"Variable": "$.size", "NumericGreaterThan": 10 * (at + 1), "Next": first})
        if depth == 0 and self.chance.random() < 0.3:
            back = self.name("Again")
            found[back] = {"Type": "Wait", "Seconds": 30, "Next": name}
            body["Default"] = back
        else:
            other = self.name("Other")
            found[other] = way = {"Type": "Pass"}
            body["Default"] = other
            ends.append(way)
        return ends

    def scope(self, depth: int, budget: int) -> dict[str, Any]:
        states: dict[str, Any] = {}
        self.fill(states, depth + 1, max(budget, 1))
        return {"StartAt": next(iter(states)), "States": states}
