"""Fields of states that MiniStack does not read: time limits, and the destination of a distributed Map's results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from constructs_ml.testing.recorder import Step

# MiniStack ships no types, and payloads are any JSON.
_Data = Any
_LIMITS = {"TimeoutSeconds": "States.Timeout", "HeartbeatSeconds": "States.HeartbeatTimeout"}


def limit_of(module: _Data, step: Step) -> tuple[float | None, str]:
    """Return the time limit of a state and the error when it expires; None without a limit.

    Args:
        module: The copy of MiniStack's interpreter.
        step: The state.
    """
    limits = [(_seconds(module, step, member), error) for member, error in _LIMITS.items()]
    found = [(seconds, error) for seconds, error in limits if seconds is not None]
    return min(found, default=(None, ""))


def written(module: _Data, step: Step) -> dict[str, _Data]:
    """The output of a distributed Map with a ResultWriter.

    Args:
        module: The copy of MiniStack's interpreter.
        step: The state.
    """
    writer = step.state["ResultWriter"]
    if "Arguments" in writer:
        place = module._apply_jsonata_template(writer["Arguments"], step.data, step.context)  # noqa: SLF001 - in interpreter.NAMES
    else:
        place = module._resolve_params_obj(writer.get("Parameters") or {}, step.data, step.context)  # noqa: SLF001
    run = next(reversed(module._map_runs.keys()))  # noqa: SLF001
    folder = "/".join(filter(None, (place.get("Prefix", "").rstrip("/"), run.rpartition(":")[2])))
    details = {"Bucket": place.get("Bucket"), "Key": f"{folder}/manifest.json"}
    return {"MapRunArn": run, "ResultWriterDetails": details}


def _seconds(module: _Data, step: Step, member: str) -> float | None:
    """A number of a state, which may be a path or an expression."""
    if f"{member}Path" in step.state:
        return float(module._resolve_path_or_ctx(step.state[f"{member}Path"], step.data, step.context))  # noqa: SLF001
    if member not in step.state:
        return None
    if isinstance(step.state[member], str):
        return float(module._jsonata_state_field(step.state, member, "number", step.data, step.context))  # noqa: SLF001
    return float(step.state[member])
