"""Finds Node.js before any test imports the AWS CDK."""

import ivs_constructs

ivs_constructs.ensure_node()
