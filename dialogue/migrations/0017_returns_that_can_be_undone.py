"""A return can be undone until its author is told; claims of texts that were left are freed by the clock."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dialogue", "0016_jobs"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="comment",
            name="comment_state_known",
        ),
        migrations.AddField(
            model_name="comment",
            name="claim_is_fresh",
            field=models.BooleanField(default=False),
        ),
        # Nothing of the tables about participants is sampled: samples keep values of rows that were deleted.
        migrations.RunSQL(
            "ALTER TABLE dialogue_comment ALTER COLUMN claim_is_fresh SET STATISTICS 0", migrations.RunSQL.noop
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
                    ("returning", "Waiting to be read"),
                    ("returned", "Returned to you"),
                    ("appealed", "Waiting for a second look"),
                    ("upheld", "Returned to you after a second look"),
                    ("withdrawn", "Taken back"),
                ],
                default="held",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        (
                            "held",
                            "approved",
                            "released",
                            "proposed",
                            "returning",
                            "returned",
                            "appealed",
                            "upheld",
                            "withdrawn",
                        ),
                    )
                ),
                name="comment_state_known",
            ),
        ),
    ]
