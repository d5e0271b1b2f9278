"""What runs in the Lambda functions of a fleet: the standard library and boto3 only."""
