"""The loader, on the real database: what it makes, that it makes it once, and that the ways in it tells work."""

import json
import stat
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.db import transaction
from django.db.models import Model
from django.test import Client, override_settings
from django.utils import timezone
from pytest_django import DjangoDbBlocker, Settings

from accounts.models import InviteCode, Participant, Role, User, today
from accounts.participants import keys
from accounts.participants.actions import redeem_code
from accounts.policies import may_listen
from demo import passport
from demo.content.entries import CommentEntry
from demo.content.read import content
from demo.load import CannotLoad, load
from dialogue.acknowledgments.models import Acknowledgment
from dialogue.audit.models import AuditEvent
from dialogue.commitments.models import Commitment
from dialogue.commitments.queries import expected_of, public, waiting
from dialogue.commitments.queries_public import to_check
from dialogue.commitments.seen import subject_of
from dialogue.commitments.standing import standing
from dialogue.facts.queries import for_report
from dialogue.feedback.policies import sheet_of
from dialogue.feedback.queries import figures, figures_of_all
from dialogue.figures.queries import in_time, parts, texts
from dialogue.messages.models import PrivateMessage
from dialogue.moderation.models import ModerationDecision, ProposedEdit
from dialogue.moderation.queries import oldest_wait_hours
from dialogue.notes.models import FacilitatorNote
from dialogue.reports.models import Report
from dialogue.resources.models import Resource
from dialogue.retention.policies import dates
from dialogue.sessions.models import Alias, DialogueSession, ListenerSeat, Round, State
from dialogue.sessions.models_agendas import AgendaTemplate
from dialogue.sessions.models_objections import Objection
from dialogue.sessions.policies import missing
from dialogue.sessions.queries import current_round, my_aliases
from dialogue.sessions.queries_agendas import templates
from dialogue.tallies.models import TallyMark
from dialogue.tallies.queries import has_answered, shown
from dialogue.threads.models import Comment, Pass, Thread
from dialogue.threads.text import tidy
from seeds.vault import unseal
from tests.reading import grade

CONTENT = content()
WRITTEN = {entry.key: entry for entries in CONTENT.comments.values() for entry in entries}
TABLES = (
    User, Authenticator, Participant, InviteCode, Resource, DialogueSession, Round, Alias, ListenerSeat,
    Acknowledgment, Thread, Comment, Pass, ModerationDecision, ProposedEdit, FacilitatorNote, AuditEvent,
)  # fmt: skip


@pytest.fixture(scope="module")
def loaded(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """The demo, loaded once for all tests of this module that only look at it. Yields its data folder."""
    folder = tmp_path_factory.mktemp("demo")
    with (
        django_db_blocker.unblock(),
        override_settings(DEMO=True, DATA_DIR=folder, KEY_DIR=folder / "keys"),
        transaction.atomic(),
    ):
        assert load() is True
        yield folder
        transaction.set_rollback(True)


@pytest.fixture
def demo(loaded: Path, db: None, settings: Settings) -> SimpleNamespace:
    """What demo.json says, with the settings of the loaded demo in force."""
    settings.DEMO, settings.DATA_DIR, settings.KEY_DIR = True, loaded, loaded / "keys"
    told = json.loads((loaded / "demo.json").read_text("utf-8"))
    return SimpleNamespace(folder=loaded, file=loaded / "demo.json", told=told)


def session(key: str) -> DialogueSession:
    title = next(entry.title for entry in CONTENT.sessions if entry.key == key)
    return DialogueSession.objects.get(title=title)


def known_participant(told: dict) -> Participant:
    """The participant of demo.json, found as at sign-in."""
    root = keys.root_key(told["participant"]["passphrase"])
    participant = Participant.objects.get(lookup=keys.lookup(root))
    participant.alias_key = keys.alias_key(keys.unwrap(root, participant.wrapped))
    return participant


def code_now(secret: str) -> str:
    """What the authenticator app shows."""
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def test_the_file_has_exactly_these_keys(demo: SimpleNamespace) -> None:
    named = {"email", "password", "totp_secret"}
    assert {key: set(value) if isinstance(value, dict) else type(value) for key, value in demo.told.items()} == {
        "base_url": str,
        "facilitator": named,
        "peer": named,
        "listener": named,
        "operator": named,
        "participant": {"passphrase"},
        "codes": list,
        "mailbox": str,
    }


def test_only_the_owner_reads_the_file(demo: SimpleNamespace) -> None:
    assert stat.S_IMODE(demo.file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("who", "role", "peer"),
    [
        ("facilitator", Role.FACILITATOR, False),
        ("peer", Role.FACILITATOR, True),
        ("listener", Role.LISTENER, False),
        ("operator", Role.OPERATOR, False),
    ],
)
def test_named_people_sign_in_with_password_and_second_factor(
    demo: SimpleNamespace, who: str, role: Role, peer: bool
) -> None:
    told = demo.told[who]
    user = User.objects.get(email=told["email"])
    assert (user.role, user.is_peer, user.check_password(told["password"])) == (role, peer, True)
    assert EmailAddress.objects.filter(user=user, verified=True, primary=True, email=told["email"]).count() == 1
    factor = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
    with time_machine.travel(timezone.now(), tick=False):
        code = code_now(told["totp_secret"])
        wrong = f"{(int(code) + 1) % 1_000_000:06d}"
        assert (factor.wrap().validate_code(wrong), factor.wrap().validate_code(code)) == (False, True)


@pytest.mark.parametrize("who", ["facilitator", "peer", "listener", "operator"])
def test_they_come_in_through_the_real_door(demo: SimpleNamespace, who: str) -> None:
    browser, told = Client(), demo.told[who]
    asked = browser.post("/account/login/", {"login": told["email"], "password": told["password"]})
    assert asked.headers["Location"] == "/account/2fa/authenticate/"
    with time_machine.travel(timezone.now(), tick=False):  # the code's half minute can't end in between
        let_in = browser.post("/account/2fa/authenticate/", {"code": code_now(told["totp_secret"])})
    assert (let_in.status_code, let_in.headers["Location"]) == (302, "/start/")
    assert browser.get("/start/", follow=True).status_code == 200


def test_the_participant_comes_in_with_the_words(demo: SimpleNamespace) -> None:
    browser = Client()
    browser.post("/sign-in/", {"words": demo.told["participant"]["passphrase"]})
    page = browser.get("/start/", follow=True)
    assert page.status_code == 200
    for key in ("calling", "jail"):
        assert session(key).title in page.content.decode()


def test_second_factors_are_not_stored_in_clear(demo: SimpleNamespace) -> None:
    for who in ("facilitator", "peer", "listener", "operator"):
        factor = Authenticator.objects.get(user__email=demo.told[who]["email"], type=Authenticator.Type.TOTP)
        assert demo.told[who]["totp_secret"] not in json.dumps(factor.data)


def test_the_known_participant_is_in_the_sessions_under_way_and_in_one_to_come(demo: SimpleNamespace) -> None:
    assert len(demo.told["participant"]["passphrase"].split()) == keys.WORDS_IN_PASSPHRASE
    aliases = my_aliases(known_participant(demo.told))
    keys_of = ("ramp", "curb", "bench", "calling", "jail", "hospital")
    assert [alias.dialogue_session for alias in aliases] == [session(key) for key in keys_of]


def test_ten_cards_can_each_be_used_once(demo: SimpleNamespace) -> None:
    assert len(demo.told["codes"]) == 10
    assert [redeem_code(code) for code in demo.told["codes"]] == [True] * 10
    assert [redeem_code(code) for code in demo.told["codes"]] == [False] * 10


def test_it_is_full_of_people(demo: SimpleNamespace) -> None:
    roles = Counter(User.objects.values_list("role", flat=True))
    assert roles == {Role.LISTENER: 4, Role.FACILITATOR: 4, Role.OPERATOR: 1}
    assert Participant.objects.count() == 9
    assert InviteCode.objects.count() == 10
    assert all(may_listen(listener) for listener in User.objects.filter(role=Role.LISTENER))


def test_two_sessions_are_under_way_and_three_to_come(demo: SimpleNamespace) -> None:
    now = timezone.now()
    under_way = DialogueSession.objects.filter(state=State.OPEN, starts_at__lt=now, ends_at__gt=now)
    assert list(under_way) == [session("calling"), session("jail")]
    to_come = DialogueSession.objects.filter(state=State.ANNOUNCED, starts_at__gt=now + timedelta(days=2))
    assert list(to_come) == [session("hospital"), session("home"), session("promises")]
    stale = ["A help line was last checked more than 90 days ago."]  # one, so that the mark can be seen
    assert [[str(gap.text) for gap in missing(one, State.ANNOUNCED)] for one in to_come] == [stale] * 3


@pytest.mark.parametrize("key", ["ramp", "curb", "bench"])
def test_three_sessions_are_over_and_tell_when_their_words_go(demo: SimpleNamespace, key: str) -> None:
    over = session(key)
    when = dates(over)
    assert (over.state, over.closed_at) == (State.FOLLOW_UP, over.ends_at)
    assert over.starts_at < over.ends_at < timezone.now()
    assert when is not None
    assert when.purge is not None
    assert 60 <= (when.purge - over.ends_at.astimezone(ZoneInfo(over.time_zone)).date()).days <= 74
    page = Client().get(f"/sessions/{over.pk}/what-goes-when/")
    assert f"{when.purge:%B} {when.purge.day}, {when.purge.year}" in page.content.decode()


def test_agendas_are_ours_and_stand_where_they_should(demo: SimpleNamespace) -> None:
    for entry in CONTENT.sessions:
        agenda = CONTENT.agendas[entry.key]
        rounds = list(session(entry.key).rounds.values_list("number", "kind", "prompt"))
        assert rounds == [(number, each.kind, each.prompt) for number, each in enumerate(agenda, 1)]
    for key, number in (("calling", 6), ("jail", 3)):
        current = current_round(session(key))
        assert current is not None
        assert current.number == number


def test_a_draft_can_start_from_a_template_of_the_site_or_of_a_colleague(demo: SimpleNamespace) -> None:
    shelter = DialogueSession.objects.get(state=State.DRAFT)
    assert shelter.title == CONTENT.drafts[0].title
    kept = AgendaTemplate.objects.get()
    assert [kind for kind, _prompt, _minutes in kept.steps] == [
        entry.kind for entry in CONTENT.agendas[CONTENT.templates[0].session]
    ]
    assert kept in [one.saved for one in templates(shelter.created_by)]


def test_figures_are_there_to_look_at(demo: SimpleNamespace) -> None:
    over = session("ramp")
    assert parts([over])[over.pk] != []
    assert texts([over])[over.pk].handed_in > 0
    assert in_time([over])[over.pk].of >= 5


def test_the_team_is_booked_at_the_times_of_the_session(demo: SimpleNamespace) -> None:
    for dialogue_session in DialogueSession.objects.all():
        times = set(dialogue_session.bookings.values_list("starts_at", "ends_at"))
        assert times == {(dialogue_session.starts_at, dialogue_session.ends_at)}


def test_seated_listeners_made_the_first_move(demo: SimpleNamespace) -> None:
    for key, names in (
        ("calling", {"Marguerite Dunleavy", "Tomás Arriaga", "Priya Ramanathan"}),
        ("jail", {"Priya Ramanathan", "Joel Hathersage"}),
    ):
        seats = session(key).seats.filter(state=ListenerSeat.State.SEATED, acknowledgment__state="accepted")
        assert set(seats.values_list("listener__name", flat=True)) == names
    waiting = session("hospital").seats.get(acknowledgment__state=Acknowledgment.State.SUBMITTED)
    assert (waiting.listener.name, waiting.state) == ("Tomás Arriaga", ListenerSeat.State.APPLIED)
    others = Acknowledgment.objects.filter(state__in=("complete", "more_asked"))
    found = others.order_by("state").values_list("state", "seat__listener__name", "seat__state")
    assert list(found) == [("complete", "Joel Hathersage", "applied"), ("more_asked", "Priya Ramanathan", "applied")]


def texts_in(state: str) -> set[str]:
    comments = Comment.objects.filter(state=state).select_related("thread__round")
    return {unseal(each.thread.round.dialogue_session_id, each.pk, each.body or b"") for each in comments}


def written(becomes: str) -> list[CommentEntry]:
    return [entry for entry in WRITTEN.values() if entry.becomes == becomes]


@pytest.mark.parametrize("state", ["held", "approved", "released", "returned", "proposed", "appealed", "upheld"])
def test_every_text_came_to_where_the_files_say(demo: SimpleNamespace, state: str) -> None:
    assert texts_in(state) == {tidy(entry.shown) for entry in written(state)}


def test_one_text_waits_longer_than_promised(demo: SimpleNamespace) -> None:
    waited = {key: oldest_wait_hours(session(key)) for key in ("calling", "jail")}
    assert waited == {"calling": 8, "jail": 0}
    assert session("calling").reading_hours < 8


def test_other_words_wait_for_the_known_participant(demo: SimpleNamespace) -> None:
    edit, entry = ProposedEdit.objects.get(), written("proposed")[0]
    assert unseal(session("calling").pk, edit.pk, edit.body) == tidy(entry.proposed)
    assert edit.comment.alias in my_aliases(known_participant(demo.told))
    assert Comment.objects.get(is_retold=True).state == "released"
    assert Comment.objects.get(wants_retelling=True).state == "held"


def test_the_text_taken_back_is_gone(demo: SimpleNamespace) -> None:
    gone = Comment.objects.get(state=Comment.State.WITHDRAWN)
    assert gone.body is None


def test_batches_are_the_ones_in_the_files(demo: SimpleNamespace) -> None:
    stored = Counter(
        Comment.objects.exclude(batch=None).values_list("thread__round__prompt", "batch")  # prompts tell rounds apart
    )
    prompts = {(key, each.key): each.prompt for key, agenda in CONTENT.agendas.items() for each in agenda}
    in_files = Counter(
        (prompts[key, entry.round], entry.batch)
        for key, entries in CONTENT.comments.items()
        for entry in entries
        if entry.batch
    )
    assert stored == in_files


def test_answers_stand_below_what_they_answer(demo: SimpleNamespace) -> None:
    assert Comment.objects.exclude(parent=None).count() == len([one for one in WRITTEN.values() if one.answers])


def test_returned_texts_carry_their_note(demo: SimpleNamespace) -> None:
    decisions = ModerationDecision.objects.filter(outcome__in=("returned", "upheld")).select_related(
        "comment__thread__round"
    )
    stored = {
        (each.reason, unseal(each.comment.thread.round.dialogue_session_id, each.pk, each.note or b""))
        for each in decisions
    }
    came_back = [entry for entry in WRITTEN.values() if entry.reason]
    agreed = {("", tidy(entry.second_note)) for entry in came_back if entry.second_note}
    assert stored == {(entry.reason, tidy(entry.note)) for entry in came_back} | agreed


def test_the_known_facilitator_can_hear_an_appeal_of_a_text_that_a_colleague_returned(demo: SimpleNamespace) -> None:
    (text,) = Comment.objects.filter(state="appealed")
    facilitators = {person.key: person.name for person in CONTENT.facilitators}
    assert text.decisions.get().decider == facilitators[CONTENT.signs_in["peer"]]


def test_notes_belong_to_their_authors(demo: SimpleNamespace) -> None:
    names = {person.key: person.name for person in CONTENT.facilitators}
    stored = Counter(FacilitatorNote.objects.values_list("author__name", "shared"))
    assert stored == Counter((names[note.by], note.shared_with == "team") for note in CONTENT.notes)


def everything_in(table: type[Model]) -> list[str]:
    rows = table._default_manager.values_list()
    return sorted(repr([bytes(one) if isinstance(one, memoryview) else one for one in row]) for row in rows)


def test_a_second_run_changes_nothing(demo: SimpleNamespace) -> None:
    rows = {table: everything_in(table) for table in TABLES}
    before = (demo.file.stat().st_mtime_ns, demo.file.read_bytes())
    assert load() is False
    assert {table: everything_in(table) for table in TABLES} == rows
    assert (demo.file.stat().st_mtime_ns, demo.file.read_bytes()) == before


def test_another_port_is_told_and_nothing_else_changes(
    demo: SimpleNamespace, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_DIR = tmp_path
    (tmp_path / "demo.json").write_text(json.dumps(demo.told))
    monkeypatch.setenv("PORT", "8123")
    monkeypatch.setenv("DEMO_MAILBOX", "/elsewhere/mail")
    assert load() is False
    assert passport.read() == {**demo.told, "base_url": "http://127.0.0.1:8123", "mailbox": "/elsewhere/mail"}
    assert stat.S_IMODE((tmp_path / "demo.json").stat().st_mode) == 0o600


def test_without_its_file_a_full_database_is_left_alone(
    demo: SimpleNamespace, settings: Settings, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    users = User.objects.count()
    with pytest.raises(CannotLoad, match=r"demo\.json"):
        load()
    assert (User.objects.count(), passport.read()) == (users, None)


def test_each_installation_has_its_own_passwords(demo: SimpleNamespace) -> None:
    told = [demo.told[who] for who in ("facilitator", "peer", "listener", "operator")]
    assert len({each["password"] for each in told} | {each["totp_secret"] for each in told}) == 8
    sources = "".join(file.read_text("utf-8") for file in Path(passport.__file__).parent.rglob("*.*y"))
    assert not [each["password"] for each in told if each["password"] in sources]


def test_private_messages_and_objections_stand_at_different_stages(demo: SimpleNamespace) -> None:
    messages = PrivateMessage.objects.order_by("alias__dialogue_session__starts_at", "kind", "number")
    found = [(one.alias.dialogue_session.title, one.kind, one.is_read, one.written_by is None) for one in messages]
    calling, hospital = session("calling").title, session("hospital").title
    assert found == [
        (calling, "access", True, True),
        (calling, "distress", False, True),
        (calling, "question", False, False),
        (hospital, "question", False, True),
    ]
    states = Objection.objects.order_by("state").values_list("state", "alias__dialogue_session__title")
    assert list(states) == [("open", hospital), ("stays", hospital)]


def test_what_is_told_in_private_is_plain() -> None:
    texts = [one.text for one in CONTENT.messages] + [one.answer for one in CONTENT.messages if one.answer]
    assert [text for text in texts if grade(text) > 6] == []
    assert {one.session for one in CONTENT.messages} <= {one.key for one in CONTENT.sessions}


def test_promises_stand_at_every_point_and_one_shows_what_people_say(demo: SimpleNamespace) -> None:
    made = list(public().filter(dialogue_session=session("curb")))
    standings = {next(entry.key for entry in CONTENT.promises if entry.text == one.text): one for one in made}
    assert {key: str(standing(one, today())) for key, one in standings.items()} == {
        "slip": "kept",
        "water": "late",
        "letters": "broken",
        "numbers": "changed",
        "numbers-by-shift": "running",
    }
    assert standings["numbers-by-shift"].replaces == standings["numbers"]
    counts = shown(subject_of(one.pk) for one in made)
    assert counts == {subject_of(standings["slip"].pk): {"seen": 2, "not_seen": 2, "not_sure": 1}}
    assert TallyMark.objects.filter(subject=subject_of(standings["water"].pk)).count() == 3
    open_to_the_known = to_check(known_participant(demo.told))
    assert set(open_to_the_known) == {standings[key].pk for key in ("slip", "water", "letters")}


def test_promises_wait_at_every_point(demo: SimpleNamespace) -> None:
    """For a reader, for their owner, for the yes of who can bind; and news of one that was promised."""
    made = {one.text: one for one in Commitment.objects.filter(dialogue_session=session("bench"))}
    assert [made[entry.text].state for entry in CONTENT.proposals] == [entry.becomes for entry in CONTENT.proposals]
    assert [entry.becomes for entry in CONTENT.proposals] == ["held", "returned", "proposed", "proposed", "adopted"]
    facilitator, listener = demo.told["facilitator"]["email"], User.objects.get(email=demo.told["listener"]["email"])
    assert waiting(User.objects.get(email=facilitator)) == 2  # a promise, and news of one
    assert [(row["why"], row["commitment"].level) for row in expected_of(listener)] == [
        ("returned", "personal"),
        ("adopt", "unit"),
    ]
    head = User.objects.get(name="Marguerite Dunleavy")
    assert ("adopt", "agency") in [(row["why"], row["commitment"].level) for row in expected_of(head)]


def test_people_were_asked_and_two_talks_are_closed(demo: SimpleNamespace) -> None:
    """Figures of participants show, of one listener they don't; nothing shows of the talk that is still open."""
    closed, still_open = session("curb"), session("bench")
    shown = figures(closed)
    assert ([one["n"] for one in shown["participants"]], shown["listeners"]) == ([5, 5, 5, 5, 5, 5, 5], [])
    assert figures(still_open) == {"participants": [], "listeners": []}
    assert [one["n"] for one in figures(session("ramp"))["participants"]] == [5] * 8
    assert [one["n"] for one in figures_of_all()["participants"]] == [10, 10, 10, 10, 10, 10, 5, 10]
    assert figures_of_all()["listeners"] == []
    first, second = for_report(closed)
    assert (first["participants"], second["participants"]) == ({"agreed": 3, "disputed": 1, "unknown": 1}, {})
    assert sum(for_report(session("calling"))[0]["participants"].values()) == 5
    known = known_participant(demo.told)
    assert not has_answered(known, sheet_of(still_open.pk, "participants"))
    assert [text for fact in CONTENT.facts for text in (fact.statement,) if grade(text) > 9] == []


def test_a_report_is_read_by_those_who_took_part_before_the_listener_sees_it(
    demo: SimpleNamespace, client_for: Callable[[User | Participant | None], Client]
) -> None:
    """All who sign in but the operator have a part in this talk; its report was shown two days ago."""
    shown, told = Report.objects.get(state=Report.State.PREVIEW), demo.told
    assert (shown.dialogue_session, shown.preview_from) == (session("ramp"), today() - timedelta(days=2))
    readers: list[User | Participant] = [known_participant(told)]
    readers += [User.objects.get(email=told[who]["email"]) for who in ("facilitator", "peer")]
    listener = User.objects.get(email=told["listener"]["email"])
    assert shown.dialogue_session.seats.get(state=ListenerSeat.State.SEATED).listener == listener
    address = f"/sessions/{shown.dialogue_session_id}/report/"
    (theme,) = next(entry for entry in CONTENT.reports if entry.session == "ramp").themes
    for reader in readers:
        page = unescape(client_for(reader).get(address).content.decode())
        for words in (theme.title, *(quote.excerpt or quote.retold for quote in theme.quotes)):
            assert words in page
    for outsider in (listener, None):
        assert theme.title not in unescape(client_for(outsider).get(address, follow=True).content.decode())
    assert client_for(listener).get(address).status_code == 404
    assert client_for(listener).get(f"/reports/{shown.pk}/").status_code == 404
