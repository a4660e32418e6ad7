from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_agreements_of_heads"),
    ]

    operations = [
        migrations.AddField(
            model_name="listenerprofile",
            name="leads_unit",
            field=models.BooleanField(default=False, verbose_name="leads a unit"),
        ),
        migrations.RemoveConstraint(
            model_name="listenerprofile",
            name="listener_head_is_verified",
        ),
        migrations.AddConstraint(
            model_name="listenerprofile",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("is_head", False), ("leads_unit", False)),
                    ("verified_by__isnull", False),
                    _connector="OR",
                ),
                name="listener_head_is_verified",
            ),
        ),
    ]
