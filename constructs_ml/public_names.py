"""The package's public names: those of a first workflow at its top, the others in namespaces, a module for each family.

The stub beside a module is the only list of its names, for type checkers and at run time; they are imported when they are
first used, so that the pure parts of the library and its command start without aws_cdk. The stubs' paths begin at the
package, as lazy_loader asks for. Nothing in the library's rooms imports a namespace.
"""

from __future__ import annotations

import sys
import warnings
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import lazy_loader as lazy

if TYPE_CHECKING:
    from collections.abc import Callable

_PACKAGE = "constructs_ml"


def attach(module: str, file: str) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Make a module's ``__getattr__``, ``__dir__`` and ``__all__`` of the stub beside it.

    Args:
        module: The module's ``__name__``.
        file: The module's ``__file__``.
    """
    find, names, exported = lazy.attach_stub(_PACKAGE, file)

    def get(name: str) -> Any:  # noqa: ANN401 - any of the names
        if name not in exported:
            if module == _PACKAGE and not name.startswith("_"):
                return _moved(name)
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        value = find(name)
        if module != _PACKAGE:
            # lazy_loader keeps each value in the package: a name of a namespace alone would then be one of its top, too.
            package = sys.modules[_PACKAGE]
            if name not in package.__all__:
                vars(package).pop(name, None)
            setattr(sys.modules[module], name, value)
        return value

    return get, names, exported


def _moved(name: str) -> Any:  # noqa: ANN401 - any of the names
    """Find a name in the namespaces that stood at the top of the package until 0.1.

    Raises:
        AttributeError: If no namespace has it.
    """
    for namespace in sys.modules[_PACKAGE].__all__:
        if find_spec(f"{_PACKAGE}.{namespace}"):
            found = import_module(f"{_PACKAGE}.{namespace}")
            if name in found.__all__:
                message = f"{_PACKAGE}.{name} is {_PACKAGE}.{namespace}.{name} now"
                # The caller is behind the module's __getattr__.
                warnings.warn(message, DeprecationWarning, stacklevel=3)
                return getattr(found, name)
    raise AttributeError(f"module {_PACKAGE!r} has no attribute {name!r}")
