"""How a workspace looks to those whom it sends a link, and which addresses it trusts."""
