"""Cleaning what people type, counting it as they would, finding what is too private to show."""

import unicodedata
from collections.abc import Iterator

import regex

TEXT_LIMIT = 500
NAME_LIMIT = 60
LINE_LIMIT = 200
NOTE_LIMIT = 2000

# A letter may carry this many marks: enough for every living script, too few for zalgo.
_MARKS = 3
_BYTES_PER_GRAPHEME = 16
_KEPT_FORMATS = {"\u200c", "\u200d", "\u200e", "\u200f"}  # joiners and plain direction marks
_BLANKS = {"\u115f", "\u1160", "\u2800", "\u3164", "\uffa0", "\u00ad", "\u034f"}

_EMAIL = regex.compile(r"[^\s@<>()]+\s?(?:@|\(at\)|\[at\])\s?[^\s@<>()]+\.[a-z]{2,}", regex.I)
_IBAN = regex.compile(r"\b[A-Z]{2}\s?\d{2}(?:[\s.\-]?[A-Z0-9]){11,30}", regex.I)
_IBAN_LENGTHS = {"NL": 18, "BE": 16, "DE": 22, "FR": 27, "GB": 22, "LT": 20, "PL": 28, "ES": 24}
# A trunk zero or a plus first, so that amounts and years stay what they are; and no date before it.
_DATE = r"0?\d[\-./]\d{1,2}[\-./](?:19|20)\d\d\b"
_PHONE = regex.compile(rf"(?<![\d.,])(?!{_DATE})(?:\+|0)(?:[\s\-./()]{{0,2}}\d){{9,13}}(?![.,]?\d)")


def clean(raw: str) -> str:
    """Text without what hides, reorders or breaks: controls, surrogates, bidi overrides, zalgo.

    NFC, not NFKC: the latter lets one character grow into eighteen.
    """
    if raw.isascii() and raw.isprintable():  # most of what is typed, at a tenth of the cost
        return " ".join(raw.split())
    whole = raw.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
    shown = "".join(_shown(whole.replace("\r\n", "\n").replace("\r", "\n")))
    # Composed only now: what stood hidden between a letter and its mark is gone.
    lines = "".join(_without_towers(unicodedata.normalize("NFC", shown))).split("\n")
    joined = "\n".join(regex.sub(r"[^\S\n]+", " ", line).strip() for line in lines)
    text = regex.sub(r"\n{3,}", "\n\n", joined).strip()
    return text if _has_substance(text) else ""


def clean_line(raw: str) -> str:
    """As `clean`, on one line."""
    return " ".join(clean(raw).split())


def length(text: str) -> int:
    """The number of characters as a reader counts them (grapheme clusters)."""
    return len(text) if text.isascii() else len(regex.findall(r"\X", text))


def fits(text: str, limit: int) -> bool:
    """Whether the text stays within so many characters, and within the bytes that go with them."""
    return len(text.encode()) <= limit * _BYTES_PER_GRAPHEME and length(text) <= limit


def private_details(text: str) -> tuple[str, ...]:
    """Which private details the text seems to hold: "email", "iban", "phone"."""
    found = {
        "email": _EMAIL.search(text) is not None,
        "iban": any(_ibans(text)),
        "phone": _PHONE.search(text) is not None,
    }
    return tuple(word for word, is_there in found.items() if is_there)


def without_private_details(text: str, instead: str) -> str:
    """The text with `instead` for each private detail that it seems to hold."""
    for iban in list(_ibans(text)):
        text = text.replace(iban, instead)
    left: str = _PHONE.sub(instead, _EMAIL.sub(instead, text))
    return left


def _ibans(text: str) -> Iterator[str]:
    """The account numbers as they are written there."""
    for match in _IBAN.finditer(text, overlapped=True):
        signs = list(regex.finditer(r"[^\s.\-]", match.group()))
        length_there = _IBAN_LENGTHS.get("".join(sign.group() for sign in signs[:2]).upper(), 0)
        number = "".join(sign.group() for sign in signs[:length_there])
        if 0 < length_there == len(number) and _is_iban(number.upper()):
            yield match.group()[: signs[length_there - 1].end()]


def _is_iban(number: str) -> bool:
    """Whether its check digits are right (ISO 13616)."""
    turned = number[4:] + number[:4]
    return int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1


def _shown(text: str) -> Iterator[str]:
    for sign in text:
        category = unicodedata.category(sign)
        if sign == "\n" or sign in _KEPT_FORMATS:
            yield sign
        elif category == "Cc":
            yield " "
        elif not category.startswith("C"):
            yield sign


def _without_towers(text: str) -> Iterator[str]:
    marks = 0
    for sign in text:
        if unicodedata.category(sign) in {"Mn", "Me"}:
            marks += 1
        elif sign not in _KEPT_FORMATS:  # a joiner is no new letter
            marks = 0
        if marks <= _MARKS:
            yield sign


def _has_substance(text: str) -> bool:
    return any(unicodedata.category(sign)[0] in "LNPS" and sign not in _BLANKS for sign in text)
