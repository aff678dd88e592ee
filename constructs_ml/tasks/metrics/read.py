"""A state that reads a small JSON object which a job wrote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.asl.expressions import Format, Language, Runtime, braced, moved
from constructs_ml.asl.literals import jsonata_name, key_for, member_path
from constructs_ml.asl.metric_files import KINDS, Kind, byte_range, read_expression
from constructs_ml.asl.retry import S3_RETRIER, RetryPolicy, render_retry
from constructs_ml.core.context import context_of, pseudo
from constructs_ml.core.execution_inputs import inputs_faults
from constructs_ml.core.metric import Metric
from constructs_ml.core.native_task import users_line
from constructs_ml.core.permissions import policies_of
from constructs_ml.core.prop_checks import check_construct
from constructs_ml.core.query_language import language_of
from constructs_ml.core.rendering import current_rendering
from constructs_ml.core.review import review
from constructs_ml.core.s3_data import Place, located
from constructs_ml.core.service_task import ServiceTask
from constructs_ml.errors import Fault, Faults, InvalidPropsError
from constructs_ml.spelling import did_you_mean
from constructs_ml.tasks.metrics.place import object_place

if TYPE_CHECKING:
    from aws_cdk import Duration
    from constructs import Construct
    from typing_extensions import Self, Unpack

    from constructs_ml.asl.metric_files import Declared

MetricShape: TypeAlias = "Mapping[str, type[float | int | str | bool] | MetricShape]"
"""The members of an object by name, with their types; of an object in it, its members."""
_TYPES = "float, int, str, bool or a mapping of such"


class ReadProps(TypedDict, total=False):
    """Props of a state that reads metrics, beside where they are."""

    comment: str
    state_name: str
    query_language: sfn.QueryLanguage
    """The query language of the states after it, for conditions and values. Default: the defaults', else JSONPath."""
    retry: RetryPolicy
    """Retries of the call. Default: what S3 refuses is tried again three times within seconds, as its throttling has no name."""
    task_timeout: Duration
    """The time that the call may take. Default: no limit."""


@check_construct
class ReadMetrics(ServiceTask):
    """Defines a state that reads a small JSON object which a job wrote, checks it and passes on its members.

    ::

        metrics = ml.metrics.ReadMetrics(
            self, "Metrics",
            source=evaluate.output("metrics"),
            file="metrics.json",
            shape={"accuracy": float, "confusion": {"tp": int, "fp": int}},
        )
        evaluate.next(metrics).next(
            sfn.Choice(self, "GoodEnough?")
            .when(metrics.metric("accuracy").at_least(0.9), register)
            .otherwise(failed)
        )

    It is one call of S3, one state transition and no function. The members of ``shape`` are added to its input under its name,
    others are left out. The state fails with ``States.QueryEvaluationError``, which a Catch gets, if the object is larger than
    32 KiB, is no JSON object, or lacks a member or has it with another type; the cause names the object, the member and its
    value. Without the object S3 says ``S3.S3Exception``, access denied: the state machine may read this object and list nothing.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        source: Place,
        shape: MetricShape,
        file: str | None = None,
        **props: Unpack[ReadProps],
    ) -> None:
        """Define the state.

        Args:
            scope: The construct that it is a part of.
            construct_id: Its id, and the name of its state.
            source: Where the object is: a job's output or another folder with ``file``, or the object itself.
            shape: Its members by name: ``float``, ``int``, ``str``, ``bool``, or a mapping of such.
            file: The object's name in the folder. Default: the source is the object.
            props: Further props, which few such states need.

        Raises:
            InvalidPropsError: If anything is wrong; it lists all of it.
        """
        context = context_of(scope)
        self._path = context.path_of(construct_id)
        faults = Faults(self._path)
        self._source, self._file = located(source), file
        place = object_place(self._source, file, faults)
        self._declared = _declared(shape, "shape", faults)
        faults.raise_if_any()
        assert place is not None  # noqa: S101 - or a fault was raised
        limit = props.get("task_timeout")
        super().__init__(
            scope,
            construct_id,
            comment=props.get("comment"),
            query_language=sfn.QueryLanguage.JSONATA,
            state_name=props.get("state_name"),
            task_timeout=None if limit is None else sfn.Timeout.duration(limit),
        )
        self.made_at = users_line()
        self._name = self.result_key = key_for(props.get("state_name") or construct_id)
        self._after = language_of(props.get("query_language") or context.defaults.query_language) or Language.JSONPATH
        self._place = place
        self._policies = policies_of(context, place.statements, self._path)
        self._added_retries = []
        self._retry_policy = props.get("retry") or RetryPolicy((S3_RETRIER,))
        self._compared = False
        review(context.of_stack, self)

    def move_places(self, places: Mapping[Format, str | Runtime]) -> None:
        """See :meth:`ServiceTask.move_places`."""
        source = replace(self._source, location=moved(self._source.location, places))
        faults = Faults(self._path)
        found = object_place(source, self._file, faults)
        faults.raise_if_any()
        assert found is not None  # noqa: S101 - or a fault was raised
        self._place = found
        self._policies = policies_of(context_of(self.node.scope), found.statements, self._path)

    @property
    def request(self) -> Mapping[str, Any]:
        """The request that the state makes, with runtime values in it."""
        return {**self._place.request, "Range": byte_range()}

    @property
    def request_in_jsonata(self) -> Mapping[str, Any]:
        """The request as the state has it."""
        return {**self._place.written, "Range": byte_range()}

    def metric(self, name: str) -> Metric:  # type: ignore[override] # a call of S3 has no metrics in CloudWatch
        """A member of the object, for conditions and props of the states after it.

        Args:
            name: Its name in ``shape``, with dots between the names of members inside members: ``confusion.tp``.

        Raises:
            InvalidPropsError: If the shape does not declare it.
        """
        steps: list[str] = []
        here: Kind | Declared = self._declared
        rest = name
        while isinstance(here, Mapping):
            step = rest if rest in here else rest.partition(".")[0]
            if step not in here:
                at = f"{'.'.join(steps)}." if steps else ""
                hint = did_you_mean(step, here) or f"; it has {', '.join(f'{at}{known}' for known in here)}"
                raise self._fault(f"cannot pass on {name!r}: the shape declares no {at}{step}{hint}")
            here, rest = here[step], rest[len(step) + 1 :]
            steps.append(step)
        if rest:
            raise self._fault(f"cannot pass on {name!r}: {'.'.join(steps)} has no members")
        inside = ".".join(map(jsonata_name, (self._name, *steps)))
        return Metric(
            name=name,
            kind=here,
            path=member_path(self._name, *steps),
            jsonata=f"$states.input.{inside}",
            language=self._after,
            owner=self._path,
            compared=self._note_comparison,
        )

    def add_catch(self, handler: sfn.IChainable, **props: Any) -> Self:  # noqa: ANN401 - the props of sfn.CatchProps
        """Continue at another state after an error; see ``sfn.TaskStateBase.add_catch``.

        Raises:
            InvalidPropsError: If it has a ``result_path``, which states in JSONata do not have.
        """
        if props.get("result_path") is not None:
            problem = f"cannot be used, as the state is in JSONata, got {props['result_path']!r}"
            fix = "pass outputs=\"{% $merge([$states.input, {'error': $states.errorOutput}]) %}\""
            raise InvalidPropsError(self._path, [Fault("result_path", problem, fix)])
        super().add_catch(handler, **props)
        return self

    def _render_task(self, top_level_query_language: Any = None) -> Mapping[str, Any]:  # noqa: ANN401 - from jsii
        definition = current_rendering()
        definition.calls.append(self)
        around = language_of(top_level_query_language) or definition.language or Language.JSONPATH
        if self._compared and around is not self._after:
            fix = f"pass query_language=sfn.QueryLanguage.{around.name} to {self.node.id} or to JobDefaults"
            problem = f"is a {self._after.value} condition, but the state machine is in {around.value}"
            definition.error = InvalidPropsError(self._path, [Fault("metric", problem, fix)])
            raise definition.error
        if faults := inputs_faults(self.request_in_jsonata, definition.inputs):
            definition.error = InvalidPropsError(self._path, faults)
            raise definition.error
        self.rendered = True
        state: dict[str, Any] = {
            "Resource": f"arn:{pseudo('PARTITION')}:states:::aws-sdk:s3:getObject",
            "Arguments": self.request_in_jsonata,
            "Output": braced(read_expression(self._place.shown, self._name, self._declared)),
        }
        if retries := render_retry(self._retry_policy, self._added_retries):
            state["Retry"] = retries
        return state

    def _instead_of_metrics(self) -> tuple[str, str]:
        return "is not there: the call of S3 publishes none by the state", "use metric(name) for what it reads"

    def _note_comparison(self) -> None:
        self._compared = True

    def _fault(self, problem: str) -> InvalidPropsError:
        return InvalidPropsError(self._path, [Fault("metric", problem)])


def _declared(shape: MetricShape, at: str, faults: Faults) -> Declared:
    if not shape:
        faults.add(at, "must declare a member, got none", "pass {'accuracy': float}")
    found: dict[str, Kind | Declared] = {}
    for name, kind in shape.items():
        here = f"{at}[{name!r}]"
        if not isinstance(name, str) or not name or key_for(name) != name:
            faults.add(here, "must be a name without quotes, backslashes and control characters", "rename the member")
        elif isinstance(kind, Mapping):
            found[name] = _declared(kind, here, faults)
        elif kind in KINDS:
            found[name] = KINDS[kind]
        else:
            faults.add(here, f"must be {_TYPES}, got {getattr(kind, '__name__', repr(kind))}", "pass float")
    return found
