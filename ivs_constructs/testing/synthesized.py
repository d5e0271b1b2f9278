"""A stack's template for unit tests: synthesized once, checked in Python."""

from __future__ import annotations

import copy
import inspect
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from ivs_constructs._core.misnamed import Advising, advise_methods
from ivs_constructs._core.node import ensure_node
from ivs_constructs.testing import vocabulary
from ivs_constructs.testing.matching import differences, told
from ivs_constructs.testing.permissions import Permission, permissions_of
from ivs_constructs.testing.snapshot import normalized

if TYPE_CHECKING:
    import aws_cdk as cdk
    from aws_cdk.assertions import Template
    from constructs import IConstruct

    from ivs_constructs.checks.assembly import Assembly, StackTemplate
    from ivs_constructs.checks.finding import Finding
    from ivs_constructs.checks.rule import Level

_LEVELS: dict[str, Level] = {
    "aws:cdk:error": "error",
    "aws:cdk:warning": "warning",
    "aws:cdk:info": "info",
}


@dataclass(frozen=True)
class Resource:
    """One resource of a template.

    Attributes:
        logical_id: Its id in the template.
        type: Its type, such as `AWS::IVS::Channel`.
        properties: Its properties, by CloudFormation's names.
        path: The path of its construct.
        definition: Its whole definition in the template, including its `DeletionPolicy`.
    """

    logical_id: str
    type: str
    properties: dict[str, Any]
    path: str
    definition: dict[str, Any]


class Synthesized(Advising):
    """A synthesized stack; made by `synthesize`.

    Nothing here changes the stack: tests can share it, and results are copies.

    Example:
        >>> import aws_cdk as cdk
        >>> from ivs_constructs import LiveChannel
        >>> class Talks(cdk.Stack):
        ...     def __init__(self, scope, id):
        ...         super().__init__(scope, id)
        ...         LiveChannel(self, "Live", private=True, recording=False)
        >>> talks = synthesize(Talks)
        >>> talks.has("AWS::IVS::Channel", Authorized=True)
        >>> talks.lacks("AWS::IVS::RecordingConfiguration")
        >>> talks.one("AWS::IVS::StreamKey").path
        'Talks/Live/StreamKey/Resource'
    """

    _attributes_instead: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(
            ("has_resource", "has_resource_properties"), "call has(type, **properties)"
        ),
        **dict.fromkeys(("find_resources", "of_type"), "call resources(type)"),
        **dict.fromkeys(("to_json", "json"), "read template"),
        **dict.fromkeys(("has_output", "find_outputs"), "read outputs"),
        "resource_count_is": "compare len(resources(type)), or call one(type) or lacks(type)",
        "has_parameter": "call raw.has_parameter(...)",
    }

    def __init__(self, stack: cdk.Stack, read: Assembly, own: StackTemplate) -> None:
        self._stack = stack
        self._read = read
        self._own = own
        errors = [str(each) for each in self._found if each.level == "error"]
        if errors:
            raise AssertionError("\n".join([f"stack '{self._name}' has errors:", *told(errors)]))

    def __repr__(self) -> str:
        return f"<Synthesized {self._name}: {self._inventory()}>"

    @cached_property
    def _name(self) -> str:
        return str(self._stack.node.path)

    @cached_property
    def raw(self) -> Template:
        """The template as `aws_cdk.assertions.Template`, for the AWS CDK's matchers."""
        from aws_cdk.assertions import Template

        return Template.from_json(self._own.template)

    @property
    def template(self) -> dict[str, Any]:
        """The whole template, as CloudFormation gets it."""
        return copy.deepcopy(self._own.template)

    @property
    def outputs(self) -> dict[str, Any]:
        """The values of the stack's outputs, by their logical ids."""
        outputs = self.template.get("Outputs", {})
        return {name: output.get("Value") for name, output in outputs.items()}

    def resources(self, type: str) -> list[Resource]:
        """The resources of a type, in the order of the template.

        Args:
            type: The type, such as `AWS::IVS::Channel`.

        Raises:
            AssertionError: If no template could have such a type.
        """
        found = [
            Resource(
                each.logical_id,
                each.type,
                copy.deepcopy(each.properties),
                self._own.path_of(each.logical_id),
                copy.deepcopy(each.definition),
            )
            for each in self._own.resources(type)
        ]
        if not found:
            self._refuse_unknown(type)
        return found

    def one(self, type: str) -> Resource:
        """The only resource of a type.

        Args:
            type: The type, such as `AWS::IVS::Channel`.

        Raises:
            AssertionError: If there is none, or more than one.
        """
        found = self.resources(type)
        if len(found) != 1:
            if not found:
                raise AssertionError(self._no_such(type))
            paths = told([f"{each.logical_id} ({each.path})" for each in found])
            raise AssertionError(
                "\n".join([f"stack '{self._name}' has {len(found)} {type}, not one:", *paths])
            )
        return found[0]

    def has(self, type: str, /, **properties: object) -> None:
        """Assert that there is a resource of a type, with some properties.

        Nested mappings may contain more than given here; lists must be equal. You can also pass
        attributes of constructs, such as `channel.channel_arn`.

        Args:
            type: The type, such as `AWS::IVS::Channel`.
            **properties: What its properties must contain, by CloudFormation's names.

        Raises:
            AssertionError: If there is none; the message names the closest one and the differences.
        """
        found = self.resources(type)
        if not found:
            raise AssertionError(self._no_such(type))
        expected = self._resolved(properties)
        compared = [(list(differences(expected, each.properties)), each) for each in found]
        unlike, nearest = min(compared, key=_distance)
        if unlike:
            self._refuse_misspelled(type, expected)
            which = f"closest of {len(found)}" if len(found) > 1 else "the only one"
            lines = [
                f"stack '{self._name}' has no {type} like this;",
                f"  {which} is {nearest.logical_id} ({nearest.path}):",
                *told(unlike),
            ]
            raise AssertionError("\n".join(lines))

    def lacks(self, type: str, /, **properties: object) -> None:
        """Assert that there is no resource of a type, or none with some properties.

        Args:
            type: The type, such as `AWS::IVS::Channel`.
            **properties: What none of them may have, by CloudFormation's names.

        Raises:
            AssertionError: If there is one, or if no template could have such a type or property.
        """
        found = self.resources(type)
        expected = self._resolved(properties)
        like = [each for each in found if not any(differences(expected, each.properties))]
        if like:
            these = f" with {', '.join(properties)} like this" if properties else ""
            paths = told([f"{each.logical_id} ({each.path})" for each in like])
            raise AssertionError("\n".join([f"stack '{self._name}' has {type}{these}:", *paths]))
        self._refuse_misspelled(type, expected)

    def normalized(self) -> dict[str, Any]:
        """The template for a snapshot, without what changes from build to build.

        Hashes and locations of assets, and the hashes in names of Lambda versions and API
        deployments, are masked; the AWS CDK's own parameter and rule are omitted.
        """
        return normalized(self._own.template)

    def policies_of(self, construct: IConstruct | str) -> list[Permission]:
        """What this stack lets a role do: everything that is allowed, denied and attached.

        Args:
            construct: A role, a construct with a role, such as a function, or a role's logical id.

        Raises:
            AssertionError: If the stack has no role for it.
        """
        known = [each.logical_id for each in self.resources("AWS::IAM::Role")]
        role = construct if isinstance(construct, str) else self._role_of(construct)
        if role in known or (role is not None and not isinstance(construct, str)):
            return list(permissions_of(self._own.template, role))
        roles = [each.path for each in self.resources("AWS::IAM::Role")]
        raise AssertionError(
            "\n".join(
                [f"stack '{self._name}' has no role for {construct}; its roles are:", *told(roles)]
                if roles
                else [f"stack '{self._name}' has no role for {construct}, and no other role"]
            )
        )

    def lint(self) -> list[str]:
        """cfn-lint's findings in the template, one per line.

        Raises:
            ModuleNotFoundError: If cfn-lint is not installed.
        """
        if find_spec("cfnlint") is None:
            raise ModuleNotFoundError("lint() needs cfn-lint: pip install cfn-lint")
        from cfnlint.api import (  # type: ignore[import-untyped]  # no types
            ManualArgs,
            lint_by_config,  # pyright: ignore[reportUnknownVariableType] (cfn-lint has no types for it)
        )

        region = self._own.region or "us-east-1"
        matches = cast(
            "list[Any]",
            lint_by_config(ManualArgs(templates=[str(self._own.file)], regions=[region])),
        )
        return [f"{each.rule.id} {each.message}" for each in matches]

    def findings(self) -> list[Finding]:
        """The findings of `IvsChecks`, annotations and, if it is installed, cdk-nag in the stack.

        Acknowledged findings are omitted. Only cdk-nag's can have the level `error`, because
        `synthesize` raises the others.
        """
        return [*self._found, *self._nag()]

    @cached_property
    def _found(self) -> list[Finding]:
        from ivs_constructs.checks.assembly import ACKNOWLEDGED
        from ivs_constructs.checks.finding import acknowledged_in, find, is_acknowledged, misspelt

        here = self._files
        acknowledged = acknowledged_in(self._read)
        found = [*find(self._read), *misspelt(self._read, acknowledged)]
        found = [each for each in found if each.template in here]
        if found:
            # The stacks' files do not describe what is around them.
            for scope in self._stack.node.scopes[:-1]:
                for entry in scope.node.metadata:
                    if entry.type == ACKNOWLEDGED:
                        for name in entry.data:
                            acknowledged.setdefault(name, set()).add(scope.node.path)
            found = [each for each in found if not is_acknowledged(each, acknowledged)]
        return [*found, *self._annotations()]

    @cached_property
    def _files(self) -> set[Path]:
        """The templates of this stack and of the stacks nested in it."""
        inner = (
            each.file
            for each in self._read.stacks
            if each.nested and each.metadata is self._own.metadata and not self._own.nested
        )
        return {self._own.file, *inner}

    def _annotations(self) -> Iterator[Finding]:
        from ivs_constructs.checks.finding import Finding

        prefix = f"{self._name}/"
        for path, entries in self._own.metadata.items():
            inside = path.removeprefix("/")
            for entry in entries:
                level = _LEVELS.get(entry["type"])
                if level and f"{inside}/".startswith(prefix):
                    # … [ack: aws-cdk-lib/aws-ivs:something]
                    text, _, ending = str(entry["data"]).partition(" [ack: ")
                    yield Finding(ending.rstrip("]") or "annotation", level, inside, text)

    def _nag(self) -> Iterator[Finding]:
        if find_spec("cdk_nag") is None:
            return
        import cdk_nag

        from ivs_constructs.checks.finding import Finding

        for each in cdk_nag.AwsSolutionsChecks().validate_scope(self._stack).violations:
            level: Level = "error" if str(each.severity).lower() == "error" else "warning"
            for resource in each.violating_resources:
                path = resource.construct_path or resource.resource_logical_id or self._name
                yield Finding(each.rule_name, level, path, each.description, each.fix or "")

    def _role_of(self, construct: IConstruct) -> str | None:
        path = construct.node.path
        below = [
            each
            for each in self._own.resources()
            if f"{self._own.path_of(each.logical_id)}/".startswith(f"{path}/")
        ]
        roles = [each.logical_id for each in below if each.type == "AWS::IAM::Role"]
        for each in below:
            # A function whose role was made elsewhere.
            for name in ("Role", "RoleArn"):
                role = self._read.target(self._own, each.properties.get(name))
                if role is not None and role.type == "AWS::IAM::Role":
                    roles.append(role.logical_id)
            # An imported role: only policies that name it are in the template.
            if each.type == "AWS::IAM::Policy" and not roles:
                roles += [
                    name for name in each.properties.get("Roles", ()) if isinstance(name, str)
                ]
        different = sorted(set(roles))
        if len(different) > 1:
            listed = ", ".join(different)
            raise AssertionError(f"{path} has {len(different)} roles, name one: {listed}")
        return different[0] if different else None

    def _resolved(self, properties: Mapping[str, object]) -> Any:  # noqa: ANN401 (JSON)
        # One call to Node, and only for attributes of constructs.
        text = json.dumps(properties, default=repr)
        return (
            self._stack.resolve(properties)
            if "${Token[" in text or "#{Token[" in text
            else properties
        )

    def _inventory(self) -> str:
        counts = Counter(each.type for each in self._own.resources())
        parts = [f"{count} {name}" for name, count in sorted(counts.items())]
        shown = ", ".join(parts[:12])
        return (
            f"{shown} and {len(parts) - 12} more types" if len(parts) > 12 else shown or "nothing"
        )

    def _no_such(self, type: str) -> str:
        self._refuse_unknown(type)
        there = {each.type for each in self._own.resources()}
        near = vocabulary.realized(type, there)
        hint = f"; did you mean {near}?" if near else ""
        return f"stack '{self._name}' has no {type}{hint}\n  it has: {self._inventory()}"

    def _refuse_unknown(self, type: str) -> None:
        """Raise for a type that does not exist."""
        if not isinstance(cast("object", type), str):
            name = getattr(type, "__name__", repr(type))
            raise TypeError(
                f"type must be a CloudFormation type such as 'AWS::IVS::Channel', got {name}"
            )
        there = {each.type for each in self._own.resources()}
        known = vocabulary.is_known(type)
        near = vocabulary.meant(type, there | vocabulary.types_beside(type))
        typing_error = known is None and near is not None and vocabulary.same(near, type)
        if known is False or ("::" not in type) or typing_error:
            hint = f"; did you mean {near}?" if near else ""
            raise AssertionError(
                f"there is no type {type}{hint}\n  stack '{self._name}' has: {self._inventory()}"
            )

    def _refuse_misspelled(self, type: str, expected: Mapping[str, object]) -> None:
        """Raise for a property that the type does not have."""
        there = {name for each in self._own.resources(type) for name in each.properties}
        unknown = set(expected) - there
        known = vocabulary.properties_of(type) if unknown else None
        for name in sorted(unknown):
            among = there | (known or set())
            # The AWS CDK has its own spelling of names: KmsKeyId for KMSKeyId.
            if known is not None and any(name.lower() == each.lower() for each in among):
                continue
            near = vocabulary.meant(name, among)
            if known is not None or (near is not None and vocabulary.same(near, name)):
                hint = f"; did you mean {near}?" if near else ""
                raise AssertionError(f"{type} has no property {name}{hint}")


def synthesize(
    stack: cdk.Stack | Callable[..., cdk.Stack], *, cdk_validation: bool = False, **props: object
) -> Synthesized:
    """Synthesize a stack, for assertions about its template.

    The AWS CDK's own template validation takes seconds, so it is off unless you ask for it. In an
    app of your own it is on: load the pytest plugin, which sets `CDK_VALIDATION=false`, or make the
    app with `builtin_cloud_formation_validation=False`.

    Args:
        stack: A stack class, which gets an app of its own, or a stack. For a stack, its whole app
            is synthesized, as it is now.
        cdk_validation: Whether the AWS CDK validates the template too; it prints its findings.
        **props: The class's arguments in addition to scope and id.

    Raises:
        AssertionError: If there are findings of level `error`, from `IvsChecks` or annotations.
        TypeError: If it is neither, or if props are passed together with a stack.

    Example:
        >>> import aws_cdk as cdk
        >>> synthesize(cdk.Stack, description="empty").template["Description"]
        'empty'
    """
    ensure_node()
    import aws_cdk as cdk

    from ivs_constructs.checks.assembly import read_assembly

    made = _made(stack, props)
    app = made.node.root
    if not isinstance(app, cdk.Stage):
        raise TypeError(f"stack '{made.node.path}' is not in an app, so it cannot be synthesized")
    if cdk_validation:
        cdk.Validations.of(app).add_plugins(cdk.CloudFormationValidatePlugin())
    _synth(app, made, force=made is stack)
    read = read_assembly([Path(app.outdir)])
    own = [each for each in read.stacks if not each.nested]
    if len(own) > 1 or made is stack or isinstance(made, cdk.NestedStack):
        # A stage inside the app has an assembly of its own.
        file = Path((cdk.Stage.of(made) or app).outdir, made.template_file)
        own = [each for each in read.stacks if each.file == file]
    return Synthesized(made, read, own[0])


def _synth(app: cdk.Stage, made: cdk.Stack, *, force: bool) -> None:
    """Synthesize an app, forced if it may have been synthesized before, and changed since."""
    import aws_cdk as cdk

    inner = cdk.Stage.of(made) if force else None
    # The force of an app does not reach the stages inside it.
    while inner is not None and inner.parent_stage is not None:
        inner.synth(force=True)
        inner = inner.parent_stage
    app.synth(force=force)


def _distance(compared: tuple[list[str], Resource]) -> tuple[int, int]:
    # A different value is closer than no value.
    unlike, _ = compared
    return len(unlike), sum(line.endswith("is not set") for line in unlike)


def _made(stack: object, props: Mapping[str, object]) -> cdk.Stack:
    import aws_cdk as cdk
    from constructs import Construct

    if isinstance(stack, cdk.Stack):
        if props:
            raise TypeError(f"props are for a class, but this is a stack; drop {', '.join(props)}")
        return stack
    made: object = stack
    if isinstance(made, type) and not issubclass(made, cdk.Stack):
        raise TypeError(f"synthesize takes a stack or a stack class, not the class {made.__name__}")
    if callable(stack):
        # Older releases do not validate by themselves, and cannot turn it off.
        left_out = "builtin_cloud_formation_validation"
        known = left_out in inspect.signature(cdk.App.__init__).parameters
        settings: dict[str, Any] = {left_out: False} if known else {}
        # The construct tree would be written for tools that do not run here.
        app = cdk.App(analytics_reporting=False, tree_metadata=False, **settings)
        made = stack(app, getattr(stack, "__name__", "Stack"), **props)
    if not isinstance(made, cdk.Stack):
        advice = ""
        if isinstance(made, cdk.Stage):
            stacks = [each.node.id for each in made.node.children if isinstance(each, cdk.Stack)]
            advice = f"; pass one of its stacks: {', '.join(stacks) or 'it has none'}"
        elif isinstance(made, Construct):
            advice = "; pass the stack that it is in"
        kind = type(made).__name__ if isinstance(made, Construct) else repr(made)
        raise TypeError(f"synthesize takes a stack or a stack class, not {kind}{advice}")
    return made


advise_methods(Synthesized)
