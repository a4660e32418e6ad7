"""The demo's words are well-formed, invented, and fit for the people who read them."""

import re
import unicodedata
from collections import Counter

import pytest

from demo.content.entries import CommentEntry
from demo.content.read import FOLDER, content
from dialogue.acknowledgments.models import PARTS
from dialogue.moderation.models import Reason
from dialogue.sessions.models import RecordLabel, RoundKind
from seeds.vault import MAX_TEXT
from tests.reading import grade

CONTENT = content()
COMMENTS = [comment for comments in CONTENT.comments.values() for comment in comments]
FILES = sorted(FOLDER.rglob("*.toml"))
RAW = {file.name: file.read_text("utf-8") for file in FILES}
WAITING = ("held", "approved", "proposed", "appealed")
LISTENERS = {listener.key for listener in CONTENT.listeners}


def becomes(what: str) -> list[CommentEntry]:
    return [comment for comment in COMMENTS if comment.becomes == what]


def test_it_has_the_size_of_a_real_session() -> None:
    begun = [session.key for session in CONTENT.sessions if session.round_now]
    assert begun == ["ramp", "curb", "bench", "calling", "jail"]
    assert [session.key for session in CONTENT.sessions if session.closed] == ["ramp", "curb", "bench"]
    assert [session.starts for session in CONTENT.sessions if not session.round_now] == [3, 7, 21]
    assert len(CONTENT.agencies) == 2
    assert len(CONTENT.listeners) == 4
    assert len(CONTENT.letters) == 9
    assert len(CONTENT.partners) == 2
    assert any(person.peer for person in CONTENT.facilitators)
    assert 55 <= len(COMMENTS) <= 80


def test_the_known_participant_belongs_to_all_sessions_that_have_begun_and_to_one_to_come() -> None:
    rooms = [session.key for session in CONTENT.sessions if CONTENT.signs_in["participant"] in session.participants]
    assert rooms == ["ramp", "curb", "bench", "calling", "jail", "hospital"]


def test_every_participant_is_in_a_session_and_every_session_has_places() -> None:
    assert {letter for session in CONTENT.sessions for letter in session.participants} == set(CONTENT.letters)
    for session in CONTENT.sessions:
        assert len(session.participants) <= session.capacity
        assert not session.round_now or len(session.participants) >= session.minimum
        assert not session.round_now or len(session.listeners) <= len(session.participants)


def test_each_session_has_two_facilitators_of_whom_one_is_a_peer() -> None:
    peers = {person.key: person.peer for person in CONTENT.facilitators}
    for session in CONTENT.sessions:
        assert len(session.facilitators) >= 2
        assert any(peers[key] for key in session.facilitators)


def test_agendas_follow_the_practice() -> None:
    order = list(RoundKind.values)
    assert set(CONTENT.agendas) == {session.key for session in CONTENT.sessions}
    for rounds in CONTENT.agendas.values():
        kinds = [entry.kind for entry in rounds]
        assert kinds == sorted(kinds, key=order.index)
        assert set(kinds) == set(order)
        assert len({entry.key for entry in rounds}) == len(rounds)


def test_every_place_where_comments_stand_exists_and_is_reached() -> None:
    for session in CONTENT.sessions:
        keys = [entry.key for entry in CONTENT.agendas[session.key]]
        for comment in CONTENT.comments.get(session.key, []):
            assert keys.index(comment.round) <= keys.index(session.round_now)
            assert comment.by in session.participants or comment.by in session.listeners


def test_comment_keys_are_unique_and_answers_are_one_level_deep() -> None:
    by_key = {comment.key: comment for comment in COMMENTS}
    assert len(by_key) == len(COMMENTS)
    for answer in (comment for comment in COMMENTS if comment.answers):
        asked = by_key[answer.answers]
        assert (asked.answers, asked.becomes, asked.round) == ("", "released", answer.round)


def test_only_what_waits_stands_in_the_round_that_is_on() -> None:
    now = {session.key: session.round_now for session in CONTENT.sessions}
    closed = {session.key for session in CONTENT.sessions if session.closed}
    for key, comments in CONTENT.comments.items():
        waiting = {comment.round for comment in comments if comment.becomes in WAITING}
        assert waiting == (set() if key in closed else {now[key]})


def test_each_fate_of_a_text_can_be_seen() -> None:
    fates = Counter(comment.becomes for comment in COMMENTS)
    assert set(fates) == {"held", "approved", "released", "returned", "proposed", "appealed", "upheld", "withdrawn"}
    assert fates["held"] >= 5
    assert fates["returned"] >= 4
    assert fates["withdrawn"] == 1


def test_batches_have_two_authors_but_where_one_listener_tells_back_and_never_a_single_participant() -> None:
    batches: dict[tuple[str, str, int], set[str]] = {}
    for session, comments in CONTENT.comments.items():
        for comment in comments:
            assert (comment.becomes in ("released", "withdrawn")) == (comment.batch > 0)
            if comment.batch:
                batches.setdefault((session, comment.round, comment.batch), set()).add(comment.by)
    kinds = {(key, one.key): one.kind for key, agenda in CONTENT.agendas.items() for one in agenda}
    alone = {place for place, authors in batches.items() if len(authors) < 2}
    assert {kinds[place[:2]] for place in alone} <= {"reflecting"}  # where a listener's text waits for nobody
    assert {place: authors for place, authors in batches.items() if len(authors - LISTENERS) == 1} == {}


def test_a_proposal_and_a_retelling_can_be_seen() -> None:
    for comment in COMMENTS:
        assert (comment.becomes == "proposed") == bool(comment.proposed) == bool(comment.why)
    assert [comment.by for comment in becomes("proposed")] == [CONTENT.signs_in["participant"]]
    assert [comment.becomes for comment in COMMENTS if comment.retold] == ["released"]
    assert [comment.becomes for comment in COMMENTS if comment.wants_retelling] == ["held"]


def test_the_facilitator_finds_a_batch_ready_to_go_out() -> None:
    assert len({comment.by for comment in CONTENT.comments["calling"] if comment.becomes == "approved"}) >= 2


def test_listeners_stay_silent_while_they_listen() -> None:
    kinds = {entry.key: entry.kind for rounds in CONTENT.agendas.values() for entry in rounds}
    for comment in COMMENTS:
        if comment.by in LISTENERS:
            assert kinds[comment.round] not in ("opening", "listening")


def test_in_a_listening_round_nobody_tells_two_stories() -> None:
    kinds = {entry.key: entry.kind for rounds in CONTENT.agendas.values() for entry in rounds}
    told = Counter(
        (comment.round, comment.by)
        for comment in COMMENTS
        if kinds[comment.round] == "listening" and comment.becomes != "returned"
    )
    assert set(told.values()) == {1}


def test_returned_texts_have_a_reason_and_a_kind_note() -> None:
    for comment in COMMENTS:
        came_back = comment.becomes in ("returned", "appealed", "upheld")
        assert came_back == bool(comment.reason) == bool(comment.note)
        assert (comment.becomes == "upheld") == bool(comment.second_note)
    for comment in becomes("returned") + becomes("appealed") + becomes("upheld"):
        assert comment.reason in Reason.values
        assert len(comment.note) > 80
        assert "you can't" not in comment.note.lower()


@pytest.mark.parametrize("comment", COMMENTS, ids=lambda comment: comment.key)
def test_comments_fit(comment: CommentEntry) -> None:
    assert 10 < len(comment.text) <= 2500
    assert len(comment.text.encode()) <= MAX_TEXT
    assert comment.text == comment.text.strip()
    assert unicodedata.is_normalized("NFC", comment.text)


def test_lengths_vary() -> None:
    lengths = sorted(len(comment.text) for comment in COMMENTS)
    assert lengths[0] < 100
    assert lengths[-1] > 2000
    assert len([length for length in lengths if length < 160]) >= 8
    assert len([length for length in lengths if length > 700]) >= 5


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("accents", "[áéíóúñ¿«]"),
        ("Arabic", "[\u0620-\u064a]"),
        ("Hebrew", "[\u05d0-\u05ea]"),
        ("emoji", "[\U0001f300-\U0001faff]"),
        ("a very long word", r"[a-z]{120}"),
        ("a very long address", r"www\.\S{120}"),
        ("a blank line", "\n\n"),
        ("lines of a list", r"\n[^\n]+\n[^\n]+\n[^\n]+\n"),
    ],
)
def test_texts_hold(what: str, pattern: str) -> None:
    assert [comment.key for comment in COMMENTS if re.search(pattern, comment.text)], what


def test_waiting_texts_give_the_reader_something_to_find() -> None:
    held = "\n".join(comment.text for comment in becomes("held"))
    for detail in ("555-0173", "Officer Brandt", "Fourth and Alder", "third of March", "April 17", "4471"):
        assert detail in held


def test_shown_texts_hold_no_such_detail() -> None:
    shown = "\n".join(comment.shown for comment in becomes("released") + becomes("approved"))
    months = r"\b(January|February|March|April|June|July|August|September|October|November|December)\b"
    for pattern in (
        r"\d{3}-\d{4}",
        months,
        r"\b(Officer|Sergeant|Mrs?\.) [A-Z]",
        r"\b(Street|Avenue|Road)\b(?! Outreach)",
    ):
        assert re.findall(pattern, shown) == []


@pytest.mark.parametrize("name", sorted(RAW))
def test_nothing_in_it_is_real(name: str) -> None:
    numbers = re.findall(r"\b(?:\d{3}[-. ])?\d{3}[-. ]\d{4}\b", RAW[name])
    assert [number for number in numbers if not re.fullmatch(r"555-01\d\d", number)] == []
    domains = re.findall(r"(?:@|www\.|https?://)([\w.-]+\.\w+)", RAW[name])
    assert [domain for domain in domains if not domain.endswith(".example")] == []


def test_it_says_that_it_is_an_example() -> None:
    for session in CONTENT.sessions:
        assert session.about.startswith("Example session: every person and every word here is invented.")
    agencies = [agency.name for agency in CONTENT.agencies]
    partners = [partner.name for partner in CONTENT.partners]
    for name in agencies + partners + [resource.name for resource in CONTENT.resources]:
        assert name.endswith("(example)")
    assert CONTENT.legal_basis.strip().startswith("Example text.")
    for raw in RAW.values():
        assert "invented" in raw.splitlines()[0] + raw.splitlines()[1]


def test_acknowledgments_are_whole_and_apologize_without_conditions() -> None:
    for acknowledgment in CONTENT.acknowledgments:
        assert tuple(acknowledgment.parts) == PARTS
        for part in acknowledgment.parts.values():
            assert 100 < len(part) <= 3000
        apology = acknowledgment.parts["apology"]
        assert re.search(r"\b(sorry|apologize)\b", apology)
        assert not re.search(r"\b(if|but|mistakes were made|may have)\b", apology, re.IGNORECASE)


def test_whoever_has_a_place_in_a_session_under_way_made_the_first_move() -> None:
    made = {(entry.session, entry.listener) for entry in CONTENT.acknowledgments if entry.becomes == "accepted"}
    seated = {(session.key, key) for session in CONTENT.sessions if session.round_now for key in session.listeners}
    assert made == seated


def test_what_everybody_reads_is_plain() -> None:
    texts = [CONTENT.agreements, CONTENT.legal_basis]
    texts += [session.about for session in CONTENT.sessions]
    texts += [" ".join(entry.prompt for entry in agenda) for agenda in CONTENT.agendas.values()]
    texts += [" ".join(entry.parts.values()) for entry in CONTENT.acknowledgments]
    texts += [note for comment in COMMENTS for note in (comment.note, comment.second_note) if note]
    texts += [comment.why for comment in becomes("proposed")]
    assert [text[:60] for text in texts if grade(text) > 6] == []


def test_record_labels_are_known() -> None:
    assert {session.record_label for session in CONTENT.sessions} <= set(RecordLabel.values)


def test_nothing_is_promised_that_can_not_be_kept() -> None:
    words = "\n".join(RAW.values()).lower()
    for word in ("guaranteed", "confidential", "secure", "anonymous"):
        assert not re.search(rf"\b{word}\b", words), word


def test_help_lines_of_every_kind_were_checked_and_one_is_stale() -> None:
    assert {line.kind for line in CONTENT.resources} == {"emergency", "crisis", "local"}
    assert [line.kind for line in CONTENT.resources if line.verified_days_ago > 60] == ["local"]
    assert max(line.verified_days_ago for line in CONTENT.resources) > 90


def test_notes_are_about_a_session_a_round_or_a_text() -> None:
    staff = {session.key: session.facilitators for session in CONTENT.sessions}
    keys = {comment.key for comment in COMMENTS}
    for note in CONTENT.notes:
        assert note.by in staff[note.session]
        assert note.shared_with in ("team", "private")
        assert not (note.round and note.comment)
        assert not note.comment or note.comment in keys
        assert not note.round or note.round in [entry.key for entry in CONTENT.agendas[note.session]]
