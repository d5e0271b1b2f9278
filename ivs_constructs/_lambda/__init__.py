"""Root of the Lambda's code: what stands below is shipped as it is."""
