"""From columns to what a sampler and a model take, in two steps that are fitted on training rows alone.

1. `prepared`: levels as codes, rare ones together, missing and never seen ones as codes of their own;
   numbers, with missing values filled by the median and marked, standardised; texts as directions of their
   words, standardised too; vectors as their main directions, in which large ones stay large. Samplers work on
   this: they look for neighbours, to whom all numbers count alike, interpolate numbers and copy codes.
2. `designed`: what a linear model takes from that: standardised numbers and one column per code. Trees take
   codes as they are.

Only parts of scikit-learn that skops trusts are used, so that a fitted pipeline is exported without pickles.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

LEVELS = 30  # codes of a column; rarer levels share one
TEXT_DIRECTIONS = 10
TEXT_WORDS = 2**11  # places that words are hashed to
VECTOR_DIRECTIONS = 20


class Columns(NamedTuple):
    """The names of the feature columns by what is done with them. numbers: numbers, booleans as 0 and 1, and
    times as days. levels: categories. texts: written text. vectors: the numbers of vectors that belong to the
    rows.
    """

    numbers: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    vectors: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All of them, in the order of the frame that is encoded."""
        return self.numbers + self.levels + self.texts + self.vectors


def prepared(columns: Columns, seed: int, filled: Any = None, directions: int = VECTOR_DIRECTIONS) -> Any:
    """A transformer (scikit-learn's `ColumnTransformer`, not fitted) from a frame of ``columns`` to a matrix:
    codes first, one column for each of the levels, then numbers. filled: what fills missing numbers, where
    that is fitted already. directions: of vectors, no more than there are rows to fit them on.
    """
    from sklearn.compose import ColumnTransformer
    from sklearn.decomposition import PCA, TruncatedSVD
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OrdinalEncoder, StandardScaler

    parts: list[tuple[str, Any, Sequence[str] | str]] = []
    if columns.levels:
        codes = OrdinalEncoder(
            max_categories=LEVELS,
            handle_unknown="use_encoded_value",
            unknown_value=LEVELS + 1,
            encoded_missing_value=LEVELS + 2,
        )
        parts.append(("codes", codes, list(columns.levels)))
    if columns.numbers:
        if filled is None:
            filled = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
        parts.append(("numbers", make_pipeline(filled, StandardScaler()), list(columns.numbers)))
    for place, text in enumerate(columns.texts):
        words = HashingVectorizer(n_features=TEXT_WORDS, alternate_sign=False, norm=None)
        directions = TruncatedSVD(TEXT_DIRECTIONS, random_state=seed)
        weighted = make_pipeline(words, TfidfTransformer(sublinear_tf=True), directions, StandardScaler())
        parts.append((f"text_{place}", weighted, text))
    if columns.vectors:
        parts.append(("vectors", PCA(directions, random_state=seed), list(columns.vectors)))
    return ColumnTransformer(parts, sparse_threshold=0.0, verbose_feature_names_out=False)


def designed(codes: int) -> Any:
    """A transformer (not fitted) from such a matrix, whose first ``codes`` columns are codes, to what a
    linear model takes.
    """
    from sklearn.compose import ColumnTransformer
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    one_hot = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    return ColumnTransformer(
        [("levels", one_hot, slice(0, codes))] if codes else [], remainder=StandardScaler()
    )
