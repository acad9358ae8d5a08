"""Short names of content: equal content has equal names."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa


def digest(content: bytes) -> str:
    """Sixteen hex digits that name the content."""
    return hashlib.blake2b(content, digest_size=8).hexdigest()


def content_key(values: pa.ChunkedArray) -> str:
    """Sixteen hex digits that name the values and where they are missing, however they are chunked.

    >>> import pyarrow as pa
    >>> one, other = pa.chunked_array([[1, None], [3]]), pa.chunked_array([[1], [None, 3]])
    >>> content_key(one) == content_key(other), content_key(one) == content_key(pa.chunked_array([[1, 0, 3]]))
    (True, False)
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    whole = values.combine_chunks()
    valid = np.packbits(np.asarray(pc.is_valid(whole)))
    made = hashlib.blake2b(str(whole.type).encode() + valid.tobytes(), digest_size=8)
    if pa.types.is_string(whole.type):
        coded = pc.fill_null(whole, "").dictionary_encode()
        made.update(np.asarray(coded.indices).tobytes())
        made.update("\0".join(coded.dictionary.to_pylist()).encode("utf-8", "surrogatepass"))
        made.update(np.asarray(pc.binary_length(coded.dictionary)).tobytes())
        return made.hexdigest()
    if pa.types.is_timestamp(whole.type):
        whole = whole.cast(pa.timestamp("us")).cast(pa.int64())
    zero = False if pa.types.is_boolean(whole.type) else 0
    made.update(np.ascontiguousarray(pc.fill_null(whole, zero).to_numpy(zero_copy_only=False)).tobytes())
    return made.hexdigest()
