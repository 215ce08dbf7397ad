"""Authorizations of people: begun here, consented to at a service, finished here.

The verbs in their order: `begin_flow`, `open_flow` (a browser leaves for the service), `take_flow`
(it comes back, once), `exchange` (its code becomes tokens).
"""
