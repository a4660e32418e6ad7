"""From the commitments round to the report and to a promise that is late, in a real browser without JavaScript.

Five participants, one listener, the head of the listener's office, two facilitators. How a session gets that far is
played in test_all_rounds.py.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

import pytest
import time_machine
from django.test import Client
from playwright.sync_api import expect

from accounts.models import AgencyAgreement, ListenerProfile, Participant, User, today
from dialogue.reminders.models import Reminder
from dialogue.reminders.tasks import send_due_reminders
from dialogue.sessions.models import DialogueSession, ListenerSeat, Round, RoundKind, State
from dialogue.tallies.models import TallyMark
from seeds.mailsink import MailSink
from tests import factories
from tests.journeys.mailbox import mail_to, text_of
from tests.journeys.steps import approve, release, take_next_step, write
from tests.journeys.test_all_rounds import come
from tests.journeys.visitor import Visitor
from tests.racing import at_once

Visit = Callable[[], Visitor]
ClientFor = Callable[[User | Participant | None], Client]
Arrive = Callable[[User | Participant], Visitor]

PROMISE = "Each search is written down with its reason."
CONSENTED = "They never said why they searched me."
UNCONSENTED = "I slept behind the bakery that winter."
RETURNED = "They laughed about it the whole time."
DUE_IN = timedelta(days=30)


class Cast(NamedTuple):
    """The people; each comes with a browser when he is needed, since a moved clock ends what he was signed in with."""

    session: DialogueSession
    arrive: Arrive
    rosa: User
    jo: User
    hale: User
    head: User
    participants: list[Participant]
    names: list[str]


@pytest.fixture
def cast(visit: Visit, client_for: ClientFor, live_site: str) -> Cast:
    agency = factories.make_agency("Harbor City Police")
    rosa = factories.make_facilitator(name="Rosa Lindqvist")
    jo = factories.make_facilitator(name="Jo Amari", is_peer=True)
    hale = factories.make_listener(agency, name="Marcus Hale")
    head = factories.make_listener(agency, name="Dana Whitfield")
    ListenerProfile.objects.filter(user=head).update(is_head=True)
    AgencyAgreement.objects.filter(agency=agency).update(signed_by=head)
    session = factories.make_session(State.OPEN, team=[rosa, jo], answers_needed=3)
    session.agencies.add(agency)
    for kind in (RoundKind.OPENING, RoundKind.LISTENING):
        factories.make_round(session, kind, Round.State.DONE)
    factories.make_round(session, RoundKind.COMMITMENTS, Round.State.OPEN)
    factories.make_round(session, RoundKind.CLOSING, Round.State.PLANNED)
    seat = factories.make_seat(session, hale)
    ListenerSeat.objects.filter(pk=seat.pk).update(heard=ListenerSeat.Heard.CONFIRMED)
    factories.make_resource()
    people = [factories.make_participant() for _ in range(5)]
    names = [factories.make_alias(session, person).name for person in people]
    return Cast(session, lambda who: come(visit, client_for, who), rosa, jo, hale, head, people, names)


@contextmanager
def after(span: timedelta) -> Iterator[None]:
    """The site and its clockwork, so much later, in the afternoon by UTC."""
    moment = datetime.combine(datetime.now(UTC).date() + span, time(16), UTC)
    with time_machine.travel(moment, tick=True):
        yield


def room(cast: Cast) -> str:
    return f"/room/{cast.session.pk}/"


def desk(cast: Cast) -> str:
    return f"/desk/sessions/{cast.session.pk}/"


# --- In the commitments round


def everybody_speaks(cast: Cast, rosa: Visitor) -> None:
    """Two texts come out, one comes back."""
    for who, text in ((0, CONSENTED), (1, UNCONSENTED)):
        write(cast.arrive(cast.participants[who]), str(cast.session.pk), text)
        approve(rosa, cast.names[who])
    release(rosa, "Commitments")
    write(cast.arrive(cast.participants[2]), str(cast.session.pk), RETURNED)
    rosa.go("/desk/queue/")
    rosa.follow(cast.names[2])
    if rosa.page.get_by_role("button", name=re.compile("open", re.IGNORECASE)).count():
        rosa.press(re.compile("open", re.IGNORECASE))
    rosa.mark("reason", "contempt")
    rosa.press(re.compile("Return"))


def is_promised(cast: Cast, rosa: Visitor) -> str:
    """Proposed by the listener, read by a facilitator, adopted: the address of its public page."""
    hale = cast.arrive(cast.hale)
    hale.go(room(cast))
    hale.follow(re.compile("promise", re.IGNORECASE))
    hale.fill(text=PROMISE, measure="The numbers stand on our page each month.", due_on=(today() + DUE_IN).isoformat())
    hale.mark("level", "personal")
    hale.press("Hand it in")
    reader = cast.arrive(cast.participants[0])
    reader.go(f"{room(cast)}promises/")
    reader.does_not_see(PROMISE)  # nobody has read it yet
    rosa.go("/desk/promises/")
    rosa.follow(re.compile("Each search|Marcus Hale"))
    rosa.press("Let it through")
    reader.go(f"{room(cast)}promises/")
    reader.sees(PROMISE)
    reader.sees("It does not bind anyone yet.")
    stranger = cast.arrive(cast.participants[4])
    stranger.go("/commitments/")
    stranger.does_not_see(PROMISE)
    hale.go("/listener/")
    hale.follow(re.compile("promise", re.IGNORECASE))
    hale.follow(re.compile("Each search"))
    hale.follow("Say yes")
    hale.press("Yes, it is promised")
    hale.follow("Its public page")
    return hale.page.url


# --- In the closing round


def themes_are_asked_about(cast: Cast, rosa: Visitor) -> None:
    rosa.go(f"{desk(cast)}report/")
    for title, body in (
        ("Nobody said why", "People were searched and nobody gave a reason."),
        ("It was all right", "Nobody minded being searched."),
    ):
        rosa.follow(re.compile("Write the first theme|Add a theme"))
        rosa.fill(title=title, body=body)
        rosa.press("Save")
        rosa.follow(re.compile(f"Ask the participants.*{title}"))
        rosa.page.locator("main form button.button").first.click()
        rosa.sees(title)
    answers = {"Nobody said why": ("Yes",) * 4 + ("Pass",), "It was all right": ("No",) * 4 + ("Pass",)}
    for number, person in enumerate(cast.participants):
        at = cast.arrive(person)
        at.go(room(cast))
        at.follow("Was that said?")
        for title, said in answers.items():
            at.press(re.compile(f"{said[number]}.*{title}"))
    for title in answers:
        rosa.go(f"{desk(cast)}report/")
        rosa.follow(re.compile(f"Have the answers counted.*{title}"))
        rosa.press("Count them now")
    assert not TallyMark.objects.filter(subject__startswith="theme").exists()
    rosa.go(f"{desk(cast)}report/")
    rosa.sees("The participants did not say that it is so")


def people_say_if_they_felt_heard(cast: Cast) -> None:
    for person in cast.participants:
        at = cast.arrive(person)
        at.go(f"/sessions/{cast.session.pk}/felt-heard/")
        for fieldset in at.page.locator("main fieldset").all()[:2]:
            fieldset.get_by_label("Mostly").check()
        at.press("Count my answers")
        at.sees("We have counted your answers.")
    rosa = cast.arrive(cast.rosa)
    rosa.go(f"/sessions/{cast.session.pk}/felt-heard/")
    expect(rosa.page.locator("main meter")).to_have_count(0)  # not even the team, before they are closed


def one_may_be_quoted(cast: Cast, rosa: Visitor) -> None:
    ana = cast.arrive(cast.participants[0])
    ana.go(f"{room(cast)}mine/")
    ana.press(re.compile("Word for word"))
    ana.sees("You chose: Word for word")
    rosa.go(f"{desk(cast)}report/")
    rosa.follow(re.compile("Add a quote.*Nobody said why"))
    rosa.does_not_see(UNCONSENTED)
    rosa.does_not_see(RETURNED)
    rosa.follow(re.compile("Quote it"))
    rosa.mark("how", "verbatim")
    rosa.fill(body=CONSENTED)
    rosa.press("Save")
    rosa.go(f"{desk(cast)}report/")
    rosa.sees(CONSENTED)


# --- Afterwards


def it_is_shown_and_comes_out(cast: Cast) -> str:
    """Seven days for the participants, then for everybody: the report's address."""
    rosa = cast.arrive(cast.rosa)
    rosa.go(f"{desk(cast)}report/")
    rosa.follow("Show it to them")
    rosa.page.locator("main form button.button").first.click()
    ana, hale = cast.arrive(cast.participants[0]), cast.arrive(cast.hale)
    ana.go(room(cast))
    ana.follow(re.compile("Read the report"))
    ana.sees("Police don’t see this page yet.")
    ana.sees(CONSENTED)
    hale.go(f"/sessions/{cast.session.pk}/report/")
    assert hale.text("h1") == "There is no such page"
    rosa.go(f"{desk(cast)}report/")
    expect(rosa.page.get_by_role("link", name="Bring it out")).to_have_count(0)
    with after(timedelta(days=8)):
        rosa = cast.arrive(cast.rosa)
        rosa.go(f"{desk(cast)}report/")
        rosa.follow("Bring it out")
        rosa.page.locator("main form button.button").first.click()
        rosa.go(f"{desk(cast)}report/")
        rosa.follow("Read the report")
        return rosa.page.url


def everybody_reads_it(cast: Cast, address: str) -> None:
    """The quote with a yes, and nothing of what came back or was not to be quoted; no name of a participant."""
    with after(timedelta(days=9)):
        for who in (cast.hale, cast.participants[3], cast.jo):
            at = cast.arrive(who)
            at.go(address)
            at.sees(CONSENTED)
            at.sees("Nobody said why")
            at.sees(PROMISE)
            at.sees("5 of 5")
            for hidden in ("It was all right", UNCONSENTED, RETURNED, *cast.names):
                at.does_not_see(hidden)


def mails_go_out_once(cast: Cast, mail: MailSink) -> None:
    """Three days before the owner is told; a day after the owner and who signed for the office. Each once."""
    hale, head = cast.hale.email, cast.head.email
    for span, expected in (
        (DUE_IN - timedelta(days=3), {hale: 1, head: 0}),
        (DUE_IN + timedelta(days=1), {hale: 2, head: 1}),
        (DUE_IN + timedelta(days=2), {hale: 2, head: 1}),
    ):
        with after(span):
            assert at_once(*[send_due_reminders] * 4) == [None] * 4  # two beats, two workers
            send_due_reminders()
        told = {who: [one for one in mail_to(mail, who) if PROMISE in text_of(one)] for who in (hale, head)}
        assert {who: len(found) for who, found in told.items()} == expected
        assert len({one["Message-ID"] for found in told.values() for one in found}) == sum(expected.values())
    assert not Reminder.objects.filter(state=Reminder.State.FAILED).exists()


def it_is_late_and_not_seen(cast: Cast, address: str) -> None:
    """The register says it is late; four say "not seen" and nothing shows; the fifth shows all."""
    with after(DUE_IN + timedelta(days=3)):
        for number, person in enumerate(cast.participants):
            at = cast.arrive(person)
            at.go("/my/")
            at.follow(re.compile("Promises you can check"))
            at.follow(re.compile("Each search"))
            at.sees("Late")
            at.sees("Fewer than five have said so far.")
            at.press("Not seen" if number else "Seen")
            if number < 4:
                at.sees("Fewer than five have said so far.")
        reader = cast.arrive(cast.hale)
        reader.go(address)
        reader.sees("Late")
        expect(reader.page.locator("main table")).to_contain_text("4 of 5")
        reader.go(f"/agencies/{cast.hale.agency_id}/")
        reader.sees(re.compile("late", re.IGNORECASE))


@pytest.mark.slow
def test_from_the_promise_to_what_became_of_it(cast: Cast, mail: MailSink) -> None:
    rosa = cast.arrive(cast.rosa)
    everybody_speaks(cast, rosa)
    promise = is_promised(cast, rosa)
    take_next_step(rosa, str(cast.session.pk))  # closes the commitments round
    take_next_step(rosa, str(cast.session.pk))  # opens the closing one
    themes_are_asked_about(cast, rosa)
    people_say_if_they_felt_heard(cast)
    one_may_be_quoted(cast, rosa)
    take_next_step(rosa, str(cast.session.pk))  # closes it
    take_next_step(rosa, str(cast.session.pk))  # the session is over
    report = it_is_shown_and_comes_out(cast)
    everybody_reads_it(cast, report)
    mails_go_out_once(cast, mail)
    it_is_late_and_not_seen(cast, promise)
