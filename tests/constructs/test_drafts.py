"""A bundle drafts its parts, raises once, and makes them of the drafts."""

from collections import Counter
from collections.abc import Mapping

import aws_cdk as cdk
import pytest

import ivs_constructs as ivs
from ivs_constructs._core import draft
from ivs_constructs._core.check import Check
from ivs_constructs._core.rules import Advice, Form, Rule, judge
from ivs_constructs._specs import Prop, ResourceSpec


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often the rules of each type were judged, and each of its properties."""
    counts: Counter[str] = Counter()
    value = Check.value

    def count_judge(
        spec: ResourceSpec,
        check: Check,
        values: Mapping[str, object],
        facts: Mapping[str, object],
        *,
        rules: tuple[Rule, ...],
        forms: tuple[Form, ...],
    ) -> list[Advice]:
        counts[spec.name] += 1
        return judge(spec, check, values, facts, rules=rules, forms=forms)

    def count_value(self: Check, prop: Prop, given: object) -> object:
        counts[prop.py] += 1
        return value(self, prop, given)

    monkeypatch.setattr(draft, "judge", count_judge)
    monkeypatch.setattr(Check, "value", count_value)
    return counts


def test_live_channel_judges_each_part_once(stack: cdk.Stack, judged: Counter[str]) -> None:
    live = ivs.LiveChannel(
        stack,
        "Live",
        private=True,
        type="BASIC",
        channel_name="talks",
        allowed_countries=["DE"],
        in_use="WAIT",
        tags={"team": "video"},
    )

    assert judged == {
        "Channel": 1,
        "ChannelAssociations": 1,
        "PlaybackKeyPair": 1,
        "PlaybackRestrictionPolicy": 1,
        "RecordingConfiguration": 1,
        "StreamKey": 1,
        # Each argument, and what one part is to another.
        "type": 1,
        "channel_name": 1,
        "authorized": 1,
        "allowed_countries": 1,
        "in_use": 1,
        "tags": 1,
        "public_key_material": 1,
        "recording_configuration": 1,
        "playback_restriction_policy": 1,
        "channel": 2,  # of the stream key and of the associations
    }
    assert live.channel.channel_name == "talks"
    assert live.channel.is_recorded


def test_live_stage_judges_each_part_once(stack: cdk.Stack, judged: Counter[str]) -> None:
    channel = ivs.Channel(stack, "Channel")
    channel.add_stream_key("Key")
    judged.clear()
    talk = ivs.LiveStage(
        stack,
        "Talk",
        recording=True,
        encoder=ivs.Video(width=640, height=360),
        broadcast_to=channel,
        record_composition=True,
        token_issuer=True,
    )

    assert talk.encoder_configuration.video == ivs.Video(width=640, height=360)
    types = {name: count for name, count in judged.items() if name[0].isupper()}
    assert types == {
        "Composition": 1,
        "EncoderConfiguration": 1,
        "PublicKey": 1,
        "Stage": 1,
        "StorageConfiguration": 1,
    }


def test_nothing_is_made_when_one_part_is_wrong(stack: cdk.Stack) -> None:
    with pytest.raises(ivs.InvalidPropertyError) as error:
        ivs.LiveChannel(
            stack,
            "Live",
            private=True,
            type="BASIK",
            allowed_countries=["De"],
            stream_key="mine",  # type: ignore[arg-type]  # what the error is about
        )

    assert [each.property for each in error.value.failures] == [
        "type",
        "allowed_countries",
        "stream_key",
    ]
    assert stack.node.children == []


def test_subclass_is_made_by_its_own_constructor(stack: cdk.Stack) -> None:
    class Lecture(ivs.Channel):
        def __init__(self, scope: cdk.Stack, id: str, topic: str) -> None:
            super().__init__(scope, id, channel_name=topic)
            self.topic = topic

    lecture = Lecture(stack, "Lecture", "physics")
    live = ivs.LiveChannel(stack, "Live")

    assert (lecture.topic, lecture.channel_name) == ("physics", "physics")
    assert type(live.channel) is ivs.Channel
    assert type(ivs.Channel(stack, "Other")) is ivs.Channel
