"""Pages of reports: who sees what when, what each can do, and how many queries it takes."""

from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import Participant, User, today
from dialogue.audit.models import AuditEvent
from dialogue.reports.actions import answer_theme
from dialogue.reports.actions_report import publish_report
from dialogue.reports.models import Quote, Report, Theme
from dialogue.sessions.models import DialogueSession, Round, RoundKind, State
from tests import factories
from tests.dialogue.reports import stage
from tests.reading import grade, text_of

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User | Participant | None], Client]


@pytest.fixture
def session(facilitator: User, peer: User, participant: Participant) -> DialogueSession:
    session = stage.over([facilitator, peer])
    factories.make_alias(session, participant)
    return session


def read(client: Client, name: str, pk: object, status: int = 200) -> str:
    answer = client.get(reverse(f"reports:{name}", args=[pk]))
    assert answer.status_code == status
    return unescape(answer.content.decode())


def send(client: Client, name: str, pk: object, **data: str) -> str:
    return unescape(client.post(reverse(f"reports:{name}", args=[pk]), data, follow=True).content.decode())


# --- From the first theme to the report that is out


def test_the_team_brings_a_report_out(
    client_for: ClientFor, session: DialogueSession, facilitator: User, participant: Participant
) -> None:
    team, person = client_for(facilitator), client_for(participant)
    text = stage.said(session, participant)
    others = stage.people_in(session, 2)
    assert "No theme yet." in read(team, "write", session.pk)
    send(team, "theme_add", session.pk, title="Waiting", body="People wait, and nobody says why.")
    theme = Theme.objects.get()
    send(team, "intro", session.pk, body="We met for three days.")
    quote = reverse("reports:quote_add", args=[theme.pk, text.pk])
    assert stage.GIVEN in unescape(team.get(quote).content.decode())
    team.post(quote, {"how": "verbatim", "body": "nobody said a single word"})
    assert "Each participant can say yes, no, or pass, once." in read(team, "theme_offer", theme.pk)
    assert "The participants are asked." in send(team, "theme_offer", theme.pk)
    assert "People wait, and nobody says why." in read(person, "themes", session.pk)
    assert "We have your answer." in send(person, "answer", theme.pk, answer="yes")
    assert "You have answered." in read(person, "themes", session.pk)
    answer_theme(theme, by=others[0], answer="yes")
    assert "2 of 3 participants have answered" in read(team, "theme_count", theme.pk)
    assert "The theme stands in the report." in send(team, "theme_count", theme.pk)
    assert "Enough of you said: yes, that was said." in read(person, "themes", session.pk)
    assert "They can read it for 7 full days" in read(team, "start_preview", session.pk)
    assert "The participants can read it now." in send(team, "start_preview", session.pk)
    for client in (person, team):
        page = read(client, "preview", session.pk)
        assert "nobody said a single word" in page
        assert "We met for three days." in page
    assert "It can come out from" in send(team, "publish", session.pk)
    Report.objects.update(preview_from=today() - timedelta(days=8))
    assert "nobody can take a quote back" in read(team, "publish", session.pk)
    assert "The report is out." in send(team, "publish", session.pk)
    report = Report.objects.get()
    for client in (client_for(None), person, team):
        page = read(client, "detail", report.pk)
        assert "nobody said a single word" in page
        assert session.title in read_list(client)
    assert person.get(reverse("reports:preview", args=[session.pk]))["Location"] == f"/reports/{report.pk}/"


def read_list(client: Client) -> str:
    return unescape(client.get(reverse("reports:list")).content.decode())


def test_a_refused_theme_says_so(client_for: ClientFor, session: DialogueSession, facilitator: User) -> None:
    theme = factories.make_theme(session, "offered")
    for person in stage.people_in(session, 2):
        answer_theme(theme, by=person, answer="no")
    team = client_for(facilitator)
    assert "You can write it anew and ask again." in send(team, "theme_count", theme.pk)
    assert "was counted or taken back before" in send(team, "theme_count", theme.pk)
    page = send(team, "theme_edit", theme.pk, title=theme.title, body=theme.text)
    assert "Change them first." in page
    assert theme.text in page


def test_nobody_sees_a_number(
    client_for: ClientFor, session: DialogueSession, facilitator: User, participant: Participant
) -> None:
    """The pages are the same, however those who answered did."""
    theme = factories.make_theme(session, "offered")
    people = stage.people_in(session, 4)
    team, person = client_for(facilitator), client_for(participant)
    seen = []
    for answers in (("yes",) * 4, ("no",) * 4):
        for one, answer in zip(people, answers, strict=True):
            answer_theme(theme, by=one, answer=answer)
        pages = read(team, "write", session.pk), read(team, "theme_count", theme.pk), read(person, "themes", session.pk)
        seen.append([[line for line in page.splitlines() if "csrfmiddlewaretoken" not in line] for page in pages])
        send(team, "theme_take_back", theme.pk)
        Theme.objects.update(state="offered")
    assert seen[0] == seen[1]


def test_repeated_words_come_back_with_what_was_typed(
    client_for: ClientFor, session: DialogueSession, facilitator: User, participant: Participant
) -> None:
    stage.said(session, participant, stage.KEPT, "none")
    page = send(client_for(facilitator), "theme_add", session.pk, title="Tents", body=f"So: {stage.KEPT}")
    assert f"“{stage.KEPT[:-1]}”" in page
    assert f"So: {stage.KEPT}" in page
    assert not Theme.objects.exists()


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("\u0958" * 120, "120 characters too many"),  # one character as typed, two as kept
        ("\u2060\u00ad\u200b", "Please write something here"),  # nothing that anybody can see
    ],
)
def test_a_title_is_judged_as_it_is_kept(
    client_for: ClientFor, session: DialogueSession, facilitator: User, title: str, said: str
) -> None:
    address = reverse("reports:theme_add", args=[session.pk])
    answer = client_for(facilitator).post(address, {"title": title, "body": "They wait."})
    assert (answer.status_code, said in answer.content.decode()) == (200, True)
    assert "They wait." in answer.content.decode()
    assert not Theme.objects.exists()


def test_the_page_names_what_has_become_repeated(
    client_for: ClientFor, session: DialogueSession, facilitator: User, participant: Participant
) -> None:
    stage.previewed(session, title="Tents", text=stage.KEPT)
    stage.said(session, participant, stage.KEPT, "none")
    page = read(client_for(facilitator), "write", session.pk)
    assert "The theme “Tents” repeats words of a text" in page
    assert "Nothing was changed." in send(client_for(facilitator), "publish", session.pk)


def test_words_that_could_show_somebody_are_asked_about_once(
    client_for: ClientFor, session: DialogueSession, facilitator: User
) -> None:
    team = client_for(facilitator)
    words = {"title": "A call", "body": "He can be called at 212-555-0147."}
    page = send(team, "theme_add", session.pk, **words)
    assert "Look at it before you save it" in page
    assert not Theme.objects.exists()
    seen = page.partition('name="seen" value="')[2].partition('"')[0]
    assert "Saved." in send(team, "theme_add", session.pk, **words, seen=seen, as_is="1")


def test_a_change_of_the_report_that_is_shown_is_asked_about(
    client_for: ClientFor, session: DialogueSession, facilitator: User
) -> None:
    team = client_for(facilitator)
    stage.previewed(session)
    theme = Theme.objects.get()
    assert "can’t be changed now" in send(team, "theme_edit", theme.pk, title="New", body="Words")
    assert "start from the beginning" in read(team, "take_back", session.pk)
    send(team, "take_back", session.pk)
    assert Report.objects.get().state == "draft"
    send(team, "theme_take_back", theme.pk)
    send(team, "theme_edit", theme.pk, title="New", body="Words")
    assert Theme.objects.get().title == "New"


def test_who_changes_it_too_late_is_warned(client_for: ClientFor, session: DialogueSession, facilitator: User) -> None:
    stage.previewed(session)
    DialogueSession.objects.update(closed_at=session.closed_at - timedelta(days=25))  # type: ignore[operator]
    team = client_for(facilitator)
    assert "can’t come out any more" in read(team, "take_back", session.pk)
    send(team, "take_back", session.pk)
    assert "can’t come out any more" in read(team, "write", session.pk)


def test_themes_are_moved_and_deleted(client_for: ClientFor, session: DialogueSession, facilitator: User) -> None:
    first, second = factories.make_theme(session, title="One"), factories.make_theme(session, title="Two")
    team = client_for(facilitator)
    send(team, "theme_raise", second.pk)
    assert list(Theme.objects.values_list("title", flat=True)) == ["Two", "One"]
    assert "Its words and the quotes under it go." in read(team, "theme_delete", first.pk)
    send(team, "theme_delete", first.pk)
    assert list(Theme.objects.values_list("title", flat=True)) == ["Two"]


def test_a_stale_page_of_an_offer(client_for: ClientFor, session: DialogueSession, facilitator: User) -> None:
    theme = factories.make_theme(session, text=stage.KEPT)
    text = factories.make_comment(session.rounds.get(kind="listening"), text=stage.KEPT)
    assert "repeats words" in send(client_for(facilitator), "theme_offer", theme.pk)
    text.delete()
    Theme.objects.update(state="approved")
    assert "can't become offered" in send(client_for(facilitator), "theme_offer", theme.pk)


# --- Quotes


def test_looks_at_texts_to_quote_are_recorded_without_saying_which(
    client_for: ClientFor, session: DialogueSession, facilitator: User, participant: Participant
) -> None:
    theme = factories.make_theme(session)
    given = stage.said(session, participant)
    stage.said(session, participant, stage.KEPT, "none")
    team = client_for(facilitator)
    page = read(team, "quotable", theme.pk)
    assert (stage.GIVEN in page, stage.KEPT in page) == (True, False)
    team.get(reverse("reports:quote_add", args=[theme.pk, given.pk]))
    events = AuditEvent.objects.values_list("actor", "verb", "dialogue_session", "detail")
    assert list(events) == [(facilitator.pk, "read_quotable", session.pk, "1")] * 2


def test_without_leave_there_is_nothing_to_quote(
    client_for: ClientFor, session: DialogueSession, facilitator: User, participant: Participant
) -> None:
    theme = factories.make_theme(session)
    kept = stage.said(session, participant, stage.KEPT, "none")
    team = client_for(facilitator)
    assert "Nobody has allowed a quote yet." in read(team, "quotable", theme.pk)
    assert not AuditEvent.objects.exists()
    assert team.get(reverse("reports:quote_add", args=[theme.pk, kept.pk])).status_code == 404


def test_in_other_words_only(
    client_for: ClientFor, session: DialogueSession, facilitator: User, participant: Participant
) -> None:
    theme = factories.make_theme(session)
    text = stage.said(session, participant, consent="paraphrase")
    team = client_for(facilitator)
    url = reverse("reports:quote_add", args=[theme.pk, text.pk])
    page = team.get(url).content.decode()
    assert ('value="retold"' in page, 'value="verbatim"' in page) == (True, False)
    answer = team.post(url, {"how": "verbatim", "body": "nobody said a single word"})
    assert "Select a valid choice" in answer.content.decode()
    assert not Quote.objects.exists()
    team.post(url, {"how": "retold", "body": "People had to wait outside."})
    quote = Quote.objects.get()
    assert "People had to wait outside." in read(team, "quote_remove", quote.pk)
    send(team, "quote_remove", quote.pk)
    assert not Quote.objects.exists()


# --- Who sees it when


def test_listeners_see_nothing_before_it_is_out(
    client_for: ClientFor, session: DialogueSession, listener: User, facilitator: User
) -> None:
    factories.make_seat(session, listener)
    report = stage.previewed(session, title="Waiting")
    client = client_for(listener)
    for name, pk in (("preview", session.pk), ("themes", session.pk), ("write", session.pk), ("detail", report.pk)):
        read(client, name, pk, status=404)
    room = client.get(reverse("threads:room", args=[session.pk])).content.decode()
    assert ("Waiting" in room, reverse("reports:preview", args=[session.pk]) in room) == (False, False)
    publish_report(session, by=facilitator)
    assert "Waiting" in read(client, "detail", report.pk)
    assert (
        reverse("reports:detail", args=[report.pk])
        in client.get(reverse("threads:room", args=[session.pk])).content.decode()
    )


def test_who_was_removed_sees_no_preview(
    client_for: ClientFor, session: DialogueSession, participant: Participant
) -> None:
    stage.previewed(session)
    client = client_for(participant)
    assert "The report before it comes out" in read(client, "preview", session.pk)
    session.aliases.update(removed=True)
    for name in ("preview", "themes"):
        assert "The report" not in read(client, name, session.pk, status=404)


def test_participants_find_the_way(
    client_for: ClientFor, session: DialogueSession, participant: Participant, facilitator: User
) -> None:
    client = client_for(participant)
    mine, room = reverse("sessions:mine"), reverse("threads:room", args=[session.pk])

    def both(words: str) -> list[bool]:
        return [words in unescape(client.get(page).content.decode()) for page in (mine, room)]

    assert both("You choose what a report may carry of your texts.") == [True, True]
    theme = factories.make_theme(session, "offered")
    assert both("You can say if it was said.") == [True, True]
    theme.delete()
    Report.objects.all().delete()
    stage.previewed(session)
    assert both("You can read the report before it comes out, and ask for changes.") == [True, True]
    publish_report(session, by=facilitator)
    assert both("The report of this talk is out.") == [True, True]
    assert both("You choose what a report may carry of your texts.") == [False, False]
    detail = client.get(reverse("sessions:detail", args=[session.pk])).content.decode()
    assert "Read the report of this talk" in detail


def test_in_the_closing_round_the_room_asks(
    client_for: ClientFor, open_session: DialogueSession, participant: Participant, listener: User
) -> None:
    room = reverse("threads:room", args=[open_session.pk])
    asks = "You choose what a report may carry of your texts."
    assert asks not in client_for(participant).get(room).content.decode()
    open_session.rounds.update(state=Round.State.DONE)
    factories.make_round(open_session, RoundKind.CLOSING, Round.State.OPEN)
    assert [asks in client_for(one).get(room).content.decode() for one in (participant, listener)] == [True, True]


def test_a_request_goes_to_the_team(client_for: ClientFor, session: DialogueSession, participant: Participant) -> None:
    client = client_for(participant)
    stage.previewed(session)
    page = read(client, "preview", session.pk)
    url = f"{reverse('messages:mine', args=[session.pk])}?kind=report"
    assert url in page
    form = client.get(url).content.decode()
    assert [line for line in form.splitlines() if 'value="report"' in line and "checked" in line] != []


def test_before_the_end_no_message_is_about_a_report(
    client_for: ClientFor, open_session: DialogueSession, participant: Participant
) -> None:
    url = f"{reverse('messages:mine', args=[open_session.pk])}?kind=report"
    assert 'value="report"' not in client_for(participant).get(url).content.decode()


def test_the_team_finds_what_is_missing(client_for: ClientFor, session: DialogueSession, facilitator: User) -> None:
    team = client_for(facilitator)
    pages = (reverse("desk:home"), reverse("sessions:manage", args=[session.pk]))

    def both(words: str) -> list[bool]:
        return [words in unescape(team.get(page).content.decode()) for page in pages]

    assert both("No theme was found right by the participants yet.") == [True, True]
    stage.previewed(session, days=2)
    assert both("It can come out from") == [True, True]
    Report.objects.update(preview_from=today() - timedelta(days=8))
    assert both("Bring the report out") == [True, True]
    publish_report(session, by=facilitator)
    assert both("Bring the report out") == [False, False]
    assert "It came out on" in read(team, "write", session.pk)


# --- The public pages


def out(team: list[User], title: str = "Waiting") -> Report:
    session = stage.over(team)
    session.agencies.add(factories.make_agency())
    stage.previewed(session, title=title)
    return publish_report(session, by=team[0])


def test_the_list_says_what_will_stand_there(client_for: ClientFor) -> None:
    assert "No report is out yet." in read_list(client_for(None))


def test_it_stays_after_the_purge_and_on_the_page_of_the_agency(client_for: ClientFor, facilitator: User) -> None:
    report = out([facilitator], title="Waiting")
    agency = report.dialogue_session.agencies.get()
    client = client_for(None)
    assert reverse("sessions:detail", args=[report.dialogue_session_id]) in read(client, "detail", report.pk)
    DialogueSession.objects.update(state=State.PURGED)
    page = read(client, "detail", report.pk)
    assert ("Waiting" in page, reverse("sessions:detail", args=[report.dialogue_session_id]) in page) == (True, False)
    there = client.get(reverse("agencies:detail", args=[agency.pk])).content.decode()
    assert reverse("reports:detail", args=[report.pk]) in there
    assert report.dialogue_session.title in read_list(client)


def test_it_says_its_label_and_rounds_its_numbers(client_for: ClientFor, facilitator: User) -> None:
    page = read(client_for(None), "detail", out([facilitator]).pk)
    assert "Chatham House rule" in page
    assert "fewer than 5" in page
    assert "For each reason, fewer than 5 texts came back" in page


FACT = {
    "number": 1,
    "statement": "Forty tents were taken.",
    "source": "A count",
    "source_url": "https://elsewhere.example/count",
    "participants": {"agreed": 5, "disputed": 0, "unknown": 1},
    "listeners": [
        {
            "speaker": {"kind": "listener", "name": "", "rank": "Chief", "agency": "Harbor Police", "role": "Police"},
            "position": "disputed",
        }
    ],
}
HEARD = [{"item": "free", "n": 6, "counts": {"1": 1, "2": 0, "3": 0, "4": 2, "5": 3}}]


def test_what_was_asked_is_shown_and_participants_get_no_link_off_the_site(
    client_for: ClientFor, facilitator: User, participant: Participant
) -> None:
    report = out([facilitator])
    assert report.content is not None
    report.content["figures"] |= {"heard": {"participants": HEARD, "listeners": []}, "facts": [FACT]}
    report.save(update_fields=["content"])
    for person, links in ((None, True), (facilitator, True), (participant, False)):
        page = read(client_for(person), "detail", report.pk)
        assert ("https://elsewhere.example/count" in page) is links
        assert "A count" in page
        assert "Most participants found 1 of these 1 sentences mostly or very true" in page
        assert "5 of 6" in page
        assert "Name not public" in page


@pytest.mark.parametrize("name", ["list", "detail"])
def test_public_pages_are_easy_to_read(client_for: ClientFor, facilitator: User, name: str) -> None:
    report = out([facilitator])
    args = [report.pk] if name == "detail" else []
    html = client_for(None).get(reverse(f"reports:{name}", args=args)).content.decode()
    assert grade(text_of(html)) <= 6


def test_participants_pages_are_easy_to_read(
    client_for: ClientFor, session: DialogueSession, participant: Participant
) -> None:
    client = client_for(participant)
    factories.make_theme(session, "offered")
    assert grade(text_of(client.get(reverse("reports:themes", args=[session.pk])).content.decode())) <= 6
    Report.objects.all().delete()
    stage.previewed(session)
    stage.said(session, participant)
    for url in (reverse("reports:preview", args=[session.pk]), reverse("threads:mine", args=[session.pk])):
        assert grade(text_of(client.get(url).content.decode())) <= 6


@pytest.mark.parametrize(
    ("viewer", "name", "queries"),
    [
        ("team", "reports:write", 21),
        ("team", "reports:quotable", 6),
        ("team", "desk:home", 8),
        ("person", "reports:themes", 5),
        ("person", "sessions:mine", 15),
        ("public", "reports:list", 2),
    ],
)
def test_queries_do_not_grow(
    client_for: ClientFor,
    session: DialogueSession,
    facilitator: User,
    participant: Participant,
    django_assert_num_queries: DjangoAssertNumQueries,
    viewer: str,
    name: str,
    queries: int,
) -> None:
    theme = factories.make_theme(session, "approved")
    factories.make_quote(theme, stage.said(session, participant))
    out([facilitator])
    people: dict[str, User | Participant | None] = {"team": facilitator, "person": participant, "public": None}
    client = client_for(people[viewer])
    args = {"reports:write": [session.pk], "reports:quotable": [theme.pk], "reports:themes": [session.pk]}
    url = reverse(name, args=args.get(name, []))
    with django_assert_num_queries(queries):
        client.get(url)
    for _ in range(3):
        factories.make_quote(factories.make_theme(session, "approved"), stage.said(session, participant))
        factories.make_theme(session, "offered")
        factories.make_alias(stage.over([facilitator]), participant)
        out([facilitator])
    with django_assert_num_queries(queries):
        client.get(url)
