"""From seven words to keys: forgiving to type, nothing that leads back."""

import math
import os
import threading
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.participants import keys

LOADED = {"policeman", "handgun", "jailhouse", "mugshot", "opium", "syringes", "juror", "evidence", "suicide", "badge"}
phrases = st.lists(st.sampled_from(keys.word_list()), min_size=7, max_size=7).map(" ".join)


def test_words_are_told_apart_by_three_letters_and_none_hurts():
    words = keys.word_list()
    assert len({word[:3] for word in words}) == len(words) == 1251
    assert all(word.isascii() and word.isalpha() and word.islower() and len(word) >= 3 for word in words)
    assert LOADED.isdisjoint(words)


def test_passphrase_has_72_bits():
    words = keys.generate_passphrase().split(" ")
    assert len(words) == 7
    assert set(words) <= set(keys.word_list())
    assert len(words) * math.log2(len(keys.word_list())) >= 72


def test_passphrases_differ():
    assert len({keys.generate_passphrase() for _ in range(200)}) == 200


@given(phrases, st.randoms(use_true_random=False))
def test_typing_is_forgiven(phrase, random):
    words = [random.choice((word, word.upper(), word.title(), word[:3], word + "x")) for word in phrase.split()]
    separators = [random.choice((" ", "  ", "-", "\n", ", ", "\t", ". ", " 3. ", "\u00a0")) for _ in words]
    typed = "1. " + "".join(word + sign for word, sign in zip(words, separators, strict=True))
    assert keys.normalize(typed) == keys.normalize(phrase)


@given(st.text())
def test_normalizing_any_text_settles_it(text):
    once = keys.normalize(text)
    assert keys.normalize(once) == once


def test_accents_and_full_width_letters_count_as_plain_ones():
    assert keys.normalize("Ábäcus ｆｏｘ") == "aba-fox"


@given(phrases, phrases)
def test_other_words_are_other_words(one, other):
    assert (keys.normalize(one) == keys.normalize(other)) == (one == other)


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_wrapped_master_comes_back(root, master):
    wrapped = keys.wrap(root, master)
    assert len(wrapped) == 60
    assert keys.unwrap(root, memoryview(wrapped)) == master


@given(st.integers(min_value=0, max_value=60 * 8 - 1))
def test_changed_wrapping_is_refused(bit):
    root = os.urandom(32)
    wrapped = bytearray(keys.wrap(root, os.urandom(32)))
    wrapped[bit // 8] ^= 1 << bit % 8
    with pytest.raises(keys.WrongKey):
        keys.unwrap(root, bytes(wrapped))


def test_wrapping_opens_with_its_own_words_only():
    with pytest.raises(keys.WrongKey):
        keys.unwrap(os.urandom(32), keys.wrap(os.urandom(32), os.urandom(32)))


def test_uses_of_one_root_have_nothing_in_common():
    root = os.urandom(32)
    assert len({root, keys.lookup(root), keys.sub_key(root, b"wrap"), keys.alias_key(root)}) == 4


@given(st.binary(min_size=32, max_size=32), st.lists(st.uuids(), min_size=2, max_size=20, unique=True))
@pytest.mark.promise("P2")
def test_tags_differ_by_session_and_come_again(alias_key, sessions):
    tags = [keys.alias_tag(alias_key, session) for session in sessions]
    assert len(set(tags)) == len(sessions)
    assert tags == [keys.alias_tag(alias_key, session) for session in sessions]
    assert all(len(tag) == 32 for tag in tags)


@pytest.mark.promise("P2")
def test_tags_of_two_people_share_nothing():
    people = [os.urandom(32) for _ in range(50)]
    sessions = [uuid.uuid4() for _ in range(4)]
    assert len({keys.alias_tag(person, session) for person in people for session in sessions}) == 200


def test_root_depends_on_words_and_on_the_salt_outside_the_database(settings):
    words = keys.generate_passphrase()
    root = keys.root_key(words)
    assert root == keys.root_key(words.upper().replace(" ", "-"))
    assert root != keys.root_key(keys.generate_passphrase())
    settings.SITE_SALT = b"another site's salt, 32 bytes long"
    assert root != keys.root_key(words)


def test_two_at_a_time_and_the_third_is_told(monkeypatch):
    monkeypatch.setattr(keys, "WAIT_FOR_TURN", 0.01)
    monkeypatch.setattr(keys, "_turn", threading.BoundedSemaphore(2))
    keys._turn.acquire()
    assert len(keys.root_key("one turn is left")) == 32
    keys._turn.acquire()
    with pytest.raises(keys.TooManyAtOnce):
        keys.root_key("no turn is left")
    keys._turn.release()
    assert len(keys.root_key("a turn again")) == 32


def test_codes_have_sixty_bits_and_no_lookalikes():
    codes = {keys.generate_code() for _ in range(200)}
    assert len(codes) == 200
    assert all(len(code) == 12 and set(code) <= set(keys.CODE_ALPHABET) for code in codes)
    assert len(set(keys.CODE_ALPHABET)) == 32
    assert set("ILOU").isdisjoint(keys.CODE_ALPHABET)


def test_typing_a_code_is_forgiven():
    code = "0A1B2C3D4E5F"
    for typed in ("0a1b-2c3d-4e5f", " oAiB 2c3d 4e5f ", "OALB2C3D4E5F", "0A1B.2C3D.4E5F"):
        assert keys.code_digest(typed) == keys.code_digest(code)
    assert keys.code_digest("0A1B2C3D4E5G") != keys.code_digest(code)
    assert keys.spaced(code) == "0A1B-2C3D-4E5F"


def test_digest_needs_the_salt(settings):
    before = keys.code_digest("0A1B2C3D4E5F")
    settings.SITE_SALT = b"another site's salt, 32 bytes long"
    assert keys.code_digest("0A1B2C3D4E5F") != before


def test_list_says_whose_work_it_is():
    text = (Path(keys.__file__).parent / "words.LICENSE").read_text()
    assert "CC BY 3.0 US" in text
    assert "Electronic Frontier Foundation" in text
