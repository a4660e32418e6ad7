"""Quotes: by the author's leave only, as they stand in the text or in other words, and never a copy."""

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Participant, User
from dialogue.reports.actions_quotes import quote_retold, quote_verbatim, remove_quote
from dialogue.reports.models import Quote, Report, Theme
from dialogue.reports.queries import quotable, quoted
from dialogue.sessions.models import DialogueSession
from dialogue.threads.actions import withdraw_comment
from dialogue.threads.actions_quotes import set_quote_consent
from dialogue.threads.models import Comment
from seeds import vault
from seeds.transitions import NotAllowed
from tests import factories
from tests.dialogue.reports import stage
from tests.racing import at_once

pytestmark = pytest.mark.django_db
PART = "nobody said a single word"


@pytest.fixture
def session(facilitator: User, peer: User) -> DialogueSession:
    return stage.over([facilitator, peer])


@pytest.fixture
def author(session: DialogueSession) -> Participant:
    return stage.people_in(session, 1)[0]


@pytest.fixture
def text(session: DialogueSession, author: Participant) -> Comment:
    return stage.said(session, author)


@pytest.fixture
def theme(session: DialogueSession) -> Theme:
    return factories.make_theme(session)


def test_word_for_word_keeps_the_place_only(
    session: DialogueSession, theme: Theme, text: Comment, facilitator: User
) -> None:
    quote = quote_verbatim(theme, text, excerpt=f"  {PART} ", by=facilitator)
    start = stage.GIVEN.index(PART)
    assert (quote.start, quote.end, quote.retold) == (start, start + len(PART), None)
    assert quoted(quote, session.pk) == PART
    again = quote_verbatim(theme, text, excerpt=PART, by=facilitator)
    assert (again.pk, Quote.objects.count()) == (quote.pk, 1)


def test_in_other_words_is_sealed(session: DialogueSession, theme: Theme, text: Comment, facilitator: User) -> None:
    words = "Somebody had to wait outside."
    quote = quote_retold(theme, text, words=words, by=facilitator)
    assert (quote.start, quote.end) == (None, None)
    assert quote.retold is not None
    assert words.encode() not in bytes(quote.retold)
    assert vault.unseal(session.pk, quote.pk, quote.retold) == words
    again = quote_retold(theme, text, words=words, by=facilitator)
    assert (again.pk, Quote.objects.count()) == (quote.pk, 1)


def test_words_over_line_breaks_as_a_browser_sends_them(
    session: DialogueSession, author: Participant, theme: Theme, facilitator: User
) -> None:
    text = stage.said(session, author, "First line.\n\nSecond line.")
    quote = quote_verbatim(theme, text, excerpt="line.\r\n\r\nSecond", by=facilitator)
    assert quoted(quote, session.pk) == "line.\n\nSecond"


@pytest.mark.parametrize("excerpt", ["", "  ", "Nobody said", "nobody said a single wor", "obody said", "nobody  said"])
def test_only_whole_words_that_stand_there(theme: Theme, text: Comment, facilitator: User, excerpt: str) -> None:
    with pytest.raises(ValidationError, match="Copy whole words"):
        quote_verbatim(theme, text, excerpt=excerpt, by=facilitator)
    assert not Quote.objects.exists()


def test_a_later_place_counts_if_the_first_is_part_of_a_word(
    session: DialogueSession, author: Participant, theme: Theme, facilitator: User
) -> None:
    text = stage.said(session, author, "The carpet in the car.")
    quote = quote_verbatim(theme, text, excerpt="car", by=facilitator)
    assert (quote.start, quote.end) == (18, 21)


@pytest.mark.parametrize(
    ("consent", "verbatim", "retold"),
    [("none", False, False), ("paraphrase", False, True), ("verbatim", True, True)],
)
def test_only_what_the_author_allows(
    theme: Theme, text: Comment, facilitator: User, consent: str, verbatim: bool, retold: bool
) -> None:
    set_quote_consent(text, consent=consent)
    acts: list[tuple[Callable[[], Quote], bool]] = [
        (lambda: quote_verbatim(theme, text, excerpt=PART, by=facilitator), verbatim),
        (lambda: quote_retold(theme, text, words="They waited.", by=facilitator), retold),
    ]
    for act, allowed in acts:
        if allowed:
            act()
        else:
            with pytest.raises(NotAllowed, match="author does not allow"):
                act()
    assert Quote.objects.count() == verbatim + retold


@pytest.mark.parametrize("state", ["held", "approved", "proposed", "returned"])
def test_only_a_text_that_is_out(session: DialogueSession, theme: Theme, facilitator: User, state: str) -> None:
    listening = session.rounds.get(kind="listening")
    text = factories.make_comment(listening, text=stage.GIVEN, state=state, quote_consent="verbatim")
    with pytest.raises(NotAllowed, match="author does not allow"):
        quote_verbatim(theme, text, excerpt=PART, by=facilitator)


def test_not_a_text_of_another_session(theme: Theme, facilitator: User, peer: User) -> None:
    other = stage.over([facilitator, peer])
    text = stage.said(other, stage.people_in(other, 1)[0])
    with pytest.raises(NotAllowed):
        quote_verbatim(theme, text, excerpt=PART, by=facilitator)


@pytest.mark.parametrize(
    ("state", "allowed"), [("draft", True), ("approved", True), ("offered", False), ("refused", False)]
)
def test_under_which_themes(
    session: DialogueSession, text: Comment, facilitator: User, state: str, allowed: bool
) -> None:
    theme = factories.make_theme(session, state)
    if allowed:
        quote_verbatim(theme, text, excerpt=PART, by=facilitator)
    else:
        with pytest.raises(NotAllowed, match="a draft, or a theme that was approved"):
            quote_verbatim(theme, text, excerpt=PART, by=facilitator)


def test_only_the_team_and_only_in_a_draft(
    session: DialogueSession, theme: Theme, text: Comment, facilitator: User, other_facilitator: User, listener: User
) -> None:
    quote = quote_verbatim(theme, text, excerpt=PART, by=facilitator)
    for stranger in (other_facilitator, listener):
        with pytest.raises(NotAllowed, match="Only the facilitators"):
            quote_retold(theme, text, words="They waited.", by=stranger)
        with pytest.raises(NotAllowed, match="Only the facilitators"):
            remove_quote(quote, by=stranger)
    Report.objects.all().delete()
    factories.make_report(session, Report.State.PREVIEW)
    theme = factories.make_theme(session, "approved")
    quote = factories.make_quote(theme, text)
    for act in (
        lambda: quote_retold(theme, text, words="They waited.", by=facilitator),
        lambda: remove_quote(quote, by=facilitator),
    ):
        with pytest.raises(NotAllowed, match="can’t be changed"):
            act()


def test_removing_twice_is_once(theme: Theme, text: Comment, facilitator: User) -> None:
    quote = quote_verbatim(theme, text, excerpt=PART, by=facilitator)
    remove_quote(quote, by=facilitator)
    remove_quote(quote, by=facilitator)
    assert not Quote.objects.exists()


@pytest.mark.parametrize("consent", ["paraphrase", "verbatim"])
def test_other_words_do_not_repeat_the_text(theme: Theme, text: Comment, facilitator: User, consent: str) -> None:
    set_quote_consent(text, consent=consent)
    with pytest.raises(ValidationError, match="repeats words"):
        quote_retold(theme, text, words=stage.GIVEN.lower(), by=facilitator)


def test_a_quote_does_not_carry_what_somebody_else_kept(
    session: DialogueSession, theme: Theme, author: Participant, facilitator: User
) -> None:
    """Somebody repeats in a text of his own what another person wrote and did not give."""
    factories.make_comment(session.rounds.get(kind="listening"), text=stage.KEPT, state="released")
    text = stage.said(session, author, f"As was said: {stage.KEPT}")
    with pytest.raises(ValidationError, match="repeats words"):
        quote_verbatim(theme, text, excerpt=stage.KEPT, by=facilitator)


def test_a_quote_carries_no_name(
    session: DialogueSession, theme: Theme, author: Participant, facilitator: User
) -> None:
    name = stage.alias_of(author, session).name
    text = stage.said(session, author, f"I am {name} and I waited.")
    with pytest.raises(ValidationError, match=name):
        quote_verbatim(theme, text, excerpt=f"I am {name}", by=facilitator)


def test_an_older_version_of_a_text_is_not_shown(
    session: DialogueSession, theme: Theme, text: Comment, facilitator: User
) -> None:
    quote = quote_verbatim(theme, text, excerpt=PART, by=facilitator)
    Comment.objects.update(version=2)
    assert quoted(Quote.objects.select_related("comment").get(pk=quote.pk), session.pk) == ""


class TestWhatAListenerHeard:
    """A story told back is that story in other words: two people have to allow it."""

    @pytest.fixture
    def told(self, session: DialogueSession, text: Comment, listener: User) -> Comment:
        return stage.told_back(text, factories.make_seat(session, listener))

    @pytest.mark.parametrize(("consent", "allowed"), [("none", False), ("paraphrase", True), ("verbatim", True)])
    def test_only_as_whoever_told_the_story_allows(
        self,
        session: DialogueSession,
        theme: Theme,
        text: Comment,
        told: Comment,
        facilitator: User,
        consent: str,
        allowed: bool,
    ) -> None:
        set_quote_consent(text, consent=consent)
        assert (told in quotable(session)) is allowed
        for act in (
            lambda: quote_verbatim(theme, told, excerpt=PART, by=facilitator),
            lambda: quote_retold(theme, told, words="Somebody had to wait.", by=facilitator),
        ):
            if allowed:
                act()
            else:
                with pytest.raises(NotAllowed, match="tells back a story"):
                    act()
        assert Quote.objects.count() == 2 * allowed

    @pytest.mark.parametrize("way", ["withdraw", "revoke"])
    def test_it_goes_with_the_story(
        self, session: DialogueSession, theme: Theme, text: Comment, told: Comment, facilitator: User, way: str
    ) -> None:
        quote_verbatim(theme, told, excerpt=PART, by=facilitator)
        quote_retold(theme, told, words="Somebody had to wait.", by=facilitator)
        if way == "withdraw":
            withdraw_comment(text)
        else:
            set_quote_consent(text, consent="none")
        assert not Quote.objects.exists()
        assert told not in quotable(session)

    def test_less_leave_for_the_story_leaves_it(
        self, theme: Theme, text: Comment, told: Comment, facilitator: User
    ) -> None:
        quote_verbatim(theme, told, excerpt=PART, by=facilitator)
        set_quote_consent(text, consent="paraphrase")
        assert Quote.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["withdraw", "revoke"])
@pytest.mark.parametrize("of_story", [False, True])
def test_quoting_races_taking_back(facilitator: User, peer: User, listener: User, way: str, of_story: bool) -> None:
    session = stage.over([facilitator, peer])
    theme = factories.make_theme(session)
    text = source = stage.said(session, stage.people_in(session, 1)[0])
    if of_story:
        source = stage.told_back(text, factories.make_seat(session, listener))

    def take_back() -> object:
        fresh = Comment.objects.select_related("thread__round").get(pk=text.pk)
        return withdraw_comment(fresh) if way == "withdraw" else set_quote_consent(fresh, consent="none")

    quoting, taking = at_once(lambda: quote_verbatim(theme, source, excerpt=PART, by=facilitator), take_back)
    assert isinstance(taking, Comment)
    assert isinstance(quoting, Quote | NotAllowed)
    assert not Quote.objects.exists()
