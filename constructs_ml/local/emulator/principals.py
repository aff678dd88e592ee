"""The callers of the embedded AWS and what their policies allow, by the emulator's own evaluator."""

from __future__ import annotations

import functools
import importlib
import re
from typing import TYPE_CHECKING, Any

from constructs_ml.interpreter.corrections.state_call import wrap
from constructs_ml.local.emulator.sessions import APPROVER
from constructs_ml.local.jobs.call import Caller

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from constructs_ml.local.aws.permissions import Need
    from constructs_ml.local.emulator.sessions import Sessions

# What the emulator hands to its functions: it ships no types.
_Data = Any
_PARTITION = re.compile(r"^arn:aws[a-z-]*:")
_WILDCARDS = {"*": ".*", "?": "."}


class Principals:
    """The callers of one run.

    Args:
        region: The region that everything is in.
        account: The account that everything is in.
        sessions: Gives Lambda functions their credentials.
        accounts: Further accounts.
    """

    def __init__(self, region: str, account: str, sessions: Sessions, accounts: Collection[str] = ()) -> None:
        self._region, self._account = region, account
        self._evaluator: Any = importlib.import_module("ministack.core.iam_evaluator")
        self._roles: Any = importlib.import_module("ministack.services.iam")._roles  # noqa: SLF001 - in PRIVATE_NAMES
        self._roots = {f"arn:aws:iam::{each}:root" for each in (account, *accounts)}
        vars(self._evaluator)["_fnmatch_compile"] = policy_pattern
        wrap(self._evaluator, "evaluate_trust_policy", self._evaluate_trust_policy)
        for module in ("ministack.core.lambda_runtime", "ministack.services.lambda_svc"):
            wrap(importlib.import_module(module), "execution_credentials", sessions.function_credentials)

    def allowed(self, role_arn: str, need: Need) -> bool:
        """Return whether a role is allowed to perform an action.

        ``iam:SimulatePrincipalPolicy`` of the emulator ignores condition keys and boundaries, hence the evaluator.
        """
        if self.role(role_arn) is None:
            return False
        name = role_arn.rpartition("/")[2]
        account = role_arn.split(":")[4]
        policies = self._evaluator._gather_role_policies(name, account)  # noqa: SLF001
        boundary = self._evaluator._permissions_boundary(self._roles, name, account)  # noqa: SLF001
        principal = self._evaluator.PrincipalInfo(role_arn, "AssumedRole", account, policies, limits=boundary)
        return self.may(principal, need)

    def caller(self, principal: _Data) -> Caller:
        """Return a caller of SageMaker's API.

        Args:
            principal: The emulator's ``PrincipalInfo`` of a verified request.
        """
        return Caller(principal.arn, lambda need: self.may(principal, need))

    def caller_of_role(self, role_arn: str, session: str) -> Caller:
        """Return the role that a state machine calls with; without a role it may do nothing.

        Args:
            role_arn: The role's ARN.
            session: The name of its session, seen in denials.
        """
        if not role_arn:
            return Caller("a state machine without a role", lambda _need: False)
        _, partition, _, _, account, role = role_arn.split(":", 5)
        arn = f"arn:{partition}:sts::{account}:assumed-role/{role.rpartition('/')[2]}/{session}"
        return Caller(arn, lambda need: self.allowed(role_arn, need))

    def may(self, principal: _Data, need: Need) -> bool:
        """Return whether a principal of the emulator is allowed to perform an action."""
        if principal.policies is None:  # the root of the account, as which the run itself calls
            return True
        # ${AWS::Partition} in a template is always "aws" for MiniStack, whatever the region.
        resources = {need.resource, _PARTITION.sub("arn:aws:", need.resource)}
        contexts = [
            self._evaluator.EvalContext(
                principal_arn=principal.arn,
                principal_type=principal.type,
                principal_account=principal.account,
                action=need.action,
                resource_arn=resource,
                region=self._region,
                source_ip="127.0.0.1",
                secure_transport=True,
                service_context=dict(need.context),
                principal_keys=principal.keys,
            )
            for resource in resources
        ]
        decisions = {
            self._evaluator.evaluate(found, principal.policies, *principal.limits).decision for found in contexts
        }
        return "Allow" in decisions and "Deny" not in decisions

    def stop_authorizing(self) -> None:
        """Let every caller of the run do everything, except the approver's key; callers are verified all the same."""
        allow = self._evaluator.EvalResult("Allow", "", "", "permissions are not enforced in this run")

        def evaluate(original: Callable[..., Any], context: _Data, *rest: _Data) -> _Data:
            return original(context, *rest) if context.principal_arn.endswith(APPROVER) else allow

        wrap(self._evaluator, "evaluate", evaluate)
        answers = {
            "evaluate_resource_policy": allow,
            "combine_resource_policy": None,
            "evaluate_trust_policy": True,
            "resource_policy_allows": True,
        }
        for name, answer in answers.items():
            # Combined, an identity's and a resource's policy answer as the identity's does.
            wrap(
                self._evaluator,
                name,
                lambda _original, *given, _answer=answer, **_named: given[0] if _answer is None else _answer,
            )

    def _evaluate_trust_policy(
        self, original: Callable[..., Any], document: _Data, caller: str, context: _Data = None, *rest: _Data
    ) -> bool:
        if context is not None and self.role(context.resource_arn) is None:
            return False  # an ARN with another path names another role, which is not there
        if caller.endswith(":root") and caller not in self._roots:
            return False  # a session or an identity provider of such a name, whom the emulator takes for the root
        # SageMaker assumes a job's role; the run does so in its place, and cannot meet conditions on the service.
        own = context is not None and context.action == "sts:AssumeRole" and caller in self._roots
        return own or bool(original(document, caller, context, *rest))

    def role(self, arn: str) -> dict[str, Any] | None:
        """Return a role by its ARN, including its path; None if there is none."""
        if not arn.startswith("arn:") or ":role/" not in arn:
            return None
        _, _, _, _, account, resource = arn.split(":", 5)
        found: dict[str, Any] | None = self._roles.get_scoped(account, None, resource.rpartition("/")[2])
        own = found is not None and _PARTITION.sub("arn:aws:", found["Arn"]) == _PARTITION.sub("arn:aws:", arn)
        return found if own else None


@functools.lru_cache(maxsize=4096)
def policy_pattern(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    """Return a policy's pattern as a regular expression for whole strings, whose wildcards match any characters.

    MiniStack's patterns stop at a line break, as a key may have one, and take one at the end of a name for nothing: a role
    would lack what it is allowed, and have what it is not.

    Args:
        pattern: As ``arn:aws:s3:::bucket/in/*``.
        ignore_case: Whether capitals matter not, as in the names of actions.
    """
    text = "".join(_WILDCARDS.get(character) or re.escape(character) for character in re.sub(r"\*+", "*", pattern))
    return re.compile(rf"{text}\Z", re.DOTALL | (re.IGNORECASE if ignore_case else 0))
