"""Runs tests in this process and writes their outcomes to a file, one a line,
as they come, so that a crash leaves what there was before it.

Usage: recorder.py OUT regrtest MODULE ...    CPython's own, by its runner
       recorder.py OUT unittest MODULE ...    modules or discovered folders
       recorder.py OUT pytest ARGUMENT ...

Lines are a word, a tab, and the test's id; the words are start, ok, fail,
error, skip, xfail and upass. At the end, when a cache is in use, `entered`
and two numbers: how often executors were entered in all, and in functions of
test files that are still alive then.
"""

import os
import signal
import sys

PID = os.getpid()
out = None


def note(word, test):
    """Only of this process: tests fork."""
    if os.getpid() == PID:
        out.write(f"{word}\t{test}\n".replace("\r", " "))


class Recorded:
    """In front of a unittest.TestResult class."""

    def startTest(self, test):
        note("start", test.id())
        super().startTest(test)

    def addSuccess(self, test):
        note("ok", test.id())
        super().addSuccess(test)

    def addFailure(self, test, err):
        note("fail", test.id())
        super().addFailure(test, err)

    def addError(self, test, err):
        note("error", test.id())
        super().addError(test, err)

    def addSkip(self, test, reason):
        note("skip", test.id())
        super().addSkip(test, reason)

    def addExpectedFailure(self, test, err):
        note("xfail", test.id())
        super().addExpectedFailure(test, err)

    def addUnexpectedSuccess(self, test):
        note("upass", test.id())
        super().addUnexpectedSuccess(test)

    def addSubTest(self, test, subtest, err):
        if err is not None:
            kind = issubclass(err[0], test.failureException)
            note("fail" if kind else "error", test.id())
        super().addSubTest(test, subtest, err)


def run_regrtest(modules):
    from test.libregrtest import main, testresult

    class Result(Recorded, testresult.RegressionTestResult):
        pass

    testresult.RegressionTestResult = Result
    sys.argv = ["test", "--randseed", "1", *modules]
    main.main()


def run_unittest(names):
    import unittest

    class Result(Recorded, unittest.TextTestResult):
        pass

    suite = unittest.TestSuite()
    for name in names:
        if os.path.isdir(name):
            suite.addTests(unittest.TestLoader().discover(name))
        else:
            suite.addTests(unittest.defaultTestLoader.loadTestsFromName(name))
    result = unittest.TextTestRunner(resultclass=Result).run(suite)
    sys.exit(not result.wasSuccessful())


class Plugin:
    """Of pytest."""
    words = {("passed", False): "ok", ("failed", False): "fail",
             ("skipped", False): "skip", ("skipped", True): "xfail",
             ("passed", True): "upass"}

    def pytest_runtest_logstart(self, nodeid, location):
        note("start", nodeid)

    def pytest_runtest_logreport(self, report):
        if report.when == "call" or report.outcome != "passed":
            expected = hasattr(report, "wasxfail")
            word = self.words.get((report.outcome, expected), "fail")
            if word == "fail" and report.when != "call":
                word = "error"
            note(word, report.nodeid)


def run_pytest(arguments):
    import pytest
    sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", *arguments],
                         plugins=[Plugin()]))


def count_entered():
    loader = sys.modules.get("_pyaot_loader")
    if loader is None:
        return
    import gc
    import types
    total = loader.stats()["executors_entered"]
    tests = 0
    seen = set()
    for item in gc.get_objects():
        if type(item) is types.FunctionType and id(item) not in seen:
            seen.add(id(item.__code__))
            if "test" in os.path.basename(item.__code__.co_filename):
                tests += sum(region["entries"]
                             for region in loader.regions(item.__code__))
    note("entered", f"{total} {tests}")


def main():
    global out
    path, kind, *arguments = sys.argv[1:]
    out = open(path, "a", encoding="utf-8", errors="backslashreplace",
               buffering=1)
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        # As in what a shell starts in the background.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    run = {"regrtest": run_regrtest, "unittest": run_unittest,
           "pytest": run_pytest}[kind]
    try:
        run(arguments)
    finally:
        count_entered()


if __name__ == "__main__":
    main()
