import uuid

import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_accounts"),
        ("dialogue", "0004_private_messages"),
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
                    ("handle_objection", "dealt with an objection"),
                    ("read_messages", "read private messages"),
                    ("answer_message", "answered a private message"),
                ],
                max_length=24,
            ),
        ),
        migrations.CreateModel(
            name="Objection",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("body", models.BinaryField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Waiting for the facilitators"),
                            ("not_placed", "The listener gets no place"),
                            ("stays", "The listener stays"),
                            ("withdrawn", "Taken back"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                (
                    "agency",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.agency"
                    ),
                ),
                (
                    "alias",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="objections", to="dialogue.alias"
                    ),
                ),
                (
                    "seat",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="objections",
                        to="dialogue.listenerseat",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("agency", None), ("seat__isnull", False)),
                            models.Q(("agency__isnull", False), ("seat", None)),
                            _connector="OR",
                        ),
                        name="objection_one_object",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ("open", "not_placed", "stays", "withdrawn"))),
                        name="objection_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state", "open"), ("body", None), _connector="OR"),
                        name="objection_settled_is_destroyed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("body", None),
                            django.db.models.lookups.LessThanOrEqual(
                                django.db.models.functions.text.Length("body"), 6000
                            ),
                            _connector="OR",
                        ),
                        name="objection_fits_its_row",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")), fields=("alias", "seat"), name="objection_once_seat"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")), fields=("alias", "agency"), name="objection_once_agency"
                    ),
                ],
            },
        ),
        # Kept in the row itself, without samples for the planner: see 0002.
        migrations.RunSQL(
            """
            ALTER TABLE dialogue_objection ALTER COLUMN body SET STORAGE PLAIN;
            DO $$
            DECLARE col record;
            BEGIN
                FOR col IN
                    SELECT attrelid::regclass AS tbl, attname FROM pg_attribute
                    WHERE attnum > 0 AND NOT attisdropped AND attrelid = 'dialogue_objection'::regclass
                LOOP
                    EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET STATISTICS 0', col.tbl, col.attname);
                END LOOP;
            END $$
            """,
            migrations.RunSQL.noop,
        ),
    ]
