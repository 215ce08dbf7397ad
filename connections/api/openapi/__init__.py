"""The API described in OpenAPI 3.1, and a page that shows it without a network.

The document is made of the specs that carry out the rules, of the choices of the models, and of a
table of operations; the answers' shapes are written down once, in `components.py`, and tests hold
them against real answers. No view knows of this room, and no request but those for the document
loads it.
"""
