"""The public register: what stands in it for whom, and what never does."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import reverse

from accounts.models import Agency, ListenerProfile, Participant, User, today
from dialogue.commitments.models import Commitment
from dialogue.commitments.queries_public import of_session, record_of
from dialogue.sessions.models import DialogueSession, State
from tests import factories
from tests import test_urls as by_address
from tests.dialogue.commitments.test_seen import answers
from tests.reading import grade, text_of
from tests.test_promised_walks import looks
from tests.url_table import VIEWERS

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User | Participant | None], Client]
DAY = timedelta(days=1)
REGISTER = "/commitments/"
people, targets = by_address.people, by_address.targets


def read(url: str, client: Client | None = None, **query: Any) -> str:
    return unescape((client or Client()).get(url, query).content.decode())


def page_of(commitment: Commitment) -> str:
    return reverse("commitments:promise", args=[commitment.pk])


def texts(html: str) -> list[str]:
    """The promises on a page of the register, in their order."""
    return re.findall(r'<h3><a href="[^"]+"><span class="words">([^<]+)</span>', html)


@pytest.fixture
def five(agency: Agency, listener: User) -> dict[str, Commitment]:
    """One promise of each kind by one agency."""
    day, made = today(), factories.make_session(State.FOLLOW_UP)
    kinds: dict[str, tuple[str, dict[str, Any]]] = {
        "late": ("adopted", {"due_on": day - 3 * DAY, "level": "agency"}),
        "running": ("in_progress", {"due_on": day + 5 * DAY, "level": "unit"}),
        "kept": ("done", {"due_on": day - 9 * DAY, "ended_on": day - 8 * DAY}),
        "broken": ("broken", {"due_on": day - 20 * DAY, "ended_on": day - 10 * DAY}),
        "taken_back": ("withdrawn", {"ended_on": day - 12 * DAY}),
    }
    return {
        name: factories.make_commitment(state, owner=listener, dialogue_session=made, text=f"It is {name}.", **fields)
        for name, (state, fields) in kinds.items()
    }


class TestTheRegister:
    def test_what_is_under_way_stands_first_then_what_ended_last(self, five: dict[str, Commitment]) -> None:
        shown = read(REGISTER)
        assert texts(shown) == [five[name].text for name in ("late", "running", "kept", "broken", "taken_back")]
        assert "That was 3 days ago." in shown
        assert "It was kept after that day." in shown
        assert "5 promises" in shown

    @pytest.mark.parametrize("name", ["late", "running", "kept", "broken", "taken_back"])
    def test_by_how_it_stands(self, name: str, five: dict[str, Commitment]) -> None:
        assert texts(read(REGISTER, standing=name)) == [five[name].text]

    def test_by_who_is_bound_and_by_agency(self, five: dict[str, Commitment], agency: Agency) -> None:
        other = factories.make_commitment(text="Another office.")
        assert texts(read(REGISTER, level="agency")) == [five["late"].text]
        assert texts(read(REGISTER, level="unit")) == [five["running"].text]
        assert texts(read(REGISTER, agency=other.agency_id)) == [other.text]
        assert texts(read(REGISTER, agency=agency.pk, standing="kept")) == [five["kept"].text]

    def test_a_choice_keeps_the_others(self, five: dict[str, Commitment], agency: Agency) -> None:
        shown = read(REGISTER, standing="late", agency=agency.pk, junk="x")
        assert f'href="/commitments/?agency={agency.pk}&standing=kept"' in shown
        assert f'href="/commitments/?agency={agency.pk}" ' not in read(REGISTER)
        # The head leads to the same page in Spanish, as it was asked for.
        assert "junk" not in shown.partition("<main")[2]

    @pytest.mark.parametrize(
        "query",
        [
            {"page": "99999999999999999999"},
            {"page": "-1"},
            {"page": "\0"},
            {"page": ["1", "x"]},
            {"agency": "nonsense"},
            {"agency": "\0"},
            {"agency": "00000000-0000-4000-8000-000000000000"},
            {"agency": ["x", "y"]},
            {"standing": "nonsense\0"},
            {"level": "🙂" * 500},
            {"standing": "late", "level": "unit", "agency": "x", "page": "9" * 5000},
        ],
    )
    @pytest.mark.parametrize("url", [REGISTER, "/commitments/feed/"])
    def test_nothing_that_is_typed_breaks_it(self, url: str, query: dict[str, Any]) -> None:
        factories.make_commitment()
        assert Client().get(url, query).status_code == 200

    def test_empty(self) -> None:
        assert "will stand here" in read(REGISTER)
        factories.make_commitment()
        shown = read(REGISTER, standing="kept")
        assert "No promise fits what you chose." in shown
        assert "Show all" in shown

    def test_pages(self) -> None:
        owner, made = factories.make_listener(), factories.make_session(State.FOLLOW_UP)
        for _ in range(21):
            factories.make_commitment(owner=owner, dialogue_session=made)
        assert [len(texts(read(REGISTER, page=page))) for page in (1, 2)] == [20, 1]
        assert 'href="?level=personal&page=2"' in read(REGISTER, level="personal")

    @pytest.mark.parametrize("count", [1, 3])
    def test_it_costs_the_same_for_one_and_three(self, count: int, django_assert_num_queries: Callable) -> None:
        made = [factories.make_commitment(due_on=today()) for _ in range(count)]
        for one in made:
            factories.make_update(one, state="released")
            factories.make_update(one, state="released")
        with django_assert_num_queries(4):  # how many, the rows, what people say, the agencies
            Client().get(REGISTER)
        with django_assert_num_queries(5):  # the promise, if it is asked, its news, its heir, what people say
            Client().get(page_of(made[0]))
        with django_assert_num_queries(4):
            Client().get("/commitments/feed/")


class TestOnePromise:
    def test_all_of_it(self, listener: User, agency: Agency) -> None:
        ListenerProfile.objects.filter(user=listener).update(shows_name=True)
        one = factories.make_commitment(owner=listener, level="unit", unit="Night patrol", due_on=today() - DAY)
        factories.make_update(one, state="released", text="The order is written.")
        shown = read(page_of(one))
        wanted = [one.text, one.measure, "The order is written.", listener.name, "Sergeant", agency.name]
        wanted += ["The unit “Night patrol” is bound by it.", "That was 1 day ago.", one.dialogue_session.title]
        assert [words for words in wanted if words not in shown] == []
        assert f'href="{reverse("sessions:detail", args=[one.dialogue_session_id])}"' in shown

    def test_a_name_needs_consent_and_rank_and_agency_always_stand(
        self, listener: User, participant: Participant, client_for: ClientFor
    ) -> None:
        one = factories.make_commitment(owner=listener)
        factories.make_update(one, state="released")
        for url in (REGISTER, page_of(one), "/commitments/feed/"):
            shown = read(url)
            assert (listener.name in shown, "Sergeant" in shown, one.agency.name in shown) == (False, True, True)
        assert listener.name in read(page_of(one), client_for(participant))
        assert listener.name not in read("/commitments/feed/", client_for(participant))
        ListenerProfile.objects.update(is_head=True)
        assert [listener.name in read(url) for url in (REGISTER, page_of(one), "/commitments/feed/")] == [True] * 3

    def test_proof_is_a_link_for_all_but_participants(
        self, participant: Participant, facilitator: User, client_for: ClientFor
    ) -> None:
        one = factories.make_commitment()
        factories.make_update(one, state="released", evidence_url="https://proof.example/orders?n=1")
        link = (
            '<a href="https://proof.example/orders?n=1" rel="noopener noreferrer nofollow">'
            '<span translate="no">proof.example</span></a>'
        )
        assert [link in read(page_of(one), client_for(one_)) for one_ in (None, facilitator)] == [True, True]
        shown = read(page_of(one), client_for(participant))
        assert ("proof.example" in shown, "There is a link to proof on the public page." in shown) == (False, True)

    def test_an_address_that_is_no_page_is_no_link(self) -> None:
        one = factories.make_commitment()
        factories.make_update(one, state="released", evidence_url="javascript:alert(1)//https://x")
        assert "javascript:" not in read(page_of(one))

    def test_from_the_old_one_to_the_new_one_and_back(self) -> None:
        old = factories.make_commitment("changed")
        new = factories.make_commitment("proposed", replaces=old)
        assert page_of(new) not in read(page_of(old))
        Commitment.objects.filter(pk=new.pk).update(state="adopted", adopted_on=today(), adopted_by=new.owner)
        assert f'href="{page_of(new)}"' in read(page_of(old))
        assert f'href="{page_of(old)}"' in read(page_of(new))

    def test_a_session_that_is_gone_has_no_link(self) -> None:
        one = factories.make_commitment(dialogue_session=factories.make_session(State.PURGED))
        shown = read(page_of(one))
        assert one.dialogue_session.title in shown
        assert reverse("sessions:detail", args=[one.dialogue_session_id]) not in shown

    def test_from_when_people_are_asked(self) -> None:
        later, now, never = (
            "on, people who take part",
            "Fewer than five have said so far.",
            "No one is asked about it now",
        )
        day = today()
        kinds = (("adopted", DAY), ("broken", DAY), ("adopted", 0 * DAY), ("done", DAY), ("changed", DAY))
        made = [factories.make_commitment(state, due_on=day + days) for state, days in (*kinds, ("done", -366 * DAY))]
        said = [[words in read(page_of(one)) for words in (later, now, never)].index(True) for one in made]
        assert said == [0, 0, 1, 1, 2, 2]

    def test_our_own_words_are_plain(self, participant: Participant, client_for: ClientFor) -> None:
        one = factories.make_commitment(due_on=today() - DAY)
        factories.make_update(one, state="released", evidence_url="https://proof.example/")
        answers(one, *["seen"] * 5)
        for person in (None, participant):
            for url in (REGISTER, page_of(one)):
                assert grade(text_of(read(url, client_for(person)))) <= 6
        assert grade(text_of(read("/my/promises/", client_for(participant)))) <= 6


MARK = "qzxv"
RECORD = "Promises kept 1, late 1, broken 1, running 1"


class TestWhatNeverStands:
    @pytest.mark.parametrize("viewer", VIEWERS)
    def test_what_is_not_a_promise_or_not_released(
        self, viewer: str, people: dict[str, Any], targets: dict[str, Any], client_for: ClientFor
    ) -> None:
        """Texts, notes and links that were never let through are planted and looked for on every page of strangers,
        participants and people elsewhere, and on the public pages of all."""
        seat = DialogueSession.objects.get(pk=targets["session"]["pk"]).seats.get(state="seated")
        fields: dict[str, Any] = {"note": f"{MARK} note", "measure": f"{MARK} measure", "due_on": today()}
        fields |= {"owner": seat.listener, "dialogue_session": seat.dialogue_session}
        for state in ("held", "returned", "proposed", "withdrawn"):
            factories.make_commitment(state, text=f"{MARK} {state}", adopted_by=None, adopted_on=None, **fields)
        public = Commitment.objects.get(pk=targets["promise"]["pk"])
        Commitment.objects.filter(pk=public.pk).update(note=f"{MARK} note")
        for state in ("returned", "held"):
            hidden = {"text": f"{MARK} {state}", "evidence_url": f"https://{MARK}.example/"}
            factories.make_update(public, state=state, **hidden | ({"note": f"{MARK} why"} if state != "held" else {}))
        found = looks(viewer, client_for(people[viewer]), targets)
        ours = ("commitments:register", "commitments:promise", "commitments:feed", "agencies:", "sessions:detail")
        if viewer in ("listener", "facilitator"):
            found = {name: page for name, page in found.items() if name.startswith(ours)}
        if viewer == "participant":  # in the session what is proposed is read, and nothing else of it
            inside = found.pop("commitments:in_session")
            assert not [
                words for words in ("held", "returned", "withdrawn", "note", "why") if f"{MARK} {words}" in inside
            ]
        assert len(found) >= 6
        assert [name for name, page in found.items() if MARK in page] == []

    @pytest.mark.parametrize("viewer", VIEWERS)
    def test_four_answers_show_nowhere_and_the_fifth_shows(
        self, viewer: str, people: dict[str, Any], targets: dict[str, Any], client_for: ClientFor
    ) -> None:
        """Every page of this viewer, before and after."""
        client = client_for(people[viewer])
        one = Commitment.objects.get(pk=targets["promise"]["pk"])
        looks(viewer, client, targets)  # some pages say when they were looked at for the first time
        none = looks(viewer, client, targets)
        answers(one, "seen", "seen", "seen", "not_seen")
        four = looks(viewer, client, targets)
        assert {name for name in none if none[name] != four[name]} == set()
        answers(one, "not_sure")
        five = looks(viewer, client, targets)
        changed = {name for name in four if four[name] != five[name]}
        assert changed == {name for name in changed if name.startswith(("commitments:", "sessions:detail", "figures:"))}
        assert "Of 5 people, 3 saw it, 1 did not." in unescape(five["commitments:promise"])
        assert five["commitments:feed"] == none["commitments:feed"]
        answers(one, "not_seen")
        assert looks(viewer, client, targets) == five


class TestRecords:
    def test_kept_late_broken_running(self, five: dict[str, Commitment], agency: Agency) -> None:
        idle = factories.make_agency()
        factories.make_commitment("proposed", owner=factories.make_listener(idle))
        ended = factories.make_listener(idle)
        factories.make_commitment("withdrawn", owner=ended, adopted_by=None, adopted_on=None)
        assert record_of([agency, idle]) == {
            agency.pk: {"kept": 1, "late": 1, "broken": 1, "running": 1},
            idle.pk: {"kept": 0, "late": 0, "broken": 0, "running": 0},
        }

    def test_it_stands_before_the_door_of_every_session(
        self,
        five: dict[str, Commitment],
        agency: Agency,
        announced: DialogueSession,
        participant: Participant,
        client_for: ClientFor,
    ) -> None:
        idle = factories.make_agency("Idle Prosecutor")
        announced.agencies.add(agency, idle)
        doors = {
            "/": None,
            "/sessions/": None,
            f"/sessions/{announced.pk}/": None,
            f"/sessions/{announced.pk}/join/": participant,
            "/my/": participant,
        }
        for url, person in doors.items():
            shown = read(url, client_for(person))
            assert f'<a href="/commitments/?agency={agency.pk}">{RECORD}' in shown, url
            assert re.search(r"Idle Prosecutor</span>:\s+No promises yet", shown), url
        assert RECORD in read("/agencies/")

    def test_the_page_of_an_agency(self, five: dict[str, Commitment], agency: Agency) -> None:
        shown = read(reverse("agencies:detail", args=[agency.pk]))
        for name in ("kept", "late", "broken", "running"):
            assert f'<b>1</b><a href="/commitments/?agency={agency.pk}&standing={name}">' in shown
        assert "<b>Of 4 promises: kept 1, late 1, broken 1, running 1.</b>" in shown  # one was taken back
        assert len(texts(shown)) == 3
        assert "No promises yet." in read(reverse("agencies:detail", args=[factories.make_agency().pk]))

    def test_what_was_made_in_a_session(self, five: dict[str, Commitment]) -> None:
        made = five["late"].dialogue_session
        factories.make_commitment("proposed", dialogue_session=made, text="Only proposed.")
        assert {row["commitment"].text for row in of_session(made, AnonymousUser())} == {
            one.text for one in five.values()
        }
        shown = read(reverse("sessions:detail", args=[made.pk]))
        assert sorted(texts(shown)) == sorted(one.text for one in five.values())
        empty = factories.make_session(State.FOLLOW_UP)
        assert "No one has made a promise here so far." in read(reverse("sessions:detail", args=[empty.pk]))

    @pytest.mark.parametrize("count", [1, 3])
    def test_doors_cost_the_same_for_one_and_three(
        self, count: int, announced: DialogueSession, django_assert_num_queries: Callable
    ) -> None:
        for _ in range(count):
            one = factories.make_commitment()
            announced.agencies.add(one.agency)
        with django_assert_num_queries(4):  # sessions, their agencies, the records, help lines
            Client().get("/")
        with django_assert_num_queries(7):
            Client().get(f"/sessions/{announced.pk}/")
