"""Starting an agenda from a template, keeping one as a template, deleting it."""

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import translation

from accounts.models import Participant, User
from dialogue.audit.models import AuditEvent
from dialogue.sessions.actions_agendas import apply_template, delete_template, save_template
from dialogue.sessions.agenda import TEMPLATE, broken_rules
from dialogue.sessions.forms_agendas import TemplateForm
from dialogue.sessions.models import DialogueSession, Round, RoundKind, State
from dialogue.sessions.models_agendas import AgendaTemplate
from dialogue.sessions.queries_agendas import Template, fingerprint, steps_of, template, templates
from dialogue.sessions.ready_agendas import READY, Ready
from seeds.transitions import NotAllowed
from tests import factories
from tests.racing import at_once

Browser = Callable[[User | Participant | None], Client]
pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(facilitator: User, peer: User) -> DialogueSession:
    """A draft with an agenda that somebody wrote by hand."""
    session = factories.make_session(State.DRAFT, team=[facilitator, peer])
    for kind in ("opening", "listening", "closing"):
        factories.make_round(session, RoundKind(kind), Round.State.PLANNED)
    return session


def seen(session: DialogueSession) -> str:
    return fingerprint(steps_of(session))


def get(key: str, user: User) -> Template:
    found = template(key, user)
    assert found is not None
    return found


class TestThoseThatComeWithTheSite:
    @pytest.mark.parametrize("ready", READY, ids=lambda one: one.key)
    @pytest.mark.parametrize("language", ["en", "es"])
    def test_each_passes_what_an_agenda_written_by_hand_must(self, ready: Ready, language: str) -> None:
        with translation.override(language):
            assert broken_rules([kind for kind, _prompt, _minutes in ready.steps]) == []
            for number, (kind, prompt, minutes) in enumerate(ready.steps, 1):
                one = Round(number=number, kind=kind, prompt=str(prompt), think_minutes=minutes)
                one.clean_fields(exclude=["dialogue_session"])
            assert len(str(ready.name)) <= 80
            assert len(str(ready.whom)) <= 300

    def test_they_are_few_and_the_first_is_what_a_new_session_starts_with(self) -> None:
        assert 3 <= len(READY) <= 5
        assert len({one.key for one in READY}) == len(READY)
        assert [step[:2] for step in READY[0].steps] == list(TEMPLATE)

    @pytest.mark.parametrize("ready", READY, ids=lambda one: one.key)
    def test_a_session_that_starts_from_it_can_be_announced(
        self, ready: Ready, draft: DialogueSession, facilitator: User
    ) -> None:
        apply_template(draft, get(ready.key, facilitator), seen=seen(draft), by=facilitator)
        assert broken_rules(list(draft.rounds.order_by("number").values_list("kind", flat=True))) == []
        assert list(draft.rounds.order_by("number").values_list("number", flat=True)) == list(
            range(1, len(ready.steps) + 1)
        )


class TestUsingOne:
    def test_it_takes_the_place_of_the_agenda(self, draft: DialogueSession, facilitator: User) -> None:
        chosen = get("one-evening", facilitator)
        apply_template(draft, chosen, seen=seen(draft), by=facilitator)
        assert steps_of(draft) == chosen.steps
        assert AuditEvent.objects.get().detail == "agenda from a template"

    def test_twice_is_once(self, draft: DialogueSession, facilitator: User) -> None:
        before, chosen = seen(draft), get("one-evening", facilitator)
        for _time in range(2):
            apply_template(draft, chosen, seen=before, by=facilitator)
        assert steps_of(draft) == chosen.steps
        assert AuditEvent.objects.count() == 1

    def test_not_over_an_agenda_that_was_not_seen(self, draft: DialogueSession, facilitator: User) -> None:
        before = seen(draft)
        draft.rounds.filter(kind="listening").update(prompt="A colleague wrote this just now.")
        now = steps_of(draft)
        with pytest.raises(NotAllowed, match="changed meanwhile"):
            apply_template(draft, get("one-evening", facilitator), seen=before, by=facilitator)
        assert steps_of(draft) == now

    @pytest.mark.parametrize("state", [state for state in State if state != State.DRAFT])
    def test_only_in_a_draft(self, state: State, facilitator: User, peer: User) -> None:
        session = factories.make_session(state, team=[facilitator, peer])
        factories.make_round(session, RoundKind.OPENING, Round.State.PLANNED)
        with pytest.raises(NotAllowed, match="draft"):
            apply_template(session, get("one-evening", facilitator), seen=seen(session), by=facilitator)
        assert session.rounds.count() == 1

    def test_by_the_team_only(self, draft: DialogueSession, other_facilitator: User) -> None:
        with pytest.raises(NotAllowed, match="Only the facilitators"):
            apply_template(draft, get("one-evening", other_facilitator), seen=seen(draft), by=other_facilitator)

    @pytest.mark.parametrize(
        "steps",
        [
            [],
            [["listening", "No opening.", 0], ["closing", "End.", 0]],
            [["opening", "A", 0], ["dialogue", "Talk first.", 0], ["listening", "B", 0], ["closing", "C", 0]],
            [["opening", "A", 0], ["listening", "B", 0], ["dialogue", "Not told back.", 0], ["closing", "C", 0]],
            [["opening", "A", 0], ["listening", "B", 0]],
            [["opening", "A", 0], ["listening", "", 0], ["closing", "C", 0]],
            [["opening", "A", 0], ["listening", "B", 9999], ["closing", "C", 0]],
            [["opening", "A", 0], ["shouting", "B", 0], ["closing", "C", 0]],
        ],
    )
    def test_one_that_breaks_a_rule_is_refused(
        self, steps: list[list[object]], draft: DialogueSession, facilitator: User
    ) -> None:
        """Rules may change while templates lie there."""
        now, old = steps_of(draft), Template("old", "Old", "", steps)
        with pytest.raises(NotAllowed):
            apply_template(draft, old, seen=seen(draft), by=facilitator)
        assert steps_of(draft) == now

    def test_of_two_at_once_one_is_told(self, draft: DialogueSession, facilitator: User, peer: User) -> None:
        chosen = {facilitator: get("one-evening", facilitator), peer: get("return-to-promises", peer)}
        before = seen(draft)
        first, second = facilitator, peer
        apply_template(draft, chosen[first], seen=before, by=first)
        with pytest.raises(NotAllowed, match="changed meanwhile"):
            apply_template(draft, chosen[second], seen=before, by=second)
        assert steps_of(draft) == chosen[first].steps


@pytest.mark.django_db(transaction=True)
def test_two_templates_raced_leave_one_whole_agenda(facilitator: User, peer: User) -> None:
    draft = factories.make_session(State.DRAFT, team=[facilitator, peer])
    factories.make_round(draft, RoundKind.OPENING, Round.State.PLANNED)
    before = seen(draft)
    chosen = [get("one-evening", facilitator), get("return-to-promises", facilitator)]
    outcomes = at_once(
        lambda: apply_template(draft, chosen[0], seen=before, by=facilitator),
        lambda: apply_template(draft, chosen[1], seen=before, by=peer),
    )
    assert sum(isinstance(one, NotAllowed) for one in outcomes) == 1
    assert steps_of(draft) in [one.steps for one in chosen]


class TestKeepingOne:
    def test_every_facilitator_can_start_from_it(
        self, draft: DialogueSession, facilitator: User, other_facilitator: User
    ) -> None:
        kept = save_template(draft, name="  Second meeting ", whom="For those who met.", by=facilitator)
        assert (kept.name, kept.steps) == ("Second meeting", steps_of(draft))
        theirs = factories.make_session(State.DRAFT, team=[other_facilitator])
        apply_template(theirs, get(str(kept.pk), other_facilitator), seen=seen(theirs), by=other_facilitator)
        assert steps_of(theirs) == steps_of(draft)
        assert AuditEvent.objects.filter(verb="change_template", detail="saved").count() == 1

    @pytest.mark.parametrize("name", ["second MEETING", "First meeting, seven rounds", " first meeting, SEVEN rounds"])
    def test_a_name_is_there_once(self, name: str, draft: DialogueSession, facilitator: User) -> None:
        save_template(draft, name="Second meeting", by=facilitator)
        with pytest.raises(ValidationError, match="has this name already"):
            save_template(draft, name=name, by=facilitator)
        assert AgendaTemplate.objects.count() == 1

    @pytest.mark.parametrize("name", ["", "   ", "x" * 81])
    def test_what_is_no_name(self, name: str, draft: DialogueSession, facilitator: User) -> None:
        with pytest.raises(ValidationError):
            save_template(draft, name=name, by=facilitator)

    def test_not_one_that_breaks_a_rule(self, draft: DialogueSession, facilitator: User) -> None:
        draft.rounds.filter(kind="closing").delete()
        with pytest.raises(NotAllowed, match="end with a closing"):
            save_template(draft, name="Endless", by=facilitator)

    def test_by_the_team_only(self, draft: DialogueSession, other_facilitator: User) -> None:
        with pytest.raises(NotAllowed):
            save_template(draft, name="Theirs", by=other_facilitator)

    def test_a_saved_one_does_not_follow_the_session(self, draft: DialogueSession, facilitator: User) -> None:
        kept = save_template(draft, name="As it was", by=facilitator)
        draft.rounds.filter(kind="listening").update(prompt="Something else.")
        kept.refresh_from_db()
        assert kept.steps[1][1] == "Prompt 2"


@pytest.mark.django_db(transaction=True)
def test_one_name_saved_twice_at_once_is_there_once(facilitator: User, peer: User) -> None:
    sessions = [factories.make_session(State.DRAFT, team=[one]) for one in (facilitator, peer)]
    for session in sessions:
        for kind in ("opening", "listening", "closing"):
            factories.make_round(session, RoundKind(kind), Round.State.PLANNED)
    outcomes = at_once(
        lambda: save_template(sessions[0], name="The same", by=facilitator),
        lambda: save_template(sessions[1], name="the SAME", by=peer),
    )
    assert sum(isinstance(one, ValidationError) for one in outcomes) == 1
    assert AgendaTemplate.objects.count() == 1


class TestDeletingOne:
    def test_by_who_saved_it_and_agendas_stay(self, draft: DialogueSession, facilitator: User) -> None:
        kept = save_template(draft, name="Second meeting", by=facilitator)
        for _time in range(2):
            delete_template(kept, by=facilitator)
        assert AgendaTemplate.objects.count() == 0
        assert draft.rounds.count() == 3
        assert AuditEvent.objects.filter(verb="change_template", detail="deleted").count() == 1

    def test_nobody_else_until_that_account_is_closed(self, facilitator: User, peer: User) -> None:
        kept = factories.make_agenda_template(made_by=facilitator)
        with pytest.raises(NotAllowed, match="Only the person"):
            delete_template(kept, by=peer)
        facilitator.is_active = False
        facilitator.save()
        delete_template(kept, by=peer)
        assert AgendaTemplate.objects.count() == 0

    def test_an_operator_does_not(self, operator: User) -> None:
        with pytest.raises(NotAllowed):
            delete_template(factories.make_agenda_template(), by=operator)


class TestPages:
    def address(self, session: DialogueSession, rest: str = "") -> str:
        return f"/desk/sessions/{session.pk}/agenda/templates/{rest}"

    def test_from_the_agenda_to_another_agenda(
        self, draft: DialogueSession, facilitator: User, client_for: Browser
    ) -> None:
        client = client_for(facilitator)
        assert self.address(draft) in client.get(f"/desk/sessions/{draft.pk}/agenda/").content.decode()
        page = client.get(self.address(draft)).content.decode()
        assert all(str(one.name) in page for one in READY)
        page = client.get(self.address(draft, "one-evening/")).content.decode()
        assert "The agenda has 3 rounds now. They go" in page
        assert draft.rounds.count() == 3  # nothing happens before the yes
        response = client.post(self.address(draft, "one-evening/"), {"seen": seen(draft)}, follow=True)
        assert "The agenda is replaced." in response.content.decode()
        assert draft.rounds.count() == 5
        assert "is just like this already" in client.get(self.address(draft, "one-evening/")).content.decode()

    @pytest.mark.parametrize("given", [{}, {"seen": "x"}, {"seen": "0" * 5000}])
    def test_an_old_page_replaces_nothing(
        self, given: dict[str, str], draft: DialogueSession, facilitator: User, client_for: Browser
    ) -> None:
        response = client_for(facilitator).post(self.address(draft, "one-evening/"), given, follow=True)
        assert "changed meanwhile" in response.content.decode()
        assert draft.rounds.count() == 3

    def test_an_empty_agenda_is_not_asked_about(
        self, draft: DialogueSession, facilitator: User, client_for: Browser
    ) -> None:
        draft.rounds.all().delete()
        page = client_for(facilitator).get(self.address(draft, "one-evening/")).content.decode()
        assert "The agenda is empty." in page
        assert "can’t be undone" not in page

    def test_once_announced_the_pages_say_why_not(self, facilitator: User, peer: User, client_for: Browser) -> None:
        session = factories.make_session(State.ANNOUNCED, team=[facilitator, peer])
        factories.make_round(session, RoundKind.OPENING, Round.State.PLANNED)
        client = client_for(facilitator)
        page = client.get(self.address(session, "one-evening/")).content.decode()
        assert "Only the agenda of a draft" in page
        assert '<form method="post" action="/desk/sessions' not in page
        refused = client.post(self.address(session, "one-evening/"), {"seen": seen(session)}, follow=True)
        assert "Only the agenda of a draft" in refused.content.decode()

    @pytest.mark.parametrize("key", ["nothing", "0" * 32, "00000000-0000-0000-0000-000000000000", "x" * 3000])
    def test_what_is_no_template(
        self, key: str, draft: DialogueSession, facilitator: User, client_for: Browser
    ) -> None:
        client = client_for(facilitator)
        assert client.get(self.address(draft, f"{key}/")).status_code == 404
        assert client.post(self.address(draft, f"{key}/"), {"seen": seen(draft)}).status_code == 404
        assert client.get(self.address(draft, f"{key}/delete/")).status_code == 404

    def test_saving_says_what_is_wrong_and_keeps_what_was_typed(
        self, draft: DialogueSession, facilitator: User, client_for: Browser
    ) -> None:
        client, there = client_for(facilitator), f"/desk/sessions/{draft.pk}/agenda/save/"
        response = client.post(there, {"name": "First meeting, seven rounds", "whom": "For the brave."})
        page = response.content.decode()
        assert (response.status_code, AgendaTemplate.objects.count()) == (200, 0)
        assert "A template has this name already" in page
        assert "For the brave." in page
        client.post(there, {"name": "Mine", "whom": ""})
        assert AgendaTemplate.objects.get().made_by == facilitator

    def test_deleting_asks_first(self, draft: DialogueSession, facilitator: User, client_for: Browser) -> None:
        kept = factories.make_agenda_template(made_by=facilitator, name="Ours")
        client, there = client_for(facilitator), self.address(draft, f"{kept.pk}/delete/")
        assert there in client.get(self.address(draft)).content.decode()
        assert "can’t be undone" in client.get(there).content.decode()
        assert AgendaTemplate.objects.count() == 1
        assert "The template is deleted." in client.post(there, follow=True).content.decode()
        assert AgendaTemplate.objects.count() == 0
        assert client.post(there).status_code == 404

    def test_those_of_others_and_of_the_site_have_no_such_page(
        self, draft: DialogueSession, facilitator: User, client_for: Browser
    ) -> None:
        kept = factories.make_agenda_template()
        client = client_for(facilitator)
        assert client.post(self.address(draft, f"{kept.pk}/delete/")).status_code == 404
        assert client.post(self.address(draft, "one-evening/delete/")).status_code == 404
        assert "delete/" not in client.get(self.address(draft)).content.decode()

    @pytest.mark.parametrize("many", [1, 30])
    def test_one_query_for_all_templates(
        self,
        many: int,
        draft: DialogueSession,
        facilitator: User,
        client_for: Browser,
        django_assert_num_queries: Callable[[int], object],
    ) -> None:
        for _number in range(many):
            factories.make_agenda_template()
        client = client_for(facilitator)
        with django_assert_num_queries(QUERIES):  # type: ignore[attr-defined]
            client.get(self.address(draft))


QUERIES = 4


def test_the_shelf_is_the_site_s_then_the_saved_by_name(facilitator: User) -> None:
    factories.make_agenda_template(name="B")
    factories.make_agenda_template(name="A")
    assert [one.name for one in templates(facilitator)][-2:] == ["A", "B"]


def test_the_form_leaves_the_name_to_the_action() -> None:
    assert TemplateForm({"name": "First meeting, seven rounds"}).is_valid()
