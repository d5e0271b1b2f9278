"""What it takes to give constructs and the protocols of imports the same methods.

The methods stand in protocols, which say for type checkers what an import has, and which constructs
inherit from.
"""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING, Protocol

import jsii

if TYPE_CHECKING:
    # What type checkers take for the metaclass of protocols.
    from abc import ABCMeta as ProtocolMeta
else:
    ProtocolMeta = type(Protocol)


class ConstructMeta(jsii.JSIIAbstractClass, ProtocolMeta):
    """The metaclass of constructs that inherit from a protocol.

    Python asks for one that is below those of all bases.
    """


def name_methods(*classes: type) -> None:
    """Give methods that are made from a table the names that they have in their class."""
    for cls in classes:
        for name, each in vars(cls).items():
            if isinstance(each, FunctionType):
                each.__name__ = name
                each.__qualname__ = f"{cls.__qualname__}.{name}"
                each.__module__ = cls.__module__
