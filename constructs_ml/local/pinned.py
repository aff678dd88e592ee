"""The version of MiniStack that this library works with, and its private names that it uses."""

from __future__ import annotations

import importlib
import importlib.metadata
from types import MappingProxyType
from typing import TYPE_CHECKING

from constructs_ml.errors import LocalRunError

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = "1.5.33"
STEP_FUNCTIONS = "ministack.services.stepfunctions"
LANGUAGE = (
    "_ExecutionError",
    "_apply_catcher",
    "_apply_input_path",
    "_apply_jsonata_arguments",
    "_apply_jsonata_output",
    "_apply_jsonata_template",
    "_apply_output_path",
    "_apply_parameters",
    "_apply_result_path_raw",
    "_apply_result_selector",
    "_apply_state_assign",
    "_error_matches",
    "_eval_intrinsic_arg",
    "_evaluate_intrinsic",
    "_evaluate_rule",
    "_exec_intrinsic",
    "_execute_choice",
    "_execute_map",
    "_execute_parallel",
    "_execute_pass",
    "_execute_task",
    "_execute_wait",
    "_fail_state_error",
    "_invoke_resource",
    "_invoke_resource_with_timeout",
    "_invoke_with_callback",
    "_jsonata_state_field",
    "_parse_jsonpath_tokens",
    "_read_map_items",
    "_resolve_params_obj",
    "_resolve_path",
    "_resolve_path_or_ctx",
    "_run_distributed_map",
    "_run_map_items",
    "_run_parallel_branches",
    "_run_sub_machine",
    "_state_query_language",
)
"""What ``corrections`` uses of the interpreter of the Amazon States Language."""
PRIVATE_NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        STEP_FUNCTIONS: (
            *LANGUAGE,
            "_emit_execution_status_event",
            "_SERVICE_DISPATCH",
            "_add_event",
            "_executions",
            "_fail_execution",
            "_find_matching_catcher",
            "_find_matching_retrier",
            "_state_machines",
            "_stop_execution",
        ),
        "ministack.services.cloudformation.provisioners": (
            "_RESOURCE_HANDLERS",
            "_custom_resource_create",
            "_custom_resource_delete",
            "_custom_resource_update",
        ),
        "ministack.services.eventbridge": ("_put_events",),
        "ministack.services.iam": ("_roles",),
        "ministack.core.iam_actions": ("access_denied_response", "extract_iam_action"),
        "ministack.core.iam_evaluator": (
            "AmbiguousAccessKeyError",
            "AuthError",
            "CredentialResolutionError",
            "EvalContext",
            "EvalResult",
            "PrincipalInfo",
            "_fnmatch_compile",
            "_gather_role_policies",
            "_permissions_boundary",
            "_signed_request",
            "authenticate",
            "combine_resource_policy",
            "evaluate",
            "evaluate_resource_policy",
            "evaluate_trust_policy",
            "find_iam_access_key_account",
            "pin_signed_body",
            "pin_signed_request",
            "resolve_credential",
            "resolve_principal",
            "resource_policy_allows",
        ),
        "ministack.core.lambda_runtime": ("execution_credentials",),
        "ministack.core.responses": (
            "fix_error_content_type",
            "get_account_id",
            "request_scope",
            "set_request_account_id",
        ),
        "ministack.core.router": ("detect_service",),
        "ministack.core.sigv4": (
            "parse_header_signature",
            "parse_query_signature",
            "presigned_request_is_expired",
        ),
        "ministack.services.cloudformation.custom_resource": ("_pending",),
        "ministack.services.cloudformation.wait_conditions": ("SIGNAL_PATH", "has_handle"),
        "ministack.services.lambda_svc": ("execution_credentials",),
        "ministack.services.s3": ("_verify_presigned_sigv4",),
        "ministack.services.sts": ("register_session",),
        "ministack.app": ("_routing_params", "app", "pin_request_origin"),
    }
)
"""What the embedded AWS uses."""


def check(names: Mapping[str, tuple[str, ...]] = PRIVATE_NAMES, extra: str = "local") -> None:
    """Makes sure that the MiniStack that is installed is the one that this library was written for.

    Args:
        names: Its names that are needed, by module.
        extra: The extra of this library that brings the right one.

    Raises:
        LocalRunError: If it is another version, or a name is gone.
    """
    version = importlib.metadata.version("ministack")
    missing = [
        f"{module}.{name}"
        for module, wanted in names.items()
        for name in wanted
        if not hasattr(importlib.import_module(module), name)
    ]
    if version != VERSION or missing:
        gone = f" (gone: {', '.join(missing)})" if missing else ""
        message = f"ministack must be {VERSION}, got {version}{gone}; pip install 'constructs-ml[{extra}]'"
        raise LocalRunError(message)
