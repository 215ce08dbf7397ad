"""ModelSerializers: the secret goes in encrypted, and comes out only where it is asked for."""

from rest_framework import serializers

from tests.bench.ordinary.models import Connection, decrypt, encrypt


class SecretField(serializers.JSONField):
    def to_internal_value(self, data: dict) -> bytes:
        return encrypt(super().to_internal_value(data))

    def to_representation(self, value: bytes) -> dict:
        return decrypt(value)


class ConnectionSerializer(serializers.ModelSerializer):
    secret = SecretField(write_only=True)

    class Meta:
        model = Connection
        fields = ["id", "integration", "label", "config", "secret", "user_id", "status"]
        fields += ["created_at"]
        read_only_fields = ["status"]


class RevealedSerializer(ConnectionSerializer):
    secret = SecretField()
