"""Does serving data look like training data? The answer in one word, and in a sentence what decided."""

from __future__ import annotations

from core.analyses.overlap.case import ANSWERS, Answer, Case
from core.analyses.overlap.clauses import (
    STRENGTH,
    effective_size,
    expected_share,
    in_both,
    train_covers,
)
from core.analyses.overlap.relations import RelationChange
from core.phrases import count, name, names, percent, score, sentence, verb


def verdict(case: Case) -> str:
    """A few sentences that answer: does serving data look like training data? The first one names what
    decided.
    """
    statements = _statements(case)
    deciding = [words for answer, words in statements if answer == case.of_the_rest]
    others = [words for answer, words in statements if answer != case.of_the_rest]
    if case.left_out and case.separating:
        them = verb(len(case.separating), "it", "them")
        deciding = [_alone(case), f"without {them} {deciding[0]}", *deciding[1:]]
    sentences = [case.answer.capitalize(), sentence("; ".join(deciding))]
    if others:
        sentences.append(sentence("; ".join(others)))
    without = []
    if case.left_out and case.by_time:
        without.append(f"{names(case.by_time)}, by which the data are split in time")
    if case.left_out and case.by_name:
        without.append(f"{names(case.by_name)}, which {verb(len(case.by_name), 'names', 'name')} the part")
    if case.lacked:
        which = "which" if len(case.lacked) == 1 else "each of which"
        without.append(f"{names(case.lacked)}, {which} only one of the two has")
    if without:
        sentences.append(f"This leaves out {', and '.join(without)}")
    return ". ".join(sentences) + "."


def _alone(case: Case) -> str:
    """The columns that separate the parts on their own."""
    columns = [column for column, _ in case.separating]
    most = score(max(area for _, area in case.separating))
    if len(columns) == 1:
        return f"{names(columns)} alone separates train from serve (AUC {most})"
    return f"{names(columns)} each separate train from serve on their own (AUC up to {most})"


def _statements(case: Case) -> list[tuple[Answer, str]]:
    """What each measure that is beyond the noise says, with the answer that it gives; the classifier speaks
    always."""
    area = case.domain.area.value
    if case.by_auc == "yes":
        by_model = (
            f"a model cannot distinguish serve from train (AUC {score(area)}, "
            f"noise floor {score(case.noise_floor)})"
        )
    else:
        by_model = f"serving data differ {STRENGTH[case.by_auc]} (AUC {score(area)}){_jointly(case)}"
    statements: list[tuple[Answer, str]] = [(case.by_auc, by_model)]
    if case.strongest and ANSWERS.index(case.by_column) > ANSWERS.index(case.by_auc):
        column, alone = case.strongest
        differs = f"{name(column)} differs {STRENGTH[case.by_column]} on its own"
        statements.append((case.by_column, f"{differs} (single-feature AUC {score(alone)})"))
    if case.by_relation != "yes":
        statements.append((case.by_relation, _relations(case.relations)))
    if case.by_support != "yes":
        share = percent(case.support.share)
        statements.append(
            (case.by_support, f"{share} of serve rows are unsupported ({expected_share(case)})")
        )
    if case.by_coverage != "yes":
        statements.append((case.by_coverage, train_covers(case)))
    if case.by_weight != "yes":
        statements.append((case.by_weight, f"reweighted, {effective_size(case)}"))
    return statements


def _jointly(case: Case) -> str:
    """That columns separate the parts together more than any alone, and which the model goes by."""
    if not case.jointly:
        return ""
    alone = "no column differs on its own"
    if case.strongest:
        alone = f"single-feature AUC at most {score(case.strongest[1])}"
    return f" in several columns together, most in {names(case.jointly)} ({alone})"


def _relations(changed: tuple[RelationChange, ...]) -> str:
    """The pair that changed most, and how many others did.

    >>> one = RelationChange("x", "y", 0.8, -0.7, 1.97, 1.68, 2.25, 0.47, 0.0, (103, 103))
    >>> _relations((one,))
    "the relation of 'x' and 'y' changed (rank correlation +0.80 in train, -0.70 in serve)"
    >>> _relations((one, one._replace(right="z"), one._replace(right="u")))[-49:]
    '+0.80 in train, -0.70 in serve), and 2 others did'
    """
    first, more = changed[0], len(changed) - 1
    others = f", and {count(more, 'other')} did" if more else ""
    return (
        f"the relation of {name(first.left)} and {name(first.right)} changed (rank correlation "
        f"{in_both(first)}){others}"
    )
