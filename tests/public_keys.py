"""PEM keys for tests: what a public key must be, and what it must not be."""

P384 = """-----BEGIN PUBLIC KEY-----
MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEoJ3K+1gWlTkC9NIy5xbv2cz3MWGqrXNA
LdGiH9EgianL/kAqWJrB2hmR5gc44OZp+zAMcJAUn5BsZQQcVwlL9Yt6/ejzecPr
3Xp32Dt+gHi4ir5YfW5XFW68zYjpqNf3
-----END PUBLIC KEY-----
"""
P256 = """-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEVrqyn1MLxNVXKVu3o46Cbr6m3pTM
mX7XVJqp7MaoU2UdO6lqYqc9CQXxKzgv8C1APuWcIYBpw45jPbSQbaYrrA==
-----END PUBLIC KEY-----
"""
PRIVATE_PEM = """-----BEGIN EC PRIVATE KEY-----
MIGkAgEBBDCthisIsJunkAndMustNeverBeRepeatedInAnyMessageOfAnyError
-----END EC PRIVATE KEY-----
"""
