"""What an ONNX file holds, seen before anything of it is run: its own operators and weights, and nothing of
other files.

ONNX is a protobuf message: keys of field number and wire type, each with a value behind it (protobuf.dev,
"Encoding"); the numbers are those of onnx.proto, IR version 13. Only what nests is opened; weights are passed
over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from core.errors import LoadError
from core.phrases import names

STANDARD = ("", "ai.onnx", "ai.onnx.ml")
HOW = "Export the model to ONNX as one file, with ONNX's own operators."
_INSIDE = {  # message, field -> the message that it holds
    ("model", 7): "graph",
    ("model", 20): "training",
    ("model", 25): "function",
    ("training", 1): "graph",
    ("training", 2): "graph",
    ("function", 7): "node",
    ("function", 11): "attribute",
    ("graph", 1): "node",
    ("graph", 5): "tensor",
    ("graph", 15): "sparse",
    ("node", 5): "attribute",
    ("attribute", 5): "tensor",
    ("attribute", 6): "graph",
    ("attribute", 10): "tensor",
    ("attribute", 11): "graph",
    ("attribute", 22): "sparse",
    ("attribute", 23): "sparse",
    ("sparse", 1): "tensor",
    ("sparse", 2): "tensor",
}
_TEXTS = {("node", 4): "operator", ("node", 7): "domain", ("function", 10): "domain"}
_EXTERNAL, _PLACE = 13, 14  # of a tensor: where its numbers lie; 1 where that is another file
_DEEPEST = 40
_FIXED = {1: 8, 5: 4}  # bytes of the wire types of one length


@dataclass
class _Contents:
    """What was met: operators with their domain, domains of functions that the file brings along, how many
    weights lie in other files, graphs."""

    operators: set[tuple[str, str]] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)
    outside: int = 0
    graphs: int = 0


def check_model(content: bytes, name: str) -> None:
    """Raise `LoadError` for what is no ONNX model, keeps weights in other files, or needs operators that are
    not ONNX's own.
    """
    if content[:1] == b"\x80" or content[:4] == b"PK\x03\x04":
        raise LoadError(
            f"{name} looks like a Python pickle or a PyTorch file, which is never opened, as it can run "
            f"code. {HOW}"
        )
    met = _Contents()
    try:
        _look(memoryview(content), "model", met, 0)
    except (IndexError, ValueError) as error:
        raise LoadError(f"{name} is no ONNX model, or a damaged one. {HOW}") from error
    if not met.graphs or not met.operators:
        raise LoadError(f"{name} is no ONNX model: it holds no operators. {HOW}")
    if met.outside:
        raise LoadError(f"{name} keeps its weights in other files, which are not opened. {HOW}")
    own = {*STANDARD, *met.functions}
    foreign = sorted(f"{domain}.{operator}" for domain, operator in met.operators if domain not in own)
    if foreign:
        raise LoadError(f"{name} needs operators that are not ONNX's own: {names(foreign)}. {HOW}")


def _look(message: memoryview, kind: str, met: _Contents, depth: int) -> None:
    """Go through one message. Raises `ValueError` or `IndexError` where it is none."""
    if depth > _DEEPEST:
        raise ValueError("nested too deeply")
    met.graphs += kind == "graph"
    texts = {"operator": "", "domain": ""}
    for number, value in _fields(message):
        below = _INSIDE.get((kind, number))
        if isinstance(value, int):
            met.outside += kind == "tensor" and number == _PLACE and value == 1
        elif below is not None:
            _look(value, below, met, depth + 1)
        elif (kind, number) in _TEXTS:
            texts[_TEXTS[kind, number]] = str(value, "utf-8")
        elif kind == "tensor" and number == _EXTERNAL:
            met.outside += 1
    if kind == "node":
        met.operators.add((texts["domain"], texts["operator"]))
    if kind == "function":
        met.functions.add(texts["domain"])


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Number and value of each field: a whole number, or bytes."""
    at = 0
    while at < len(message):
        key, at = _whole(message, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _whole(message, at)
            yield number, value
            continue
        if wire == 2:
            length, at = _whole(message, at)
        elif wire in _FIXED:
            length = _FIXED[wire]
        else:
            raise ValueError("unknown wire type")
        if not number or at + length > len(message):
            raise ValueError("beyond its end")
        yield number, message[at : at + length]
        at += length


def _whole(message: memoryview, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, the lowest first, and where it ends.

    >>> _whole(memoryview(bytes([0b10101100, 0b10])), 0)
    (300, 2)
    """
    value, shift = 0, 0
    while shift < 70:
        byte = message[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
    raise ValueError("no number")
