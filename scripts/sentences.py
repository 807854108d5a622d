"""Read the sentences of the browser's scripts (static/js/catalogue.json) for the catalogues."""

import json
from collections.abc import Iterator
from typing import IO, Any

Found = tuple[int, str, str, list[str]]


def extract(catalogue: IO[bytes], *_: Any, **__: Any) -> Iterator[Found]:
    """Yield each English sentence as Babel wants it, its name as a remark to the translator."""
    lines = catalogue.read().decode()
    for name, sentence in json.loads(lines).items():
        place = lines.index(json.dumps(name))
        yield lines.count("\n", 0, place) + 1, "gettext", sentence, [f"script: {name}"]
