"""Long work: asked for once, done once whoever is killed, told to its owner only, gone after its time."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import redis
from django.conf import settings as site
from django.test import Client
from django.utils import timezone
from kombu.exceptions import OperationalError
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks, Settings

from accounts import pickup
from accounts.models import Participant, User
from dialogue.jobs import actions, running
from dialogue.jobs.models import KEPT, Job
from dialogue.jobs.tasks import work
from dialogue.retention import clock
from seeds.celery import app
from seeds.transitions import NotAllowed
from tests import factories
from tests.dialogue.jobs.stage import FILE
from tests.racing import at_once

ClientFor = Callable[[User | Participant | None], Client]
OWN_WORDS, BULLETIN = Job.Kind.OWN_WORDS, Job.Kind.BULLETIN


@pytest.fixture(autouse=True)
def does(settings: Settings) -> Callable[[str], None]:
    """Which of the works in stage.py is done; `make` unless a test says so."""

    def set_work(name: str) -> None:
        settings.JOBS = {"own_words": f"tests.dialogue.jobs.stage.{name}"}

    set_work("make")
    return set_work


def started(by: User, session: Any = None, **fields: Any) -> Job:
    values: dict[str, Any] = {"pk": uuid4(), "kind": OWN_WORDS, "wanted": {}} | fields
    actions.start_job(**values, lock=pickup.lock_of({} if session is None else session), by=by)
    return Job.objects.get(pk=values["pk"])


def asked_on_page(client: Client, by: User) -> Job:
    """A job whose file opens in this client's web session."""
    session = client.session
    job = started(by, session)
    session.save()
    return job


def page(client: Client, job: Job, query: str = "") -> str:
    return client.get(f"/work/{job.pk}/{query}").content.decode()


def state_of(job: Job) -> str:
    job.refresh_from_db()
    return job.state


@pytest.mark.django_db
class TestWork:
    def test_it_is_done_and_its_owner_takes_the_file(self, client_for: ClientFor, listener: User) -> None:
        client = client_for(listener)
        job = asked_on_page(client, listener)
        assert "Waits for its turn" in page(client, job)
        assert running.work_off() == 1
        assert state_of(job) == Job.State.DONE
        assert "Your file is ready" in page(client, job)
        for _time in range(2):  # a double click takes it twice
            answer = client.post(f"/work/{job.pk}/file/")
            assert (answer.content, answer.headers["Content-Type"]) == (FILE, "application/pdf")
            assert answer.headers["Cache-Control"] == "no-store"
        assert running.work_off() == 0

    def test_asked_twice_it_is_one(self, listener: User) -> None:
        pk, lock = uuid4(), pickup.lock_of({})  # type: ignore[arg-type]
        ask: dict[str, Any] = {"pk": pk, "kind": OWN_WORDS, "wanted": {}, "lock": lock, "by": listener}
        assert [actions.start_job(**ask), actions.start_job(**ask)] == [True, False]
        running.work_off()
        assert actions.start_job(**ask) is False, "also once it is done"
        assert Job.objects.get().state == Job.State.DONE

    def test_one_of_a_kind_at_a_time(self, listener: User, facilitator: User) -> None:
        first = started(listener)
        with pytest.raises(NotAllowed):
            started(listener)
        started(listener, kind=BULLETIN)
        started(facilitator)
        actions.stop_job(first, by=listener)
        again = started(listener)
        with pytest.raises(NotAllowed):
            actions.retry_job(first, lock="", by=listener)
        assert again.is_open

    def test_an_id_of_somebody_else_is_refused(self, listener: User, facilitator: User) -> None:
        job = started(listener)
        with pytest.raises(NotAllowed):
            started(facilitator, pk=job.pk)
        with pytest.raises(NotAllowed):
            started(listener, pk=job.pk, kind=BULLETIN)

    def test_only_its_owner_acts_on_it(self, listener: User, facilitator: User) -> None:
        job = started(listener)
        for act in (
            lambda: actions.stop_job(job, by=facilitator),
            lambda: actions.retry_job(job, lock="", by=facilitator),
            lambda: actions.delete_job(job, by=facilitator),
        ):
            with pytest.raises(NotAllowed):
                act()
        assert state_of(job) == Job.State.WAITING

    def test_wrong_state(self, listener: User) -> None:
        job = started(listener)
        with pytest.raises(NotAllowed):
            actions.retry_job(job, lock="", by=listener)
        with pytest.raises(NotAllowed):
            actions.delete_job(job, by=listener)
        running.work_off()
        for act in (actions.stop_job, lambda one, by: actions.retry_job(one, lock="", by=by)):
            with pytest.raises(NotAllowed):
                act(Job.objects.get(), by=listener)

    def test_what_breaks_is_told_plainly_and_can_be_tried_again(
        self, client_for: ClientFor, listener: User, does: Callable[[str], None]
    ) -> None:
        does("breaks")
        client = client_for(listener)
        job = asked_on_page(client, listener)
        running.work_off()
        shown = page(client, job)
        assert "Something broke on our side." in shown
        assert "must not be told" not in shown
        does("make")
        client.post(f"/work/{job.pk}/again/")
        running.work_off()
        assert client.post(f"/work/{job.pk}/file/").content == FILE

    def test_what_cannot_be_done_is_not_tried_again(
        self, client_for: ClientFor, listener: User, does: Callable[[str], None]
    ) -> None:
        does("cannot")
        client = client_for(listener)
        job = asked_on_page(client, listener)
        running.work_off()
        shown = page(client, job)
        assert "too much for one PDF" in shown
        assert "Try again" not in shown

    def test_stopped_while_it_runs(self, client_for: ClientFor, listener: User, does: Callable[[str], None]) -> None:
        does("stopped_meanwhile")
        client = client_for(listener)
        job = asked_on_page(client, listener)
        running.work_off()
        assert state_of(job) == Job.State.CANCELLED
        assert not pickup.is_there(job.pk)
        assert "You stopped this." in page(client, job)

    def test_stopped_by_its_button(self, client_for: ClientFor, listener: User) -> None:
        client = client_for(listener)
        job = asked_on_page(client, listener)
        assert "It is stopped." in client.post(f"/work/{job.pk}/stop/", follow=True).content.decode()
        assert "It has ended already." in client.post(f"/work/{job.pk}/stop/", follow=True).content.decode()
        assert running.work_off() == 0

    def test_a_broker_that_is_away_loses_nothing(
        self,
        listener: User,
        monkeypatch: pytest.MonkeyPatch,
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    ) -> None:
        def away(*_: object, **__: object) -> None:
            raise OperationalError

        monkeypatch.setattr(app, "send_task", away)
        with django_capture_on_commit_callbacks(execute=True) as calls:
            job = started(listener)
        assert len(calls) == 1
        work()  # beat's tick
        assert state_of(job) == Job.State.DONE
        assert site.CELERY_BEAT_SCHEDULE["work-off-jobs"]["task"] == work.name == actions.WORK


@pytest.mark.django_db(transaction=True)
def test_a_worker_is_woken_without_a_word_about_what_for(listener: User) -> None:
    with redis.Redis.from_url(site.REDIS_URL) as broker:
        broker.delete("celery")
        job = started(listener)
        [message] = broker.lrange("celery", 0, -1)
        broker.delete("celery")
    assert b'"jobs.work"' in message
    assert job.pk.hex.encode() not in message
    assert str(job.pk).encode() not in message


@pytest.mark.django_db
class TestTakenOver:
    def test_a_killed_worker_is_followed_by_another(self, listener: User) -> None:
        job, now = started(listener), timezone.now()
        killed = running.take_up(now)
        assert killed
        killed.step(1)
        assert running.take_up(now) is None, "as long as its lease lasts"
        later = running.take_up(now + running.LEASE * 2)
        assert later
        assert (later.job.pk, later.job.done, later.job.turn) == (job.pk, 1, 2)
        with pytest.raises(running.Lost):
            killed.step(2)  # it was only slow
        later.finish(FILE)
        with pytest.raises(running.Lost):
            killed.finish(b"late")
        assert state_of(job) == Job.State.DONE

    def test_one_that_kills_its_workers_is_given_up(self, listener: User) -> None:
        job, now = started(listener), timezone.now()
        for turn in range(running.MOST_TRIES):
            assert running.take_up(now + running.LEASE * 2 * turn)
        assert running.take_up(now + running.LEASE * 20) is None
        assert state_of(job) == Job.State.FAILED
        assert job.why == Job.Why.INTERRUPTED
        actions.retry_job(job, lock="", by=listener)
        assert running.take_up(now + running.LEASE * 20), "who asks again gets all tries again"

    def test_stopped_and_tried_again_the_first_worker_has_lost_it(self, client_for: ClientFor, listener: User) -> None:
        job = asked_on_page(client_for(listener), listener)
        first = running.take_up(timezone.now())
        assert first
        actions.stop_job(Job.objects.get(), by=listener)
        client = client_for(listener)  # signed in again, with another key
        client.get(f"/work/{job.pk}/")
        client.post(f"/work/{job.pk}/again/")
        second = running.take_up(timezone.now())
        assert second
        with pytest.raises(running.Lost):
            first.step(1)
        second.finish(FILE)
        with pytest.raises(running.Lost):
            first.finish(b"late")
        assert client.post(f"/work/{job.pk}/file/").content == FILE, "locked for who asked last"


@pytest.mark.django_db
class TestItsTime:
    def test_the_file_waits_an_hour_locked(self, client_for: ClientFor, listener: User) -> None:
        client = client_for(listener)
        job = asked_on_page(client, listener)
        running.work_off()
        with redis.Redis.from_url(site.REDIS_URL) as store:
            [name] = store.keys("pickup:*")
            assert 3500 < store.ttl(name) <= KEPT.total_seconds()
            assert FILE not in store.get(name)
        pickup.clear(job.pk)  # the hour is over
        assert "The file is gone" in page(client, job)
        assert "The file is gone" in client.post(f"/work/{job.pk}/file/", follow=True).content.decode()

    def test_another_browser_of_the_same_person_does_not_open_it(self, client_for: ClientFor, listener: User) -> None:
        job = asked_on_page(client_for(listener), listener)
        running.work_off()
        other = client_for(listener)
        assert "The file is gone" in page(other, job)
        assert other.post(f"/work/{job.pk}/file/").status_code == 302

    @pytest.mark.parametrize("state", ["done", "failed", "cancelled", "waiting"])
    def test_the_clock_deletes_it(self, state: str, listener: User) -> None:
        now = timezone.now()
        gone = factories.make_job(listener, state, goes_at=now - timedelta(seconds=1))
        kept = factories.make_job(listener, "done", goes_at=now + timedelta(minutes=1))
        pickup.leave(gone.pk, FILE, lock=pickup.lock_of({}), seconds=60)  # type: ignore[arg-type]
        clock.run(now)
        assert list(Job.objects.all()) == [kept]
        assert not pickup.is_there(gone.pk)

    def test_its_owner_deletes_it_before(self, client_for: ClientFor, listener: User) -> None:
        client = client_for(listener)
        job = asked_on_page(client, listener)
        running.work_off()
        client.post(f"/work/{job.pk}/delete/")
        assert not Job.objects.exists()
        assert not pickup.is_there(job.pk)


@pytest.mark.django_db
class TestPages:
    def test_nobody_else_sees_it(
        self, client_for: ClientFor, listener: User, facilitator: User, operator: User
    ) -> None:
        job = started(listener)
        for stranger in (facilitator, operator):
            client = client_for(stranger)
            assert client.get(f"/work/{job.pk}/").status_code == 404
            for act in ("file", "stop", "again", "delete"):
                assert client.post(f"/work/{job.pk}/{act}/").status_code == 404
            assert "Nothing runs for you now." in client.get("/work/").content.decode()
        assert state_of(job) == Job.State.WAITING

    def test_how_far_it_is(self, client_for: ClientFor, facilitator: User) -> None:
        job = factories.make_job(facilitator, "running", kind=BULLETIN, done=3, total=7)
        client = client_for(facilitator)
        shown = page(client, job)
        assert "3 of 7 mails" in shown
        assert re.search(r'<progress value="3" max="7"', shown)
        assert "3 of 7 mails" in client.get("/work/").content.decode()

    def test_it_looks_by_itself_only_if_asked_and_only_while_it_runs(
        self, client_for: ClientFor, listener: User
    ) -> None:
        client = client_for(listener)
        job = asked_on_page(client, listener)
        path = f"/work/{job.pk}/"
        assert client.get(path).headers["Refresh"].endswith("; url=/")
        looking = client.get(f"{path}?look")
        assert looking.headers["Refresh"] == "5"
        assert "Stop looking" in looking.content.decode()
        running.work_off()
        assert client.get(f"{path}?look").headers["Refresh"].endswith("; url=/")

    def test_one_that_runs_and_whose_length_nobody_knows(self, client_for: ClientFor, listener: User) -> None:
        shown = page(client_for(listener), factories.make_job(listener, "running"))
        assert "At work" in shown
        assert "<progress aria" in shown, "without a value it says that something goes on, not how much"

    @pytest.mark.parametrize("rows", [1, 4])
    def test_queries(
        self, rows: int, client_for: ClientFor, listener: User, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        jobs = [factories.make_job(listener) for _row in range(rows)]
        client = client_for(listener)
        client.get("/work/")
        for path in ("/work/", f"/work/{jobs[0].pk}/"):
            with django_assert_num_queries(3):  # who looks, the second factor, the jobs
                client.get(path)


@pytest.mark.django_db(transaction=True)
class TestRaced:
    def test_asked_at_once(self, listener: User) -> None:
        pk = uuid4()
        at_once(*[lambda: started(listener, pk=pk) for _ in range(4)])
        assert [job.pk for job in Job.objects.all()] == [pk]

    def test_asked_at_once_with_two_pages(self, listener: User) -> None:
        answers = at_once(*[lambda: started(listener) for _ in range(4)])
        assert sum(isinstance(one, NotAllowed) for one in answers) == 3
        assert Job.objects.count() == 1

    def test_many_workers_do_it_once(self, listener: User, facilitator: User) -> None:
        jobs = [started(listener), started(facilitator)]
        assert sum(at_once(*[running.work_off for _ in range(4)])) == 2
        assert {state_of(job) for job in jobs} == {Job.State.DONE}
        assert {job.turn for job in jobs} == {1}
