"""The provider among what the AWS CDK has for all functions, roles and resources of an app."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import (
    aws_ec2,
    aws_iam,
    aws_lambda,
    aws_logs,
    aws_servicecatalog,
    custom_resources,
)
from aws_cdk.assertions import Annotations, Match
from constructs import IConstruct

from ivs_constructs import (
    Channel,
    ChannelAssociations,
    EncoderConfiguration,
    FailoverSlateConfiguration,
    PlaybackRestrictionPolicy,
    PlaybackTokenIssuer,
    Provisioning,
    Stage,
    StageFleet,
    StorageConfiguration,
    TokenSigningKey,
    TokensLayer,
    UnsupportedError,
)
from ivs_constructs._provider.policy_plan import (
    INLINE,
    INLINE_OF_A_ROLE,
    MANAGED,
    MANAGED_CHARACTERS,
    characters,
)
from ivs_constructs.testing import Synthesized, synthesize
from tests.constructs.templates import of_type


def policies(made: Synthesized, sid: str) -> dict[str, dict[str, Any]]:
    """The policies that have a statement."""
    found = {**of_type(made, "AWS::IAM::Policy"), **of_type(made, "AWS::IAM::ManagedPolicy")}
    return {
        name: each
        for name, each in found.items()
        if any(one["Sid"] == sid for one in each["Properties"]["PolicyDocument"]["Statement"])
    }


def restricted(stack: cdk.Stack, *names: str) -> list[Channel]:
    policy = PlaybackRestrictionPolicy(stack, "Policy", allowed_countries=["DE"])
    return [Channel(stack, name, playback_restriction_policy=policy) for name in names]


# Roles


def customized(**options: Any) -> cdk.Stack:  # noqa: ANN401 (the AWS CDK's own)
    app = cdk.App(analytics_reporting=False)
    aws_iam.Role.customize_roles(app, **options)
    return cdk.Stack(app, "Stack")


def report_of(stack: cdk.Stack) -> dict[str, dict[str, Any]]:
    assembly = cast("cdk.App", stack.node.root).synth()
    text = (Path(assembly.directory) / "iam-policy-report.json").read_text(encoding="utf-8")
    return {each["roleConstructPath"]: each for each in json.loads(text)["roles"]}


def test_precreated_roles_are_used() -> None:
    names = {"Stack/IvsConstructs/Role": "provider", "Stack/Issuer/Role": "issuer"}
    stack = customized(use_precreated_roles=names)
    Stage(stack, "Stage")
    [channel] = restricted(stack, "Channel")
    key = TokenSigningKey(stack, "Key")
    PlaybackTokenIssuer(
        stack,
        "Issuer",
        signing_key=key,
        channels=[Channel(stack, "Private", authorized=True)],
    )

    made = synthesize(stack)

    assert not [each for each in made.template["Resources"].values() if "::IAM::" in each["Type"]]
    roles = {
        json.dumps(each["Properties"]["Role"]).rpartition(":role/")[2].rstrip('"]}')
        for each in of_type(made, "AWS::Lambda::Function").values()
    }
    assert roles == {"provider", "issuer"}
    # Nothing depends on what is not there.
    depended = {
        on for each in made.template["Resources"].values() for on in each.get("DependsOn", ())
    }
    assert depended <= made.template["Resources"].keys()
    assert channel.node.path == "Stack/Channel"


def test_report_lists_what_precreated_roles_need() -> None:
    stack = customized(use_precreated_roles={"Stack/IvsConstructs/Role": "provider"})
    Stage(stack, "Stage")
    restricted(stack, "Channel")

    report = report_of(stack)["Stack/IvsConstructs/Role"]

    assert report["roleName"] == "provider"
    found = {each["Sid"]: each for each in report["identityPolicyStatements"]}
    assert {"Log", "Traces", "OwnStack", "ManageByStackTag", "Channels"} <= found.keys()
    # Who makes a role beforehand does not know the stack's id yet.
    own = "arn:(PARTITION):cloudformation:(REGION):(ACCOUNT):stack/Stack/*"
    assert found["OwnStack"]["Resource"] == own
    assert found["ManageByStackTag"]["Condition"] == {
        "StringLike": {"aws:ResourceTag/ivs-constructs:stack": own}
    }
    assert found["ManageByStackTag"]["Resource"] == "arn:(PARTITION):ivs:(REGION):(ACCOUNT):stage/*"
    assert "Token[" not in json.dumps(report)


def test_missing_role_is_the_aws_cdks_own_error() -> None:
    stack = customized()
    Stage(stack, "Stage")

    Annotations.from_stack(stack).has_error(
        "/Stack/IvsConstructs/Role", Match.string_like_regexp("must provide a precreated role")
    )


def test_report_alone_changes_no_permission() -> None:
    stack = customized(prevent_synthesis=False)
    plain = cdk.Stack(cdk.App(analytics_reporting=False), "Stack")
    for each in (stack, plain):
        Stage(each, "Stage")

    found = [
        {
            one["Sid"]: (one["Action"], one.get("Condition"))
            for policy in of_type(synthesize(each), "AWS::IAM::Policy").values()
            for one in policy["Properties"]["PolicyDocument"]["Statement"]
        }
        for each in (stack, plain)
    ]

    assert found[0] == found[1]
    assert "ManageByStackTag" in found[0]


def test_permissions_boundary(app: cdk.App, stack: cdk.Stack) -> None:
    arn = "arn:aws:iam::123456789012:policy/boundary"
    boundary = aws_iam.ManagedPolicy.from_managed_policy_arn(stack, "Boundary", arn)
    aws_iam.PermissionsBoundary.of(app).apply(boundary)
    Stage(stack, "Stage")

    assert synthesize(stack).one("AWS::IAM::Role").properties["PermissionsBoundary"] == arn


# Property injectors


@jsii.implements(cdk.IPropertyInjector)
class Injector:
    """Adds properties to all objects of a class, by the AWS CDK's own names."""

    def __init__(self, cls: Any, **more: object) -> None:  # noqa: ANN401 (any class that has an id)
        self._id, self._more = str(cls.PROPERTY_INJECTION_ID), more
        self.seen: list[str] = []

    @property
    @jsii.member(jsii_name="constructUniqueId")
    def construct_unique_id(self) -> str:
        return self._id

    @jsii.member(jsii_name="inject")
    def inject(self, original_props: dict[str, Any], *, id: str, scope: IConstruct) -> Any:  # noqa: ANN401 (as the AWS CDK declares it)
        self.seen.append(f"{scope.node.path}/{id}")
        more = {name: each(scope) if callable(each) else each for name, each in self._more.items()}
        return {**original_props, **more}


def injected(*injectors: Injector) -> cdk.Stack:
    ours = [cast("cdk.IPropertyInjector", each) for each in injectors]
    return cdk.Stack(cdk.App(analytics_reporting=False, property_injectors=ours), "Stack")


def test_property_injectors_reach_every_part() -> None:
    injectors = {
        "LogGroup": Injector(aws_logs.LogGroup, retention=aws_logs.RetentionDays.ONE_DAY),
        "Role": Injector(aws_iam.Role, path="/ours/"),
        "Function": Injector(aws_lambda.Function, memorySize=512),
    }
    stack = injected(*injectors.values())
    Stage(stack, "Stage")

    made = synthesize(stack)

    for name, injector in injectors.items():
        assert injector.seen == [f"Stack/IvsConstructs/{name}"]
    assert made.one("AWS::Logs::LogGroup").properties["RetentionInDays"] == 1
    assert made.one("AWS::IAM::Role").properties["Path"] == "/ours/"
    assert made.one("AWS::Lambda::Function").properties["MemorySize"] == 512


def test_injected_vpc_comes_with_its_permissions() -> None:
    vpcs: list[aws_ec2.Vpc] = []
    stack = injected(Injector(aws_lambda.Function, vpc=lambda _: vpcs[0]))
    vpcs.append(aws_ec2.Vpc(stack, "Vpc", max_azs=1))
    Stage(stack, "Stage")

    made = synthesize(stack)

    [name] = policies(made, "NetworkInterfaces")
    function = made.one("AWS::Lambda::Function").definition
    assert "VpcConfig" in function["Properties"]
    assert name in function["DependsOn"]
    Annotations.from_stack(stack).has_no_warning("*", Match.any_value())


def test_injected_vpc_without_a_way_out_is_warned_of() -> None:
    vpcs: list[aws_ec2.Vpc] = []
    stack = injected(Injector(aws_lambda.Function, vpc=lambda _: vpcs[0]))
    isolated = aws_ec2.SubnetConfiguration(
        name="Closed", subnet_type=aws_ec2.SubnetType.PRIVATE_ISOLATED
    )
    vpcs.append(aws_ec2.Vpc(stack, "Vpc", max_azs=1, subnet_configuration=[isolated]))
    Stage(stack, "Stage")

    Annotations.from_stack(stack).has_warning(
        "/Stack/IvsConstructs",
        Match.string_like_regexp("isolated subnet 'Stack/Vpc/ClosedSubnet1'"),
    )


def test_injected_role_gets_what_the_function_needs() -> None:
    arn = "arn:aws:iam::123456789012:role/ours"
    stack = injected(
        Injector(aws_lambda.Function, role=lambda at: aws_iam.Role.from_role_arn(at, "Ours", arn))
    )
    Stage(stack, "Stage")

    made = synthesize(stack)

    for sid in ("Log", "ManageByStackTag"):
        [policy] = policies(made, sid).values()
        assert policy["Properties"]["Roles"] == ["ours"]


# Aspects and what is made of them


@jsii.implements(cdk.IAspect)
class Visitor:
    """Does something at each construct of an app."""

    def __init__(self, act: Callable[[IConstruct], object] = lambda _: None) -> None:
        self._act = act
        self.seen: list[str] = []

    def visit(self, node: IConstruct) -> None:
        self.seen.append(f"{type(node).__name__} {node.node.path}")
        self._act(node)


@pytest.fixture(params=[False, True], ids=["one pass", "until stable"])
def root(request: pytest.FixtureRequest) -> cdk.App:
    """An app that invokes aspects in one of both ways."""
    flag = {"@aws-cdk/core:aspectStabilization": request.param}
    return cdk.App(analytics_reporting=False, context=flag)


def visiting(app: cdk.App, act: Callable[[IConstruct], object] = lambda _: None) -> Visitor:
    visitor = Visitor(act)
    cdk.Aspects.of(app).add(cast("cdk.IAspect", visitor))
    return visitor


def test_aspects_see_roles_and_policies(root: cdk.App) -> None:
    visitor = visiting(root)
    stack = cdk.Stack(root, "Stack")
    Stage(stack, "Stage")
    restricted(stack, "Channel")

    root.synth()

    below = [each.replace("Stack/IvsConstructs/", "") for each in visitor.seen]
    for expected in ("Role Role", "CfnRole Role/Resource", "Function Function"):
        assert expected in below
    named = sorted(each[:20] for each in below if each.startswith("Policy Policies/"))
    assert named == ["Policy Policies/Targ", "Policy Policies/Type"]
    assert len([each for each in below if each.startswith("CfnPolicy Policies/")]) == 2


def test_what_an_aspect_takes_away_is_not_allowed(root: cdk.App) -> None:
    def act(node: IConstruct) -> None:
        if node.node.id == "Two":
            node.node.try_remove_child("Associations")

    visiting(root, act)
    stack = cdk.Stack(root, "Stack")
    restricted(stack, "One", "Two")

    made = synthesize(stack)

    [channels] = policies(made, "Channels").values()
    [statement] = channels["Properties"]["PolicyDocument"]["Statement"]
    [one, _] = of_type(made, "AWS::IVS::Channel")
    assert statement["Resource"] == {"Fn::GetAtt": [one, "Arn"]}
    [associations] = of_type(made, "Custom::IVSChannelAssociations").values()
    assert associations["DependsOn"] == [*policies(made, "Channels")]


def test_what_an_aspect_adds_is_allowed(root: cdk.App) -> None:
    def act(node: IConstruct) -> None:
        if node.node.id == "Last" and node.node.try_find_child("Encoder") is None:
            EncoderConfiguration(cast("Any", node), "Encoder")

    visiting(root, act)
    stack = cdk.Stack(root, "Stack")
    Stage(stack, "Stage")
    Channel(stack, "Last")

    made = synthesize(stack)

    [name] = policies(made, "ManageByStackTag")
    assert "ivs:CreateEncoderConfiguration" in json.dumps(made.template["Resources"][name])
    for cfn_type in ("Custom::IVSStage", "Custom::IVSEncoderConfiguration"):
        assert made.one(cfn_type).definition["DependsOn"] == [name]


def test_condition_that_an_aspect_sets_governs(root: cdk.App) -> None:
    stack = cdk.Stack(root, "Stack")
    condition = cdk.CfnCondition(stack, "On", expression=cdk.Fn.condition_equals("1", "1"))

    def act(node: IConstruct) -> None:
        if isinstance(node, cdk.CfnResource) and node.cfn_resource_type == "Custom::IVSStage":
            node.cfn_options.condition = condition

    visiting(root, act)
    EncoderConfiguration(stack, "Encoder")
    Stage(stack, "Stage")

    made = synthesize(stack)

    found = policies(made, "ManageByStackTag").values()
    assert [each.get("Condition") for each in found] == [None, "On"]


def test_custom_resource_config_reaches_the_function(app: cdk.App, stack: cdk.Stack) -> None:
    config = custom_resources.CustomResourceConfig.of(app)
    config.add_log_retention_lifetime(aws_logs.RetentionDays.TEN_YEARS)
    config.add_removal_policy(cdk.RemovalPolicy.RETAIN)
    config.add_lambda_runtime(aws_lambda.Runtime.PYTHON_3_13)
    Stage(stack, "Stage")

    made = synthesize(stack)

    log_group = made.one("AWS::Logs::LogGroup").definition
    assert log_group["Properties"]["RetentionInDays"] == 3653
    assert log_group["DeletionPolicy"] == "Retain"
    assert made.one("AWS::Lambda::Function").properties["Runtime"] == "python3.13"


def test_runtime_of_another_family_is_not_taken(app: cdk.App, stack: cdk.Stack) -> None:
    config = custom_resources.CustomResourceConfig.of(app)
    config.add_lambda_runtime(aws_lambda.Runtime.NODEJS_22_X)
    Stage(stack, "Stage")

    runtime = synthesize(stack).one("AWS::Lambda::Function").properties["Runtime"]
    assert runtime.startswith("python")


def test_removal_policies_reach_every_part(stack: cdk.Stack) -> None:
    cdk.RemovalPolicies.of(stack).retain()
    Stage(stack, "Stage")

    found = synthesize(stack).template["Resources"].values()

    assert {each["DeletionPolicy"] for each in found} == {"Retain"}


# Tags of the stack


def test_tags_of_the_stack_reach_custom_resources(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Stack", tags={"team": "stack", "cost": "42"})
    Stage(stack, "Stage", tags={"team": "own"})
    ChannelAssociations(
        stack,
        "Associations",
        channel=Channel(stack, "Channel"),
        playback_restriction_policy=PlaybackRestrictionPolicy(
            stack, "Policy", allowed_countries=["DE"]
        ),
    )
    # A tag that is set after all constructs.
    stack.tags.set_tag("late", "yes")

    made = synthesize(stack)

    tags = made.one("Custom::IVSStage").properties["Tags"]
    assert {each["Key"]: each["Value"] for each in tags} == {
        "team": "own",
        "cost": "42",
        "late": "yes",
    }
    # Those of the channel are CloudFormation's business.
    assert "Tags" not in made.one("Custom::IVSChannelAssociations").properties


def test_tags_of_an_outer_stack_reach_a_nested_one(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Stack", tags={"team": "video"})
    nested = cdk.NestedStack(stack, "Nested")
    Stage(nested, "Stage")

    made = synthesize(nested)

    tags = made.one("Custom::IVSStage").properties["Tags"]
    assert tags == [{"Key": "team", "Value": "video"}]


def test_tag_of_the_stack_can_be_taken_from_a_resource(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Stack", tags={"team": "video"})
    stage = Stage(stack, "Stage")
    cdk.Tags.of(stage).remove("team")

    assert "Tags" not in synthesize(stack).one("Custom::IVSStage").properties


def test_tags_of_the_stack_count(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Stack", tags={f"t{index}": "" for index in range(46)})
    Stage(stack, "Stage", tags={"team": "video"})

    with pytest.raises(RuntimeError, match="tags must have at most 46 entries, got 47; drop 1"):
        app.synth()


# What is in the tree


def test_removed_resource_is_not_allowed(stack: cdk.Stack) -> None:
    restricted(stack, "One", "Two")
    stack.node.try_remove_child("One")

    made = synthesize(stack)

    [channels] = policies(made, "Channels").values()
    [two] = of_type(made, "AWS::IVS::Channel")
    [statement] = channels["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Resource"] == {"Fn::GetAtt": [two, "Arn"]}


def test_nothing_is_left_of_the_only_one(stack: cdk.Stack) -> None:
    restricted(stack, "One")
    Stage(stack, "Stage")
    for name in ("One", "Stage"):
        stack.node.try_remove_child(name)

    made = synthesize(stack)

    assert not of_type(made, "AWS::IAM::Policy")


def test_synthesis_again_is_the_same(app: cdk.App, stack: cdk.Stack) -> None:
    restricted(stack, "One")
    Stage(stack, "Stage")

    first = app.synth().get_stack_by_name("Stack").template
    again = app.synth(force=True).get_stack_by_name("Stack").template

    assert first == again


# Conditions


def condition_in(stack: cdk.Stack, name: str) -> cdk.CfnCondition:
    return cdk.CfnCondition(stack, name, expression=cdk.Fn.condition_equals(name, "x"))


def govern(construct: Any, condition: cdk.CfnCondition) -> None:  # noqa: ANN401 (any construct)
    construct.node.default_child.cfn_options.condition = condition


def test_what_a_condition_governs_has_its_own_policies(stack: cdk.Stack) -> None:
    on = condition_in(stack, "On")
    always, sometimes = restricted(stack, "Always", "Sometimes")
    for each in (sometimes, sometimes.node.find_child("Associations")):
        govern(each, on)
    govern(Stage(stack, "Stage"), on)
    EncoderConfiguration(stack, "Encoder")

    made = synthesize(stack)

    channels = policies(made, "Channels")
    assert sorted(each.get("Condition", "") for each in channels.values()) == ["", "On"]
    for channel in (always, sometimes):
        governed = channel is sometimes
        [name] = [name for name, each in channels.items() if ("Condition" in each) == governed]
        logical_id = stack.get_logical_id(cast("cdk.CfnElement", channel.node.default_child))
        text = json.dumps(channels[name]["Properties"]["PolicyDocument"])
        assert f'"{logical_id}"' in text
        [associations] = [
            each
            for each in of_type(made, "Custom::IVSChannelAssociations").values()
            if ("Condition" in each) == governed
        ]
        assert name in associations["DependsOn"]
    types = policies(made, "ManageByStackTag")
    found = {each.get("Condition", ""): json.dumps(each) for each in types.values()}
    assert found.keys() == {"", "On"}
    assert "ivs:DeleteStage" in found["On"]
    assert "ivs:DeleteStage" not in found[""]
    assert "ivs:DeleteEncoderConfiguration" in found[""]


def test_what_is_allowed_anyway_is_not_allowed_twice(stack: cdk.Stack) -> None:
    Stage(stack, "Always")
    govern(Stage(stack, "Sometimes"), condition_in(stack, "On"))

    made = synthesize(stack)

    [name] = policies(made, "ManageByStackTag")
    assert "Condition" not in made.template["Resources"][name]
    depended = [each["DependsOn"] for each in of_type(made, "Custom::IVSStage").values()]
    assert depended == [[name], [name]]


def test_each_condition_has_its_policy(stack: cdk.Stack) -> None:
    for name in ("One", "Two"):
        govern(Stage(stack, f"Stage{name}"), condition_in(stack, name))

    made = synthesize(stack)

    found = policies(made, "ManageByStackTag")
    assert {each["Condition"] for each in found.values()} == {"One", "Two"}
    for stage in of_type(made, "Custom::IVSStage").values():
        [on] = stage["DependsOn"]
        assert made.template["Resources"][on]["Condition"] == stage["Condition"]


# Lengths


@pytest.mark.parametrize("count", [30, 180])
def test_many_targets_fit_into_the_policies_of_a_role(count: int, stack: cdk.Stack) -> None:
    restricted(stack, *(f"Channel{index}" for index in range(count)))

    made = synthesize(stack)

    named: list[Any] = []
    inline = 0
    managed = of_type(made, "AWS::IAM::ManagedPolicy")
    for name, each in policies(made, "Channels").items():
        [statement] = each["Properties"]["PolicyDocument"]["Statement"]
        on = statement["Resource"]
        named += on
        # As if each ARN were as long as it can be.
        length = characters([{**statement, "Resource": ["x" * 128] * len(on)}])
        if name in managed:
            assert length <= MANAGED_CHARACTERS
            assert each["Properties"]["Roles"] == [
                {"Ref": next(iter(of_type(made, "AWS::IAM::Role")))}
            ]
        else:
            inline += length
    assert inline <= INLINE
    assert len(managed) <= MANAGED
    assert bool(managed) == (count > 30)
    assert len(named) == count
    assert {each["Fn::GetAtt"][0] for each in named} == of_type(made, "AWS::IVS::Channel").keys()
    # Each waits for the policy that names its channel, and for no other.
    for each in of_type(made, "Custom::IVSChannelAssociations").values():
        [on] = each["DependsOn"]
        assert json.dumps(each["Properties"]["ChannelArn"]) in json.dumps(
            made.template["Resources"][on]
        )


def test_what_does_not_fit_is_refused(app: cdk.App, stack: cdk.Stack) -> None:
    policy = PlaybackRestrictionPolicy(stack, "Policy", allowed_countries=["DE"])
    for index in range(300):
        arn = cdk.CfnParameter(stack, f"Arn{index}").value_as_string
        ChannelAssociations(
            stack,
            f"Associations{index}",
            channel=Channel.from_channel_arn(stack, f"Channel{index}", arn),
            playback_restriction_policy=policy,
        )

    with pytest.raises(RuntimeError) as caught:
        app.synth()

    assert str(caught.value).splitlines()[1:] == [
        "  [Stack/IvsConstructs] the 300 custom resources of stack 'Stack' need 7 managed "
        "policies, and a role has room for 5 and as many new ones while a deployment replaces "
        "them; move some of them to another stack"
    ]


def test_given_role_gets_no_managed_policies(app: cdk.App, stack: cdk.Stack) -> None:
    from ivs_constructs import FunctionSettings

    role = aws_iam.Role.from_role_name(stack, "Ours", "ours")
    FunctionSettings.of(stack).set(provider_role=role)
    restricted(stack, *(f"Channel{index}" for index in range(60)))

    with pytest.raises(RuntimeError) as caught:
        app.synth()

    assert "a role that you pass gets at most 4096" in str(caught.value)


def test_function_itself_fits(stack: cdk.Stack) -> None:
    Stage(stack, "Stage")

    [policy] = synthesize(stack).one("AWS::IAM::Role").properties["Policies"]

    statements = [
        {**each, "Resource": "x" * 600 if each["Sid"] == "Log" else "x" * 240}
        for each in policy["PolicyDocument"]["Statement"]
    ]
    network = 450
    assert characters(statements) + network <= INLINE_OF_A_ROLE - 2 * INLINE


# Stacks without assets


def product(app: cdk.App) -> cdk.Stack:
    return aws_servicecatalog.ProductStack(cdk.Stack(app, "Catalogue"), "Product")


def bootstrapless(app: cdk.App) -> cdk.Stack:
    return cdk.Stack(app, "Plain", synthesizer=cdk.BootstraplessSynthesizer())


@pytest.mark.parametrize("make", [product, bootstrapless])
def test_stack_without_assets_names_the_way_out(
    make: Callable[[cdk.App], cdk.Stack], app: cdk.App
) -> None:
    stack = make(app)

    with pytest.raises(UnsupportedError) as caught:
        Stage(stack, "Stage")

    assert str(caught.value) == (
        f"Stage '{stack.node.path}/Stage' needs a function, whose code is an asset, and stack "
        f"'{stack.node.path}' cannot have assets; set provisioning=Provisioning.CLOUDFORMATION, or "
        "use a synthesizer that supports them, such as DefaultStackSynthesizer"
    )


@pytest.mark.parametrize("make", [product, bootstrapless])
def test_stack_without_assets_has_what_needs_none(
    make: Callable[[cdk.App], cdk.Stack], app: cdk.App
) -> None:
    stack = make(app)
    for cls in (Stage, EncoderConfiguration, StorageConfiguration):
        cls(stack, cls.__name__, provisioning=Provisioning.CLOUDFORMATION)

    assert app.synth()


def test_stack_without_assets_and_no_other_way(app: cdk.App) -> None:
    stack = bootstrapless(app)

    with pytest.raises(UnsupportedError, match="CloudFormation has no type that could replace it"):
        FailoverSlateConfiguration(stack, "Slate")


@pytest.mark.parametrize(
    ("define", "what"),
    [
        (
            lambda stack: StageFleet(stack, "Rooms", max_size=2),
            "function '{}/Rooms/Answers/Function'",
        ),
        (lambda stack: playback_issuer(stack), "function '{}/Issuer/Function'"),
        (lambda stack: TokensLayer(stack, "Tokens"), "layer '{}/Tokens'"),
    ],
)
def test_stack_without_assets_has_no_functions_and_layers(
    define: Callable[[cdk.Stack], object], what: str, app: cdk.App
) -> None:
    stack = bootstrapless(app)

    with pytest.raises(UnsupportedError) as caught:
        define(stack)

    assert str(caught.value) == (
        f"the code of the {what.format('Plain')} is an asset, and stack 'Plain' cannot have "
        "assets; use a synthesizer that supports them, such as DefaultStackSynthesizer"
    )


def playback_issuer(stack: cdk.Stack) -> PlaybackTokenIssuer:
    channel = Channel(stack, "Private", authorized=True)
    key = TokenSigningKey(stack, "Key")
    return PlaybackTokenIssuer(stack, "Issuer", signing_key=key, channels=[channel])


def test_other_errors_of_the_aws_cdk_stay_as_they_are() -> None:
    stack = injected(Injector(aws_lambda.Function, functionName="no name!"))

    with pytest.raises(RuntimeError, match="can contain only letters") as caught:
        Stage(stack, "Stage")

    assert not isinstance(caught.value, UnsupportedError)
