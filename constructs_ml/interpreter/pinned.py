"""The version of MiniStack that this library works with, and the private names that it uses, with their signatures.

``signatures.json`` is written by ``tools/write_signatures.py``.
"""

from __future__ import annotations

import importlib
import inspect
import json
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from constructs_ml.errors import LocalRunError
from constructs_ml.interpreter.environment import INSTALL, VERSION, in_use

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOTHING = object()
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
    "_evaluate_jsonata",
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
    "_is_timestamp",
    "_jsonata_state_field",
    "_parse_jsonpath_tokens",
    "_parse_ts",
    "_read_map_items",
    "_register_sfn_jsonata_functions",
    "_resolve_params_obj",
    "_resolve_path",
    "_resolve_path_or_ctx",
    "_run_distributed_map",
    "_run_map_items",
    "_run_parallel_branches",
    "_run_sub_machine",
    "_sfn_jsonata_random",
    "_sfn_jsonata_uuid",
    "ThreadPoolExecutor",
    "futures_wait",
    "_state_query_language",
    "_validate_definition_jsonata",
    "jsonata",
)
"""The names of the interpreter that ``corrections`` uses."""
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
            "_s3_object_text",
            "_state_machines",
            "_stop_execution",
        ),
        "ministack.services.cloudformation": ("_stacks",),
        "ministack.services.cloudformation.provisioners": (
            "_NAME_SEED",
            "_RESOURCE_HANDLERS",
            "_custom_resource_create",
            "_custom_resource_delete",
            "_custom_resource_update",
            "_physical_name",
            "_sfn_definition",
            "_sfn_handler_error",
            "s3_bucket_name_conflict",
        ),
        "ministack.services.eventbridge": ("_dispatch_event", "_invoke_target", "_put_events"),
        "ministack.services.iam": ("_roles",),
        "ministack.core.iam_actions": (
            "access_denied_response",
            "extract_iam_action",
            "extract_resource_arn",
            "request_tag_context",
            "s3_additional_checks",
        ),
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
            "hashlib",
            "parse_header_signature",
            "parse_query_signature",
            "presigned_request_is_expired",
        ),
        "ministack.services.cloudformation.custom_resource": ("_pending",),
        "ministack.services.cloudformation.wait_conditions": ("SIGNAL_PATH", "has_handle"),
        "ministack.services.lambda_svc": ("execution_credentials",),
        "ministack.services.s3": (
            "_complete_multipart_upload",
            "_compute_s3_checksum",
            "_get_object_data",
            "_put_object",
            "_read_body",
            "_upload_part",
            "_verify_presigned_sigv4",
            "hashlib",
            "md5_hash",
        ),
        "ministack.services.cloudwatch_logs": (
            "_append_log_events",
            "_describe_log_groups",
            "_describe_log_streams",
            "_get_log_events",
            "_log_records",
        ),
        "ministack.services.sts": ("register_session",),
        "ministack.app": (
            "_IncompleteRequestBody",
            "_asgi_header_list",
            "_decode_aws_chunked_body",
            "_read_request_body",
            "_routing_params",
            "_send_response",
            "app",
            "pin_request_origin",
            "pin_signed_body",
        ),
    }
)
"""The names that the embedded AWS uses."""


def check(names: Mapping[str, tuple[str, ...]] = PRIVATE_NAMES) -> None:
    """Check that the imported MiniStack is the version that this library was written for.

    Args:
        names: Its names that are needed, by module.

    Raises:
        LocalRunError: If it is another version, or a name is gone or has another signature.
    """
    version = in_use()
    known = _signatures()
    found = {name: signature_of(*name.rsplit(".", 1)) for name in flat(names)}
    gone = [name for name, signature in found.items() if not signature]
    changed = [
        f"{name} is {signature}, was {known.get(name)}"
        for name, signature in found.items()
        if signature not in {"", known.get(name)}
    ]
    if version != VERSION or gone or changed:
        details = "; ".join(filter(None, (f"gone: {', '.join(gone)}" if gone else "", *changed)))
        details = f" ({details})" if details else ""
        message = f"ministack must be {VERSION}, got {version}{details}; {INSTALL}"
        raise LocalRunError(message)


def signature_of(module: str, name: str) -> str:
    """Return the signature of a name, or its type if it cannot be called; empty if there is no such name."""
    found = getattr(importlib.import_module(module), name, _NOTHING)
    if found is _NOTHING:
        return ""
    if not callable(found):
        return type(found).__name__
    try:
        parameters = inspect.signature(found).parameters.values()
    except ValueError:  # of a function that is written in C
        return type(found).__name__
    # Without annotations, which versions of Python write differently.
    return f"({', '.join(_parameter(parameter) for parameter in parameters)})"


def _parameter(parameter: inspect.Parameter) -> str:
    kinds: dict[Any, str] = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    stars = kinds.get(parameter.kind, "")
    named = "keyword " if parameter.kind is inspect.Parameter.KEYWORD_ONLY else ""
    return f"{named}{stars}{parameter.name}{'' if parameter.default is inspect.Parameter.empty else '=...'}"


def flat(names: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Names with their modules before them."""
    return [f"{module}.{name}" for module, wanted in names.items() for name in wanted]


@cache
def _signatures() -> dict[str, str]:
    text = Path(__file__).with_name("signatures.json").read_text(encoding="utf-8")
    found: dict[str, str] = json.loads(text)
    return found
