import uuid

import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_accounts"),
        ("dialogue", "0001_dialogue"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Hold",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("reason", models.CharField(max_length=300, verbose_name="reason, as participants will read it")),
                ("placed_on", models.DateField()),
                ("lifted_on", models.DateField(null=True)),
            ],
            options={
                "ordering": ("placed_on", "id"),
            },
        ),
        migrations.CreateModel(
            name="ProposedEdit",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("comment_version", models.PositiveSmallIntegerField()),
                ("body", models.BinaryField()),
                ("note", models.BinaryField(null=True)),
                ("is_retelling", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="Upkeep",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("scrub", "Clean-up of what the database remembers"),
                            ("backup", "Backup"),
                            ("retention", "Deletion of what is due"),
                        ],
                        max_length=10,
                        unique=True,
                    ),
                ),
                ("done_at", models.DateTimeField()),
                ("changes", models.BigIntegerField(default=0)),
            ],
            options={
                "abstract": False,
            },
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
        migrations.RemoveConstraint(
            model_name="dialoguesession",
            name="session_announced_is_complete",
        ),
        migrations.AddConstraint(
            model_name="dialoguesession",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ("draft", "cancelled", "purged")),
                    models.Q(
                        models.Q(("legal_basis", ""), _negated=True),
                        models.Q(("record_label", ""), _negated=True),
                        ("announced_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="session_announced_is_complete",
            ),
        ),
        migrations.AddField(
            model_name="comment",
            name="is_retold",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="comment",
            name="wants_retelling",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="dialoguesession",
            name="purge_on",
            field=models.DateField(editable=False, null=True),
        ),
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
                ],
                max_length=24,
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
                ],
                max_length=12,
                verbose_name="kind",
            ),
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
                    ("withdrawn", "Taken back"),
                ],
                default="held",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="moderationdecision",
            name="decided_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AlterField(
            model_name="moderationdecision",
            name="outcome",
            field=models.CharField(
                choices=[("approved", "Approved"), ("proposed", "Changed words proposed"), ("returned", "Returned")],
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="moderationdecision",
            name="reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("identifies_self", "It could show who you are"),
                    ("identifies_other", "It could show who somebody else is"),
                    ("location_or_supply", "It names a place or where drugs come from"),
                    ("open_case", "It is about an open case"),
                    ("threat_or_imminent_harm", "It speaks of a threat or of harm about to happen"),
                    ("contempt", "It shows contempt for somebody"),
                    ("advice_or_treatment_push", "It gives advice or pushes treatment"),
                    ("interrogation", "It asks like an interrogation"),
                    ("off_topic", "It is about something else"),
                    ("spam", "It is not meant for this dialogue"),
                    ("other", "Another reason, given in the note"),
                    ("not_read", "Nobody read it in time"),
                ],
                max_length=24,
            ),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ("held", "approved", "released", "proposed", "returned", "withdrawn"))
                ),
                name="comment_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("batch__isnull", False), ("place__isnull", False), ("state", "released")),
                    ("state", "withdrawn"),
                    models.Q(
                        ("state__in", ("held", "approved", "proposed", "returned")), ("batch", None), ("place", None)
                    ),
                    _connector="OR",
                ),
                name="comment_released_has_batch",
            ),
        ),
        migrations.AddConstraint(
            model_name="dialoguesession",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("purge_on", None), ("state__in", ("follow_up", "purged", "cancelled")), _connector="OR"
                ),
                name="session_purged_only_once_ended",
            ),
        ),
        migrations.AddConstraint(
            model_name="moderationdecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("note", None), ("outcome__in", ("approved", "proposed")), ("reason", "")),
                    models.Q(("outcome", "returned"), models.Q(("reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="decision_return_has_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="moderationdecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_by", None), ("reason", "not_read")),
                    models.Q(models.Q(("reason", "not_read"), _negated=True), ("decided_by__isnull", False)),
                    _connector="OR",
                ),
                name="decision_by_a_person_or_the_clock",
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="dialogue_session",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="holds", to="dialogue.dialoguesession"
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="lifted_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="placed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="proposededit",
            name="comment",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="proposed_edit", to="dialogue.comment"
            ),
        ),
        migrations.AddField(
            model_name="proposededit",
            name="proposed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lifted_on", None)), fields=("dialogue_session",), name="hold_one_in_force"
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="hold_has_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("lifted_by", None), ("lifted_on", None)),
                    models.Q(("lifted_by__isnull", False), ("lifted_on__isnull", False)),
                    _connector="OR",
                ),
                name="hold_lifted_whole_or_not",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposededit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length("body"), 6000)
                ),
                name="proposed_edit_fits_its_row",
            ),
        ),
        # Kept in the row itself, as in 0001: a side table would keep the order of writing.
        migrations.RunSQL(
            "ALTER TABLE dialogue_proposededit ALTER COLUMN body SET STORAGE PLAIN;"
            "ALTER TABLE dialogue_proposededit ALTER COLUMN note SET STORAGE PLAIN",
            migrations.RunSQL.noop,
        ),
        # As above, for the bytes of accounts; and the planner's samples would keep values of rows that were deleted.
        migrations.RunSQL(
            """
            ALTER TABLE accounts_participant ALTER COLUMN lookup SET STORAGE PLAIN;
            ALTER TABLE accounts_participant ALTER COLUMN wrapped SET STORAGE PLAIN;
            ALTER TABLE accounts_participant ALTER COLUMN epoch SET STORAGE PLAIN;
            ALTER TABLE accounts_invitecode ALTER COLUMN digest SET STORAGE PLAIN;
            ALTER TABLE dialogue_alias ALTER COLUMN tag SET STORAGE PLAIN;
            DO $$
            DECLARE col record;
            BEGIN
                FOR col IN
                    SELECT attrelid::regclass AS tbl, attname FROM pg_attribute
                    WHERE attnum > 0 AND NOT attisdropped AND attrelid = ANY(ARRAY[
                        'accounts_participant', 'accounts_invitecode', 'dialogue_alias', 'dialogue_comment',
                        'dialogue_pass', 'dialogue_moderationdecision', 'dialogue_proposededit',
                        'dialogue_facilitatornote'
                    ]::regclass[])
                LOOP
                    EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET STATISTICS 0', col.tbl, col.attname);
                END LOOP;
            END $$
            """,
            migrations.RunSQL.noop,
        ),
    ]
