"""How ``prepare.py`` reads a file: as pandas does, and the very file that was decided on as Winnow did, where
that is more than pandas makes of it (lines set aside, quotes mended, rows within an object).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from core.dataset import Dataset
from core.dataset.source import Source
from core.export import prepare_json, prepare_tables, prepare_writing, replay
from core.export.prepare_reading import read_as
from core.export.prepare_writing import ScriptFile, Writing
from core.export.source_cells import kind_of
from core.export.style import read_plan
from core.loading import quotes
from core.loading.json_numbers import array_begins
from core.loading.options import CHOSEN, ENDINGS, FOREIGN, SHEETS

OWN_TEXT: tuple[Callable[..., Any] | str, ...] = (
    f"BLOCK = {replay.BLOCK}",
    quotes.misquoted,
    quotes.LineReading,
    quotes.mended,
    quotes.sound,
    replay.text_blocks,
)
OWN_JSON: tuple[Callable[..., Any] | str, ...] = (
    array_begins,
    replay.json_value_of,
    replay.json_content,
    replay.json_transposed,
    replay.json_objects,
)
_OWN = {
    "text": '''def decided_table(path, plan):
    """The rows of the file that was decided on, as Winnow kept them."""
    blocks = [pd.DataFrame(dict(zip(plan["names"], block))) for block in text_blocks(path, plan)]
    return pd.concat(blocks, ignore_index=True).astype("str")


''',
    "json": prepare_json.FRAME,
}
_READ_JSON = (  # of sources that are not JSON, and that are
    """with warnings.catch_warnings(action="ignore"):  # later pandas needs no convert_dates
            return pd.read_json(path, lines=ending != "json", dtype=False, convert_dates=False)""",
    'return json_or_otherwise(path, lines=ending != "json")',
)
_PUT_JSON = (
    'frame.to_json(path, orient="records", lines=ending != "json", date_format="iso", force_ascii=False)',
    "put_as_json(frame, about, given.reset_index(drop=True), ways, write, path)",
)
_UNREAD = tuple(one for one in (*FOREIGN, *ENDINGS) if one not in ("feather", "orc", "arrow", "arrows"))
_BLANK = '    frame = frame.where(frame != "")  # text has no empty values\n'
_TABLE = '''def table(path, read=None):
    """The table in a file. read: how pandas reads it, if not like the data decided on."""
    bare = re.sub(r"[.](gz|bz2|xz|zst|zip)$", "", str(path).lower())
    ending = bare.rpartition(".")[2]
    if ending == "parquet":
        return pd.read_parquet(path)
    if ending in ("feather", "orc"):
        return getattr(pd, f"read_{ending}")(path)
    if ending in {foreign}:
        raise ValueError("it needs Winnow's own reader; save the table as CSV or Parquet.")
    if ending in ("xlsx", "xlsb", "xls", "ods"):
        if "sep" in READ:
            raise ValueError("it is a workbook, and the data decided on are text; save the table as CSV.")
        return sheet_table(path, read or READ)
    if ending in ("json", "jsonl", "ndjson"):
        {json}
    how = read or (READ if "sheet_name" not in READ else {})
    marks = [how.get("sep", ",")]
    if not read and ("head" in how or "names" not in how):
        marks = list(dict.fromkeys([*marks, ",", ";", "\t", "|"]))
    frame = text_table(path, how, marks, set(COLUMNS) - {TARGET, *SPARE})
{blank}    return frame


def decided(path):
    """Where the rows of a file stand among those that were decided on; nothing for another file."""
    if not FILES:
        return None
    with open(path, "rb") as file:
        return FILES.get(hashlib.file_digest(file, "sha256").hexdigest())


'''
_MAIN = '''def taken(path):
    """The table in a file, and whether it is the very one that was decided on: its rows are known by their
    places then.
    """
    known = decided(path)
    if known is None:
        frame = table(path)
        if not len(frame):
            raise ValueError("It holds no rows.")
        return frame, False
    given = {read}
    if len(given) != known["rows"]:
        raise ValueError(f"it holds {{len(given)}} rows here and {{known['rows']}} in Winnow")
    given.index = pd.RangeIndex(known["first"], known["first"] + len(given))
    return given, True


def put(given, rows, path, known):
    """Clean a table and write it: text with the delimiter and the decimal mark of its file."""
    if known:
        ways, write = COLUMNS | known.get("ways", {{}}), known.get("write", WRITE)
    else:
        sep = given.attrs.get("sep")
        ways, swapped = marked(given, COLUMNS, sep == READ.get("sep"))
        write = WRITE | {{"comma": WRITE["comma"] != swapped}}
        if sep and write["how"]["delimiter"] == READ.get("sep", ","):
            write["how"] = write["how"] | {{"delimiter": sep}}
    frame, about = followed(given, rows, ways)
    ending = path.rpartition(".")[2].lower()
    if ending == "parquet":
        frame.to_parquet(path, index=False)
    elif ending in ("json", "jsonl", "ndjson"):
        {json}
    elif ending == "xlsx":
        frame.to_excel(path, index=False, engine="xlsxwriter")
    else:
        names = [write["names"].get(name, name) for name in frame]
        how = write["how"] | {{"header": names if write["header"] else None}}
        if ending in ("csv", "tsv") and ending != write["ending"]:
            how["delimiter"] = "\\t" if ending == "tsv" else ","
        given = cells_as_text(given.reset_index(drop=True))
        put_text([text_columns(frame, about, given, ways, write)], how, path)


def told(path, out):
    """Warn where the bytes should be those of the export, and are not."""
    known = decided(path) or {{}}
    want = known.get("sha256")
    if want and out.rpartition(".")[2].lower() == known.get("write", WRITE)["ending"]:
        with open(out, "rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != want:
                why = "that can come from another version of pandas or pyarrow."
                warnings.warn(f"{{out}} is written, with other bytes than Winnow's; {{why}}", stacklevel=1)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("Usage: python prepare.py IN.csv OUT.csv")
    warnings.showwarning = lambda message, *_: print(message, file=sys.stderr)
    try:
        put(*taken(sys.argv[1]), sys.argv[2], decided(sys.argv[1]))
        told(*sys.argv[1:])
    except (OSError, ValueError, ImportError) as error:
        sys.exit(f"{{sys.argv[1]}} was not cleaned: {{error}}")
'''


@dataclass
class Files:
    """What the script knows of files. read: pandas' options for text; known: SHA-256 of each file decided on,
    and where its rows stand, and how it is read if not by pandas; write: how text is written; bytes: what is
    said of that; code: the functions that read and write; helpers: what they call.
    """

    read: dict[str, Any]
    known: dict[str, dict[str, Any]]
    write: dict[str, Any]
    bytes: str
    code: str
    helpers: tuple[Callable[..., Any] | str, ...] = field(default=())


def files_of(dataset: Dataset, written: Sequence[ScriptFile] = ()) -> Files:
    """How the script reads the files of a data set, and others like them; and how it writes what the export
    ``written`` (that of train first).
    """
    source, known = dataset.source, _decided_on(dataset)
    kind = kind_of(source)
    whole = kind == "json" and not source.options.get("packed")  # pandas' own reader changes numbers
    own = whole or any(not regular(one) for one, _, _ in known.values())
    entries: dict[str, dict[str, Any]] = {}
    for digest, (one, first, rows) in known.items():
        if digest:
            entries[digest] = {"first": first, "rows": rows}
            entries[digest] |= _of_its_own(dataset, one, first, written)
            if own:
                names = list(one.options.get("names", dataset.names))
                entries[digest] |= {"names": names, "raw": {"format": one.format, **read_plan(one)}}
    writing = written[0].writing if written else Writing()
    as_json = kind == "json" or bool(writing.json)
    layout = (
        {"format": source.format, **read_plan(source)},
        list(source.options.get("names", dataset.names)),
    )
    reading = {"text": OWN_TEXT if own else (), "json": OWN_JSON}.get(kind, ())
    tables = _OWN.get(kind, "") if own or kind == "json" else ""
    table = _TABLE.replace("{foreign}", repr(_UNREAD)).replace("{json}", _READ_JSON[kind == "json"])
    table = table.replace("{blank}", "" if kind == "text" else _BLANK)
    main = _MAIN.format(
        read="decided_table(path, known)" if own else 'table(path, known.get("read"))',
        json=_PUT_JSON[as_json],
    )
    return Files(
        read_options(source),
        entries,
        writing.to_json(),
        writing.bytes_in_words,
        tables.replace("{layout}", repr(layout)) + table + main,
        (
            *reading,
            *prepare_tables.HELPERS,
            *prepare_writing.HELPERS,
            *(prepare_json.HELPERS if as_json else ()),
        ),
    )


def _decided_on(dataset: Dataset) -> dict[str, tuple[Source, int, int]]:
    """By its SHA-256 each file decided on: its source, its first row and its number of rows. None
    where a script cannot read one as it was read: its rows are in recipe.json alone.
    """
    source, split = dataset.source, dataset.split
    known = {source.sha256: (source, 0, dataset.rows)}
    if source.serve is not None and split is not None and split.how == "file":
        known = {
            source.serve.sha256: (source.serve, split.at, dataset.rows - split.at),
            source.sha256: (source, 0, split.at),
        }
    given = [one for one, _, _ in known.values()]
    special = (*SHEETS, *FOREIGN)
    beyond = any((one.options.get("packed") or one.format in special) and not regular(one) for one in given)
    beyond = beyond or any(one.options.get(key) for one in given for key in ("files", *CHOSEN))
    return {} if source.options.get("put_back") or beyond else known


def _of_its_own(dataset: Dataset, one: Source, first: int, written: Sequence[ScriptFile]) -> dict[str, Any]:
    """How a file decided on is read and written, if not as train is; the SHA-256 of its export."""
    place = 0 if one is dataset.source else 1
    told: dict[str, Any] = {}
    if place < len(written) and not written[place].writing.differs:
        told["sha256"] = written[place].sha256
    if place == 0:
        return told
    if read_options(one) != read_options(dataset.source):
        told["read"] = read_options(one)
    if written:
        own = written[place].writing if place < len(written) else _like(written[0].writing, one)
        told["write"] = own.to_json()
    ways = {}
    for column in dataset.columns:
        (kind, how), usual = read_as(dataset, column, one, first), read_as(dataset, column)
        how.pop("unread", False)
        usual[1].pop("unread", False)
        if (kind, how) != usual:
            ways[column.name] = (kind, how)
    return told | ({"ways": ways} if ways else {})


def _like(writing: Writing, source: Source) -> Writing:
    """The same writing with the delimiter and the decimal mark of another source."""
    mark = source.options.get("delimiter") or writing.how["delimiter"]
    comma = source.options.get("decimal") == ","
    return replace(writing, how=writing.how | {"delimiter": mark}, comma=comma)


def regular(source: Source) -> bool:
    """Whether pandas makes the same rows of the file as Winnow did."""
    own, kind = source.options, kind_of(source)
    if kind == "json":
        special = (
            own.get("orient", "records") != "records",
            own.get("within"),
            own.get("aside_lines"),
            own.get("lists"),
        )
        return not any(special)
    if "delimiter" not in own:
        return source.format not in FOREIGN
    odd = ("merged", "aside_lines", "short_lines", "surplus", "end_line", "mended_rows", "row_labels")
    strict = own.get("encoding_errors", "strict") == "strict" and not own.get("escapechar")
    return strict and not any(own.get(name) for name in odd) and len(own.get("names", ())) > 1


def read_options(source: Source) -> dict[str, Any]:
    """How pandas reads a text file or a sheet like the source; and how its columns are known
    (`core.export.prepare_tables`). names: what each is called here, None where it is left out; without
    "head" they are known by their places. head: what the header calls each. Neither: as the header says.
    lines: of the header, if it may take several; labels: whether it has no name for the first column.
    """
    options = source.options
    if source.format in SHEETS:
        used = range(options["first_column"], options["first_column"] + len(options["names"]))
        how = {"sheet_name": options["table"], "usecols": list(used)}
    elif "delimiter" not in options:
        return {}
    else:
        how = _text_options(options)
    there = options.get("read_names") or options["names"]
    kept = options.get("kept_columns")
    names = dict(zip(range(len(there)) if kept is None else kept, options["names"], strict=True))
    called, header = [names.get(place) for place in range(len(there))], options.get("header")
    if header is None:
        return how | {"names": called, "skiprows": options["first_data_line"]}
    if line := options["header_line"]:
        how["skiprows"] = line
    own = dict(zip(names, header, strict=False))  # what is renamed stands there under its new name
    head = [own.get(place, "") if names.get(place) == name else name for place, name in enumerate(there)]
    lines = options["first_data_line"] - line
    labels = {"labels": True} if options.get("row_labels") else {}
    if head == called and lines < 2 and not labels:
        return how
    return how | {"head": head, "names": called} | labels | ({"lines": lines} if lines > 1 else {})


def _text_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """How pandas reads delimited text."""
    how = {"sep": options["delimiter"], "encoding": options["encoding"]}
    if options["skipinitialspace"]:
        how["skipinitialspace"] = True
    if options.get("encoding_errors", "strict") != "strict":
        how["encoding_errors"] = options["encoding_errors"]
    if options["quotechar"] and options["quotechar"] != '"':
        how["quotechar"] = options["quotechar"]
    if not options["quotechar"]:
        how["quoting"] = 3
    if options["escapechar"]:
        how["escapechar"] = options["escapechar"]
    return how
