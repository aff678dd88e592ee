"""What may be passed for all of a mapping or a list when that is known only at run time."""

from __future__ import annotations

from typing import TypeAlias

from aws_cdk import IResolvable

Whole: TypeAlias = IResolvable | str
"""``JsonPath.object_at("$.x")``, ``execution_input("x")`` or ``"{% $states.input.x %}"`` for a whole mapping or list."""
