import uuid

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_agreements_of_heads"),
        ("dialogue", "0005_objections"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AcknowledgmentVersion",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("profession", "For my profession"),
                            ("agency", "For my agency"),
                            ("personal", "For myself"),
                        ],
                        max_length=10,
                    ),
                ),
                ("past_harm", models.TextField(max_length=3000)),
                ("present_harm", models.TextField(max_length=3000)),
                ("responsibility", models.TextField(max_length=3000)),
                ("apology", models.TextField(max_length=3000)),
                ("plan", models.TextField(max_length=3000)),
                ("handed_in_on", models.DateField()),
            ],
            options={
                "ordering": ("acknowledgment", "number"),
            },
        ),
        migrations.CreateModel(
            name="GateAnswer",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "answer",
                    models.CharField(
                        choices=[("enough", "Enough to begin"), ("not_yet", "Not yet"), ("pass", "Pass")], max_length=7
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="GuardOverride",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "guard",
                    models.CharField(
                        choices=[
                            ("before_noon", "It starts before noon"),
                            ("benefit_day", "It falls on a day on which benefits are paid"),
                            ("government", "It is in a government building"),
                            ("few", "It can open with fewer than five participants"),
                            ("listeners", "There may be more listeners than participants"),
                            ("catchment", "Few people live there, or nobody knows how many: a story is easy to place"),
                        ],
                        max_length=11,
                    ),
                ),
                ("reason", models.CharField(max_length=300, verbose_name="reason")),
                ("schedule_version", models.PositiveIntegerField()),
                ("made_on", models.DateField()),
            ],
        ),
        migrations.CreateModel(
            name="Reflection",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("attempt", models.PositiveSmallIntegerField(default=1)),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[("confirmed", "Yes, that’s it"), ("corrected", "Not quite"), ("passed", "No answer")],
                        max_length=9,
                    ),
                ),
                ("is_out", models.BooleanField(default=False)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="acknowledgment",
            name="acknowledgment_five_parts",
        ),
        migrations.RemoveConstraint(
            model_name="acknowledgment",
            name="acknowledgment_complete_is_checked",
        ),
        migrations.AddField(
            model_name="acknowledgment",
            name="scope",
            field=models.CharField(
                choices=[("profession", "For my profession"), ("agency", "For my agency"), ("personal", "For myself")],
                default="personal",
                max_length=10,
                verbose_name="for whom you speak",
            ),
        ),
        migrations.AddField(
            model_name="dialoguesession",
            name="answers_needed",
            field=models.PositiveSmallIntegerField(
                default=3,
                validators=[django.core.validators.MinValueValidator(2), django.core.validators.MaxValueValidator(60)],
                verbose_name="fewest answers to an acknowledgment",
            ),
        ),
        migrations.AddField(
            model_name="dialoguesession",
            name="enough_share",
            field=models.PositiveSmallIntegerField(
                default=50,
                validators=[django.core.validators.MaxValueValidator(99)],
                verbose_name="share of “enough” that must be passed (percent)",
            ),
        ),
        migrations.AddField(
            model_name="dialoguesession",
            name="listener_places",
            field=models.PositiveSmallIntegerField(
                default=4,
                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(20)],
                verbose_name="places for listeners",
            ),
        ),
        migrations.AddField(
            model_name="dialoguesession",
            name="roster_days",
            field=models.PositiveSmallIntegerField(
                default=3,
                validators=[django.core.validators.MaxValueValidator(60)],
                verbose_name="days before the start when the list of listeners is frozen",
            ),
        ),
        migrations.AddField(
            model_name="dialoguesession",
            name="venue",
            field=models.CharField(
                choices=[
                    ("online", "Online only"),
                    ("community", "A place of the community, with devices to use"),
                    ("government", "A government building"),
                ],
                default="online",
                max_length=10,
                verbose_name="place",
            ),
        ),
        migrations.AddField(
            model_name="listenerseat",
            name="accepted_on",
            field=models.DateField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="listenerseat",
            name="heard",
            field=models.CharField(
                blank=True,
                choices=[
                    ("confirmed", "Somebody said: yes, that’s it"),
                    ("released", "The facilitators let the listener write"),
                ],
                editable=False,
                max_length=9,
            ),
        ),
        migrations.AlterField(
            model_name="acknowledgment",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "Draft"),
                    ("submitted", "Handed in"),
                    ("complete", "Complete: the participants answer it"),
                    ("more_asked", "More is asked for"),
                    ("accepted", "Enough to begin"),
                ],
                default="draft",
                max_length=10,
            ),
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
                    ("handle_objection", "dealt with an objection"),
                    ("read_messages", "read private messages"),
                    ("answer_message", "answered a private message"),
                    ("sign_agreement", "signed for an agency"),
                    ("end_agreement", "withdrew an agency's agreement"),
                    ("count_answers", "counted the answers to an acknowledgment"),
                    ("let_out_answers", "let out the answers to what was heard"),
                    ("free_listener", "let a listener write without a confirmed reflection"),
                ],
                max_length=24,
            ),
        ),
        migrations.AddConstraint(
            model_name="acknowledgment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ("draft", "more_asked")),
                    models.Q(
                        models.Q(("past_harm", ""), _negated=True),
                        models.Q(("present_harm", ""), _negated=True),
                        models.Q(("responsibility", ""), _negated=True),
                        models.Q(("apology", ""), _negated=True),
                        models.Q(("plan", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="acknowledgment_five_parts",
            ),
        ),
        migrations.AddConstraint(
            model_name="acknowledgment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ("complete", "accepted")), _negated=True),
                    models.Q(("checked_by__isnull", False), ("checked_on__isnull", False)),
                    _connector="OR",
                ),
                name="acknowledgment_complete_is_checked",
            ),
        ),
        migrations.AddConstraint(
            model_name="acknowledgment",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ("draft", "submitted", "complete", "more_asked", "accepted"))),
                name="acknowledgment_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="acknowledgment",
            constraint=models.CheckConstraint(
                condition=models.Q(("scope__in", ("profession", "agency", "personal"))),
                name="acknowledgment_scope_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="dialoguesession",
            constraint=models.CheckConstraint(
                condition=models.Q(("venue__in", ("online", "community", "government"))), name="session_venue_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="listenerseat",
            constraint=models.CheckConstraint(
                condition=models.Q(("heard__in", ("", "confirmed", "released"))), name="seat_heard_known"
            ),
        ),
        migrations.AddField(
            model_name="acknowledgmentversion",
            name="acknowledgment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="dialogue.acknowledgment"
            ),
        ),
        migrations.AddField(
            model_name="gateanswer",
            name="acknowledgment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="answers", to="dialogue.acknowledgment"
            ),
        ),
        migrations.AddField(
            model_name="gateanswer",
            name="alias",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="gate_answers", to="dialogue.alias"
            ),
        ),
        migrations.AddField(
            model_name="guardoverride",
            name="dialogue_session",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="overrides", to="dialogue.dialoguesession"
            ),
        ),
        migrations.AddField(
            model_name="guardoverride",
            name="made_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="reflection",
            name="comment",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="reflection", to="dialogue.comment"
            ),
        ),
        migrations.AddField(
            model_name="reflection",
            name="heard",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="reflections", to="dialogue.comment"
            ),
        ),
        migrations.AddField(
            model_name="reflection",
            name="seat",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="reflections", to="dialogue.listenerseat"
            ),
        ),
        migrations.AddConstraint(
            model_name="acknowledgmentversion",
            constraint=models.UniqueConstraint(fields=("acknowledgment", "number"), name="acknowledgment_version_once"),
        ),
        migrations.AddConstraint(
            model_name="gateanswer",
            constraint=models.UniqueConstraint(fields=("acknowledgment", "alias"), name="gate_answer_once"),
        ),
        migrations.AddConstraint(
            model_name="gateanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(("answer__in", ("enough", "not_yet", "pass"))), name="gate_answer_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="guardoverride",
            constraint=models.UniqueConstraint(
                fields=("dialogue_session", "guard", "schedule_version"), name="override_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="guardoverride",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="override_has_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="reflection",
            constraint=models.UniqueConstraint(fields=("seat", "heard", "attempt"), name="reflection_attempt_once"),
        ),
        migrations.AddConstraint(
            model_name="reflection",
            constraint=models.CheckConstraint(
                condition=models.Q(("answer__in", ("", "confirmed", "corrected", "passed"))),
                name="reflection_answer_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="reflection",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_out", False), models.Q(("answer", ""), _negated=True), _connector="OR"),
                name="reflection_out_has_answer",
            ),
        ),
        migrations.AddConstraint(
            model_name="reflection",
            constraint=models.CheckConstraint(
                condition=models.Q(("comment", models.F("heard")), _negated=True), name="reflection_not_of_itself"
            ),
        ),
        # Who had a seat keeps it: it was given by other rules.
        migrations.RunSQL(
            "UPDATE dialogue_listenerseat SET accepted_on = acknowledged_on, heard = 'released' WHERE state = 'seated'",
            migrations.RunSQL.noop,
        ),
        # Without samples for the planner: see 0002.
        migrations.RunSQL(
            """
            DO $$
            DECLARE col record;
            BEGIN
                FOR col IN
                    SELECT attrelid::regclass AS tbl, attname FROM pg_attribute
                    WHERE attnum > 0 AND NOT attisdropped
                    AND attrelid = ANY(ARRAY['dialogue_gateanswer', 'dialogue_reflection']::regclass[])
                LOOP
                    EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET STATISTICS 0', col.tbl, col.attname);
                END LOOP;
            END $$
            """,
            migrations.RunSQL.noop,
        ),
    ]
