"""The provider of custom resources, which runs in AWS Lambda."""
