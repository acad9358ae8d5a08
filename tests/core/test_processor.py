"""numpy does without AVX-512 on the one kind of processor on which it sorts more slowly with it."""

import os
import subprocess
import sys

import pytest

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


def test_where_numpy_was_there_first_no_process_does_without():
    assert _said(f"import numpy; {CODE}")[0] == "-"
