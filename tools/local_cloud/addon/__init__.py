"""What MiniStack lacks: IVS, and CloudFormation's handling of custom resources.

Runs in MiniStack's own environment, so it imports only the standard library, MiniStack and
jsonschema. It uses private names of MiniStack; `__main__` fails at the start if one is missing.
"""
