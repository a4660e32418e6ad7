from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dialogue", "0013_void_cards"),
    ]

    operations = [
        migrations.AlterField(
            model_name="upkeep",
            name="kind",
            field=models.CharField(
                choices=[
                    ("scrub", "Clean-up of what the database remembers"),
                    ("backup", "Backup"),
                    ("retention", "Deletion of what is due"),
                    ("worker", "Worker"),
                    ("beat", "Clock of the background work"),
                ],
                max_length=10,
                unique=True,
            ),
        ),
    ]
