import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_accounts"),
    ]

    operations = [
        migrations.AddField(
            model_name="agency",
            name="population",
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name="people living there"),
        ),
        migrations.AddField(
            model_name="agencyagreement",
            name="signed_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="agencyagreement",
            name="version",
            field=models.CharField(blank=True, max_length=10),
        ),
        migrations.AddField(
            model_name="listenerprofile",
            name="is_head",
            field=models.BooleanField(default=False, verbose_name="head of the office"),
        ),
        migrations.AddField(
            model_name="listenerprofile",
            name="shows_name",
            field=models.BooleanField(default=False, verbose_name="show my name to the public"),
        ),
        migrations.AddField(
            model_name="pledge",
            name="version",
            field=models.CharField(blank=True, max_length=10),
        ),
        migrations.AddConstraint(
            model_name="listenerprofile",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_head", False), ("verified_by__isnull", False), _connector="OR"),
                name="listener_head_is_verified",
            ),
        ),
    ]
