"""The app: what `cdk deploy` deploys."""

import os

import aws_cdk as cdk
from talks.stack import Talks

from ivs_constructs.checks import IvsChecks

app = cdk.App(outdir=os.environ.get("CDK_OUTDIR", "cdk.out"))
# Checks the finished templates, including resources from other libraries.
cdk.Validations.of(app).add_plugins(IvsChecks())

Talks(
    app,
    "Talks",
    # The CDK CLI's account and Region. Amazon IVS is not available in every Region.
    env=cdk.Environment(
        account=os.environ.get("CDK_DEFAULT_ACCOUNT"), region=os.environ.get("CDK_DEFAULT_REGION")
    ),
)
app.synth()
