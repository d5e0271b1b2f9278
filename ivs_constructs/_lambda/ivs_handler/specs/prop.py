"""What a descriptor is made of: properties, resource types and what keeps a resource in use."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum

API = "https://docs.aws.amazon.com/ivs/latest/LowLatencyAPIReference"
"""Where the figures below come from; each descriptor names its page."""

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


# Descriptors are neither compared nor printed, and compiling the methods for that takes longer
# than making all of them.
@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Prop:
    """One property: its three names and its limits.

    Attributes:
        py: Name in this library, the user's own word.
        cfn: Name in CloudFormation's type. Default: `py` in camel case.
        api: Name of the API's member. Default: `cfn`, its first letter small.
        kind: What the value is.
        required: Whether the API refuses to work without it.
        minimum: Smallest value, number of characters or number of items.
        maximum: Largest value, number of characters or number of items.
        pattern: Regular expression that the whole value must match.
        form: The pattern in words, for messages.
        choices: The allowed values of a closed set.
        unique: Whether a list may not repeat an item.
        fractional: Whether a number may have a fraction.
        item: The descriptor of a list's items, or of the values of a structure whose members have
            names of the user's choice.
        members: The descriptors of a structure's members.
        nested: The one member in which CloudFormation's structure holds them, where it has such.
        replaces: Whether a change makes CloudFormation replace the resource.
        default: What happens when the value is left out, and who decides it.
        noun: How a message's advice calls the value.
        value_class: The class that the user makes a structure with; empty where the construct
            makes it.
        confidential: Whether messages must not show what was given.
        judged_by_rule: Whether a rule looks at the length, with better words.
        closed: Whether the choices are this library's own, which AWS adds none to.
        may_be_empty: Whether the API also takes an empty text in the place of a choice.
        cleared: What an update sends when a value that can change is no longer wanted; IVS's own
            default, None where leaving the member out is enough.
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
        """Name it in CloudFormation and in the API where these follow from the user's word."""
        # A frozen dataclass can be completed in no other way.
        cfn = self.cfn or "".join(word.capitalize() for word in self.py.split("_"))
        object.__setattr__(self, "cfn", cfn)
        object.__setattr__(self, "api", self.api or f"{cfn[:1].lower()}{cfn[1:]}")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ResourceSpec:
    """One resource type of the API.

    Attributes:
        name: The AWS noun, also the construct's class name.
        cfn_type: CloudFormation's type.
        arn_type: What stands before the slash in the resource's ARN.
        service: The API, as boto3 calls it.
        create: The operation that makes the resource.
        update: The operation that changes it, None where every change replaces.
        read: The operation that describes it.
        delete: The operation that removes it.
        props: Its properties.
        attributes: CloudFormation's attributes.
        unreachable: API members that CloudFormation's type lacks, each with the reason or the way.
        importer: The construct's import method, where it is not `from_<noun>_arn`.
        source: The page that the figures come from.
    """

    name: str
    cfn_type: str
    arn_type: str
    service: str = "ivs"
    create: str
    update: str | None
    read: str
    delete: str
    props: tuple[Prop, ...]
    attributes: tuple[str, ...] = ("Arn",)
    unreachable: dict[str, str] = field(default_factory=dict[str, str])
    importer: str = ""
    source: str

    @property
    def noun(self) -> str:
        """The name in snake_case, as it stands in `<noun>_arn`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", self.name).lower()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Holder:
    """Something that may keep a resource in use, and how it is found and stopped.

    It is found in a list, or it is the resource itself in a certain condition.

    Attributes:
        noun: What it is, for messages.
        advice: What the user can do, for messages.
        service: The API that knows it, as boto3 calls it.
        list: The operation that lists it; empty where it is the resource itself.
        member: The member of the list's answer.
        filter: The parameter of the list that takes the resource's ARN; empty where there is none.
        read: The operation that describes it, where the list cannot tell what it uses; for a
            resource itself, one that fails while it is not in use.
        read_with: The parameter of that operation that takes the ARN.
        idle: The error that this operation answers while nothing is in use.
        over: The states in which it holds nothing any more.
        passing: The states in which that is about to be so.
        condition: The member of the resource that shows that it is in use itself, and the value
            that shows it; an empty value stands for any.
        stop: The operation that stops it; empty where nothing can, or nothing needs to.
        stop_with: The parameters of that operation, each with the member that it comes from.
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
    """One type of custom resource, which the provider's Lambda realizes.

    Attributes:
        custom_type: The type in the template.
        list: The operation that lists the resources; empty where nothing is created.
        summaries: The member of the list's answer.
        summaries_have_tags: Whether the list shows tags; otherwise they are asked for one by one.
        output: The member that holds the resource in answers.
        outputs: The custom resource's attributes, each with its path in the API's description.
            Never a secret.
        patch: Whether it only sets members of a resource that exists already.
        pending: The states that pass by themselves.
        failed: The state of a resource that could not be made; empty where there is none.
        holders: What may keep it in use.
        deletes_in_use: Whether the API deletes it although it is in use, so that it must be asked
            before.
        force: The parameter that makes the API delete it although it is in use.
        policy: The property that says what to do then.
    """

    custom_type: str
    list: str = ""
    summaries: str = ""
    summaries_have_tags: bool = True
    output: str
    outputs: dict[str, str] = field(default_factory=lambda: {"Arn": "arn"})
    patch: bool = False
    pending: tuple[str, ...] = ()
    failed: str = ""
    holders: tuple[Holder, ...] = ()
    deletes_in_use: bool = False
    force: str = ""
    policy: str = "InUse"

    @property
    def immutable(self) -> tuple[Prop, ...]:
        """The properties whose change replaces the resource; tags never do."""
        return tuple(
            prop
            for prop in self.props
            if prop.kind is not Kind.TAGS and (prop.replaces or self.update is None)
        )

    @property
    def mutable(self) -> tuple[Prop, ...]:
        """The properties that an update changes, tags apart."""
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


def arn_prop(
    py: str, cfn: str, api: str = "", *, required: bool = False, replaces: bool = False
) -> Prop:
    """Describe a reference to another resource by its ARN."""
    # The form of an ARN is judged where the user gives one (imports); here it is mostly a token.
    return Prop(py=py, cfn=cfn, api=api, maximum=128, required=required, replaces=replaces)


TAGS = Prop(py="tags", kind=Kind.TAGS, minimum=0, maximum=50)
TAG_KEY = Prop(py="key", minimum=1, maximum=128)
TAG_VALUE = Prop(py="value", minimum=0, maximum=256)

OWN_TAGS = "ivs-constructs:"
"""How the keys of the tags begin that this library sets."""

CUSTOM_TAGS = replace(TAGS, maximum=46)
"""IVS takes 50; four are the provider's own."""
