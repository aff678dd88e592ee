"""A value that a state measured or read, for conditions and props of the states after it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import aws_stepfunctions as sfn

from constructs_ml.asl.dynamic import is_dynamic
from constructs_ml.asl.expressions import Language, Path, Runtime, braced
from constructs_ml.asl.literals import jsonata_text
from constructs_ml.asl.metric_files import BOOLEAN, TEXT, Kind
from constructs_ml.core.values import parse_runtime_values
from constructs_ml.errors import Fault, InvalidPropsError

if TYPE_CHECKING:
    from collections.abc import Callable

_NUMERIC = {
    ">=": "number_greater_than_equals",
    ">": "number_greater_than",
    "<=": "number_less_than_equals",
    "<": "number_less_than",
}


@dataclass(frozen=True)
class Metric:
    """A value that a state passes on: a job's metric, or a member of a file of metrics.

    Get one from ``train.metric("test:accuracy")``, ``tune.best_objective()`` or ``metrics.metric("accuracy")``::

        accuracy = train.metric("test:accuracy")
        sfn.Choice(self, "GoodEnough?").when(accuracy.at_least(0.9), register).otherwise(failed)

    Attributes:
        name: Its name.
        kind: Its type.
        path: The place in the input of the states after it, in JSONPath.
        jsonata: The same place in JSONata, without the ``{% %}``.
        language: The query language of the states after it.
        owner: The path of the construct that hands it on.
        compared: Notes that a condition is written in that language.
    """

    name: str
    kind: Kind
    path: str
    jsonata: str
    language: Language
    owner: str
    compared: Callable[[], None]

    @property
    def value(self) -> Any:  # noqa: ANN401 - a token of its type
        """The value for props of later states that take its type: a JsonPath token, or a JSONata expression in that language."""
        if self.language is Language.JSONATA:
            return braced(self.jsonata)
        return sfn.JsonPath.number_at(self.path) if self.kind.type == "number" else sfn.JsonPath.string_at(self.path)

    @property
    def text(self) -> str:
        """The value as a text, for hyperparameters, arguments, tags and parts of texts."""
        if self.language is Language.JSONATA:
            return braced(f"$string({self.jsonata})")
        if self.kind is TEXT:
            return sfn.JsonPath.string_at(self.path)
        return sfn.JsonPath.format("{}", sfn.JsonPath.string_at(self.path))

    def at_least(self, bound: float | str) -> sfn.Condition:
        """A condition for a Choice: the value is the bound or greater.

        Args:
            bound: A number, or a JsonPath or JSONata expression of one.
        """
        return self._numeric("at_least", ">=", bound)

    def above(self, bound: float | str) -> sfn.Condition:
        """A condition for a Choice: the value is greater than the bound.

        Args:
            bound: A number, or a JsonPath or JSONata expression of one.
        """
        return self._numeric("above", ">", bound)

    def at_most(self, bound: float | str) -> sfn.Condition:
        """A condition for a Choice: the value is the bound or less.

        Args:
            bound: A number, or a JsonPath or JSONata expression of one.
        """
        return self._numeric("at_most", "<=", bound)

    def below(self, bound: float | str) -> sfn.Condition:
        """A condition for a Choice: the value is less than the bound.

        Args:
            bound: A number, or a JsonPath or JSONata expression of one.
        """
        return self._numeric("below", "<", bound)

    def is_one_of(self, *texts: str) -> sfn.Condition:
        """A condition for a Choice: the value is one of these texts.

        Args:
            texts: The texts, at least one.
        """
        if self.kind is not TEXT:
            raise self._fault(
                "is_one_of", f"needs a text, and {self.name} is {self.kind.article}", "compare it otherwise"
            )
        if not texts:
            raise self._fault("is_one_of", "needs a text, got none", "pass 'good'")
        self.compared()
        if self.language is Language.JSONATA:
            return sfn.Condition.jsonata(braced(f"{self.jsonata} in [{', '.join(map(jsonata_text, texts))}]"))
        conditions = [sfn.Condition.string_equals(self.path, text) for text in texts]
        return conditions[0] if len(conditions) == 1 else sfn.Condition.or_(*conditions)

    def is_true(self) -> sfn.Condition:
        """A condition for a Choice: the value is true."""
        if self.kind is not BOOLEAN:
            problem = f"needs true or false, and {self.name} is {self.kind.article}"
            raise self._fault("is_true", problem, "compare it otherwise")
        self.compared()
        if self.language is Language.JSONATA:
            return sfn.Condition.jsonata(braced(f"{self.jsonata} = true"))
        return sfn.Condition.boolean_equals(self.path, value=True)

    def _numeric(self, member: str, operator: str, bound: Any) -> sfn.Condition:  # noqa: ANN401 - checked here
        if self.kind.type != "number":
            problem = f"needs a number, and {self.name} is {self.kind.article}"
            raise self._fault(member, problem, "use is_true()" if self.kind is BOOLEAN else "use is_one_of('good')")
        known = parse_runtime_values(bound)
        if not isinstance(known, Runtime) and not is_dynamic(bound) and not _is_number(bound):
            raise self._fault(member, f"must be a number or a value of a run, got {bound!r}", "pass 0.9")
        self.compared()
        if self.language is Language.JSONATA:
            limit = f"({known.jsonata})" if isinstance(known, Runtime) else str(known)
            return sfn.Condition.jsonata(braced(f"{self.jsonata} {operator} {limit}"))
        compare = _NUMERIC[operator]
        if isinstance(known, Path):
            return cast("sfn.Condition", getattr(sfn.Condition, f"{compare}_json_path")(self.path, known.jsonpath))
        if isinstance(known, Runtime):
            raise self._fault(
                member, f"must be a path in JSONPath, got {bound!r}", "pass sfn.JsonPath.number_at('$.x')"
            )
        return cast("sfn.Condition", getattr(sfn.Condition, compare)(self.path, known))

    def _fault(self, member: str, problem: str, fix: str) -> InvalidPropsError:
        return InvalidPropsError(self.owner, [Fault(f"{self.name}: {member}", problem, fix)])


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
