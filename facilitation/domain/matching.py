"""Which prepared answers fit what somebody asks: by pieces of Dutch words, the rare ones most."""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

# Okapi BM25: a second time says little more, and a long text is no better for being long.
SATURATION, SHORTENING = 1.2, 0.75
PIECE = 4  # letters: enough to tell words apart, few enough to find `locatie` in `opvanglocatie`
WEAKEST = 0.05  # of what a perfect match scores: below this it is chance

# Words that stand in any question. Those that say what is asked (waarom, wanneer, wie) stay.
_LISTED = """
    de het een en of maar dat die dit deze er hier daar in op aan van voor met bij naar om te uit
    over door tot als dan ook nog al wel is zijn was waren wordt worden werd werden ben bent heeft
    hebben heb had je ik jij u uw we wij ons onze ze zij hun hen hij haar men mijn me mij zich zelf
    nu dus toch eigenlijk precies zo zo'n nou eens even weer want graag
"""
EMPTY_WORDS = frozenset(_LISTED.split())

# What is asked, in other words.
ALIKE = (
    "hoeveel aantal hoeveelheid totaal",
    "wanneer moment datum start begint tijdstip",
    "hoelang duur periode looptijd termijn tijdelijk",
    "waarom reden waardoor aanleiding hoezo",
    "besluit beslist besloten beslissing bepaalt bepaald kiest kiezen gekozen keuze koos",
)

_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_HOW_LONG = re.compile(r"\bhoe lang\b")
_POSSESSIVE = re.compile(r"'(?:s|er|en|ers)$")
_ENDINGS = (
    *("heden", "ingen", "eren", "elen", "enden", "ende", "ing", "tjes", "tje", "jes"),
    *("en", "es", "er", "e", "s", "t"),
)
_TWICE = re.compile(r"([aeou])\1")
_SHARPENED = {"v": "f", "z": "s"}  # huizen, huis


@dataclass(frozen=True)
class Match:
    """A prepared answer and how well it fits: 1 when all that is asked stands there."""

    id: int
    score: float


def best_matches(text: str, library: Mapping[int, Sequence[str]], *, count: int = 3) -> list[Match]:
    """The best first, at most `count` and none by chance; an entry is its question and answer.

    Each field is weighed among the same fields of the others, and the better of the two counts.
    """
    fields = [_shelf(column) for column in zip(*library.values(), strict=True)]
    scores = [shelf.scores(pieces(text)) for shelf in fields]
    found = [
        Match(id, max(of_entry))
        for id, of_entry in zip(library, zip(*scores, strict=True), strict=True)
    ]
    fitting = [match for match in found if match.score >= WEAKEST]
    best = sorted(fitting, key=lambda match: (-match.score, match.id))[:count]
    return [Match(match.id, min(1.0, match.score)) for match in best]


@lru_cache(maxsize=8192)
def pieces(text: str) -> Counter[str]:
    """What a text is compared by: pieces of the stems of its words, and what is asked for."""
    stems = [stem(word) for word in _words(text) if word not in EMPTY_WORDS]
    cut = (f"<{one}>"[at : at + PIECE] for one in stems for at in range(max(1, len(one) - 1)))
    return Counter([*cut, *(_ASKED[one] for one in stems if one in _ASKED)])


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """The word without its ending, spelt as all its forms are: `huizen`, `huis` → `huis`."""
    if len(word) <= 3:
        return word
    bare = _undouble(_without_ending(_POSSESSIVE.sub("", word)))
    return bare[:-1] + _SHARPENED.get(bare[-1], bare[-1])


def _without_ending(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= (4 if len(ending) == 1 else 3):
            return word.removesuffix(ending)
    return word


def _undouble(word: str) -> str:
    """`koppl`, `maan` → `kopl`, `man`: what Dutch doubles depends on the ending that went."""
    single = word[:-1] if len(word) > 3 and word[-1] == word[-2] else word
    return _TWICE.sub(r"\1", single)


def _words(text: str) -> list[str]:
    apart = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    plain = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return _WORD.findall(_HOW_LONG.sub("hoelang", plain))


class Shelf:
    """Texts that are weighed among each other."""

    def __init__(self, texts: Sequence[str]) -> None:
        found = [pieces(text) for text in texts]
        sizes = [one.total() for one in found]
        average = sum(sizes) / len(sizes) or 1
        self._size = len(texts)
        self._damping = [
            SATURATION * (1 - SHORTENING + SHORTENING * size / average) for size in sizes
        ]
        self._where: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for index, one in enumerate(found):
            for piece, times in one.items():
                self._where[piece].append((index, times))

    def scores(self, wanted: Counter[str]) -> list[float]:
        """For each text how much of what is wanted it holds, the rare pieces weighing most.

        1 for all of it in a text of the usual length; a shorter one may score somewhat more.
        """
        scores = [0.0] * self._size
        for piece, asked in wanted.items():
            for index, times in self._where.get(piece, ()):
                gain = times * (SATURATION + 1) / (times + self._damping[index])
                scores[index] += asked * self._weight(piece) * gain
        whole = sum(asked * self._weight(piece) for piece, asked in wanted.items()) or 1
        return [score / whole for score in scores]

    def _weight(self, piece: str) -> float:
        known = len(self._where.get(piece, ()))
        return math.log(1 + (self._size - known + 0.5) / (known + 0.5))


@lru_cache(maxsize=16)
def _shelf(texts: tuple[str, ...]) -> Shelf:
    """Made anew only when a text changed: a register asks for many points in a row."""
    return Shelf(texts)


_ASKED = {stem(word): f"={number}" for number, row in enumerate(ALIKE) for word in row.split()}
