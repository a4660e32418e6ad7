"""An objection knows its session; an upheld one may lose the name it was raised under."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dialogue", "0017_returns_that_can_be_undone"),
    ]

    operations = [
        migrations.AddField(
            model_name="objection",
            name="dialogue_session",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="dialogue.dialoguesession",
            ),
        ),
        # The keys are checked at once: a table with checks that wait can't be altered. Without samples: see 0002.
        migrations.RunSQL(
            """
            UPDATE dialogue_objection SET dialogue_session_id = dialogue_alias.dialogue_session_id
                FROM dialogue_alias WHERE dialogue_alias.id = dialogue_objection.alias_id;
            SET CONSTRAINTS ALL IMMEDIATE;
            ALTER TABLE dialogue_objection ALTER COLUMN dialogue_session_id SET STATISTICS 0;
            """,
            migrations.RunSQL.noop,
        ),
        migrations.AlterField(
            model_name="objection",
            name="dialogue_session",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="dialogue.dialoguesession",
            ),
        ),
        migrations.AlterField(
            model_name="objection",
            name="alias",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="objections",
                to="dialogue.alias",
            ),
        ),
        migrations.AddConstraint(
            model_name="objection",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "not_placed"), ("alias__isnull", False), _connector="OR"),
                name="objection_forgotten_was_upheld",
            ),
        ),
    ]
