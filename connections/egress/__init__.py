"""The only door to the network: what may be reached, how long and how much.

This room is a leaf. It must not know models, integrations, tokens or what an answer means. It
takes a request and gives an answer or a typed reason why there is none, and neither its errors nor
its log entries say what was sent or where.
"""

from connections.egress.configuration import configuration_problems
from connections.egress.door import checked_addresses, open_connection, send
from connections.egress.messages import Answer, Cause, EgressError, Request, Send
from connections.egress.urls import Target, parse

__all__ = [
    "Answer",
    "Cause",
    "EgressError",
    "Request",
    "Send",
    "Target",
    "checked_addresses",
    "configuration_problems",
    "open_connection",
    "parse",
    "send",
]
