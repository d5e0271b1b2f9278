"""What constructs accept and provide, and tokens that are signed outside the API."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass

from ivs_constructs._core.misnamed import snake_case
from ivs_constructs._specs import (
    COMPOSITION,
    CUSTOM_RESOURCES,
    RESOURCES,
    CustomResourceSpec,
    Kind,
    Prop,
    ResourceSpec,
)
from ivs_constructs.low_latency import values as low_latency
from ivs_constructs.operate._models import Operation
from ivs_constructs.realtime import values as realtime
from ivs_constructs.tokens import _participant as participant_tokens
from tools.coverage.answers import Answer, Way
from tools.coverage.members import Node
from tools.coverage.sources import ConstructSource, class_of, construct

_VALUES = {**vars(low_latency), **vars(realtime)}
"""The values that constructs accept, by name."""


class Constructs:
    """The answers of constructs and of tokens."""

    def __init__(self, service: str, api: Mapping[str, Operation]) -> None:
        self._service = service
        self._operations: dict[str, list[Answer]] = {}
        self._inputs: dict[tuple[str, str], Answer] = {}
        self._reasons: dict[tuple[str, str], str] = {}
        self._resources: dict[str, dict[str, Answer]] = {}
        tagged: list[str] = []
        for spec in (*RESOURCES, *CUSTOM_RESOURCES, COMPOSITION):
            source = construct(class_of(spec))
            if spec.service == service and source is not None:
                self._add(spec, source, api)
                tagged += [source.name] if "tags" in source.parameters else []
        self._tags = Answer(Way.ARGUMENT, "tags=...", f"of {', '.join(tagged)}")
        self._token_shapes = _token_shapes(api.get(participant_tokens.OPERATION))

    def _add(
        self, spec: ResourceSpec, source: ConstructSource, api: Mapping[str, Operation]
    ) -> None:
        way = Way.ARGUMENT if spec.cfn_type or spec is COMPOSITION else Way.CUSTOM
        custom = spec if isinstance(spec, CustomResourceSpec) else None
        changing = [each for each in (spec.create, spec.update) if each]
        # Compositions end by themselves.
        ending = [each for each in (spec.update, spec.delete) if each and spec is not COMPOSITION]
        for operation in dict.fromkeys((*changing, *ending)):
            self._operations.setdefault(operation, []).append(Answer(way, source.name))
        if custom:
            self._add_stops(custom, source, way)
        if custom and custom.patch:
            return  # its members are reported as those of the resource it patches
        for path, argument in (*_arguments(spec, source, way), *_patches(spec, source)):
            for operation in changing:
                self._inputs.setdefault((operation, path), argument)
        for path, reason in spec.unreachable.items():
            self._reasons[spec.create, path] = reason
            if spec is COMPOSITION:
                # What the automation makes itself; for other constructs, what they lack.
                self._inputs[spec.create, path] = Answer(way, source.name, reason)
        by = "its custom resource" if custom else "CloudFormation"
        for operation in ending:
            self._inputs[operation, "arn"] = Answer(way, source.name, f"{by} fills it in")
        if custom and custom.force:
            code = f"{source.name}(in_use=InUse.STOP)"
            self._inputs[custom.delete, custom.force] = Answer(way, code)
        read = api.get(spec.read)
        if read is not None and read.output is not None:
            for shape in read.output.members.values():
                self._resources[shape.name] = dict(_attributes(spec, source))

    def _add_stops(self, spec: CustomResourceSpec, source: ConstructSource, way: Way) -> None:
        """Add what is stopped before a deployment changes its resources."""
        if "in_use" in source.parameters:
            code = f"{source.name}(in_use=InUse.STOP)"
            answer = Answer(way, code, "before a deployment that needs it")
            for holder in spec.holders:
                if holder.stop and holder.service == self._service:
                    self._operations.setdefault(holder.stop, []).append(answer)

    def of_operation(self, operation: Operation) -> Iterator[Answer]:
        """Return what does the same as an operation."""
        yield from dict.fromkeys(self._operations.get(operation.name, ()))
        if self._makes_tokens(operation):
            yield Answer(Way.TOKEN, "tokens.sign(ParticipantClaims(...))", "ParticipantTokenIssuer")

    def of_member(self, operation: Operation, node: Node, *, is_input: bool) -> Iterator[Answer]:
        """Return what accepts or provides the same as a member."""
        if is_input:
            found = self._inputs.get((operation.name, node.plain_path))
            if found is not None:
                yield found
            elif node.path == "tags":
                yield self._tags
        else:
            for name, path in node.around:
                given = self._resources.get(name, {}).get(path)
                if given is not None:
                    yield given
        yield from self._of_tokens(operation, node, is_input=is_input)

    def _makes_tokens(self, operation: Operation) -> bool:
        return (
            self._service == COMPOSITION.service and operation.name == participant_tokens.OPERATION
        )

    def _of_tokens(self, operation: Operation, node: Node, *, is_input: bool) -> Iterator[Answer]:
        names = {name for name, _ in node.around[:1]}
        if not (is_input and self._makes_tokens(operation)) and not names & self._token_shapes:
            if node.shape.name in self._token_shapes:
                # The constructs do not accept tokens, and a descriptor says why.
                reason = self._reasons.get((operation.name, node.path.removesuffix("[]")), "")
                yield Answer(Way.TOKEN, "tokens.ParticipantClaims(...)", reason)
            return
        claim = participant_tokens.OPERATION_NAMES.get(node.name, snake_case(node.name))
        if claim in {each.name for each in fields(participant_tokens.ParticipantClaims)}:
            yield Answer(Way.TOKEN, f"tokens.ParticipantClaims({claim}=...)")
        elif node.shape.facts.get("sensitive"):
            yield Answer(Way.TOKEN, "tokens.sign(ParticipantClaims(...))")


def _token_shapes(operation: Operation | None) -> set[str]:
    """The structures that describe a participant token."""
    if operation is None or operation.output is None:
        return set()
    tokens = {each.name for each in operation.output.members.values()}
    shapes = operation.input.shapes
    return {
        name
        for name in shapes
        if name.startswith(tuple(tokens)) and shapes[name]["type"] == "structure"
    }


@dataclass(frozen=True, slots=True)
class _Place:
    """A call that takes arguments: a construct's, or that of a value for one.

    Attributes:
        code: The call, with `{}` where the arguments go.
        parameters: The arguments by their names, each with its annotation.
    """

    code: str
    parameters: Mapping[str, str]

    def argument(self, name: str) -> str:
        """Write the call with one argument."""
        return self.code.format(f"{name}=...")

    def inside(self, name: str) -> list[_Place]:
        """The values that an argument, or the items of a list, may have."""
        form = "{}=[{}({{}})]" if "Sequence" in self.parameters[name] else "{}={}({{}})"
        return [
            _Place(
                self.code.format(form.format(name, each.__name__)),
                {part.name: str(part.type) for part in fields(each)},
            )
            for word in re.findall(r"\w+", self.parameters[name])
            if is_dataclass(each := _VALUES.get(word)) and isinstance(each, type)
        ]


def _arguments(
    spec: ResourceSpec, source: ConstructSource, way: Way
) -> Iterator[tuple[str, Answer]]:
    """What to write for each member of the API, by its path."""
    call = _Place(f"{source.name}({{}})", source.parameters)
    for path, code in _written(spec.props, "", [call]):
        yield path, Answer(way, code)


def _written(
    props: Sequence[Prop], path: str, places: Sequence[_Place]
) -> Iterator[tuple[str, str]]:
    for prop in props:
        here = f"{path}.{prop.api}" if path else prop.api
        item = prop.item if prop.kind is Kind.LIST and prop.item else prop
        name, place = next(
            ((n, p) for n in (prop.py, item.py) for p in places if n in p.parameters), ("", None)
        )
        below = places
        if place is not None:
            yield here, place.argument(name)
            below = place.inside(name) or places
        members = item.members
        if members:
            # Of several possible values, the one with all of the members.
            wanted = set(_leaves(members))
            fitting = [p for p in below if wanted <= p.parameters.keys()] or below
            found = list(_written(members, here, fitting))
            if place is None and found:
                # A structure that the construct makes from its arguments.
                yield here, found[0][1] if len(wanted) == 1 else fitting[0].code.format("...")
            yield from found


def _leaves(props: Sequence[Prop]) -> Iterator[str]:
    """The names in a structure, including nested ones that constructs make themselves."""
    for prop in props:
        item = prop.item if prop.kind is Kind.LIST and prop.item else prop
        if item.kind is Kind.STRUCT and item.members and not item.value_class:
            yield from _leaves(item.members)
        else:
            yield item.py


def _patches(spec: ResourceSpec, source: ConstructSource) -> Iterator[tuple[str, Answer]]:
    """What a custom resource sets that CloudFormation's type lacks."""
    for patch in CUSTOM_RESOURCES:
        if patch.patch and patch.arn_type == spec.arn_type and patch.service == spec.service:
            for prop in patch.props:
                if prop.py in source.parameters:
                    code = f"{source.name}({prop.py}=...)"
                    yield prop.api, Answer(Way.CUSTOM, code, f"set by {patch.custom_type}")


def _attributes(spec: ResourceSpec, source: ConstructSource) -> Iterator[tuple[str, Answer]]:
    """The attributes of a construct, by their path in the API's answer."""
    paths = {name: name[0].lower() + name[1:] for name in spec.attributes}
    if isinstance(spec, CustomResourceSpec):
        paths |= spec.outputs
    for name, path in paths.items():
        handed_out = source.attributes.get(snake_case(name))
        if handed_out is not None:
            yield path, Answer(Way.ATTRIBUTE, f"{source.name}.{handed_out}")
    for prop in spec.props:
        if prop.py in source.properties:
            yield prop.api, Answer(Way.ATTRIBUTE, f"{source.name}.{prop.py}", "as given")
