"""Tries of a job are counted apart from its turns, which never begin anew."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dialogue", "0017_returns_that_can_be_undone"),
    ]

    operations = [
        migrations.AddField(
            model_name="job",
            name="tries",
            field=models.PositiveSmallIntegerField(default=0),
        ),
    ]
