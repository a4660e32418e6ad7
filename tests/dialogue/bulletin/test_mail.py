"""The bulletin by mail: each partner once, in its own language, whatever happens to the worker or the mail server."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.core import mail
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from accounts import pickup
from accounts.models import OutreachPartner, Participant, User
from dialogue.audit.models import AuditEvent
from dialogue.bulletin import jobs
from dialogue.bulletin.actions import mail_bulletin
from dialogue.jobs import running
from dialogue.jobs.actions import retry_job, stop_job
from dialogue.jobs.models import Job
from dialogue.reminders.post import NoServer, NotTaken, Post
from dialogue.sessions.models import State
from seeds.transitions import NotAllowed
from tests import factories

ClientFor = Callable[[User | Participant | None], Client]
PATH = "/desk/bulletin/mail/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def partners() -> list[OutreachPartner]:
    return [factories.make_partner(language=language) for language in ("en", "es", "en")]


def mailed(partners: list[OutreachPartner], by: User, area: str = "") -> Job:
    pk, lock = uuid4(), pickup.lock_of({})  # type: ignore[arg-type]
    mail_bulletin(pk=pk, area=area, partners=partners, lock=lock, by=by)
    return Job.objects.get(pk=pk)


def addresses() -> list[str]:
    return sorted(to for one in mail.outbox for to in one.to)


def test_each_gets_it_in_its_language(
    client_for: ClientFor, facilitator: User, partners: list[OutreachPartner]
) -> None:
    session = factories.make_session(State.ANNOUNCED)
    client = client_for(facilitator)
    assert all(partner.name in client.get(PATH).content.decode() for partner in partners)
    asked = {"pk": str(uuid4()), "partners": [str(partner.pk) for partner in partners]}
    first, second = (client.post(PATH, asked).headers["Location"] for _click in range(2))
    assert first == second
    assert "0 of 3 mails" in client.get(first).content.decode()
    running.work_off()
    assert "3 of 3 mails" in client.get(first).content.decode()
    assert addresses() == sorted(partner.email for partner in partners)
    for one in mail.outbox:
        assert session.title in one.body
        assert one.attachments[0].filename == "bulletin.pdf"
    assert sorted(one.subject for one in mail.outbox) == ["Próximas conversaciones", "Talks to come", "Talks to come"]
    event = AuditEvent.objects.get()
    assert (event.verb, event.actor, event.detail) == ("mail_bulletin", facilitator.pk, "3")


def test_only_some(client_for: ClientFor, facilitator: User, partners: list[OutreachPartner]) -> None:
    near, far = factories.make_session(State.ANNOUNCED), factories.make_session(State.ANNOUNCED)
    near.agencies.add(factories.make_agency(area="Mill Valley"))
    client = client_for(facilitator)
    client.post(f"{PATH}?area=Mill+Valley", {"partners": [str(partners[0].pk)]})
    running.work_off()
    [sent] = mail.outbox
    assert sent.to == [partners[0].email]
    assert near.title in sent.body
    assert far.title not in sent.body


def test_nobody_chosen(client_for: ClientFor, facilitator: User, partners: list[OutreachPartner]) -> None:
    assert "Choose at least one." in client_for(facilitator).post(PATH, {}).content.decode()
    assert not Job.objects.exists()


def test_no_partner(client_for: ClientFor, facilitator: User) -> None:
    assert "There is no active partner to write to." in client_for(facilitator).get(PATH).content.decode()


def test_wrong_person(partners: list[OutreachPartner], listener: User) -> None:
    with pytest.raises(NotAllowed):
        mailed(partners, listener)


def test_one_mailing_at_a_time(client_for: ClientFor, facilitator: User, partners: list[OutreachPartner]) -> None:
    mailed(partners, facilitator)
    again = client_for(facilitator).post(PATH, {"partners": [str(partners[0].pk)]}).content.decode()
    assert "You have one of these at work already." in again
    assert AuditEvent.objects.count() == 1


def test_a_killed_worker_sends_no_mail_twice(facilitator: User, partners: list[OutreachPartner]) -> None:
    job = mailed(partners, facilitator)
    killed = running.take_up(timezone.now())
    assert killed
    sent = 0

    class Power(BaseException):
        """The plug is pulled."""

    def pulled(done: int, *, skipped: int = 0) -> None:
        nonlocal sent
        sent = max(sent, done)
        running.Held.step(killed, done, skipped=skipped)
        if done == 2:
            raise Power

    killed.step = pulled  # type: ignore[method-assign]
    with pytest.raises(Power):
        jobs.send(killed)
    later = running.take_up(timezone.now() + running.LEASE * 2)
    assert later
    assert later.job.done == 2
    later.finish(jobs.send(later))  # type: ignore[func-returns-value]
    job.refresh_from_db()
    assert (job.state, job.done) == (Job.State.DONE, 3)
    assert addresses() == sorted(partner.email for partner in partners)
    assert len({one.extra_headers["Message-ID"] for one in mail.outbox}) == 3


def test_stopped_and_tried_again_only_one_worker_goes_on(
    facilitator: User, partners: list[OutreachPartner], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = mailed(partners, facilitator)
    first, send = running.take_up(timezone.now()), Post.send
    assert first

    def during_the_first(post: Post, one: mail.EmailMessage) -> None:
        monkeypatch.setattr(Post, "send", send)
        send(post, one)
        stop_job(Job.objects.get(), by=facilitator)
        retry_job(Job.objects.get(), lock=job.lock, by=facilitator)
        assert running.take_up(timezone.now())

    monkeypatch.setattr(Post, "send", during_the_first)
    with pytest.raises(running.Lost):
        jobs.send(first)
    assert len(addresses()) == 1


def test_no_mail_server_and_then_one(
    client_for: ClientFor, facilitator: User, partners: list[OutreachPartner], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = mailed(partners, facilitator)
    send = Post.send

    def away(post: Post, one: mail.EmailMessage) -> None:
        if len(mail.outbox) == 1:
            raise NoServer
        send(post, one)

    monkeypatch.setattr(Post, "send", away)
    running.work_off()
    client = client_for(facilitator)
    shown = client.get(f"/work/{job.pk}/").content.decode()
    assert "The mail server can’t be reached." in shown
    assert "1 of 3 mails" in shown
    monkeypatch.setattr(Post, "send", send)
    client.post(f"/work/{job.pk}/again/")
    running.work_off()
    assert addresses() == sorted(partner.email for partner in partners)


def test_one_address_is_refused(
    client_for: ClientFor, facilitator: User, partners: list[OutreachPartner], monkeypatch: pytest.MonkeyPatch
) -> None:
    job, send = mailed(partners, facilitator), Post.send

    def choosy(post: Post, one: mail.EmailMessage) -> None:
        if one.to == [partners[1].email]:
            raise NotTaken("550")
        send(post, one)

    monkeypatch.setattr(Post, "send", choosy)
    running.work_off()
    assert len(mail.outbox) == 2
    assert "did not take 1 of them" in client_for(facilitator).get(f"/work/{job.pk}/").content.decode()


@pytest.mark.parametrize("answer", ["broken", "451"])
def test_what_might_be_taken_later_is_tried_again_and_never_skipped(
    answer: str, facilitator: User, partners: list[OutreachPartner], monkeypatch: pytest.MonkeyPatch
) -> None:
    job, send, refusals = mailed(partners, facilitator), Post.send, [answer]
    second = OutreachPartner.objects.get(pk=job.wanted["partners"][1])

    def refuses(post: Post, one: mail.EmailMessage) -> None:
        if refusals and one.to == [second.email]:
            raise NotTaken(refusals.pop())
        send(post, one)

    monkeypatch.setattr(Post, "send", refuses)
    refusals.append(answer)  # twice: then it is given up for now
    running.work_off()
    job.refresh_from_db()
    assert (job.state, job.why, job.done, job.skipped) == ("failed", "no_server", 1, 0)
    refusals.append(answer)  # once: the second try is at once
    retry_job(job, lock=job.lock, by=facilitator)
    running.work_off()
    assert addresses() == sorted(partner.email for partner in partners)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_after_a_mail_does_not_repeat_it(
    facilitator: User, partners: list[OutreachPartner], monkeypatch: pytest.MonkeyPatch
) -> None:
    job, step, steps = mailed(partners, facilitator), running.Held.step, []

    def away(held: running.Held, done: int, *, skipped: int = 0) -> None:
        steps.append(done)
        if len(steps) == 2:  # the note of the first mail
            raise OperationalError
        step(held, done, skipped=skipped)

    monkeypatch.setattr(running.Held, "step", away)
    running.work_off()
    job.refresh_from_db()
    assert (job.state, steps) == ("done", [0, 1, 1, 1, 2, 2, 3])
    assert addresses() == sorted(partner.email for partner in partners)


def test_who_left_meanwhile_gets_none(facilitator: User, partners: list[OutreachPartner]) -> None:
    mailed(partners, facilitator)
    OutreachPartner.objects.filter(pk=partners[0].pk).update(is_active=False)
    running.work_off()
    assert addresses() == sorted(partner.email for partner in partners[1:])
