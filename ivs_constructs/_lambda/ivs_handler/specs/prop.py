"""The parts of a descriptor: properties, resource types and what keeps a resource in use."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any

API = "https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference"
"""The source of the figures below; each descriptor names its page."""

REALTIME_API = "https://docs.aws.amazon.com/ivs/latest/RealTimeAPIReference"
"""The same for the types of the real-time API."""


class Kind(StrEnum):
    """What a value is; decides how it is checked and rendered."""

    STRING = "string"
    INTEGER = "integer"
    SECONDS = "seconds"
    BOOLEAN = "boolean"
    LIST = "list"
    STRUCT = "struct"
    TAGS = "tags"


# Descriptors are neither compared nor printed; compiling methods for that would take longer than
# making all of them.
@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Prop:
    """One property: its three names and its limits.

    Attributes:
        py: Name in this library, the user's own word.
        cfn: Name in CloudFormation's type. Default: `py` in camel case.
        api: Name of the API's member. Default: `cfn`, with a lowercase first letter.
        kind: The kind of value.
        required: Whether the API requires it.
        minimum: Smallest value, number of characters or number of items.
        maximum: Largest value, number of characters or number of items.
        pattern: Regular expression that the whole value must match.
        form: The pattern in words, for messages.
        choices: The allowed values of a closed set.
        unique: Whether a list may not repeat an item.
        fractional: Whether a number may have a fraction.
        item: The descriptor of a list's items, or of the values of a structure whose members the
            user names.
        members: The descriptors of a structure's members.
        nested: The one member in which CloudFormation's structure holds them, if it has one.
        replaces: Whether a change makes CloudFormation replace the resource.
        default: What applies if the value is omitted, and who sets it.
        noun: The name of the value in a message's advice.
        value_class: The user's class for a structure; empty if the construct makes it.
        confidential: Whether messages must not show the value.
        judged_by_rule: Whether a rule checks the length, with a better message.
        closed: Whether only this library defines the choices, so that AWS adds none.
        may_be_empty: Whether the API also accepts an empty string instead of a choice.
        cleared: What an update sends to clear a value that can change; IVS's own default, or None
            if it is enough to omit the member.
    """

    py: str
    cfn: str = ""
    api: str = ""
    kind: Kind = Kind.STRING
    required: bool = False
    minimum: int | None = None
    maximum: int | None = None
    pattern: str | None = None
    form: str = ""
    choices: tuple[str, ...] = ()
    unique: bool = False
    fractional: bool = False
    item: Prop | None = None
    members: tuple[Prop, ...] = ()
    nested: str = ""
    replaces: bool = False
    default: str = ""
    noun: str = "it"
    value_class: str = ""
    confidential: bool = False
    judged_by_rule: bool = False
    closed: bool = False
    may_be_empty: bool = False
    cleared: object = None

    def __post_init__(self) -> None:
        """Derive the omitted names in CloudFormation and in the API."""
        # The only way to complete a frozen dataclass.
        cfn = self.cfn or "".join(word.capitalize() for word in self.py.split("_"))
        object.__setattr__(self, "cfn", cfn)
        object.__setattr__(self, "api", self.api or f"{cfn[:1].lower()}{cfn[1:]}")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ResourceSpec:
    """One resource type of the API.

    In its texts, `{}` stands for the name.

    Attributes:
        name: The AWS noun, also the construct's class name.
        cfn_type: CloudFormation's type.
        arn_type: The part before the slash in the resource's ARN. Default: the name in kebab-case.
        service: The API, as boto3 calls it.
        create: The operation that creates the resource.
        update: The operation that changes it; None if every change replaces it.
        read: The operation that describes it.
        delete: The operation that deletes it.
        props: Its properties.
        attributes: CloudFormation's attributes.
        unreachable: API members that CloudFormation's type lacks, each with the reason or the way.
        importer: The construct's import method, if it is not `from_<noun>_arn`.
        source: The page with the figures. Default: that of the operation that creates it.
    """

    name: str
    cfn_type: str = "AWS::IVS::{}"
    arn_type: str = ""
    service: str = "ivs"
    create: str = "Create{}"
    update: str | None
    read: str = "Get{}"
    delete: str = "Delete{}"
    props: tuple[Prop, ...]
    attributes: tuple[str, ...] = ("Arn",)
    unreachable: dict[str, str] = field(default_factory=dict[str, str])
    importer: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        """Write out the texts that follow from the name."""
        # The only way to complete a frozen dataclass.
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, str):
                object.__setattr__(self, each.name, value.replace("{}", self.name))
        object.__setattr__(self, "arn_type", self.arn_type or self.noun.replace("_", "-"))
        pages = API if self.service == "ivs" else REALTIME_API
        object.__setattr__(self, "source", self.source or f"{pages}/API_{self.create}.html")

    @property
    def noun(self) -> str:
        """The name in snake_case, as in `<noun>_arn`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", self.name).lower()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Holder:
    """Something that can keep a resource in use, and how to find and stop it.

    It is in a list, or it is the resource itself in a certain state.

    Attributes:
        noun: What it is, for messages.
        advice: What the user can do, for messages.
        service: The API that knows it, as boto3 calls it.
        list: The operation that lists it; empty if it is the resource itself.
        member: The member of the list's answer.
        filter: The list's parameter for the resource's ARN; empty if there is none.
        read: The operation that describes it, if the list does not show what it uses; for the
            resource itself, one that fails while it is not in use.
        read_with: That operation's parameter for the ARN.
        idle: That operation's error while nothing is in use.
        over: The states in which it no longer uses anything.
        passing: The states that lead there by themselves.
        condition: The member of the resource that shows its use, and its value; an empty value
            means any.
        stop: The operation that stops it; empty if there is none, or none is needed.
        stop_with: That operation's parameters, each with the member that it comes from.
        ends_with_deletion: Whether deleting the resource ends it.
    """

    noun: str
    advice: str
    service: str
    list: str = ""
    member: str = ""
    filter: str = ""
    read: str = ""
    read_with: str = "arn"
    idle: str = ""
    over: tuple[str, ...] = ()
    passing: tuple[str, ...] = ()
    condition: tuple[str, str] = ("", "")
    stop: str = ""
    stop_with: dict[str, str] = field(default_factory=dict[str, str])
    ends_with_deletion: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class CustomResourceSpec(ResourceSpec):
    """One type of custom resource, realized by the provider's Lambda.

    Attributes:
        custom_type: The type in the template.
        list: The operation that lists the resources; empty if nothing is created.
        summaries: The member of the list's answer. Default: the name, as the API writes it.
        output: The member with the resource in answers. Default: as for lists.
        summaries_have_tags: Whether the list shows tags; otherwise they are requested one by one.
        outputs: The custom resource's attributes, each with its path in the API's description.
            Never a secret.
        patch: Whether it only sets members of an existing resource.
        pending: The transient states.
        failed: The state after a failed creation; empty if there is none.
        holders: What can keep it in use.
        deletes_in_use: Whether the API deletes it even if it is in use, so the handler must ask
            first.
        force: The parameter that makes the API delete it even if it is in use.
        policy: The property that says what to do if it is in use.
    """

    custom_type: str = "Custom::IVS{}"
    list: str = "List{}s"
    summaries: str = ""
    summaries_have_tags: bool = True
    output: str = ""
    outputs: dict[str, str] = field(default_factory=lambda: {"Arn": "arn"})
    patch: bool = False
    pending: tuple[str, ...] = ()
    failed: str = ""
    holders: tuple[Holder, ...] = ()
    deletes_in_use: bool = False
    force: str = ""
    policy: str = "InUse"

    def __post_init__(self) -> None:
        """Derive the members of answers."""
        # Not the plain `super`, which does not know the class that slots make.
        ResourceSpec.__post_init__(self)
        if self.list:
            own = f"{self.name[0].lower()}{self.name[1:]}"
            object.__setattr__(self, "output", self.output or own)
            object.__setattr__(self, "summaries", self.summaries or f"{own}s")

    @property
    def immutable(self) -> tuple[Prop, ...]:
        """The properties whose change replaces the resource; never tags."""
        return tuple(
            prop
            for prop in self.props
            if prop.kind is not Kind.TAGS and (prop.replaces or self.update is None)
        )

    @property
    def mutable(self) -> tuple[Prop, ...]:
        """The properties that an update changes, except tags."""
        return tuple(
            prop for prop in self.props if prop not in self.immutable and prop.kind is not Kind.TAGS
        )


def name_prop(
    py: str, *, replaces: bool = False, default: str = "none", cleared: object = None
) -> Prop:
    return Prop(
        py=py,
        cfn="Name",
        api="name",
        minimum=0,
        maximum=128,
        pattern="[a-zA-Z0-9-_]*",
        form="only letters, digits, - and _",
        replaces=replaces,
        default=default,
        cleared=cleared,
    )


def flag_prop(py: str, default: str, **more: Any) -> Prop:  # noqa: ANN401 (typed by Prop)
    return Prop(py=py, kind=Kind.BOOLEAN, default=default, **more)


def seconds_prop(
    py: str,
    minimum: int,
    maximum: int,
    noun: str,
    default: str = "",
    **more: Any,  # noqa: ANN401 (typed by Prop)
) -> Prop:
    """Describe a Duration, whose name in CloudFormation ends with its unit."""
    cfn = "".join(word.capitalize() for word in (*py.split("_"), "seconds"))
    return Prop(
        py=py,
        cfn=cfn,
        kind=Kind.SECONDS,
        minimum=minimum,
        maximum=maximum,
        noun=noun,
        default=default,
        **more,
    )


def arn_prop(
    py: str, cfn: str, api: str = "", *, required: bool = False, replaces: bool = False
) -> Prop:
    """Describe a reference to another resource by its ARN."""
    # Imports check the form of ARNs; here, an ARN is usually a token.
    return Prop(py=py, cfn=cfn, api=api, maximum=128, required=required, replaces=replaces)


TAGS = Prop(py="tags", kind=Kind.TAGS, minimum=0, maximum=50)
TAG_KEY = Prop(py="key", minimum=1, maximum=128)
TAG_VALUE = Prop(py="value", minimum=0, maximum=256)

OWN_TAGS = "ivs-constructs:"
"""The prefix of the tag keys that this library sets."""

CUSTOM_TAGS = replace(TAGS, maximum=46)
"""IVS allows 50; the provider itself uses four."""
