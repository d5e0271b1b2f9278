"""A local CloudFormation with Amazon IVS: for the deployment tests and the playground."""
