"""What a report may carry of a text: its author says so, and what is taken back goes at once."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Participant, User
from dialogue.reports.models import Quote, Report
from dialogue.sessions.models import DialogueSession, Round, RoundKind, State
from dialogue.threads.actions import revise_comment, withdraw_comment
from dialogue.threads.actions_quotes import set_quote_consent
from dialogue.threads.models import Comment
from seeds.transitions import NotAllowed
from tests import factories
from tests.dialogue.reports import stage

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User | Participant | None], Client]


@pytest.fixture
def session(facilitator: User, peer: User, participant: Participant) -> DialogueSession:
    session = stage.over([facilitator, peer])
    factories.make_alias(session, participant)
    return session


@pytest.fixture
def text(session: DialogueSession, participant: Participant) -> Comment:
    return stage.said(session, participant, consent="none")


def fresh(text: Comment) -> Comment:
    return Comment.objects.select_related("thread__round__dialogue_session").get(pk=text.pk)


def two_quotes(text: Comment, session: DialogueSession) -> None:
    theme = factories.make_theme(session, "approved")
    factories.make_quote(theme, text)
    factories.make_quote(theme, text, retold="They had to wait.")


def kinds() -> list[bool]:
    """Of each quote, whether it is retold."""
    return sorted(retold is not None for retold in Quote.objects.values_list("retold", flat=True))


def test_nothing_is_the_beginning() -> None:
    assert Comment().quote_consent == "none"


@pytest.mark.parametrize(("consent", "left"), [("verbatim", [False, True]), ("paraphrase", [True]), ("none", [])])
def test_what_is_no_longer_covered_goes_at_once(
    session: DialogueSession, text: Comment, consent: str, left: list[bool]
) -> None:
    set_quote_consent(text, consent="verbatim")
    two_quotes(text, session)
    set_quote_consent(text, consent=consent)
    assert (fresh(text).quote_consent, kinds()) == (consent, left)
    set_quote_consent(text, consent=consent)
    assert (fresh(text).quote_consent, kinds()) == (consent, left)


def test_a_text_taken_back_loses_its_quotes(session: DialogueSession, text: Comment) -> None:
    set_quote_consent(text, consent="verbatim")
    two_quotes(text, session)
    withdraw_comment(text)
    assert (fresh(text).quote_consent, kinds()) == ("none", [])


def test_a_text_that_is_changed_loses_its_quotes(open_session: DialogueSession, listening: Round) -> None:
    text = factories.make_comment(listening, state="returned", quote_consent="verbatim")
    two_quotes(text, open_session)
    revise_comment(fresh(text), text="Something else", version=1)
    assert (fresh(text).quote_consent, kinds()) == ("none", [])


@pytest.mark.parametrize("state", ["held", "approved", "proposed", "returned", "withdrawn"])
def test_only_a_text_that_is_out_can_be_given(session: DialogueSession, state: str) -> None:
    text = factories.make_comment(session.rounds.get(kind="listening"), state=state)
    with pytest.raises(NotAllowed, match="not out"):
        set_quote_consent(text, consent="verbatim")
    assert fresh(text).quote_consent == "none"


def test_an_unknown_choice(text: Comment) -> None:
    with pytest.raises(NotAllowed, match="one of the three"):
        set_quote_consent(text, consent="all")


@pytest.mark.parametrize(
    ("kind", "state", "allowed"),
    [("dialogue", "open", False), ("closing", "planned", False), ("closing", "open", True), ("closing", "done", True)],
)
def test_from_the_closing_round_on(open_session: DialogueSession, kind: str, state: str, allowed: bool) -> None:
    open_session.rounds.update(state="done")
    text = factories.make_comment(open_session.rounds.get(kind="listening"), state="released")
    factories.make_round(open_session, RoundKind(kind), state)
    if allowed:
        set_quote_consent(text, consent="verbatim")
    else:
        with pytest.raises(NotAllowed, match="closing round"):
            set_quote_consent(text, consent="verbatim")
    assert fresh(text).quote_consent == ("verbatim" if allowed else "none")


@pytest.mark.parametrize("state", [State.CANCELLED, State.PURGED])
def test_not_in_a_session_without_a_report(session: DialogueSession, text: Comment, state: State) -> None:
    closed = None if state == State.CANCELLED else session.closed_at
    DialogueSession.objects.filter(pk=session.pk).update(state=state, closed_at=closed, cancel_reason="Too few")
    with pytest.raises(NotAllowed):
        set_quote_consent(fresh(text), consent="verbatim")


@pytest.mark.parametrize("consent", ["verbatim", "none"])
def test_not_once_the_report_is_out(session: DialogueSession, text: Comment, consent: str) -> None:
    factories.make_report(session, Report.State.PUBLISHED)
    with pytest.raises(NotAllowed, match="The report is out"):
        set_quote_consent(fresh(text), consent=consent)


# --- Pages


def url(text: Comment) -> str:
    return reverse("threads:quote", args=[text.pk])


def mine(client: Client, session: DialogueSession) -> str:
    return client.get(reverse("threads:mine", args=[session.pk])).content.decode()


def test_an_author_chooses_in_one_tap_and_takes_it_back(
    client_for: ClientFor, session: DialogueSession, text: Comment, participant: Participant
) -> None:
    client = client_for(participant)
    page = mine(client, session)
    assert "You chose: Nothing of it." in page
    assert "Once it is out, it stays out." in page
    assert "It says that a participant wrote the words" in page
    assert [f'value="{one}"' in page for one in ("none", "paraphrase", "verbatim")] == [True] * 3
    for choice, words in (("verbatim", "Word for word, without a name"), ("none", "Nothing of it")):
        assert f"You chose: {words}." in client.post(url(text), {"consent": choice}, follow=True).content.decode()
        assert fresh(text).quote_consent == choice
    assert "Please choose one of the three." in client.post(url(text), {}, follow=True).content.decode()


def test_a_listener_is_told_that_it_says_listener(
    client_for: ClientFor, session: DialogueSession, listener: User
) -> None:
    seat = factories.make_seat(session, listener)
    text = factories.make_comment(session.rounds.get(kind="listening"), seat=seat, state="released")
    client = client_for(listener)
    assert "It says that a listener wrote the words, not who." in mine(client, session)
    client.post(url(text), {"consent": "paraphrase"})
    assert fresh(text).quote_consent == "paraphrase"


def test_who_was_removed_still_takes_a_yes_back(
    client_for: ClientFor, session: DialogueSession, text: Comment, participant: Participant
) -> None:
    set_quote_consent(text, consent="verbatim")
    session.aliases.update(removed=True)
    client = client_for(participant)
    assert "You chose: Word for word, without a name." in mine(client, session)
    client.post(url(text), {"consent": "none"})
    assert fresh(text).quote_consent == "none"


def test_nobody_else_chooses(
    client_for: ClientFor,
    session: DialogueSession,
    text: Comment,
    other_participant: Participant,
    listener: User,
    facilitator: User,
    operator: User,
) -> None:
    factories.make_alias(session, other_participant)
    factories.make_seat(session, listener)
    for person in (other_participant, listener, facilitator, operator):
        assert client_for(person).post(url(text), {"consent": "verbatim"}).status_code == 404
    assert fresh(text).quote_consent == "none"


def test_before_the_closing_nobody_is_asked(
    client_for: ClientFor, open_session: DialogueSession, listening: Round, participant: Participant
) -> None:
    alias = stage.alias_of(participant, open_session)
    text = factories.make_comment(listening, alias, state="released")
    client = client_for(participant)
    assert "In the report" not in mine(client, open_session)
    page = client.post(url(text), {"consent": "verbatim"}, follow=True).content.decode()
    assert "from the closing round on" in page


def test_once_the_report_is_out_the_pages_say_so(
    client_for: ClientFor, session: DialogueSession, text: Comment, participant: Participant
) -> None:
    factories.make_report(session, Report.State.PUBLISHED)
    client = client_for(participant)
    page = mine(client, session)
    assert "The report of this talk is out." in page
    assert 'name="consent"' not in page
    withdraw = client.get(reverse("threads:withdraw", args=[text.pk])).content.decode()
    assert "If it carries words of this text, they stay in the report." in withdraw
    assert "The report is out." in client.post(url(text), {"consent": "none"}, follow=True).content.decode()
