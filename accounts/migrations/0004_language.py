from django.db import migrations, models

LANGUAGES = [("en", "English"), ("es", "Español")]


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_units"),
    ]

    operations = [
        migrations.AddField(
            model_name=name,
            name="language",
            field=models.CharField(choices=LANGUAGES, default="en", max_length=8, verbose_name="language"),
        )
        for name in ("user", "outreachpartner")
    ]
