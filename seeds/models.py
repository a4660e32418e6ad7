"""The base of every table."""

import uuid

from django.db import models


class Row(models.Model):
    """A row whose random id says nothing about order or time (never a serial, never UUIDv7)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True
