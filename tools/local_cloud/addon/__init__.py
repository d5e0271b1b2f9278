"""What MiniStack lacks: IVS, and what CloudFormation does around a custom resource.

Runs in MiniStack's own environment, so it imports the standard library, MiniStack and jsonschema
only. It reaches into MiniStack's private names; `__main__` fails at the start if one is gone.
"""
