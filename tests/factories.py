"""Plain functions that make rows for tests. Each takes what matters to the test and fills in the rest."""

import functools
import itertools
import secrets
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts.models import (
    Agency,
    AgencyAgreement,
    ListenerProfile,
    OutreachPartner,
    Participant,
    Pledge,
    Role,
    User,
    today,
)
from accounts.participants import keys
from dialogue.acknowledgments.models import PARTS, Acknowledgment
from dialogue.commitments.models import Commitment, CommitmentUpdate
from dialogue.jobs.models import Job
from dialogue.reports import figures
from dialogue.reports.content import put_together
from dialogue.reports.models import Quote, Report, Theme
from dialogue.resources.models import Resource
from dialogue.sessions.models import (
    Alias,
    Booking,
    DialogueSession,
    ListenerSeat,
    RecordLabel,
    Round,
    RoundKind,
    State,
)
from dialogue.sessions.models_agendas import AgendaTemplate
from dialogue.sessions.models_guards import Guard, GuardOverride
from dialogue.threads.models import Comment, Thread
from seeds import vault

PASSWORD = "correct horse battery staple"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
_numbers = itertools.count(1)


def make_agency(name: str = "", **fields: Any) -> Agency:
    """An agency with an agreement in force."""
    number = next(_numbers)
    plain = {"kind": Agency.Kind.POLICE, "area": "Harbor City", "population": 400_000}
    fields = plain | {"email_domains": ["police.example"]} | fields
    agency = Agency.objects.create(name=name or f"Harbor Police {number}", **fields)
    AgencyAgreement.objects.create(
        agency=agency,
        text="But for this dialogue ...",
        signed_by_name="Dana Whitfield",
        signed_by_title="Chief",
        signed_on=today() - timedelta(days=10),
        expires_on=today() + timedelta(days=355),
    )
    return agency


@functools.cache
def hashed_password() -> str:
    """PASSWORD as a row holds it, hashed once: Argon2 is meant to be slow."""
    return make_password(PASSWORD)


def make_user(role: Role, **fields: Any) -> User:
    """A named account with PASSWORD, whose e-mail address is confirmed."""
    number = next(_numbers)
    fields = {"email": f"person{number}@team.example", "name": f"Person {number}"} | fields
    user = User.objects.create(role=role, password=hashed_password(), **fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def make_facilitator(**fields: Any) -> User:
    return make_user(Role.FACILITATOR, **fields)


def make_new_listener(agency: Agency | None = None, **fields: Any) -> User:
    """A listener whom nobody has verified and who has not pledged."""
    agency = agency or make_agency()
    number = next(_numbers)
    fields = {"email": f"listener{number}@{agency.email_domains[0]}"} | fields
    user = make_user(Role.LISTENER, agency=agency, **fields)
    ListenerProfile.objects.create(user=user, rank="Sergeant")
    return user


def make_listener(agency: Agency | None = None, **fields: Any) -> User:
    """A listener who is verified and has pledged."""
    user = make_new_listener(agency, **fields)
    profile = user.listener_profile
    profile.verified_by = make_user(Role.OPERATOR)
    profile.verified_on = today() - timedelta(days=1)
    profile.verified_until = today() + timedelta(days=365)
    profile.verification_method = ListenerProfile.Method.CALL_BACK
    profile.save()
    Pledge.objects.create(user=user, text="But for ...", expires_on=today() + timedelta(days=365))
    return user


def make_partner(**fields: Any) -> OutreachPartner:
    number = next(_numbers)
    fields = {"contact_name": "Sam Rivera", "email": f"partner{number}@outreach.example"} | fields
    return OutreachPartner.objects.create(name=f"Night Van {number}", **fields)


def make_participant() -> Participant:
    """A participant with keys as real as any, without the cost of Argon2 (`make_participant_with_words` pays it)."""
    root, master = secrets.token_bytes(32), secrets.token_bytes(32)
    return _participant(root, master)


def make_participant_with_words() -> tuple[Participant, str]:
    """A participant and the seven words that sign in."""
    passphrase = keys.generate_passphrase()
    return _participant(keys.root_key(passphrase), secrets.token_bytes(32)), passphrase


def _participant(root: bytes, master: bytes) -> Participant:
    participant = Participant.objects.create(lookup=keys.lookup(root), wrapped=keys.wrap(root, master))
    participant.alias_key = keys.alias_key(master)
    return participant


def make_job(owner: User, state: str = "done", **fields: Any) -> Job:
    """A piece of long work that goes in an hour."""
    fields = {"kind": Job.Kind.OWN_WORDS, "goes_at": timezone.now() + timedelta(hours=1), "language": "en"} | fields
    return Job.objects.create(owner=owner, state=state, **fields)


def make_resource(**fields: Any) -> Resource:
    fields = {"name": "Harbor warm line", "contact": "555-0100", "verified_on": today()} | fields
    return Resource.objects.create(**fields)


def make_session(state: State = State.DRAFT, team: list[User] | None = None, **fields: Any) -> DialogueSession:
    """A session in `state` with its key and a team of two, one of them a peer; no rounds.

    It needs two participants only, so a reason stands against the guards of that; `waived=()` leaves them out.
    """
    waived = fields.pop("waived", (Guard.FEW_PARTICIPANTS, Guard.MANY_LISTENERS))
    team = team if team is not None else [make_facilitator(), make_facilitator(is_peer=True)]
    starts_at = fields.pop("starts_at", timezone.now() + timedelta(days=10))
    fields = {
        "title": f"Listening in Harbor City {next(_numbers)}",
        "topic": "Searches on the street",
        "about": "What a search does to the person searched.",
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(days=3),
        "agreements": "We listen. Passing is always fine.",
        "legal_basis": "Voluntary. Nothing here is privileged.",
        "record_label": RecordLabel.CHATHAM,
        "minimum": 2,
        "created_by": team[0] if team else make_facilitator(),
        "announced_at": None if state in (State.DRAFT, State.CANCELLED) else timezone.now(),
        "closed_at": timezone.now() if state in (State.FOLLOW_UP, State.PURGED) else None,
        "cancel_reason": "Too few people" if state == State.CANCELLED else "",
    } | fields
    dialogue_session = DialogueSession.objects.create(state=state, **fields)
    for user in team:
        Booking.objects.create(
            dialogue_session=dialogue_session,
            facilitator=user,
            starts_at=dialogue_session.starts_at,
            ends_at=dialogue_session.ends_at,
            active=state not in (State.CANCELLED, State.FOLLOW_UP, State.PURGED),
        )
    vault.create_key(dialogue_session.pk)
    waive_guards(dialogue_session, *waived)
    return dialogue_session


def waive_guards(dialogue_session: DialogueSession, *guards: Guard) -> None:
    """A reason to go on all the same, for the times that the session has now."""
    GuardOverride.objects.bulk_create(
        GuardOverride(
            dialogue_session=dialogue_session,
            guard=guard,
            reason="A small group asked for it.",
            schedule_version=dialogue_session.schedule_version,
            made_by=dialogue_session.created_by,
            made_on=today(),
        )
        for guard in guards
    )


def make_round(
    dialogue_session: DialogueSession, kind: RoundKind = RoundKind.LISTENING, state: str = Round.State.OPEN
) -> Round:
    number = dialogue_session.rounds.count() + 1
    return Round.objects.create(
        dialogue_session=dialogue_session, number=number, kind=kind, prompt=f"Prompt {number}", state=state
    )


def make_agenda_template(**fields: Any) -> AgendaTemplate:
    """A saved template that keeps the rules."""
    steps = [[kind, f"Prompt of {kind}", 0] for kind in ("opening", "listening", "closing")]
    values = {"name": f"Template {next(_numbers)}", "whom": "For a second meeting.", "steps": steps} | fields
    return AgendaTemplate.objects.create(**{"made_by": fields.get("made_by") or make_facilitator()} | values)


def tag_of(participant: Participant, dialogue_session: DialogueSession) -> bytes:
    return keys.alias_tag(participant.alias_key, dialogue_session.pk)


def make_alias(dialogue_session: DialogueSession, participant: Participant | None = None, **fields: Any) -> Alias:
    """The participant's name in this session; of nobody in particular without one."""
    tag = tag_of(participant or make_participant(), dialogue_session)
    fields = {"name": f"amber brook {next(_numbers)}"} | fields
    return Alias.objects.create(dialogue_session=dialogue_session, tag=tag, **fields)


def make_seat(
    dialogue_session: DialogueSession, listener: User | None = None, state: str = ListenerSeat.State.SEATED
) -> ListenerSeat:
    """A seat; a seated listener's acknowledgment was found enough, and one of the reflections confirmed."""
    seated = state == ListenerSeat.State.SEATED
    decided = state in (ListenerSeat.State.SEATED, ListenerSeat.State.NOT_PLACED)
    checker = dialogue_session.created_by
    seat = ListenerSeat.objects.create(
        dialogue_session=dialogue_session,
        listener=listener or make_listener(),
        state=state,
        acknowledged_on=today() if seated else None,
        accepted_on=today() if seated else None,
        heard=ListenerSeat.Heard.CONFIRMED if seated else "",
        decided_by=checker if decided else None,
        decided_on=today() if decided else None,
    )
    if seated:
        Acknowledgment.objects.create(
            seat=seat,
            state=Acknowledgment.State.ACCEPTED,
            checked_by=checker,
            checked_on=today(),
            **{part: f"We concede: {part}." for part in PARTS},
        )
    return seat


def make_comment(
    round: Round, alias: Alias | None = None, *, seat: ListenerSeat | None = None, text: str = "", **fields: Any
) -> Comment:
    """A sealed comment in any state (held by default)."""
    thread, _ = Thread.objects.get_or_create(round=round)
    state = fields.pop("state", Comment.State.HELD)
    if not alias and not seat:
        alias = make_alias(round.dialogue_session)
    comment = Comment(thread=thread, alias=alias, seat=seat, state=state, **fields)
    if state != Comment.State.WITHDRAWN:
        comment.body = vault.seal(round.dialogue_session_id, comment.pk, text or f"Words number {next(_numbers)}")
    if state in Comment.WAITING:
        comment.period = fields.get("period", 1)
    if state == Comment.State.RELEASED:
        comment.batch = fields.get("batch", 1)
        comment.place = fields.get("place", next(_numbers))
        thread.batches = max(thread.batches, comment.batch)
        thread.save(update_fields=["batches"])
    comment.save()
    return comment


def make_held_comments(round: Round, number: int) -> list[Comment]:
    """So many texts that wait, the oldest first; written to the database in one go."""
    thread, _ = Thread.objects.get_or_create(round=round)
    alias = make_alias(round.dialogue_session)
    texts = [Comment(thread=thread, alias=alias, period=period) for period in range(number)]
    for place, text in enumerate(texts, start=1):
        text.body = vault.seal(round.dialogue_session_id, text.pk, f"Text number {place}.")
    return Comment.objects.bulk_create(texts)


#: States of a commitment that nobody on the team has read yet, or that came back.
_UNREAD = (Commitment.State.HELD, Commitment.State.RETURNED)
_ENDED = (Commitment.State.DONE, Commitment.State.CHANGED, Commitment.State.BROKEN, Commitment.State.WITHDRAWN)


def make_commitment(
    state: str = Commitment.State.ADOPTED,
    *,
    owner: User | None = None,
    dialogue_session: DialogueSession | None = None,
    **fields: Any,
) -> Commitment:
    """A commitment in any state, due in 60 days, of a listener with a seat; personal unless `level` says else.

    One that was taken back (WITHDRAWN) was a promise before; with `adopted_by=None, adopted_on=None` it was not.
    Without a session it is one in its follow-up; an owner without a seat there gets one.
    """
    dialogue_session = dialogue_session or make_session(State.FOLLOW_UP)
    owner = owner or make_listener()
    if not dialogue_session.seats.filter(listener=owner).exists():
        make_seat(dialogue_session, owner)
    is_read, is_adopted = state not in _UNREAD, state not in (*_UNREAD, Commitment.State.PROPOSED)
    plain = {
        "agency": owner.agency,
        "unit": "Night shift" if fields.get("level") == Commitment.Authority.UNIT else "",
        "text": f"We stop running names on calls for help {next(_numbers)}.",
        "measure": "The order is on our public page.",
        "due_on": today() + timedelta(days=60),
        "note": "Please say by when." if state == Commitment.State.RETURNED else "",
        "recorded_by": dialogue_session.created_by if is_read else None,
        "recorded_on": today() if is_read else None,
        "adopted_by": owner if is_adopted else None,
        "adopted_on": today() if is_adopted else None,
        "ended_on": today() if state in _ENDED else None,
    }
    return Commitment.objects.create(dialogue_session=dialogue_session, owner=owner, state=state, **(plain | fields))


def make_update(
    commitment: Commitment,
    kind: str = CommitmentUpdate.Kind.PROGRESS,
    state: str = CommitmentUpdate.State.HELD,
    **fields: Any,
) -> CommitmentUpdate:
    """News of a commitment by its owner, held by default; the commitment itself is left as it is."""
    is_decided = state != CommitmentUpdate.State.HELD
    plain = {
        "text": f"The order is written {next(_numbers)}.",
        "written_by": commitment.owner,
        "written_on": today(),
        "decided_by": commitment.dialogue_session.created_by if is_decided else None,
        "decided_on": today() if is_decided else None,
        "note": "Please say where that can be seen." if state == CommitmentUpdate.State.RETURNED else "",
    }
    return CommitmentUpdate.objects.create(commitment=commitment, kind=kind, state=state, **(plain | fields))


def make_report(dialogue_session: DialogueSession, state: str = Report.State.DRAFT, **fields: Any) -> Report:
    """The report of this session; one that is shown or out has figures and, once out, what it says."""
    by = fields.pop("by", None) or dialogue_session.created_by
    is_out = state == Report.State.PUBLISHED
    report = Report(
        dialogue_session=dialogue_session,
        state=state,
        preview_from=None if state == Report.State.DRAFT else today(),
        published_on=today() if is_out else None,
        published_by=by if is_out else None,
        figures=None if state == Report.State.DRAFT else figures.taken(dialogue_session),
    )
    report.content = put_together(report) if is_out else None
    for name, value in fields.items():
        setattr(report, name, value)
    report.save(force_insert=True)
    return report


def make_theme(dialogue_session: DialogueSession, state: str = Theme.State.DRAFT, **fields: Any) -> Theme:
    """A theme in the session's report, which is made if there is none."""
    report = Report.objects.filter(dialogue_session=dialogue_session).first() or make_report(dialogue_session)
    number = next(_numbers)
    by = fields.pop("by", None) or dialogue_session.created_by
    fields = {"title": f"Theme {number}", "text": "Searches come without a word.", "number": number} | fields
    return Theme.objects.create(report=report, state=state, written_by=by, **fields)


def make_quote(theme: Theme, comment: Comment, *, retold: str = "") -> Quote:
    """The first five characters of the text, or what it says in other words."""
    quote = Quote(theme=theme, comment=comment, comment_version=comment.version)
    if retold:
        quote.retold = vault.seal(theme.report.dialogue_session_id, quote.pk, retold)
    else:
        quote.start, quote.end = 0, 5
    quote.save(force_insert=True)
    return quote
