from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dialogue", "0006_the_practice"),
    ]

    operations = [
        # Who had a seat keeps it: it was given by other rules.
        migrations.RunSQL(
            "UPDATE dialogue_acknowledgment SET state = 'accepted' WHERE state = 'complete' AND seat_id IN"
            " (SELECT id FROM dialogue_listenerseat WHERE state = 'seated')",
            migrations.RunSQL.noop,
        ),
        migrations.RemoveConstraint(
            model_name="listenerseat",
            name="seat_needs_acknowledgment",
        ),
        migrations.AddConstraint(
            model_name="listenerseat",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "seated"), _negated=True),
                    models.Q(("accepted_on__isnull", False), ("acknowledged_on__isnull", False)),
                    _connector="OR",
                ),
                name="seat_needs_accepted_acknowledgment",
            ),
        ),
    ]
