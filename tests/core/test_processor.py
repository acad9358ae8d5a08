"""numpy does without AVX-512 on the one kind of processor on which it sorts more slowly with it."""

import math
import os
import subprocess
import sys

import numpy as np
import pytest

from core import processor
from core.loading.sandbox import _environment
from core.numerics.transforms import log1p
from core.processor import description, sorts_slowly

CORE = (
    "processor\t: 0\nvendor_id\t: {}\ncpu family\t: {}\nmodel\t\t: {}\n"
    "flags\t\t: fpu sse4_2 avx2 {}\nbogomips\t: 5\n\n"
)
AVX512 = "avx512f avx512dq avx512_vbmi2"


@pytest.mark.parametrize(
    ("vendor", "family", "model", "flags", "slow"),
    [
        ("AuthenticAMD", 25, 17, AVX512, True),  # Zen 4: EPYC 9R14
        ("AuthenticAMD", 25, 97, AVX512, True),  # Zen 4: Ryzen 7950X
        ("AuthenticAMD", 25, 1, "", False),  # Zen 3
        ("AuthenticAMD", 26, 2, AVX512, False),  # Zen 5
        ("GenuineIntel", 6, 143, AVX512, False),  # Sapphire Rapids
    ],
)
@pytest.mark.parametrize("cores", [1, 3])
def test_only_zen_4_sorts_more_slowly_with_avx_512(vendor, family, model, flags, slow, cores):
    whole = CORE.format(vendor, family, model, flags) * cores
    assert sorts_slowly(whole) is slow
    first = len(whole) // cores
    assert all(sorts_slowly(whole[:cut]) is slow for cut in range(first, len(whole)))


def test_a_processor_of_which_nothing_is_known_is_left_alone():
    assert not sorts_slowly("")
    assert not sorts_slowly("processor : 0\nmodel name : ARMv8\n")


CODE = (
    "import core, os, numpy; from numpy._core._multiarray_umath import __cpu_features__ as has;"
    "print(os.environ.get('NPY_DISABLE_CPU_FEATURES', '-'), has.get('AVX512F', False))"
)


def _said(code: str = CODE, **given: str) -> list[str]:
    """What numpy was told in a fresh process, and whether it uses AVX-512."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("NPY_")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env | given, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_numpy_is_told_before_it_loads_on_such_a_processor_alone():
    told, used = _said()
    assert told == ("AVX512F" if sorts_slowly(description()) else "-")
    assert used == "False" or told == "-"


@pytest.mark.parametrize("name", ["NPY_DISABLE_CPU_FEATURES", "NPY_ENABLE_CPU_FEATURES"])
def test_what_the_user_says_stands(name):
    assert _said(**{name: "AVX2"})[0] == ("AVX2" if "DISABLE" in name else "-")


HAS = "from numpy._core._multiarray_umath import __cpu_features__ as has; print(has.get('AVX512F', False))"


@pytest.mark.parametrize("first", ["import numpy, core", "import core, numpy"])
def test_the_processes_that_a_program_starts_take_the_instructions_that_it_takes(first):
    child = f"subprocess.run([sys.executable, '-c', {f'import core, numpy; {HAS}'!r}], check=True)"
    own, started = _said(f"import subprocess, sys; {first}; {HAS}; sys.stdout.flush(); {child}")
    assert own == started


@pytest.mark.parametrize(
    ("loaded", "given", "without"),
    [
        (False, {}, "AVX512F"),
        (True, {}, ""),
        (False, {"NPY_DISABLE_CPU_FEATURES": ""}, None),
        (True, {"NPY_ENABLE_CPU_FEATURES": "AVX2"}, None),
    ],
)
def test_what_a_slow_processor_does_without_is_said_to_all_processes(loaded, given, without, monkeypatch):
    monkeypatch.setattr(processor, "description", lambda: CORE.format("AuthenticAMD", 25, 17, AVX512))
    monkeypatch.setattr(processor.sys, "modules", {"numpy": None} if loaded else {})
    for name in (processor.DISABLED, processor.ENABLED):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert processor.do_without() == without
    monkeypatch.setattr(processor, "description", lambda: CORE.format("AuthenticAMD", 26, 2, AVX512))
    assert processor.do_without() is None


def test_the_reader_has_what_the_environment_says_of_libraries_and_no_secrets(monkeypatch, tmp_path):
    told = {
        "NPY_DISABLE_CPU_FEATURES": "AVX512F",
        "NPY_ENABLE_CPU_FEATURES": "AVX2",
        "OPENBLAS_NUM_THREADS": "2",
        "OMP_WAIT_POLICY": "ACTIVE",
        "ARROW_DEFAULT_MEMORY_POOL": "mimalloc",
    }
    for name, value in (told | {"AWS_SECRET_ACCESS_KEY": "x", "HTTPS_PROXY": "y"}).items():
        monkeypatch.setenv(name, value)
    kept = _environment(tmp_path)
    assert told.items() <= kept.items() and not {"AWS_SECRET_ACCESS_KEY", "HTTPS_PROXY"} & kept.keys()


TRANSFORMED = """
import hashlib, sys
import core, numpy as np
from core.numerics.transforms import log1p, quantile_rank, yeo_johnson
x = np.random.default_rng(0).uniform(-0.9, 1e6, 100_000)
made = [log1p(x), quantile_rank(x, np.quantile(x, [0, 0.3, 1]).tolist(), True)]
made += [yeo_johnson(x - 1e4, power) for power in (-0.7, 0.0, 0.3, 2.0)]
print(*(hashlib.sha256(one.tobytes()).hexdigest() for one in made))
"""


def test_transforms_are_the_same_bytes_whichever_instructions_numpy_takes():
    """numpy's own logarithms and powers are not, where it may take AVX-512."""
    ways = [{"NPY_DISABLE_CPU_FEATURES": one} for one in ("", "AVX512F", "AVX512F AVX2 FMA3")]
    first, *others = [_said(TRANSFORMED, **way) for way in ways]
    assert len(first) == 6 and all(other == first for other in others)


def test_log1p_is_near_the_true_value():
    x = np.concatenate([np.linspace(-0.99, 5, 20_001), np.geomspace(1e-300, 1e300, 20_001)])
    true = np.array([math.log1p(one) for one in x.tolist()])
    assert (np.abs(log1p(x) - true) <= 3 * np.spacing(np.abs(true))).all()
    assert np.isnan(log1p(np.array([np.nan]))).all() and np.isinf(log1p(np.array([np.inf]))).all()
