"""Maps whose iterations run jobs side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypedDict

from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.asl.cached_job import CACHE, PLACE
from constructs_ml.asl.expressions import Format, Path
from constructs_ml.asl.inputs import VARIABLE
from constructs_ml.core.context import context_of
from constructs_ml.core.map_scope import EnclosingMap, register_map
from constructs_ml.core.prop_checks import check_method, check_props_of
from constructs_ml.core.query_language import language_of
from constructs_ml.errors import Fault, InvalidPropsError
from constructs_ml.workflow.inputs import check_inputs, handed_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct
    from typing_extensions import Self, Unpack

    from constructs_ml.core.execution_inputs import ExecutionInput
    from constructs_ml.core.s3_data import S3Data
    from constructs_ml.workflow.inputs import HandIn


def _as_object(item: str) -> str:
    """The object that states put their results into."""
    return f"{{% $type({item}) = 'object' ? {item} : {{'Item': {item}}} %}}"


_WRITER_FLAG = "@aws-cdk/aws-stepfunctions:useDistributedMapResultWriterV2"


class IterationProps(TypedDict, total=False):
    """Props that both kinds of Maps have, as aws-cdk-lib names them. A number or a path may be an expression of JSONata's too."""

    assign: Mapping[str, Any]
    """Variables of the workflow that the state sets."""
    comment: str
    """A comment on the state."""
    input_path: str
    """The part of the state's input that it sees. Default: all of it."""
    item_selector: Mapping[str, Any]
    """The input of each iteration, of the item and the state's input. Default: the item."""
    items: sfn.ProvideItems
    """The items, as a list or a JSONata expression; ``sfn.ProvideItems``."""
    items_path: str
    """The JSONPath of the items in the state's input. Default: the input itself."""
    jsonata_item_selector: str
    """The input of each iteration as a JSONata expression, instead of ``item_selector``."""
    jsonata_max_concurrency: str
    """The number of iterations at the same time as a JSONata expression, instead of ``max_concurrency``."""
    max_concurrency: float
    """The number of iterations at the same time. Default: Step Functions sets no limit."""
    max_concurrency_path: str
    """The JSONPath of that number in the state's input."""
    output_path: str
    """The part of the state's output that is passed on. Default: all of it."""
    outputs: Any
    """The state's output, with JSONata expressions in it."""
    query_language: sfn.QueryLanguage
    """The query language of the state. Default: the state machine's."""
    result_path: str
    """The place in the state's input for the list of results. Default: the list replaces the input."""
    result_selector: Mapping[str, Any]
    """Picks and renames members of the list of results."""
    state_name: str
    """The name of the state. Default: its construct id."""


class MapProps(IterationProps, total=False):
    """Props of a :class:`Map`: those of ``sfn.Map``."""

    parameters: Mapping[str, Any]
    """The name that Step Functions had for ``item_selector``."""


class DistributedMapProps(IterationProps, total=False):
    """Props of a :class:`DistributedMap`: those of ``sfn.DistributedMap``, and the inputs that it hands in."""

    inputs: type[ExecutionInput] | None
    """The workflow's typed inputs, which the iterations read too. Default: they see none."""
    item_batcher: sfn.ItemBatcher
    """The items that an iteration gets together. Default: one each."""
    item_reader: sfn.IItemReader
    """The reader of items in S3. Default: the items are in the state's input."""
    label: str
    """The name of its executions' part. Default: Step Functions makes one of the state's name."""
    map_execution_type: sfn.StateMachineType
    """The type of its executions. Default: standard."""
    result_writer: sfn.ResultWriter
    """The writer of results to S3, in the form of older versions of aws-cdk-lib."""
    result_writer_v2: sfn.ResultWriterV2
    """The writer of results to S3. Default: they are the state's result."""
    tolerated_failure_count: float
    """The number of iterations that may fail. Default: none."""
    tolerated_failure_count_path: str
    """The JSONPath of that number in the state's input."""
    tolerated_failure_percentage: float
    """The share of iterations that may fail, 0-100. Default: none."""
    tolerated_failure_percentage_path: str
    """The JSONPath of that share in the state's input."""


class Map(sfn.Map):
    """Defines a ``sfn.Map`` whose iterations each have places of their own.

    Define the jobs of an iteration in the scope of the Map: what they write by default then goes to
    ``<stack>/<job>/<output>/<execution>/<iteration>/``, so that iterations side by side share nothing, and the states
    after a job in its iteration find it by ``job.output(...)`` as ever::

        each = ml.Map(self, "EachCountry", items_path="$.countries", max_concurrency=5)
        prepare = ml.ProcessingJob(each, "Prepare", ..., outputs=["train"])
        train = ml.TrainingJob(each, "Train", ..., channels={"train": prepare.output("train")})
        each.item_processor(prepare.next(train))

    Each iteration starts with a state that draws its name, one state transition more, and that makes an item which is
    not an object, such as a string, ``{"Item": "..."}``: the results of states are put next to it.
    ``$$.Map.Item.Value`` is the item itself in any case. It takes what ``sfn.Map`` takes.
    """

    def __init__(self, scope: Construct, construct_id: str, **props: Unpack[MapProps]) -> None:
        super().__init__(scope, construct_id, **props)
        context = context_of(scope)
        name, path = props.get("state_name") or construct_id, context.path_below_stack(construct_id)
        self._around = register_map(context.app, self, name, path, distributed=False)

    @check_method
    def item_processor(
        self,
        processor: sfn.IChainable,
        *,
        execution_type: sfn.ProcessorType | None = None,
        mode: sfn.ProcessorMode | None = None,
    ) -> Self:
        """Define the states that each item passes; see ``sfn.Map.item_processor``.

        Args:
            processor: The first state of an iteration, with what follows.
            execution_type: The type of the executions of a distributed Map, which this is not.
            mode: ``INLINE``, as it is by default.

        Raises:
            InvalidPropsError: If it is to be distributed.
        """
        if mode is sfn.ProcessorMode.DISTRIBUTED:
            problem = "must be INLINE, got DISTRIBUTED"
            raise InvalidPropsError(self.node.path, [Fault("mode", problem, "make it an ml.DistributedMap")])
        super().item_processor(_drawn(self, self._around, processor), execution_type=execution_type, mode=mode)
        return self

    def all_of(self, output: S3Data) -> S3Data:
        """Return the place of an output of all iterations of this Map, for the states after it.

        Args:
            output: Such as ``prepare.output("train")``.

        Returns:
            The place that holds the places of all iterations of the running execution.

        Raises:
            InvalidPropsError: If the output is not of a job in this Map's scope.
        """
        parts = output.location.parts if isinstance(output.location, Format) else ()
        if self._around.variable not in parts:
            fix = "pass the output of a job that is defined in the Map's scope"
            problem = f"must be written by its iterations, got {output.location}"
            if any(isinstance(part, Path) and part.jsonpath.endswith(f".{CACHE}.{PLACE}") for part in parts):
                problem = "has no place for the outputs of a cached job, each of which is where the job ran first"
                fix = "pass cache=False to the job"
            raise InvalidPropsError(self.node.path, [Fault("all_of", problem, fix)])
        return replace(output, location=Format(parts[: parts.index(self._around.variable)]))


class DistributedMap(sfn.DistributedMap):
    """Defines a ``sfn.DistributedMap`` whose iterations each have places of their own; see :class:`Map`.

    Its iterations are executions of their own: ``$$.Execution.Name`` and ``ml.execution_input(...)`` in them are the
    iteration's, and what a job outside of the Map wrote is passed in by ``item_selector``::

        each = ml.DistributedMap(
            self, "EachFile", items_path="$.files",
            item_selector={"file": sfn.JsonPath.string_at("$$.Map.Item.Value"), "model": train.model_artifacts.uri},
        )

    ``inputs=Inputs`` hands in the workflow's typed inputs, which jobs and ``$workflowInputs`` read in an iteration as they do
    outside of it. The item is what it is without.

    What the iterations wrote is known to the states after the Map by the iterations' results only. ``result_writer_v2`` is
    written with and without aws-cdk-lib's feature flag for it.
    """

    def __init__(self, scope: Construct, construct_id: str, **props: Unpack[DistributedMapProps]) -> None:
        inputs = props.pop("inputs", None)
        check_inputs(scope, construct_id, inputs)
        self._handed_in = None if inputs is None else handed_in(props)
        to_cdk: Mapping[str, Any] = props if self._handed_in is None else self._handed_in.props
        super().__init__(scope, construct_id, **to_cdk)
        # Of the two results writers aws-cdk-lib writes the one that the flag asks for, and leaves the other out in silence.
        given = [name for name in ("result_writer", "result_writer_v2") if props.get(name) is not None]
        if len(given) > 1:
            fault = Fault("result_writer", "cannot be combined with result_writer_v2", "leave one of them out")
            raise InvalidPropsError(self.node.path, [fault])
        if given:
            self.node.set_context(_WRITER_FLAG, given == ["result_writer_v2"])
        context = context_of(scope)
        name, path = props.get("state_name") or construct_id, context.path_below_stack(construct_id)
        language = language_of(props.get("query_language"))
        self._around = register_map(context.app, self, name, path, distributed=True, inputs=inputs, language=language)

    @check_method
    def item_processor(
        self,
        processor: sfn.IChainable,
        *,
        execution_type: sfn.ProcessorType | None = None,
        mode: sfn.ProcessorMode | None = None,
    ) -> Self:
        """Define the states that each item passes; see ``sfn.DistributedMap.item_processor``.

        Args:
            processor: The first state of an iteration, with what follows.
            execution_type: The type of the iterations' executions. Default: ``map_execution_type``.
            mode: ``DISTRIBUTED``, as it is by default.
        """
        super().item_processor(
            _drawn(self, self._around, processor, self._handed_in), execution_type=execution_type, mode=mode
        )
        return self


check_props_of(Map, passed_on=True, like=sfn.Map)
check_props_of(DistributedMap, passed_on=True, like=sfn.DistributedMap)


def _drawn(
    scope: Construct, around: EnclosingMap, processor: sfn.IChainable, handed_in: HandIn | None = None
) -> sfn.IChainable:
    """The states of an iteration, after one that draws its variable."""
    variable = "" if around.variable is None else around.variable.jsonpath[1:]
    first = sfn.Pass(
        scope,
        "Item",
        state_name=f"{around.name} item",
        comment="Draws what tells the places of this iteration from those of the others",
        query_language=sfn.QueryLanguage.JSONATA,
        assign={
            variable: "{% $uuid() %}",
            **({VARIABLE: f"{{% {handed_in.variable} %}}"} if handed_in is not None else {}),
        },
        outputs=_as_object("$states.input" if handed_in is None else handed_in.item),
    )
    return first.next(processor)
