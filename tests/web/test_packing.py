"""Pages with holes: whoever unpacks one reads what everybody else would have been sent whole."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as some

from facilitation.web.packing import HOLE, Packed

texts = some.text(some.characters(codec="utf-8"), max_size=300)


@given(some.lists(texts, min_size=1, max_size=4), texts)
def test_unpacked_it_is_the_text_with_its_holes_filled(parts, word):
    page = HOLE.join(parts)

    unpacked = gzip.decompress(Packed(page).filled(word)).decode()

    assert unpacked == page.replace(HOLE, word)


def test_it_is_about_as_small_as_when_it_is_packed_whole():
    page = "<p>een vraag over de opvang</p>" * 300 + HOLE + "<p>en nog een</p>" * 300

    assert len(Packed(page).filled("een sleutel")) < len(gzip.compress(page.encode())) * 1.5


def test_a_damaged_one_is_seen():
    packed = bytearray(Packed(f"a{HOLE}b").filled("word"))
    packed[packed.index(b"word")] ^= 1

    with pytest.raises(gzip.BadGzipFile):
        gzip.decompress(bytes(packed))
