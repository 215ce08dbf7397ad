"""What Django's cache keeps in the database: counts of attempts, codes that were used."""

from django.db import models


class CacheEntry(models.Model):
    """The columns are those of `manage.py createcachetable`; Django reads and writes them."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.cache_key
