import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dialogue", "0002_retention_and_edits"),
    ]

    operations = [
        migrations.AddField(
            model_name="round",
            name="opened_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="round",
            name="think_minutes",
            field=models.PositiveSmallIntegerField(
                default=0,
                validators=[django.core.validators.MaxValueValidator(240)],
                verbose_name="minutes to think first",
            ),
        ),
        migrations.AddField(
            model_name="round",
            name="turn",
            field=models.PositiveSmallIntegerField(default=1),
        ),
    ]
