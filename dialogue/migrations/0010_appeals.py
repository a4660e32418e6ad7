"""A text that came back can be looked at again by somebody else."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dialogue", "0009_what_outlasts_a_session"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="comment",
            name="comment_period_only_while_held",
        ),
        migrations.RemoveConstraint(
            model_name="comment",
            name="comment_state_known",
        ),
        migrations.RemoveConstraint(
            model_name="comment",
            name="comment_released_has_batch",
        ),
        migrations.RemoveConstraint(
            model_name="moderationdecision",
            name="decision_return_has_reason",
        ),
        migrations.AlterField(
            model_name="comment",
            name="state",
            field=models.CharField(
                choices=[
                    ("held", "Waiting to be read"),
                    ("approved", "Approved, waiting for release"),
                    ("released", "Released"),
                    ("proposed", "A change is proposed to you"),
                    ("returned", "Returned to you"),
                    ("appealed", "Waiting for a second look"),
                    ("upheld", "Returned to you after a second look"),
                    ("withdrawn", "Taken back"),
                ],
                default="held",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="moderationdecision",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("approved", "Approved"),
                    ("proposed", "Changed words proposed"),
                    ("returned", "Returned"),
                    ("overturned", "Approved after a second look"),
                    ("upheld", "Returned after a second look"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ("held", "approved", "released", "proposed", "returned", "appealed", "upheld", "withdrawn"),
                    )
                ),
                name="comment_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("period__isnull", False), ("state__in", ("held", "appealed"))),
                    models.Q(models.Q(("state__in", ("held", "appealed")), _negated=True), ("period", None)),
                    _connector="OR",
                ),
                name="comment_period_only_while_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("batch__isnull", False), ("place__isnull", False), ("state", "released")),
                    ("state", "withdrawn"),
                    models.Q(
                        models.Q(("state__in", ("released", "withdrawn")), _negated=True),
                        ("batch", None),
                        ("place", None),
                    ),
                    _connector="OR",
                ),
                name="comment_released_has_batch",
            ),
        ),
        migrations.AddConstraint(
            model_name="moderationdecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("note", None), ("outcome__in", ("approved", "proposed", "overturned")), ("reason", "")),
                    models.Q(("outcome", "upheld"), ("reason", "")),
                    models.Q(("outcome", "returned"), models.Q(("reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="decision_return_has_reason",
            ),
        ),
    ]
