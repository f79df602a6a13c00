"""Start a program under the recorder:

    python pyaot_profile_boot.py MODULE_DIR DB HOW [--] SCRIPT ARGS...
    python pyaot_profile_boot.py MODULE_DIR DB HOW -m MODULE ARGS...
    python pyaot_profile_boot.py MODULE_DIR DB HOW -c CODE ARGS...

HOW is 0 or 1 for quiet, and 1 behind it to record everything.  `pyaot profile` runs this; the program then sees the same
sys.argv, sys.path, __main__ and frames as if python had started it directly.
"""
import sys


def _prepare():
    import os
    module_dir, database, how, *rest = sys.argv[1:]
    if rest and rest[0] == "--":
        del rest[0]
    if not rest or (rest[0] in ("-m", "-c") and len(rest) < 2):
        sys.stderr.write("pyaot: nothing to run: name a script, -m MODULE or "
                         "-c CODE\n")
        raise SystemExit(2)
    if "t" in sys.abiflags:     # its objects have another layout
        sys.stderr.write(f"pyaot: {sys.executable} is a free-threaded build, "
                         "which pyaot does not support; give an ordinary "
                         "CPython with --python PY\n")
        raise SystemExit(2)
    # Not importlib.util: the program should find no more modules loaded than
    # python itself loads.
    import _frozen_importlib
    import _frozen_importlib_external
    import _imp
    name = "_pyaot_profiler"
    path = os.path.join(module_dir, name + ".so")
    try:
        loader = _frozen_importlib_external.ExtensionFileLoader(name, path)
        spec = _frozen_importlib.ModuleSpec(name, loader, origin=path)
        recorder = _imp.create_dynamic(spec)
    except Exception as error:
        sys.stderr.write(f"pyaot: {sys.executable} cannot load the recorder: "
                         f"{error}; run pyaot doctor\n")
        raise SystemExit(2)
    sys.modules.pop(name, None)
    # Native code of an earlier build would run past the recorder.
    native = sys.modules.get("_pyaot_loader")
    if native is not None:
        native.uninstall()

    kind, target, argv, path0 = _target(rest, recorder, os)
    # In front of it are the interpreter's options.
    sys.orig_argv[sys.orig_argv.index(sys.argv[0]):] = rest
    sys.argv[:] = argv
    if path0 is not None:
        if sys.flags.safe_path:
            if kind == "dir":
                sys.path.insert(0, path0)
        else:
            sys.path[0] = path0
    try:
        recorder.start(os.path.abspath(database),
                       {"quiet": how[0] == "1", "ignore": __file__,
                        "everything": how[1:] == "1"})
    except (OSError, RuntimeError) as error:
        sys.stderr.write(f"pyaot: {error}\n")
        raise SystemExit(2)
    return recorder.run, kind, target


def _target(rest, recorder, os):
    """What to run, its sys.argv, and its sys.path[0]."""
    first = rest[0]
    if first == "-m":
        return "module", rest[1], ["-m", *rest[2:]], os.getcwd()
    if first == "-c":
        return "command", rest[1], ["-c", *rest[2:]], ""
    path = first
    if not os.path.isabs(path):
        path = os.path.join(os.getcwd(), path)
    if not os.path.exists(path):
        sys.stderr.write(f"pyaot: cannot open script {first!r}: No such file "
                         "or directory; check the path\n")
        raise SystemExit(2)
    if _has_importer(path):
        return "dir", path, rest, path
    return "file", path, rest, os.path.dirname(os.path.realpath(first))


def _has_importer(path):
    """True for a folder or zip file that python can run."""
    for hook in sys.path_hooks:
        try:
            hook(path)
            return True
        except ImportError:
            continue
    return False


_run, _kind, _what = _prepare()
_run(_kind, _what)
