"""The descriptors against what they describe: API models, CDK's L1 types, CloudFormation's schemas.

A new version of boto3, aws-cdk-lib or cfn-lint that knows more than the descriptors fails here, and
the failure names the member.
"""

from __future__ import annotations

import inspect
import re
import unicodedata
from dataclasses import dataclass, replace
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import botocore.session  # type: ignore[import-untyped]  # no types
import pycountry
import pytest
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER  # type: ignore[import-untyped]  # no types

import ivs_constructs
from ivs_constructs import enums
from ivs_constructs._core import rules
from ivs_constructs._core.check import _is_tag_character
from ivs_constructs._specs import (
    CUSTOM_RESOURCES,
    RESOURCES,
    TAG_KEY,
    TAG_VALUE,
    Kind,
    Prop,
    ResourceSpec,
)
from ivs_constructs.low_latency._countries import COUNTRIES, OFTEN_MISTAKEN
from ivs_constructs.low_latency.ad_configuration import AdConfigurationDraft

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from enum import StrEnum

BOTOCORE = botocore.session.get_session()

# The Region whose schemas are the most complete.
REGION = "us-east-1"

SHAPES = {
    Kind.STRING: {"string"},
    Kind.INTEGER: {"integer", "long"},
    Kind.SECONDS: {"integer", "long"},
    Kind.BOOLEAN: {"boolean"},
    Kind.LIST: {"list"},
    Kind.STRUCT: {"structure"},
    Kind.TAGS: {"map"},
}

ARN = "check_arn and arn_of check an ARN that the user gives; usually it is a token"
PEM = "a Form judges it, in words, and never repeats what may be a private key"
CHARACTERS = "the pattern's Unicode classes are unknown to re; _is_tag_character judges instead"

# Where a descriptor's bound is not the API's: the bound and the reason.
OTHER_BOUNDS = {
    "recordingConfigurationArn": {"minimum": ARN, "pattern": ARN},
    "channelArn": {"minimum": ARN, "pattern": ARN},
    "tags.key": {"pattern": CHARACTERS},
    "tags.value": {"pattern": CHARACTERS},
    "PublicKey.publicKeyMaterial": {"pattern": PEM},
    # The real-time API tells no characters; those of the other are asked for all the same.
    "PublicKey.tags.key": {},
    "PublicKey.tags.value": {},
}

# Where a descriptor forbids repetition and CloudFormation does not.
STRICTER_ON_REPETITION = {"allowedOrigins": "a repeated origin has no meaning, so it is a mistake"}

# Where a constructor's parameter is not a property's name.
BUCKET_ALONE = {"destination_configuration": "bucket"}
# Parameters that CloudFormation lacks, or other ways to set the ones it has.
BESIDES = {
    "PlaybackKeyPair": {"signing_key"},
    "PublicKey": {"signing_key"},
    "Channel": {
        "playback_restriction_policy",
        "ad_configuration",
        "failover_slate_configuration",
        "in_use",
    },
}

ENUMS_OF_OTHER_NAME = {
    "type": enums.ChannelType,
    "renditions": enums.Resolution,
    "media_types": enums.MediaType,
}

by_resource = pytest.mark.parametrize("spec", RESOURCES, ids=lambda spec: spec.name)


@dataclass(frozen=True)
class Site:
    """One descriptor beside the API's shape and the schema of the same thing.

    Attributes:
        spec: The resource that it belongs to.
        path: The API's names from the operation's input on; `[]` is a list's item.
        prop: The descriptor.
        shape: The API's shape.
        schema: CloudFormation's schema, its reference followed.
        pointer: Where the schema stands, as createOnlyProperties writes it.
        required: Whether the API requires the member.
        replaces: Whether this descriptor, or one around it, replaces on change.
    """

    spec: ResourceSpec
    path: str
    prop: Prop
    shape: Any
    schema: dict[str, Any]
    pointer: str
    required: bool
    replaces: bool


@cache
def model(service: str) -> Any:  # noqa: ANN401 (botocore ships no types)
    return BOTOCORE.get_service_model(service)


def operation(spec: ResourceSpec, name: str) -> Any:  # noqa: ANN401 (botocore ships no types)
    return model(spec.service).operation_model(name).input_shape


@cache
def schema_of(cfn_type: str) -> dict[str, Any]:
    return dict(PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, cfn_type).schema)


def followed(root: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """The schema that a reference points to, with the definition's name kept."""
    reference = node.get("$ref")
    if reference is None:
        return node
    name = str(reference).removeprefix("#/definitions/")
    return {**root["definitions"][name], "definition": name}


def whole_of(spec: ResourceSpec) -> Site:
    """A resource as if it was one structure, its properties the members."""
    return Site(
        spec=spec,
        path="",
        prop=Prop(py="", cfn="", api="", kind=Kind.STRUCT, members=spec.props),
        shape=operation(spec, spec.create),
        schema=schema_of(spec.cfn_type),
        pointer="/properties",
        required=False,
        replaces=False,
    )


def sites(site: Site) -> Iterator[Site]:
    """A site and all that is inside it, as far as the API has the same."""
    yield site
    if site.shape.type_name in SHAPES[site.prop.kind]:
        for part in parts(site):
            yield from sites(part)


def parts(site: Site) -> Iterator[Site]:
    root = schema_of(site.spec.cfn_type)
    match site.prop.kind:
        case Kind.STRUCT:
            for prop in site.prop.members:
                if prop.api in site.shape.members:
                    yield replace(
                        site,
                        path=f"{site.path}.{prop.api}".lstrip("."),
                        prop=prop,
                        shape=site.shape.members[prop.api],
                        schema=followed(root, site.schema.get("properties", {}).get(prop.cfn, {})),
                        pointer=f"{site.pointer}/{prop.cfn}",
                        required=prop.api in site.shape.required_members,
                        replaces=site.replaces or prop.replaces,
                    )
        case Kind.LIST:
            assert site.prop.item is not None, f"{site.path} has no descriptor of its items"
            yield replace(
                site,
                path=f"{site.path}[]",
                prop=site.prop.item,
                shape=site.shape.member,
                schema=followed(root, site.schema.get("items", {})),
                pointer=f"{site.pointer}/*",
                required=False,
            )
        case Kind.TAGS:
            entry = followed(root, site.schema.get("items", {})).get("properties", {})
            for prop, shape in ((TAG_KEY, site.shape.key), (TAG_VALUE, site.shape.value)):
                yield replace(
                    site,
                    path=f"{site.path}.{prop.api}",
                    prop=prop,
                    shape=shape,
                    schema=entry.get(prop.cfn, {}),
                    pointer=f"{site.pointer}/*/{prop.cfn}",
                    required=False,
                )


SITES = [site for spec in RESOURCES for site in sites(whole_of(spec)) if site.path]


def each_site(wanted: Callable[[Site], object] = lambda _: True) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "site",
        [pytest.param(site, id=f"{site.spec.name}.{site.path}") for site in SITES if wanted(site)],
    )


def structures(spec: ResourceSpec) -> list[Site]:
    return [site for site in sites(whole_of(spec)) if site.prop.kind is Kind.STRUCT]


def api_names(structure: Site) -> set[str]:
    names = {prop.api for prop in structure.prop.members}
    return names if structure.path else names | structure.spec.unreachable.keys()


def whole(pattern: str | None) -> str | None:
    """A pattern without its anchors: the descriptors' are for the whole value anyway."""
    return None if pattern is None else pattern.removeprefix("^").removesuffix("$")


def bounds_of_api(site: Site) -> dict[str, object]:
    """The API's bounds; CloudFormation's where the API sets none, as on the length of lists."""
    told, schema = site.shape.metadata, site.schema
    sizes = {
        "string": ("minLength", "maxLength"),
        "array": ("minItems", "maxItems"),
        "integer": ("minimum", "maximum"),
    }
    least, most = sizes.get(schema.get("type", ""), ("", ""))
    return {
        "minimum": told.get("min", schema.get(least) or None),
        "maximum": told.get("max", schema.get(most)),
        "pattern": whole(told.get("pattern", schema.get("pattern"))),
        "choices": set(told.get("enum", ())),
    }


def explained(site: Site) -> dict[str, str]:
    return OTHER_BOUNDS.get(f"{site.spec.name}.{site.path}", OTHER_BOUNDS.get(site.path, {}))


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


@pytest.fixture(scope="module")
def level1() -> dict[str, Any]:
    ivs_constructs.ensure_node()
    from aws_cdk import aws_ivs

    return {spec.name: getattr(aws_ivs, f"Cfn{spec.name}") for spec in RESOURCES}


# The API


@by_resource
def test_spec_has_every_member_of_the_api(spec: ResourceSpec) -> None:
    missing = {
        each.path or spec.name: lacking
        for each in structures(spec)
        if (lacking := sorted(each.shape.members.keys() - api_names(each)))
    }

    assert missing == {}, "the API has members which specs.py lacks"


@by_resource
def test_spec_has_no_member_unknown_to_the_api(spec: ResourceSpec) -> None:
    unknown = {
        each.path or spec.name: surplus
        for each in structures(spec)
        if (surplus := sorted(api_names(each) - each.shape.members.keys()))
    }

    assert unknown == {}, "specs.py has members which the API lacks"


@by_resource
def test_spec_names_no_member_twice(spec: ResourceSpec) -> None:
    for names in ([p.py for p in spec.props], [p.cfn for p in spec.props]):
        assert len(set(names)) == len(names)
    assert not {prop.api for prop in spec.props} & spec.unreachable.keys()


@each_site()
def test_kind_is_the_shape_of_the_api(site: Site) -> None:
    assert site.shape.type_name in SHAPES[site.prop.kind]
    assert (site.prop.kind is Kind.SECONDS) == site.prop.api.endswith("Seconds")


@each_site()
def test_required_is_what_the_api_requires(site: Site) -> None:
    assert site.prop.required == site.required


@each_site()
def test_bounds_are_those_of_the_api(site: Site) -> None:
    ours = {
        "minimum": site.prop.minimum,
        "maximum": site.prop.maximum,
        "pattern": whole(site.prop.pattern),
        "choices": set(site.prop.choices),
    }
    theirs = bounds_of_api(site)

    differing = {
        bound: f"specs.py: {ours[bound]}, API: {theirs[bound]}"
        for bound in ours
        if ours[bound] != theirs[bound]
    }

    # Both ways: an explained difference that is gone is to be deleted from the table.
    assert differing.keys() == explained(site).keys(), differing


@each_site()
def test_pattern_is_explained_in_words(site: Site) -> None:
    assert (site.prop.pattern is None) == (site.prop.form == "")


@each_site(lambda site: site.prop.choices)
def test_choices_are_not_repeated(site: Site) -> None:
    assert len(set(site.prop.choices)) == len(site.prop.choices)


def test_tag_characters_are_those_of_the_api() -> None:
    tags = operation(RESOURCES[0], RESOURCES[0].create).members["tags"]
    told = re.fullmatch(r"\(\[((?:\\p\{\w\})+)(.+)\]\+\)", tags.key.metadata["pattern"])
    assert told, "the API's pattern has another form"
    classes = set(re.findall(r"\\p\{(\w)\}", told[1]))
    literals = set(told[2].replace("\\", ""))

    ours = {chr(code) for code in range(0x11000) if _is_tag_character(chr(code))}

    assert ours == {
        chr(code)
        for code in range(0x11000)
        if unicodedata.category(chr(code))[0] in classes or chr(code) in literals
    }


@by_resource
def test_operations_exist(spec: ResourceSpec) -> None:
    known = set(model(spec.service).operation_names)

    assert {spec.create, spec.read, spec.delete} <= known
    assert spec.read == f"Get{spec.name}"
    assert spec.delete == f"Delete{spec.name}"


@by_resource
def test_read_and_delete_need_the_arn_alone(spec: ResourceSpec) -> None:
    for name in (spec.read, spec.delete):
        assert operation(spec, name).required_members == ["arn"]


@by_resource
def test_update_is_none_where_the_api_has_none(spec: ResourceSpec) -> None:
    name = f"Update{spec.name}"

    assert spec.update == (name if name in model(spec.service).operation_names else None)


@by_resource
def test_update_takes_what_does_not_replace(spec: ResourceSpec) -> None:
    # Tags have operations of their own.
    updatable = {prop.api for prop in spec.props if not prop.replaces} - {"tags"}
    taken = operation(spec, spec.update).members.keys() - {"arn"} if spec.update else set()

    assert updatable == taken - spec.unreachable.keys()
    assert spec.unreachable.keys() <= taken


@by_resource
def test_source_is_the_page_of_the_create_operation(spec: ResourceSpec) -> None:
    assert spec.source.startswith("https://docs.aws.amazon.com/")
    assert spec.source.endswith(f"/API_{spec.create}.html")


# The AWS CDK's L1 types


def sample(prop: Prop) -> object:
    if prop.kind is Kind.STRUCT:
        return {member.py: sample(member) for member in prop.members}
    if prop.kind is Kind.LIST and prop.item is not None:
        return [sample(prop.item)]
    return "value"


def compare_keys(
    owner: type[object],
    root: dict[str, Any],
    node: dict[str, Any],
    rendered: object,
    wrong: list[str],
) -> None:
    """Note each rendered structure whose keys are not those of the L1's property type."""
    if isinstance(rendered, list):
        compare_keys(owner, root, followed(root, node["items"]), rendered[0], wrong)
    if isinstance(rendered, dict):
        nested = getattr(owner, f"{node['definition']}Property")
        if set(rendered) != set(nested.__jsii_name_mapping__.values()):
            wrong.append(f"{node['definition']}: {sorted(rendered)}")
        for name, value in rendered.items():
            inner = node["properties"][name[0].upper() + name[1:]]
            compare_keys(owner, root, followed(root, inner), value, wrong)


@by_resource
def test_rendered_keys_are_the_parameters_of_the_level1(
    spec: ResourceSpec, level1: dict[str, Any]
) -> None:
    # The L1 drops a key that it does not know without a word, so every key counts, nested ones too.
    from aws_cdk import aws_ivs

    from ivs_constructs._core.render import render

    cls = level1[spec.name]
    names = getattr(aws_ivs, f"Cfn{spec.name}Props").__jsii_name_mapping__
    rendered = render(spec.props, {prop.py: sample(prop) for prop in spec.props})

    parameters = set(inspect.signature(cls.__init__).parameters) - {"self", "scope", "id"}
    assert {snake(prop.cfn) for prop in spec.props} == parameters
    assert set(rendered) == {names[parameter] for parameter in parameters}

    wrong: list[str] = []
    root = schema_of(spec.cfn_type)
    for prop in spec.props:
        if prop.kind in (Kind.STRUCT, Kind.LIST):
            node = followed(root, root["properties"][prop.cfn])
            compare_keys(cls, root, node, rendered[prop.cfn[0].lower() + prop.cfn[1:]], wrong)
    assert wrong == []


@by_resource
def test_attributes_are_those_of_the_level1(spec: ResourceSpec, level1: dict[str, Any]) -> None:
    theirs = {name for name in dir(level1[spec.name]) if name.startswith("attr_")}

    assert {f"attr_{snake(name)}" for name in spec.attributes} == theirs


@by_resource
def test_type_is_that_of_the_level1(spec: ResourceSpec, level1: dict[str, Any]) -> None:
    assert spec.cfn_type == level1[spec.name].CFN_RESOURCE_TYPE_NAME


# CloudFormation's schemas


@by_resource
def test_spec_has_every_property_of_cloudformation(spec: ResourceSpec) -> None:
    attributes = set(spec.attributes)

    differing = {
        each.path or spec.name: sorted(known ^ each.schema["properties"].keys())
        for each in structures(spec)
        if (
            known := {prop.cfn for prop in each.prop.members} | (set() if each.path else attributes)
        )
        != each.schema["properties"].keys()
    }

    assert differing == {}


@by_resource
def test_attributes_are_read_only_in_cloudformation(spec: ResourceSpec) -> None:
    theirs = schema_of(spec.cfn_type)["readOnlyProperties"]

    assert sorted(f"/properties/{name}" for name in spec.attributes) == sorted(theirs)


@each_site()
def test_replaces_is_what_cloudformation_replaces(site: Site) -> None:
    create_only = schema_of(site.spec.cfn_type).get("createOnlyProperties", ())
    names = site.pointer.removeprefix("/properties/").split("/")
    # What is inside of something that replaces, replaces as well.
    around = {"/".join(["/properties", *names[:end]]) for end in range(1, len(names) + 1)}

    assert site.replaces == bool(around.intersection(create_only))


@by_resource
def test_replaced_paths_of_cloudformation_are_known(spec: ResourceSpec) -> None:
    create_only = set(schema_of(spec.cfn_type).get("createOnlyProperties", ()))

    assert create_only <= {site.pointer for site in sites(whole_of(spec))}


@each_site()
def test_cloudformation_admits_what_the_descriptor_admits(site: Site) -> None:
    prop, schema = site.prop, site.schema
    known = explained(site)

    assert set(prop.choices) <= set(schema.get("enum", prop.choices))
    if "pattern" not in known:
        assert whole(schema.get("pattern")) in (None, prop.pattern)
    for least in ("minLength", "minItems", "minimum"):
        if "minimum" not in known and not prop.choices:
            assert schema.get(least, 0) <= (prop.minimum or 0)
    for most in ("maxLength", "maxItems", "maximum"):
        if most in schema:
            assert prop.maximum is not None
            assert prop.maximum <= schema[most]


@each_site(lambda site: site.prop.kind is Kind.LIST)
def test_unique_is_what_cloudformation_wants_unique(site: Site) -> None:
    wanted = bool(site.schema.get("uniqueItems")) or site.path in STRICTER_ON_REPETITION

    assert site.prop.unique == wanted


@pytest.mark.parametrize("path", STRICTER_ON_REPETITION)
def test_stricter_repetition_is_stricter(path: str) -> None:
    [found] = [site for site in SITES if site.path == path]

    assert not found.schema.get("uniqueItems")


@each_site(lambda site: site.prop.default)
def test_default_tells_who_sets_it(site: Site) -> None:
    assert re.search(r"^none$|\(set by (IVS|CloudFormation|this library)\)$", site.prop.default)


@each_site(lambda site: site.prop.default and site.schema.get("default") not in (None, "-", []))
def test_default_is_that_of_cloudformation(site: Site) -> None:
    theirs = site.schema["default"]
    written = str(theirs).lower() if isinstance(theirs, bool) else str(theirs)

    # Another one is right where this library passes it on.
    if "(set by this library)" not in site.prop.default:
        assert site.prop.default.partition(" ")[0] == written


@by_resource
def test_unreachable_members_are_missing_in_cloudformation(spec: ResourceSpec) -> None:
    known = {name.lower() for name in schema_of(spec.cfn_type)["properties"]}

    assert not known & {name.lower() for name in spec.unreachable}, "CloudFormation has them now"
    assert all(spec.unreachable.values())


@by_resource
def test_arn_type_is_that_of_cloudformation(spec: ResourceSpec) -> None:
    pattern = schema_of(spec.cfn_type)["properties"]["Arn"]["pattern"]

    assert f":{spec.arn_type}/" in pattern


# The library itself


@by_resource
def test_constructor_takes_every_property(spec: ResourceSpec) -> None:
    construct = getattr(ivs_constructs, spec.name)
    parameters = inspect.signature(construct.__init__).parameters
    keywords = {
        name for name, each in parameters.items() if each.kind is inspect.Parameter.KEYWORD_ONLY
    }

    props = {BUCKET_ALONE.get(prop.py, prop.py) for prop in spec.props}
    assert keywords == props | BESIDES.get(spec.name, set())
    for prop in spec.props:
        given = parameters[BUCKET_ALONE.get(prop.py, prop.py)]
        assert (given.default is inspect.Parameter.empty) == (prop.required and not prop.default)


@by_resource
def test_importer_exists(spec: ResourceSpec) -> None:
    construct = getattr(ivs_constructs, spec.name)

    assert callable(getattr(construct, spec.importer or f"from_{spec.noun}_arn"))


def enum_of(prop: Prop) -> type[StrEnum]:
    name = "".join(word.capitalize() for word in prop.py.split("_"))
    found: type[StrEnum] = ENUMS_OF_OTHER_NAME.get(prop.py) or getattr(enums, name)
    return found


@each_site(lambda site: site.prop.choices)
def test_enum_has_the_choices(site: Site) -> None:
    members = enum_of(site.prop)

    assert {member.value for member in members} == set(site.prop.choices)
    assert all(member.name == member.value for member in members)


def choices_in(props: tuple[Prop, ...]) -> Iterator[Prop]:
    for prop in props:
        yield from [prop] if prop.choices else []
        yield from choices_in((*prop.members, *([prop.item] if prop.item else [])))


def test_every_enum_serves_a_property() -> None:
    all_of_them = [prop for spec in (*RESOURCES, *CUSTOM_RESOURCES) for prop in spec.props]
    served = {enum_of(prop) for prop in choices_in(tuple(all_of_them))}
    # These say how a resource is made, which no API knows.
    served |= {enums.InUse, enums.Provisioning}
    classes = inspect.getmembers(enums, inspect.isclass)

    assert served == {each for _, each in classes if each.__module__ == enums.__name__}


def test_countries_are_those_of_iso_3166() -> None:
    assert {country.alpha_2 for country in pycountry.countries} == COUNTRIES
    assert len(COUNTRIES) == 249


def test_mistaken_countries_have_an_assigned_remedy() -> None:
    assert not OFTEN_MISTAKEN.keys() & COUNTRIES
    assert set(OFTEN_MISTAKEN.values()) <= COUNTRIES


def test_regions_are_those_of_the_service() -> None:
    assert sorted(rules.REGIONS) == sorted(BOTOCORE.get_available_regions("ivs"))


@pytest.mark.parametrize("region", rules.REGIONS)
def test_cloudformation_has_the_types_in_each_region(region: str) -> None:
    types = set(PROVIDER_SCHEMA_MANAGER.get_resource_types(region))
    lacking = {spec.name for spec in RESOURCES if spec.cfn_type not in types}
    [rule] = [rule for rule in AdConfigurationDraft.rules if rule.code == "ads-region"]

    assert lacking <= {"AdConfiguration"}
    assert rule.violated(SimpleNamespace(region=region)) == bool(lacking)
    # The message names the Regions that are left.
    advice = rule.message.partition("deploy")[2]
    assert (region in advice) == (not lacking)
