"""The layer with `ivs_constructs.tokens` for functions of your own."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import aws_cdk as cdk
import pytest

from ivs_constructs import InvalidScopeError, TokensLayer
from ivs_constructs.token_issuers import tokens_layer

LARGEST_ZIP = 60_000


def asset_of(folder: Path) -> Path:
    """What is sent to Lambda."""
    app = cdk.App(outdir=str(folder))
    TokensLayer(cdk.Stack(app, "Stack"), "Tokens")
    template = app.synth().get_stack_by_name("Stack").template
    [layer] = template["Resources"].values()
    return folder / f"asset.{layer['Properties']['Content']['S3Key'].removesuffix('.zip')}"


def test_program_signs_where_only_the_layer_is(tmp_path: Path) -> None:
    asset = asset_of(tmp_path / "out")
    program = (
        "import json, sys\n"
        "sys.modules.update(dict.fromkeys(('aws_cdk', 'jsii', 'constructs', 'boto3')))\n"
        "from ivs_constructs import tokens\n"
        "claims = tokens.PlaybackClaims(channel_arn="
        "'arn:aws:ivs:eu-west-1:123456789012:channel/AbCd', viewer_id=tokens.viewer_id_of('v'))\n"
        "der = bytes.fromhex('3064' + 2 * ('0230' + '5a' * 48))\n"
        "token = tokens.sign(claims, lambda message: der)\n"
        "names = [getattr(tokens, each) and each for each in tokens.__all__]\n"
        "print(json.dumps([token.count('.'), tokens.__file__, *names]))"
    )
    done = subprocess.run(
        # -P and another folder: the project itself must not be found.
        [sys.executable, "-P", "-S", "-B", "-c", program],
        cwd=tmp_path,
        env={"PYTHONPATH": str(asset / "python")},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    dots, home, *names = json.loads(done.stdout)
    assert dots == 2
    assert home.startswith(str(asset))
    assert "verify" in names


def test_layer_is_small_and_holds_nothing_else(tmp_path: Path) -> None:
    asset = asset_of(tmp_path / "out")

    files = [each for each in asset.rglob("*") if each.is_file()]
    with zipfile.ZipFile(tmp_path / "layer.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for each in files:
            archive.write(each, each.relative_to(asset))

    assert (tmp_path / "layer.zip").stat().st_size <= LARGEST_ZIP
    folders = {each.parent.relative_to(asset).as_posix() for each in files}
    assert folders == {"python/ivs_constructs", "python/ivs_constructs/tokens"}
    assert all(each.suffix == ".py" and not each.is_symlink() for each in files)


def test_hash_depends_on_the_code_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "site-packages"
    for path in tokens_layer._files():
        copy = root / path.relative_to(tokens_layer._PACKAGE.parent)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    here = asset_of(tmp_path / "a").name
    monkeypatch.setattr(tokens_layer, "_PACKAGE", root / "ivs_constructs")

    assert asset_of(tmp_path / "b").name == here
    # Neither what Python leaves, nor times, nor modules of other folders.
    (root / "ivs_constructs" / "tokens" / "__pycache__").mkdir()
    (root / "ivs_constructs" / "tokens" / "__pycache__" / "_jws.cpython-311.pyc").touch()
    (root / "ivs_constructs" / "more.py").touch()
    (root / "ivs_constructs" / "tokens" / "_jws.py").touch()
    assert asset_of(tmp_path / "c").name == here
    (root / "ivs_constructs" / "tokens" / "_jws.py").write_text("x = 1\n", encoding="utf-8")
    assert asset_of(tmp_path / "d").name != here


def test_scope_is_judged() -> None:
    with pytest.raises(InvalidScopeError, match="scope must be inside a stack"):
        TokensLayer(cdk.App(), "Tokens")

    assert repr(TokensLayer(cdk.Stack(), "Tokens")).startswith("<ivs_constructs.TokensLayer '")
