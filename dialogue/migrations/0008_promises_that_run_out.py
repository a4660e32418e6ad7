import datetime

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dialogue", "0007_enough_to_begin"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="reminderrule",
            name="rule_before_start_has_offset",
        ),
        migrations.AlterField(
            model_name="reminder",
            name="dialogue_session",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="reminders",
                to="dialogue.dialoguesession",
            ),
        ),
        migrations.AlterField(
            model_name="reminder",
            name="occasion",
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AlterField(
            model_name="reminderrule",
            name="dialogue_session",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="reminder_rules",
                to="dialogue.dialoguesession",
            ),
        ),
        migrations.AlterField(
            model_name="reminderrule",
            name="kind",
            field=models.CharField(
                choices=[
                    ("before_start", "Before the start"),
                    ("queue_waits", "Texts wait longer than promised"),
                    ("closing_note", "The closing note is missing"),
                    ("team_digest", "Texts wait to be read"),
                    ("seat_digest", "Something is new for listeners"),
                    ("expiry", "A promise runs out"),
                ],
                max_length=12,
                verbose_name="kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="reminderrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("before__gt", datetime.timedelta(0)), ("kind__in", ("before_start", "expiry"))),
                    models.Q(models.Q(("kind__in", ("before_start", "expiry")), _negated=True), ("before", None)),
                    _connector="OR",
                ),
                name="rule_before_start_has_offset",
            ),
        ),
        migrations.AddConstraint(
            model_name="reminderrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("dialogue_session", None), ("kind", "expiry")),
                    models.Q(models.Q(("kind", "expiry"), _negated=True), ("dialogue_session__isnull", False)),
                    _connector="OR",
                ),
                name="rule_of_a_session_or_the_site",
            ),
        ),
    ]
