"""The version of MiniStack that this library works with, and its private names that ``engine`` uses."""

from __future__ import annotations

import importlib
import importlib.metadata

from constructs_ml.errors import LocalRunError

VERSION = "1.5.33"
PRIVATE_NAMES = {
    "ministack.services.stepfunctions": (
        "_ExecutionError",
        "_emit_execution_status_event",
        "_SERVICE_DISPATCH",
        "_add_event",
        "_apply_input_path",
        "_execute_choice",
        "_execute_map",
        "_execute_parallel",
        "_execute_pass",
        "_execute_task",
        "_execute_wait",
        "_executions",
        "_fail_execution",
        "_fail_state_error",
        "_find_matching_catcher",
        "_find_matching_retrier",
        "_invoke_resource_with_timeout",
        "_run_map_items",
        "_run_parallel_branches",
        "_resolve_params_obj",
        "_resolve_path",
        "_run_sub_machine",
        "_state_machines",
        "_stop_execution",
    ),
    "ministack.services.cloudformation.provisioners": ("_RESOURCE_HANDLERS",),
    "ministack.services.eventbridge": ("_put_events",),
    "ministack.services.iam": ("_roles",),
    "ministack.core.iam_evaluator": (
        "EvalContext",
        "_gather_role_policies",
        "_permissions_boundary",
        "evaluate",
        "evaluate_trust_policy",
        "resolve_principal",
    ),
    "ministack.core.responses": ("request_scope",),
    "ministack.app": ("app", "pin_request_origin"),
}


def check() -> None:
    """Makes sure that the MiniStack that is installed is the one that this module was written for.

    Raises:
        LocalRunError: If it is another version, or a name is gone.
    """
    version = importlib.metadata.version("ministack")
    missing = [
        f"{module}.{name}"
        for module, names in PRIVATE_NAMES.items()
        for name in names
        if not hasattr(importlib.import_module(module), name)
    ]
    if version != VERSION or missing:
        gone = f" (gone: {', '.join(missing)})" if missing else ""
        message = f"ministack must be {VERSION}, got {version}{gone}; pip install 'constructs-ml[local]'"
        raise LocalRunError(message)
