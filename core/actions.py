"""What can be decided: one table, from which the review, its keys and buttons, the history, the counts of an
export and the checks of a recipe are drawn. A new decision is one more entry here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

On = Literal["rows", "cells", "columns", "findings", "values", "table"]
Needs = Literal["", "label", "weight"]
OPEN = "open"  # a row about which nothing was said


@dataclass(frozen=True)
class Action:
    """One thing that can be decided.

    What it does follows from ``on`` and ``needs``: on rows it sets their status, or their weight where it
    needs one; on cells it writes the label that it needs, or makes them missing; on columns and findings it
    sets their state, or ends the state that ``ends`` names; on values and tables it is a rule, of which
    `core.steps` has what it does.

    word: its name in recipes, in the decisions file and on the command line.
    label: on its button.
    done: what is said once it is done; ``{}`` stands for what it was done to.
    icon: name of a Material symbol.
    on: what it acts on.
    does: what it does to them, in one sentence.
    needs: what has to be given with it.
    counted: name of its number in the counts of an export, in snake_case; "" where nothing is counted.
    heading: what stands over that number on a page.
    key: the key on the review page, "" for none.
    exported: whether rows with this status go into the exported data.
    settles: whether a row with this status counts as decided.
    ends: the action on columns or findings that it takes back.
    """

    word: str
    label: str
    done: str
    icon: str
    on: On
    does: str
    needs: Needs = ""
    counted: str = ""
    heading: str = ""
    key: str = ""
    exported: bool = True
    settles: bool = True
    ends: str = ""

    def button(self, what: str) -> str:
        """What its button says where it is about ``what``: its label, with that behind the verb.

        >>> ACTIONS["drop"].button("3 rows"), ACTIONS["defer"].button("3 rows")
        ('Drop 3 rows', 'Send 3 rows to review')
        """
        verb, _, rest = self.label.partition(" ")
        if self.rule:
            return self.label
        return f"{verb} {what} {rest}".rstrip() if self.on in ("rows", "cells") else f"{self.label} {what}"

    @property
    def changes(self) -> bool:
        """Whether it makes the exported data differ from the source."""
        return self.rule or (bool(self.counted) and (not self.status or not self.exported))

    @property
    def step(self) -> bool:
        """Whether it is a step, which may make the data as decided differ from those as loaded, and not only
        something that is said about rows or findings.

        >>> [word for word, action in ACTIONS.items() if not action.step]
        ['keep', 'defer', 'accept', 'reopen']
        """
        return self.changes or self.on == "columns"

    @property
    def rule(self) -> bool:
        """Whether it is a rule on the values of a column, or on the whole table."""
        return self.on in ("values", "table")

    @property
    def status(self) -> bool:
        """Whether it sets the status of rows."""
        return self.on == "rows" and not self.needs


ACTIONS: dict[str, Action] = {
    action.word: action
    for action in (
        Action(
            word="keep",
            label="Keep",
            done="Kept {}",
            icon="check",
            on="rows",
            does="Says that you looked and want the row.",
            counted="kept",
            heading="Kept",
            key="K",
        ),
        Action(
            word="drop",
            label="Drop",
            done="Dropped {}",
            icon="delete",
            on="rows",
            does="The row goes to the file of dropped rows.",
            counted="dropped",
            heading="Dropped",
            key="D",
            exported=False,
        ),
        Action(
            word="defer",
            label="Send to review",
            done="Sent {} to review",
            icon="rate_review",
            on="rows",
            does="The row waits in the queue.",
            counted="deferred",
            heading="Sent to review",
            settles=False,
        ),
        Action(
            word="relabel",
            label="Relabel",
            done="Relabelled {}",
            icon="label",
            on="cells",
            does="A new value is written into the target, or another column.",
            needs="label",
            counted="relabelled",
            heading="Relabelled",
        ),
        Action(
            word="blank",
            label="Make missing",
            done="Made {} missing",
            icon="ink_eraser",
            on="cells",
            does="The cell becomes missing: empty in text, null in JSON and Parquet.",
            counted="blanked",
            heading="Cells made missing",
        ),
        Action(
            word="weight",
            label="Weight",
            done="Weighted {}",
            icon="balance",
            on="rows",
            does="The row counts that much: the export gets a column with weights.",
            needs="weight",
            counted="weighted",
            heading="Weighted",
        ),
        Action(
            word="omit",
            label="Leave out",
            done="Left out {}",
            icon="view_column",
            on="columns",
            does="The column is left out of every exported file.",
            counted="omitted",
            heading="Columns left out",
        ),
        Action(
            word="include",
            label="Take in again",
            done="Took in {} again",
            icon="undo",
            on="columns",
            does="A column that was left out is exported again.",
            ends="omit",
        ),
        Action(
            word="accept",
            label="Accept",
            done="Accepted {}",
            icon="check",
            on="findings",
            does="The finding stays listed and no longer counts.",
        ),
        Action(
            word="reopen",
            label="Reopen",
            done="Reopened {}",
            icon="replay",
            on="findings",
            does="An accepted finding counts again.",
            ends="accept",
        ),
        Action(
            word="tidy",
            label="Tidy text",
            done="Tidied the text of {}",
            icon="cleaning_services",
            on="values",
            does="White space, case and Unicode forms of a text column are made alike.",
        ),
        Action(
            word="fill",
            label="Fill missing",
            done="Filled the missing values of {}",
            icon="format_color_fill",
            on="values",
            does="Missing cells get a value: one you give, or one learned from train.",
        ),
        Action(
            word="mark",
            label="Mark cells",
            done="Marked cells of {}",
            icon="flag",
            on="values",
            does="A new column says where the column is missing, or holds a value such as 0.",
        ),
        Action(
            word="clip",
            label="Clip",
            done="Clipped {}",
            icon="vertical_align_center",
            on="values",
            does="Numbers beyond a range become its ends: one you state, or quantiles of train (winsorise).",
        ),
        Action(
            word="transform",
            label="Transform",
            done="Transformed {}",
            icon="show_chart",
            on="values",
            does="Skewed numbers are spread out: log1p, Yeo-Johnson, or quantiles, learned from train.",
        ),
        Action(
            word="scale",
            label="Scale",
            done="Scaled {}",
            icon="straighten",
            on="values",
            does="Numbers are brought to one scale learned from train: standard, robust or min-max.",
        ),
        Action(
            word="encode",
            label="Encode",
            done="Encoded {}",
            icon="pin",
            on="values",
            does="Levels become numbers: one-hot, ordinal, frequency, or out-of-fold target encoding.",
        ),
        Action(
            word="date_parts",
            label="Date parts",
            done="Took {} apart",
            icon="calendar_month",
            on="values",
            does="New columns hold the year, month, day, weekday, hour, or days since the first of train.",
        ),
        Action(
            word="rename",
            label="Rename",
            done="Renamed {}",
            icon="edit",
            on="values",
            does="The column gets another name.",
        ),
        Action(
            word="replace",
            label="Find and replace",
            done="Replaced text in {}",
            icon="find_replace",
            on="values",
            does="Text that is found, or fits a pattern, gives way to other text.",
        ),
        Action(
            word="map",
            label="Map values",
            done="Mapped values of {}",
            icon="swap_horiz",
            on="values",
            does="Each value in a list becomes the one beside it; all others stay.",
        ),
        Action(
            word="merge",
            label="Merge spellings",
            done="Merged the spellings of {}",
            icon="join",
            on="values",
            does="Spellings of one thing are written alike, those that new data bring too.",
        ),
        Action(
            word="read_as",
            label="Read as",
            done="Read {} anew",
            icon="data_object",
            on="values",
            does="A column is read as numbers, dates, yes and no, text or categories; what cannot be read "
            "becomes missing and is counted.",
        ),
        Action(
            word="move",
            label="Move",
            done="Moved {}",
            icon="swap_calls",
            on="values",
            does="The column is set before or after another one.",
        ),
        Action(
            word="drop_repeats",
            label="Drop repeats",
            done="Dropped the repeats of {}",
            icon="filter_none",
            on="table",
            does="Of rows that are equal, in all columns or in some, one stays.",
        ),
        Action(
            word="sample",
            label="Sample rows",
            done="Sampled rows of {}",
            icon="casino",
            on="table",
            does="Some of the rows are kept, drawn at random or the latest ones.",
        ),
        Action(
            word="add_rows",
            label="Add rows",
            done="Added rows to {}",
            icon="playlist_add",
            on="table",
            does="Rows of train are repeated (oversampling), or new ones are given; all are marked as added.",
            counted="added",
            heading="Rows added",
        ),
        Action(
            word="split",
            label="Split",
            done="Split {}",
            icon="call_split",
            on="table",
            does="A new column parts the rows of train into train, validation and test.",
        ),
    )
}
FORMER = {"dismiss": "accept"}  # what older recipes and stores call it


def on(*kinds: On) -> tuple[str, ...]:
    """The words of the actions on these."""
    return tuple(action.word for action in ACTIONS.values() if action.on in kinds)


def statuses() -> tuple[str, ...]:
    """What a row's status can be; its place here is the code of the status (`Settled.status`).

    >>> statuses()
    ('open', 'keep', 'drop', 'defer')
    """
    return (OPEN, *(action.word for action in ACTIONS.values() if action.status))


def coded(*, exported: bool | None = None, settles: bool | None = None) -> tuple[int, ...]:
    """The codes of the statuses of this sort; that of an open row is never among them.

    >>> coded(exported=False), coded(settles=True)
    ((2,), (1, 2))
    """
    return tuple(
        code
        for code, word in enumerate(statuses())
        if word != OPEN
        and exported in (None, ACTIONS[word].exported)
        and settles in (None, ACTIONS[word].settles)
    )


def keyed() -> dict[str, Action]:
    """The actions that have a key on the review page, by their key."""
    return {action.key: action for action in ACTIONS.values() if action.key}
