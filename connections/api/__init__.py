"""The HTTP API: requests in, answers out. Rules live in serializers, changes in services."""
