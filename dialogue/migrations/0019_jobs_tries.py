"""Tries of a job are counted apart from its turns, which never begin anew."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dialogue", "0018_objections_without_a_name"),
    ]

    operations = [
        migrations.AddField(
            model_name="job",
            name="tries",
            field=models.PositiveSmallIntegerField(default=0),
        ),
    ]
