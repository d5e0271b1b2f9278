"""The package as a whole: what importing it takes, its names and its documentation."""

from __future__ import annotations

import ast
import doctest
import inspect
import re
import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from datetime import timedelta
from enum import EnumType
from pathlib import Path
from typing import Any

import pytest

from ivs_constructs import tokens
from ivs_constructs.errors import IvsConstructsError
from ivs_constructs.tokens import (
    ConnectionClaims,
    ParticipantClaims,
    PlaybackClaims,
    sign,
    verify,
)
from tests.programs import printed_by

ROOT = Path(__file__).resolve().parents[3]
FILES = sorted((ROOT / "ivs_constructs" / "tokens").glob("_*.py"))
ACCOUNT = "arn:aws:ivs:eu-west-1:123456789012"
CHANNEL_ARN = f"{ACCOUNT}:channel/AbCdEfGh1234"

Signer = Callable[[bytes], bytes]

# As in a Lambda function to which only this package was added.
BARE = """
import sys
for name in ("aws_cdk", "constructs", "jsii", "boto3", "botocore", "cryptography", "jwt"):
    sys.modules[name] = None
"""


def test_tokens_are_made_with_the_standard_library_only() -> None:
    # -S: no installed package can be found at all.
    printed = printed_by(
        f"""{BARE}
from ivs_constructs.tokens import PlaybackClaims, sign
claims = PlaybackClaims(channel_arn="{CHANNEL_ARN}", viewer_id="v")
print(sign(claims, lambda message: bytes.fromhex("3006020101020102")).count("."))
""",
        "-S",
    )

    assert printed == "2\n"


def test_boto3_is_loaded_for_the_first_signature_only() -> None:
    printed = printed_by(
        f"""{BARE}
from ivs_constructs.tokens import KmsSigner
signer = KmsSigner("alias/a")
try:
    signer(b"message")
except ImportError as error:
    print(error.name)
"""
    )

    assert printed == "boto3\n"


def test_import_loads_nothing_of_others() -> None:
    printed = printed_by(
        "import sys; from ivs_constructs.tokens import *; print(*sys.modules)", "-S"
    )

    loaded = {name.partition(".")[0] for name in printed.split()}
    assert loaded <= {*sys.stdlib_module_names, "__main__", "ivs_constructs"}
    ours = {name for name in printed.split() if name.startswith("ivs_constructs.")}
    # A Lambda function has to carry these and no more.
    assert {name for name in ours if not name.startswith("ivs_constructs.tokens")} == {
        "ivs_constructs.enums",
        "ivs_constructs.errors",
    }


def test_programs_start_without_what_they_do_not_use() -> None:
    printed = printed_by("import sys; from ivs_constructs.tokens import sign; print(*sys.modules)")

    names = set(printed.split())
    assert "ivs_constructs.tokens._jws" in names
    for name in ("_connection", "_participant", "_playback", "_verification"):
        assert f"ivs_constructs.tokens.{name}" not in names


def test_all_is_sorted_and_complete() -> None:
    tree = ast.parse(Path(tokens.__file__).read_text(encoding="utf-8"))
    imported = {
        alias.name: str(node.module)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("ivs_constructs.")
        for alias in node.names
    }

    assert sorted(imported) == tokens.__all__
    # What type checkers are told is what is found when a name is used.
    assert {
        name: f"ivs_constructs.tokens.{home}" for name, home in tokens._HOMES.items()
    } == imported
    assert set(tokens.__all__) <= set(dir(tokens))
    with pytest.raises(AttributeError, match="has no attribute 'Sign'"):
        tokens.Sign  # type: ignore[attr-defined]  # noqa: B018 (the mistake)


@pytest.mark.parametrize("name", [name for name in tokens.__all__ if name != "Signer"])
def test_name_is_documented(name: str) -> None:
    found = getattr(tokens, name)
    text = inspect.cleandoc(found.__doc__ or "")

    assert text
    assert not text.startswith(f"{name}(")
    if inspect.isfunction(found) or name == "KmsSigner":
        for parameter in inspect.signature(found).parameters:
            assert re.search(rf"^    {parameter}: ", text, re.MULTILINE)
    if name.endswith("Claims"):
        for field in inspect.signature(found).parameters.values():
            entry = re.search(rf"^    {field.name}: (.+\n(?:     .+\n)*)", text, re.MULTILINE)
            assert entry
            assert ("Default:" in entry[1]) == (field.default is not inspect.Parameter.empty)


@pytest.mark.parametrize(
    ("claims", "needed"),
    [
        (PlaybackClaims, {"channel_arn": CHANNEL_ARN}),
        (
            ParticipantClaims,
            {
                "stage_arn": f"{ACCOUNT}:stage/a",
                "events_url": "wss://events.example.com",
                "whip_url": "https://whip.example.com",
            },
        ),
        (ConnectionClaims, {"account_id": "123456789012", "region": "eu-west-1"}),
    ],
)
def test_claims_are_values(claims: Any, needed: dict[str, str]) -> None:  # noqa: ANN401 (a class)
    made = claims(**needed)

    with pytest.raises(FrozenInstanceError):
        made.expires_in = timedelta(days=1)
    with pytest.raises(TypeError):
        claims(*needed.values())
    assert not hasattr(made, "__dict__")
    assert replace(made) == made
    assert replace(made, expires_in=timedelta(seconds=1)) != made


@pytest.mark.parametrize("name", ["AdsReportingMode", "Capability"])
def test_enum_members_are_documented(name: str) -> None:
    found: EnumType = getattr(tokens, name)
    # One text for each member, and one for the class.
    assert inspect.getsource(found).count('\n    """') == len(found) + 1


def given(signer: Signer, public_key_material: str) -> dict[str, object]:
    """What the examples are told to have."""
    claims = PlaybackClaims(channel_arn=CHANNEL_ARN, viewer_id="4f1c2a")
    return {
        **{name: getattr(tokens, name) for name in tokens.__all__},
        "claims": claims,
        "signer": signer,
        "token": sign(claims, signer),
        "public_key_material": public_key_material,
    }


@pytest.mark.parametrize(
    "name",
    ["ConnectionClaims", "KmsSigner", "ParticipantClaims", "PlaybackClaims", "sign", "verify"],
)
def test_example_runs(name: str, signer: Signer, public_key_material: str) -> None:
    text = getattr(tokens, name).__doc__ or ""
    examples = doctest.DocTestParser().get_examples(text)
    assert "\nExample:\n" in inspect.cleandoc(text)
    assert examples

    names = given(signer, public_key_material)
    for example in examples:
        exec(example.source, names)  # noqa: S102 (the project's own documentation)


def test_nothing_personal_is_printed(signer: Signer, public_key_material: str) -> None:
    """Whatever goes wrong with a value, its text stands in no message."""
    personal = "Ann.Example+office@example.com é"
    wrong: list[Callable[[], object]] = [
        lambda: PlaybackClaims(channel_arn=CHANNEL_ARN, viewer_id=personal * 2),
        lambda: PlaybackClaims(channel_arn=CHANNEL_ARN, single_use_uuid=personal),
        lambda: PlaybackClaims(
            channel_arn=CHANNEL_ARN, ads_player_params={personal: personal * 50}
        ),
        lambda: ParticipantClaims(
            stage_arn=f"{ACCOUNT}:stage/a",
            events_url=personal,
            whip_url=personal,
            participant_id=personal,
            user_id=personal * 9,
            attributes={personal: personal * 50},
        ),
        lambda: ConnectionClaims(account_id="123456789012", region="eu-west-1", token_id=personal),
        lambda: sign(
            PlaybackClaims(channel_arn=CHANNEL_ARN, viewer_id=personal), lambda message: message
        ),
        lambda: verify(personal, public_key_material, PlaybackClaims),
        lambda: verify(f"a.{personal}.c", public_key_material, PlaybackClaims),
        lambda: verify(
            sign(PlaybackClaims(channel_arn=CHANNEL_ARN, viewer_id=personal), signer)[:-4] + "AAAA",
            public_key_material,
            PlaybackClaims,
        ),
    ]
    for make in wrong:
        with pytest.raises(IvsConstructsError) as caught:
            make()
        for piece in ("Ann", "office", "example.com", "é"):
            assert piece not in str(caught.value)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
