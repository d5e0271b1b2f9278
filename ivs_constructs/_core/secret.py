"""Keeps a stream key in AWS Secrets Manager."""

from __future__ import annotations

from aws_cdk import Resource, SecretValue
from constructs import Construct

from ivs_constructs._core.by_name import define_by_name


def define_secret(scope: Construct, noun: str, value: str) -> Resource:
    """Define the secret of a resource as its child `Secret`.

    CloudFormation copies the value from Amazon IVS to Secrets Manager at deploy time. The module of
    Secrets Manager, which brings in all EC2 types, is not loaded.
    """
    return define_by_name(
        Resource,
        "aws_secretsmanager.Secret",
        scope,
        "Secret",
        {
            "description": f"Stream key of an Amazon IVS {noun}",
            "secretStringValue": SecretValue.resource_attribute(value),
        },
    )
