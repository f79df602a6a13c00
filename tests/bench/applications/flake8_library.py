"""flake8 over modules of the standard library."""
# install: flake8
# import: flake8.main.application
# args: argparse json/decoder json/encoder textwrap csv
import os
import runpy
import sys

library = os.path.dirname(os.__file__)
sys.argv[1:] = ["-j", "1", "--isolated", "--exit-zero", "--count"] + [
    os.path.join(library, name + ".py") for name in sys.argv[1:]]
os.chdir(library)
runpy.run_module("flake8", run_name="__main__")
