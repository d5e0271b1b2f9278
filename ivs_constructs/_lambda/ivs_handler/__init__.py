"""Code that runs both in AWS Lambda and at synth: standard library and boto3 only."""
