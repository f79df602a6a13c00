"""A repository made, committed to and looked at, in one process."""
# install: mercurial
# import: mercurial.dispatch
# args: 12
import io
import os
import sys
import tempfile

os.environ["HGRCPATH"] = ""
os.environ["HGPLAIN"] = "1"

from mercurial import dispatch, ui as uimod  # noqa: E402


def hg(*words):
    out = io.BytesIO()
    request = dispatch.request([word.encode() for word in words], fout=out,
                               ferr=out)
    request.ui = uimod.ui.load()
    request.ui.fout = request.ui.ferr = out
    status = dispatch.dispatch(request)
    return status, out.getvalue().decode()


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    hg("init")
    for k in range(int(sys.argv[1])):
        for n in range(5):
            with open(f"file{n}.txt", "a") as file:
                file.write(f"line {k} of {n}\n" * 20)
        hg("commit", "-A", "-u", "someone", "-d", f"{k} 0", "-m", f"turn {k}")
    print(hg("log", "--template", "{rev} {desc}\n")[1])
    print(len(hg("annotate", "file1.txt")[1]), len(hg("diff", "-r", "0")[1]))
    os.chdir("/")
