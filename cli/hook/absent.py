# Written by `pyaot enable`; `pyaot disable` removes it.
# Python looks for a module of this name at each start. This one starts pyaot if
# PYAOT_CACHE is set; for all others it is as if there were none. To have one of
# your own here: pyaot disable, write it, pyaot enable.
import posix
import sys


def hand_over(path):
    import _frozen_importlib
    import _frozen_importlib_external
    finder = _frozen_importlib_external.PathFinder
    spec = finder.find_spec(__name__, path)
    if spec is None:
        return False
    module = _frozen_importlib.module_from_spec(spec)
    sys.modules[__name__] = module
    if spec.loader is not None:
        spec.loader.exec_module(module)
    return True


if posix.environ.get(b'PYAOT_CACHE'):
    try:
        import _pyaot_start
    except ImportError:
        pass
here = __file__[:-len(__name__) - 4]
if (sys.path[-1] == here or here not in sys.path
        or not hand_over(sys.path[sys.path.index(here) + 1:])):
    raise ModuleNotFoundError(f'No module named {__name__!r}', name=__name__)
