"""Corrections of MiniStack's interpreter of the Amazon States Language.

Everything here goes around functions of its module, which ``pinned`` lists and checks. The embedded AWS corrects the module
itself (``engine``), a simulated execution a copy of its own (``constructs_ml.testing``).

Source: the Amazon States Language; the Step Functions developer guide, "Handling errors", "Processing input and output" and
"Passing data between states with variables".
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from constructs_ml.interpreter.corrections import (
    choices,
    intrinsics,
    maps,
    paths,
    states,
    variables,
    waits,
)
from constructs_ml.interpreter.corrections.state_call import STATES, applying_fields, executing, wrap
from constructs_ml.interpreter.expressions.evaluate import take_over

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs_ml.interpreter.corrections.state_call import Sfn

__all__ = ["correct", "wrap"]


def correct(sfn: Sfn) -> None:
    """Correct the interpreter.

    Args:
        sfn: MiniStack's module, or a copy of it.
    """
    corrections: dict[str, Callable[..., object]] = {
        "_resolve_path": paths.resolve_path,
        "_apply_result_path_raw": paths.put_result,
        "_apply_output_path": paths.output,
        "_apply_jsonata_output": paths.output,
        "_apply_result_selector": variables.assign_result,
        "_apply_state_assign": variables.assign_at_once,
        "_apply_catcher": variables.assign_caught,
        "_run_sub_machine": variables.run_inside,
        "_execute_wait": waits.wait,
        "_fail_state_error": waits.fail,
        "_parse_ts": waits.parse_timestamp,
        "_is_timestamp": waits.is_timestamp,
        "_execute_choice": choices.execute,
        "_evaluate_rule": choices.evaluate,
        "_error_matches": states.matches,
        "_exec_intrinsic": intrinsics.execute,
        "_evaluate_intrinsic": intrinsics.evaluate,
        "_apply_parameters": intrinsics.make_request,
        "_invoke_resource": intrinsics.send,
        "_invoke_resource_with_timeout": intrinsics.send,
        "_invoke_with_callback": intrinsics.send,
        "_run_parallel_branches": states.run,
        "_run_map_items": maps.run,
        "_run_distributed_map": maps.run_distributed,
        "_validate_definition_jsonata": states.refusal,
    }
    for name, correction in corrections.items():
        wrap(sfn, name, partial(correction, sfn))
    wrap(sfn, "_apply_parameters", partial(states.arguments, sfn))
    wrap(sfn, "_apply_output_path", partial(paths.succeed, sfn))
    take_over(sfn)
    for state in STATES:
        wrap(sfn, f"_execute_{state}", executing)
    for name in ("_apply_input_path", "_apply_output_path", "_fail_state_error"):
        wrap(sfn, name, applying_fields)
