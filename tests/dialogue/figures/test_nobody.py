"""No figure of those who lead a session lets anybody work out what one person did: not from one look, not from two,
not by taking one session from the total."""

from collections import defaultdict
from collections.abc import Callable, Iterable

import pytest
from django.test import Client

from accounts.models import Participant, User
from dialogue.figures import showing
from dialogue.figures.policies import Range, by_fives
from dialogue.figures.queries import parts
from dialogue.moderation.actions import return_comment
from dialogue.sessions.actions_aliases import forget_me_here, remove_alias
from dialogue.sessions.models import Alias, DialogueSession, Round, RoundKind, State
from dialogue.threads.actions import withdraw_comment
from dialogue.threads.models import Comment, Pass, Thread
from tests import factories

Browser = Callable[[User | Participant | None], Client]


def took_part(session: DialogueSession, round: Round, *, wrote: int, passed: int) -> list[Alias]:
    """So many of those who joined wrote, and the next ones passed; the rest did neither. The writers."""
    names = list(session.aliases.order_by("name"))
    for alias in names[:wrote]:
        factories.make_comment(round, alias, state="released")
    thread, _ = Thread.objects.get_or_create(round=round)
    for alias in names[wrote : wrote + passed]:
        Pass.objects.create(thread=thread, alias=alias)
    return names[:wrote]


def session_of(people: int, team: list[User] | None = None, state: State = State.OPEN) -> DialogueSession:
    session = factories.make_session(state, team=team)
    for _number in range(people):
        factories.make_alias(session)
    return session


def shown(session: DialogueSession) -> showing.Section:
    """All that the page prints of who took part."""
    return showing.took_part(parts([session]).get(session.pk, []))


#: Every group that a reader may want to know of, from how many wrote, how many wrote or passed, and how many joined.
GROUPS: dict[str, Callable[[int, int, int], int]] = {
    "wrote": lambda wrote, took, n: wrote,
    "did not write": lambda wrote, took, n: n - wrote,
    "passed": lambda wrote, took, n: took - wrote,
    "did not pass": lambda wrote, took, n: n - took + wrote,
    "took part": lambda wrote, took, n: took,
    "did neither": lambda wrote, took, n: n - took,
}


@pytest.mark.parametrize("n", range(5, 61))
def test_no_group_can_be_told_to_be_a_few(n: int) -> None:
    """Whatever happened, who reads both numbers and knows how many joined can't be sure that a group is one to four
    people: it may be nobody, or it may be five or more."""
    fits: dict[tuple[Range, Range], list[tuple[int, int]]] = defaultdict(list)
    for took in range(n + 1):
        for wrote in range(took + 1):
            fits[by_fives(took, n), by_fives(wrote, n)].append((wrote, took))
    for possible in fits.values():
        for name, size in GROUPS.items():
            sizes = {size(wrote, took, n) for wrote, took in possible}
            assert 0 in sizes or max(sizes) >= 5, (name, n, possible)


def test_three_numbers_side_by_side_would_tell() -> None:
    """Why passing and doing nothing are not printed by themselves: at twelve all three would be known."""
    fits: dict[tuple[Range, ...], set[tuple[int, int, int]]] = defaultdict(set)
    for wrote in range(13):
        for passed in range(13 - wrote):
            row = (wrote, passed, 12 - wrote - passed)
            fits[tuple(by_fives(number, 12) for number in row)].add(row)
    assert {(4, 4, 4)} in fits.values()


@pytest.mark.django_db
class TestOneLook:
    def test_four_joined_and_nothing_shows(self) -> None:
        session = session_of(4)
        took_part(session, factories.make_round(session, state="done"), wrote=3, passed=1)
        assert shown(session).tables == []

    def test_of_five_one_to_four_look_alike(self) -> None:
        """Four of five would tell of the fifth."""
        looks = []
        for wrote, passed in ((0, 0), (1, 0), (3, 1), (4, 0), (0, 4)):
            session = session_of(5)
            took_part(session, factories.make_round(session, state="done"), wrote=wrote, passed=passed)
            looks.append(shown(session))
        assert all(look == looks[0] for look in looks)
        assert [row.text for table in looks[0].tables for row in table.rows] == ["0 to 4 of 5", "0 to 4 of 5"]

    def test_of_five_all(self) -> None:
        session = session_of(5)
        took_part(session, factories.make_round(session, state="done"), wrote=4, passed=1)
        assert [row.text for table in shown(session).tables for row in table.rows] == ["5 of 5", "0 to 4 of 5"]

    def test_twelve(self) -> None:
        session = session_of(12)
        took_part(session, factories.make_round(session, state="done"), wrote=7, passed=4)
        assert [row.text for table in shown(session).tables for row in table.rows] == ["10 to 12 of 12", "5 to 9 of 12"]


def _take_back(alias: Alias, by: User) -> None:
    for comment in alias.comments.all():
        withdraw_comment(comment)


def _send_back(alias: Alias, by: User) -> None:
    Comment.objects.filter(alias=alias).update(state="held", period=1, batch=None, place=None)
    return_comment(alias.comments.get(), version=1, reason="contempt", by=by)


@pytest.mark.django_db
class TestTwoLooks:
    @pytest.mark.parametrize(
        "happens",
        [
            _take_back,
            _send_back,
            lambda alias, by: forget_me_here(alias),
            lambda alias, by: remove_alias(alias, by=by),
        ],
        ids=["taken back", "sent back", "forgotten", "taken out"],
    )
    def test_what_happens_to_one_person_changes_nothing(
        self, happens: Callable[[Alias, User], None], facilitator: User, peer: User
    ) -> None:
        session = session_of(5, [facilitator, peer])
        first, *_others = took_part(session, factories.make_round(session, state="done"), wrote=5, passed=0)
        before = shown(session)
        assert before.tables[0].rows[0].text == "5 of 5"
        happens(first, facilitator)
        assert shown(session) == before

    def test_a_round_that_is_on_shows_nothing(self) -> None:
        """Else two looks would tell that somebody has just written, and at what hour."""
        session = session_of(5)
        took_part(session, factories.make_round(session, state="open"), wrote=5, passed=0)
        assert shown(session).tables == []

    def test_a_round_that_closed_changes_no_other(self) -> None:
        session = session_of(6)
        took_part(session, factories.make_round(session, state="done"), wrote=5, passed=0)
        before = shown(session)
        took_part(session, factories.make_round(session, state="done"), wrote=1, passed=0)
        assert [table.rows[:1] for table in shown(session).tables] == [table.rows for table in before.tables]


@pytest.mark.django_db
class TestTheTotal:
    def total(self, sessions: Iterable[DialogueSession]) -> showing.Section:
        found = parts(sessions)
        return showing.took_part_over_time([(one, found[one.pk]) for one in sessions if one.pk in found])

    @pytest.mark.parametrize("wrote", range(6))
    def test_without_one_session_it_tells_what_that_one_s_page_tells(self, wrote: int) -> None:
        first, second = session_of(12), session_of(5)
        took_part(first, factories.make_round(first, state="done"), wrote=8, passed=2)
        took_part(second, factories.make_round(second, state="done"), wrote=wrote, passed=0)
        (with_it, without) = (self.total([first, second]), self.total([first]))
        difference = sum(row.value for row in with_it.tables[0].rows) - sum(row.value for row in without.tables[0].rows)
        assert difference == shown(second).tables[0].rows[0].value == (5 if wrote == 5 else 0)

    def test_one_of_four_adds_nothing(self) -> None:
        first, second = session_of(12), session_of(4)
        for session in (first, second):
            took_part(session, factories.make_round(session, state="done"), wrote=4, passed=0)
        assert self.total([first, second]) == self.total([first])


@pytest.mark.django_db
def test_only_rounds_in_which_all_are_asked() -> None:
    """A reflecting round asks those whose stories were told back; an opening asks nobody."""
    session = session_of(5)
    for kind in RoundKind:
        factories.make_round(session, kind, Round.State.DONE)
    kinds = [part.round.kind for part in parts([session])[session.pk]]
    assert kinds == ["listening", "curiosity", "dialogue", "commitments", "closing"]


@pytest.mark.django_db
def test_the_page_holds_no_name_and_no_other_number(facilitator: User, peer: User, client_for: Browser) -> None:
    """The bytes of the page are the same whether one or four of five wrote."""
    pages = []
    for wrote in (1, 4):
        session = session_of(5, [facilitator, peer])
        names = took_part(session, factories.make_round(session, state="done"), wrote=wrote, passed=0)
        page = client_for(facilitator).get(f"/desk/sessions/{session.pk}/figures/").content.decode()
        assert not [alias.name for alias in names if alias.name in page]
        pages.append(page.replace(str(session.pk), "").replace(session.title, ""))
        session.bookings.all().delete()
    main = [page[page.index("<main") : page.index("</main>")] for page in pages]
    assert main[0] == main[1]
