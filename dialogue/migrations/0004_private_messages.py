import uuid

import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dialogue", "0003_turns_and_time_to_think"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="auditevent",
            name="verb",
            field=models.CharField(
                choices=[
                    ("invite", "invited a colleague"),
                    ("verify_listener", "verified a listener"),
                    ("end_verification", "ended a listener's verification"),
                    ("close_account", "closed an account"),
                    ("open_account", "opened a closed account again"),
                    ("make_cards", "made cards"),
                    ("change_session", "changed a session"),
                    ("move_session", "moved a session on"),
                    ("override_guard", "went on against a scheduling guard"),
                    ("place_listener", "placed a listener"),
                    ("decline_listener", "did not place a listener"),
                    ("decide_acknowledgment", "checked an acknowledgment"),
                    ("move_round", "moved a round on"),
                    ("read_held", "read unreleased text"),
                    ("approve", "approved a text"),
                    ("return", "returned a text"),
                    ("propose", "proposed other words for a text"),
                    ("undo", "took back an approval"),
                    ("release", "released a batch"),
                    ("remove_alias", "removed a participant from a session"),
                    ("read_notes", "read notes"),
                    ("write_note", "wrote a note"),
                    ("place_hold", "stopped the deletion of a session"),
                    ("lift_hold", "let the deletion of a session go on"),
                    ("read_messages", "read private messages"),
                    ("answer_message", "answered a private message"),
                ],
                max_length=24,
            ),
        ),
        migrations.CreateModel(
            name="PrivateMessage",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("question", "A question"),
                            ("access", "Something I need to take part"),
                            ("distress", "I am not doing well"),
                            ("objection", "About a listener or the list"),
                        ],
                        default="question",
                        max_length=9,
                    ),
                ),
                ("body", models.BinaryField(null=True)),
                ("is_read", models.BooleanField(default=False)),
                (
                    "alias",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="messages", to="dialogue.alias"
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("alias", "number"),
                "constraints": [
                    models.UniqueConstraint(fields=("alias", "number"), name="message_number_once"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ("question", "access", "distress", "objection"))),
                        name="message_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("body", None),
                            django.db.models.lookups.LessThanOrEqual(
                                django.db.models.functions.text.Length("body"), 6000
                            ),
                            _connector="OR",
                        ),
                        name="message_fits_its_row",
                    ),
                ],
            },
        ),
        # Kept in the row itself, without samples for the planner: see 0002.
        migrations.RunSQL(
            """
            ALTER TABLE dialogue_privatemessage ALTER COLUMN body SET STORAGE PLAIN;
            DO $$
            DECLARE col record;
            BEGIN
                FOR col IN
                    SELECT attrelid::regclass AS tbl, attname FROM pg_attribute
                    WHERE attnum > 0 AND NOT attisdropped AND attrelid = 'dialogue_privatemessage'::regclass
                LOOP
                    EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET STATISTICS 0', col.tbl, col.attname);
                END LOOP;
            END $$
            """,
            migrations.RunSQL.noop,
        ),
    ]
