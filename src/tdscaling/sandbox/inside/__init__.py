"""What runs inside the sandbox: standard library only, shared read-only with every session.

The host imports `frames` and `limits` from here so that both ends speak one protocol.
"""
