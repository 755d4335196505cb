import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem, DataStructs

from molgen.base.errors import MolgenError
from molgen.data.catalogue import load_rows
from molgen.features import bits
from molgen.features.bits import Bits, above, nearest, top
from molgen.features.fingerprint import Fingerprint
from molgen.features.similarity import nearest as nearest_of_numbers


@pytest.fixture(params=["compiled", "plain"])
def way(request, monkeypatch):
    """Both ways of counting, whatever the amount."""
    monkeypatch.setattr(bits, "_COMPILED_FROM", 0 if request.param == "compiled" else float("inf"))
    return request.param


@pytest.fixture(scope="module")
def drugs():
    mols = [mol for smiles in load_rows("chembl_drugs").raw[:900] if (mol := Chem.MolFromSmiles(smiles))]
    return np.packbits(Fingerprint()(mols).astype(bool), axis=1)


def as_rdkit(packed):
    return [DataStructs.CreateFromBitString("".join(map(str, row))) for row in np.unpackbits(packed, axis=1)]


def ranked_by_rdkit(query, references):
    """[(row, similarity)], the most alike first, equal ones in their order."""
    found = DataStructs.BulkTanimotoSimilarity(query, references)
    return sorted(enumerate(found), key=lambda pair: (-pair[1], pair[0]))


def pairs(found):
    return list(zip(found.row.tolist(), found.tanimoto.tolist()))


def test_top_is_what_rdkit_says(drugs, way):
    references = as_rdkit(drugs)
    for query, found in zip(range(40), top(drugs[:40], drugs, 7)):
        expected = ranked_by_rdkit(references[query], references)[:7]
        assert found.row.tolist() == [row for row, _ in expected]
        assert found.tanimoto.tolist() == [np.float32(similarity) for _, similarity in expected]


@pytest.mark.parametrize("threshold", [0.0, 0.05, 0.3, 0.5, 0.7, 1.0])
def test_above_is_what_rdkit_says(drugs, way, threshold):
    references = as_rdkit(drugs)
    for query, found in zip(range(20), above(drugs[:20], drugs, threshold)):
        expected = [pair for pair in ranked_by_rdkit(references[query], references) if pair[1] >= threshold]
        assert found.row.tolist() == [row for row, _ in expected]


def test_nearest_is_that_of_the_matrix_product_to_the_last_bit(drugs, way):
    wide = np.unpackbits(drugs, axis=1)
    expected, found = nearest_of_numbers(wide[:300], wide[300:]), nearest(drugs[:300], drugs[300:])
    assert np.array_equal(found.row, expected.row)
    assert np.array_equal(found.tanimoto, expected.tanimoto) and found.tanimoto.dtype == expected.tanimoto.dtype


fingerprints = st.lists(st.sets(st.integers(0, 2047), max_size=12), max_size=30)


def packed(sets):
    wide = np.zeros((len(sets), 2048), dtype=bool)
    for row, on in zip(wide, sets):
        row[list(on)] = True
    return np.packbits(wide, axis=1)


@settings(max_examples=60, deadline=None)
@given(fingerprints, fingerprints, st.integers(1, 40), st.sampled_from([0.0, 0.1, 0.25, 1 / 3, 0.5, 1.0]))
def test_compiled_and_plain_agree_on_any_bits(queries, references, k, threshold):
    # Few bits of many: equal similarities, empty molecules and copies are the rule here.
    answers = []
    before = bits._COMPILED_FROM
    for least_work in (0, float("inf")):
        bits._COMPILED_FROM = least_work
        try:
            asked, known = packed(queries), packed(references)
            some, few, all_alike = top(asked, known, k), top(asked, known, k, at_least=threshold), above(asked, known, threshold)
            answers.append([pairs(found) for found in [*some, *few, *all_alike]])
        finally:
            bits._COMPILED_FROM = before
    assert answers[0] == answers[1]
    for query, found in zip(queries, answers[0]):
        alike = [len(query & one) / len(query | one) if query | one else 0.0 for one in references]
        expected = sorted(enumerate(alike), key=lambda pair: (-pair[1], pair[0]))[:k]
        assert [row for row, _ in found] == [row for row, _ in expected]


def test_of_equals_the_first_is_the_nearest(way):
    references = packed([{9}, {1, 2}, {1, 2}, {2, 1}])
    assert nearest(packed([{1, 2}, {1}, {7}]), references).row.tolist() == [1, 1, 0]


def test_a_search_in_two_parts_is_the_search_of_the_whole(drugs, way):
    whole = top(drugs[:25], drugs, 5)
    first = top(drugs[:25], drugs[:400], 5)
    second = top(drugs[:25], drugs[400:], 5, at_least=np.array([found.tanimoto[-1] for found in first]))
    for all_at_once, one, two in zip(whole, first, second):
        together = [*pairs(one), *((row + 400, alike) for row, alike in pairs(two))]
        assert pairs(all_at_once) == sorted(together, key=lambda pair: (-pair[1], pair[0]))[:5]


def test_nothing_to_search_for_or_in_gives_nothing(drugs, way):
    assert top(drugs[:0], drugs, 3) == [] and above(drugs[:0], drugs, 0.5) == []
    assert [len(found.row) for found in top(drugs[:2], drugs[:0], 3)] == [0, 0]
    assert [len(found.row) for found in above(drugs[:2], drugs[:0], 0.0)] == [0, 0]
    with pytest.raises(MolgenError, match="no reference"):
        nearest(drugs, drugs[:0])


def test_bits_of_another_shape_are_refused():
    with pytest.raises(MolgenError, match=r"want \[molecules, 256\], uint8"):
        Bits(np.zeros((3, 128), dtype=np.uint8))


def test_without_numba_numpy_counts():
    code = """
import sys
sys.modules["numba"] = sys.modules["llvmlite"] = None
import numpy as np
from molgen.features import bits
bits._COMPILED_FROM = 0
packed = np.packbits(np.eye(5, 2048, dtype=bool), axis=1)
print(bits.nearest(packed, packed).row.tolist())
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[0, 1, 2, 3, 4]"


def test_little_to_compare_does_not_load_the_compiler():
    code = """
import sys
import numpy as np
from molgen.features import bits
packed = np.packbits(np.eye(40, 2048, dtype=bool), axis=1)
bits.nearest(packed, packed)
print("numba" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"


def test_less_than_nothing_in_common_is_asked_of_all(drugs, way):
    assert pairs(above(drugs[:1], Bits(drugs[:50]), -0.1)[0]) == pairs(above(drugs[:1], Bits(drugs[:50]), 0.0)[0])
    assert len(top(drugs[:1], Bits(drugs[:50]), 50, at_least=-0.1)[0].row) == 50


def test_without_a_folder_for_compiled_code_it_is_made_anew():
    code = """
import numba, numpy as np
real = numba.njit
def refusing(*given, cache=False, **options):
    if cache:
        raise RuntimeError("cannot cache function: no locator available")
    return real(*given, **options)
numba.njit = refusing
from molgen.features import bits, overlap, popcount, scan
packed = np.packbits(np.eye(40, 2048, dtype=bool), axis=1)
bits._COMPILED_FROM = 0
print(bits.nearest(packed, packed).row.tolist() == list(range(40)))
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "True"
