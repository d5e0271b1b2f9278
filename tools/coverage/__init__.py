"""Shows where this library covers each operation and member of both APIs.

Operations and members come from the installed botocore. What covers them comes from this library:
descriptors, constructs, grants, events, token claims, and the models that `ApiCall` checks against.
A member in botocore that is in none of these is unknown.
"""
