"""Pages that are reached by a link and without signing in.

The token in the address is all the authority there is: no cookie is read or set, so the pages work
in a frame of another site, and a request that another site forges carries no authority with it.
That is why they are exempt from Django's CSRF check; a foreign origin is refused all the same.
"""
