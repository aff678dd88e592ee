"""What tests of the SageMaker SDK's objects share."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True, scope="package")
def sdk_that_checks_its_own_schema_once() -> Iterator[None]:
    """The SDK checks its settings whenever it reads one, and before that the schema of them, which never changes: 0.2 s each time."""
    jsonschema = pytest.importorskip("jsonschema")
    checked = cache(lambda validator, schema: validator.check_schema(by_id[schema]))
    by_id: dict[int, Any] = {}
    real = jsonschema.validate

    def validate(instance: Any, schema: Any) -> None:
        validator = jsonschema.validators.validator_for(schema)
        by_id[id(schema)] = schema
        checked(validator, id(schema))
        if error := next(validator(schema).iter_errors(instance), None):
            raise error

    jsonschema.validate = validate
    yield
    jsonschema.validate = real
