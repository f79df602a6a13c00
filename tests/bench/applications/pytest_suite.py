"""A suite of parametrised tests with fixtures."""
# install: python3-pytest
# import: pytest
# args: 250
import contextlib
import io
import os
import re
import sys
import tempfile

import pytest

SUITE = '''
import pytest

@pytest.fixture(params=[1, 2])
def pair(request):
    yield request.param, request.param * 2

@pytest.fixture
def numbers(pair):
    return list(range(pair[1]))

@pytest.mark.parametrize("k", range({0}))
def test_sum(numbers, pair, k):
    assert sum(numbers) + k == pair[0] * (pair[1] - 1) + k

@pytest.mark.parametrize("k", range(10))
def test_fails(k):
    assert [k, k + 1] == [k, k + 2 - k % 2]

class TestThings:
    def test_raises(self):
        with pytest.raises(KeyError, match="x"):
            {{}}["x"]
'''

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "test_it.py")
    with open(path, "w") as file:
        file.write(SUITE.format(sys.argv[1]))
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        status = pytest.main(["-q", "-p", "no:cacheprovider", "--rootdir",
                              folder, path])
print(int(status), re.sub(r" in [0-9.]+s.*", "", text.getvalue()[-60:]))
