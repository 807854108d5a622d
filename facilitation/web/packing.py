"""A page compressed once for everybody, with holes that are filled anew for each."""

import struct
import uuid
import zlib

HOLE = str(uuid.uuid4())  # nobody else knows it, so that no text can hold it
HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"  # gzip without a name or a time (RFC 1952, 2.3)


class Packed:
    """Text as gzip, in which every `HOLE` is a stored block of its own (RFC 1951, 3.2.4)."""

    def __init__(self, text: str) -> None:
        self._parts = [part.encode() for part in text.split(HOLE)]
        self._packed = [_deflated(part) for part in self._parts]

    def filled(self, word: str) -> bytes:
        """The whole as it is sent, with this word in every hole."""
        raw = word.encode()
        stored = b"\x00" + struct.pack("<HH", len(raw), len(raw) ^ 0xFFFF) + raw
        checksum = zlib.crc32(self._parts[0])
        for part in self._parts[1:]:
            checksum = zlib.crc32(part, zlib.crc32(raw, checksum))
        size = sum(map(len, self._parts)) + len(raw) * (len(self._parts) - 1)
        tail = struct.pack("<LL", checksum, size & 0xFFFFFFFF)
        return HEAD + stored.join(self._packed) + END + tail


def _deflated(part: bytes) -> bytes:
    """Whole bytes that ask for nothing before them, so that anything may stand in between."""
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return packer.compress(part) + packer.flush(zlib.Z_FULL_FLUSH)


END = zlib.compressobj(6, zlib.DEFLATED, -15).flush(zlib.Z_FINISH)  # the last block, empty
