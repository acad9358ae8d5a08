"""Tiny ONNX files, written byte by byte: a message is its fields, each a key and a value (protobuf)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

FLOAT, UINT8, INT64, BOOL = 1, 2, 7, 9
Dimension = int | str


def whole(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def number(field: int, value: int) -> bytes:
    return whole(field << 3) + whole(value)


def part(field: int, content: bytes | str) -> bytes:
    content = content.encode() if isinstance(content, str) else content
    return whole(field << 3 | 2) + whole(len(content)) + content


def node(operator: str, inputs: Sequence[str], output: str, domain: str = "", more: bytes = b"") -> bytes:
    given = b"".join(part(1, name) for name in inputs)
    return part(1, given + part(2, output) + part(4, operator) + more + (part(7, domain) if domain else b""))


def weights(name: str, values: np.ndarray, more: bytes = b"") -> bytes:
    kind = {"f": FLOAT, "i": INT64}[values.dtype.kind]
    shape = b"".join(number(1, side) for side in values.shape)
    return part(5, shape + number(2, kind) + part(8, name) + part(9, values.tobytes()) + more)


def value(field: int, name: str, shape: Sequence[Dimension], kind: int = FLOAT) -> bytes:
    sides = b"".join(part(1, number(1, side) if isinstance(side, int) else part(2, side)) for side in shape)
    return part(field, part(1, name) + part(2, part(1, number(1, kind) + part(2, sides))))


def model(graph: bytes, *domains: str) -> bytes:
    used = b"".join(part(8, part(1, domain) + number(2, 1)) for domain in domains)
    return number(1, 8) + part(7, graph + part(2, "g")) + part(8, part(1, "") + number(2, 13)) + used


def means(
    shape: Sequence[Dimension] = ("n", 3, "h", "w"), nodes: bytes = b"", extra: bytes = b"", kind: int = FLOAT
) -> bytes:
    """A model whose output 'embedding' is the mean of each channel, and whose 'maps' are the channels."""
    body = nodes or node("GlobalAveragePool", ["x"], "pooled") + node("Flatten", ["pooled"], "embedding")
    outputs = value(12, "embedding", ("n", 3))
    return model(body + value(11, "x", shape, kind) + outputs + extra)
