"""The rules of connect links, and of asking somebody else for a secret.

Whoever opens a link carries no key and no session: what it stands for is all that they may do.
"""
