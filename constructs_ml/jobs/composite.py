"""Several states that stand in a workflow as one: they chain, catch, retry and sit in Parallel and Map like a task.

They are the one branch of a Parallel: a Fail among them fails the Parallel, which a Catch of the user's catches. They are
in JSONata, which a state of a JSONPath machine may be too; the Parallel itself is in the machine's own language, so that a
``result_path`` of its Catch means what the user expects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.asl.expressions import Language, jsonata_name, key_for, member_path
from constructs_ml.asl.polling import braced
from constructs_ml.errors import Fault, Faults, InvalidPropsError
from constructs_ml.jobs.home import home_of
from constructs_ml.jobs.language import language_of
from constructs_ml.jobs.rendering import innermost
from constructs_ml.sagemaker.near import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct

    from constructs_ml.asl.retry import RetryPolicy
    from constructs_ml.jobs.home import Home

LONGEST_NAME = 50
"""Step Functions allows 80 characters; the states inside add what they do."""


class CompositeProps(TypedDict, total=False):
    """What states take that are made of several."""

    comment: str
    state_name: str
    query_language: sfn.QueryLanguage
    """The query language. Default: the state machine's."""
    result_path: str
    """Where in the state's input the result is put, in JSONPath. Default: under the state's name."""
    retry: RetryPolicy
    """What the calls in it retry. Default: throttled calls and exceeded quotas, ``RetryPolicy.default()``."""


class Composite(sfn.Parallel):
    """States that stand for one."""

    members: tuple[str, ...]
    """The members of the result."""

    def __init__(self, scope: Construct, construct_id: str, props: CompositeProps) -> None:
        """Makes the state; subclasses call it once their props are known to be right, and add the branch.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id, and the name of its state.
            props: What all such states take.
        """
        language = props.get("query_language") or home_of(scope).defaults.query_language
        super().__init__(
            scope,
            construct_id,
            comment=props.get("comment"),
            query_language=language,
            state_name=props.get("state_name"),
        )
        self._name = key_for(props.get("state_name") or construct_id)
        self._fixed_language = language_of(language)
        self._place = props.get("result_path") or member_path(self._name)
        self._path = home_of(scope).path_of(construct_id)

    def result(self, member: str) -> str:
        """A member of the state's result, for the states after it.

        Returns:
            A JsonPath token, or a JSONata expression if that is its query language.

        Raises:
            InvalidPropsError: If the result has no such member.
        """
        if self._fixed_language is Language.JSONATA:
            return braced(self._jsonata(member))
        return sfn.JsonPath.string_at(self.path_to(member))

    def path_to(self, member: str) -> str:
        """The same as a plain path, for ``sfn.Condition`` and ``sfn.JsonPath``."""
        return f"{self._place}.{self._known(member)}"

    def to_state_json(self, top_level_query_language: Any = None) -> Mapping[Any, Any]:  # noqa: ANN401 - from jsii
        """The state as ASL writes it; called by aws-cdk-lib."""
        asked = language_of(top_level_query_language) or innermost().language
        state = dict(super().to_state_json(top_level_query_language))
        if (self._fixed_language or asked) is Language.JSONATA:
            state["Output"] = braced(f'$merge([$states.input, {{"{self._name}": $states.result[0]}}])')
        else:
            state["ResultSelector"] = {f"{member}.$": f"$[0].{member}" for member in self.members}
            state["ResultPath"] = self._place
        return state

    # For subclasses ----------------------------------------------------------------------------------------------

    def _inner_name(self, does: str) -> str:
        """The name of a state inside."""
        return f"{self._name}: {does}"

    def _choice(self, construct_id: str, does: str) -> sfn.Choice:
        return sfn.Choice.jsonata(self, construct_id, state_name=self._inner_name(does))

    def _wait(self, construct_id: str, does: str, seconds: str) -> sfn.Wait:
        time = sfn.WaitTime.seconds(braced(seconds))
        return sfn.Wait.jsonata(self, construct_id, state_name=self._inner_name(does), time=time)

    def _fail(self, construct_id: str, does: str, error: str, cause: str) -> sfn.Fail:
        return sfn.Fail.jsonata(self, construct_id, state_name=self._inner_name(does), error=error, cause=braced(cause))

    def _done(self, construct_id: str, does: str, here: str) -> sfn.Pass:
        members = ", ".join(f'"{member}": {here}.{member}' for member in self.members)
        return sfn.Pass.jsonata(self, construct_id, state_name=self._inner_name(does), outputs=braced(f"{{{members}}}"))

    def _jsonata(self, member: str) -> str:
        return f"$states.input.{jsonata_name(self._name)}.{self._known(member)}"

    def _known(self, member: str) -> str:
        if member in self.members:
            return member
        hint = did_you_mean(member, self.members)
        problem = f"cannot hand on {member!r}: it has {', '.join(self.members)}{hint}"
        raise InvalidPropsError(self._path, [Fault("result", problem)])


def name_faults(home: Home, construct_id: str, props: CompositeProps) -> Faults:
    """What is wrong with the name of such a state, to begin with."""
    faults = Faults(home.path_of(construct_id))
    name = props.get("state_name") or construct_id
    if len(name) > LONGEST_NAME:
        faults.add("state_name", f"must have at most {LONGEST_NAME} characters, got {len(name)}", "make it shorter")
    return faults
