"""Test suites of third-party packages of Debian, plain, profiled and cached:
the same outcomes.

Usage: packages.py [options] [PACKAGE ...]

Packages are the sections of packages.ini, all of them if none is named; what
they need is installed with apt-get if missing (as root, on Debian 13), and
sources are fetched with apt-get into the folder of --sources.
"""

import configparser
import glob
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import suites  # noqa: E402  (needs the path above)

INSTALLED = "/usr/lib/python3/dist-packages"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
ABOUT = """\
Test suites of packages of Debian 13, run plain, under `pyaot profile
--everything`, and with a cache that `pyaot build --everything` made of these
profiles. `same`: each test had the same outcome as plain."""
APT_CONF = """\
Dir::Etc::sourcelist "{0}/sources.list";
Dir::Etc::sourceparts "/nonexistent";
Dir::State::lists "{0}/lists";
Dir::Cache "{0}/cache";
APT::Sandbox::User "root";
"""


def install(names):
    missing = [name for name in names if subprocess.run(
        ["dpkg-query", "-W", "-f", "${Status}", name], capture_output=True,
        text=True).stdout != "install ok installed"]
    if missing:
        environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        subprocess.run(["apt-get", "-qq", "update"], env=environment)
        subprocess.run(["apt-get", "-qq", "install", "-y",
                        "--no-install-recommends", *missing],
                       env=environment, check=True, stdout=sys.stderr)


class Sources:
    """Upstream archives as Debian has them, by an apt configuration of its
    own so that nothing of the system's changes."""

    def __init__(self, folder):
        self.folder = os.path.abspath(folder)
        self.ready = False

    def apt(self, *words):
        conf = os.path.join(self.folder, "apt.conf")
        if not self.ready:
            for name in ("lists/partial", "cache/archives/partial"):
                os.makedirs(os.path.join(self.folder, name), exist_ok=True)
            with open(conf, "w", encoding="utf-8") as file:
                file.write(APT_CONF.format(self.folder))
            with open(os.path.join(self.folder, "sources.list"), "w",
                      encoding="utf-8") as file:
                file.write(f"deb-src [signed-by={KEYRING}] "
                           "http://deb.debian.org/debian trixie main\n")
            self.ready = True
            self.apt("update")
        return subprocess.run(["apt-get", "-qq", *words], cwd=self.folder,
                              env=dict(os.environ, APT_CONFIG=conf),
                              stdout=sys.stderr).returncode

    def tree(self, package):
        """The unpacked archive; only the upstream one is needed."""
        tree = os.path.join(self.folder, package)
        if not os.path.isdir(tree):
            pattern = os.path.join(self.folder, package + "_*.orig.tar.*z*")
            if not glob.glob(pattern):
                self.apt("source", "--download-only", package)
            archives = glob.glob(pattern)
            if not archives:
                raise suites.harness.Failure(f"cannot fetch the source of {package}")
            os.makedirs(tree)
            subprocess.run(["tar", "-xf", archives[0], "-C", tree,
                            "--strip-components", "1"], check=True)
        return tree


def make_jobs(name, section, sources):
    """The jobs of a section: one for each line of `jobs`."""
    install(section["install"].split())
    folder = INSTALLED
    paths = [INSTALLED]
    if "source" in section:
        folder = sources.tree(section["source"])
        paths.insert(0, os.path.join(folder, section.get("path", "")))
    environment = {"PYTHONPATH": os.pathsep.join(paths),
                   "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    jobs = []
    lines = section["jobs"].strip().splitlines()
    for line in lines:
        words = line.split()
        title = name if len(lines) == 1 else words[0].replace("/", ".")
        if section["runner"] == "pytest":
            words = ["--rootdir", folder, "-o", "addopts=", *words]
        jobs.append(suites.Job(title, section["runner"], words, folder,
                               section.getint("seconds", 600), **environment))
    return jobs


def main():
    parser = suites.parser(__doc__)
    parser.add_argument("packages", nargs="*", metavar="PACKAGE")
    parser.add_argument("--sources", default="/var/tmp/pyaot-sources",
                        help="where sources are unpacked (default: "
                        "%(default)s)")
    options = parser.parse_args()
    config = configparser.ConfigParser()
    config.read(os.path.join(HERE, "packages.ini"), encoding="utf-8")
    sources = Sources(options.sources)
    names = options.packages or config.sections()
    return suites.run_groups(
        options, [make_jobs(name, config[name], sources) for name in names],
        "Test suites of third-party packages",
        "python3.13 tests/suites/packages.py --table "
        "tests/suites/PACKAGES.md", ABOUT)


if __name__ == "__main__":
    sys.exit(main())
