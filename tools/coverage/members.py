"""The members of an operation's input or output in a model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ivs_constructs.operate._models import Shape


@dataclass(frozen=True, slots=True)
class Node:
    """A member in the model.

    Attributes:
        path: Its path, with `[]` for lists.
        shape: Its shape.
        around: The structures around it, from the inside out: the name of the shape, and the
            member's path from there.
    """

    path: str
    shape: Shape
    around: tuple[tuple[str, str], ...]

    @property
    def plain_path(self) -> str:
        """The path without the marks of lists."""
        return self.path.replace("[]", "")

    @property
    def name(self) -> str:
        """The member's own name."""
        return self.plain_path.rpartition(".")[2]


def nodes(root: Shape | None) -> Iterator[Node]:
    """All members, those of structures after the structure."""
    if root is not None:
        yield from _inside(root, "", ())


def _inside(shape: Shape, path: str, around: tuple[tuple[str, str], ...]) -> Iterator[Node]:
    if any(shape.name == name for name, _ in around):
        return  # a structure that contains itself has nothing new inside
    for name, member in shape.members.items():
        inner = tuple(
            (each, f"{way}.{name}" if way else name) for each, way in ((shape.name, ""), *around)
        )
        item = member
        here = f"{path}.{name}" if path else name
        while item.type == "list":
            item = item.part("member")
            here += "[]"
        yield Node(here, item, inner)
        if item.type == "structure":
            yield from _inside(item, here, inner)
