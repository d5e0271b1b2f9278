"""Tells where this library covers each operation and member of both APIs.

What there is to be covered is read from the installed botocore. What covers it is read from what
this library works with: descriptors, constructs, grants, events, claims of tokens, and the models
that `ApiCall` checks against. So a member that botocore knows and nothing of these has is unknown.
"""
