# Written by `pyaot enable`; `pyaot disable` removes it.
# Python looks for a module of this name at each start. This one starts pyaot
# if PYAOT_CACHE or PYAOT_PROFILE is set; to all others it is as if there were
# none. To have one of your own here: pyaot disable, write it, pyaot enable.
import posix
import sys

if b'PYAOT_CACHE' in posix.environ or b'PYAOT_PROFILE' in posix.environ:
    try:
        import _pyaot_start
    except ImportError:
        pass

# Be the next module of this name on the path, if there is one.
spec = None
if f'{sys.path[-1]}/{__name__}.py' != __file__:
    import _frozen_importlib
    import _frozen_importlib_external
    here = __file__[:-len(__name__) - 4]
    if here in sys.path:
        spec = _frozen_importlib_external.PathFinder.find_spec(
            __name__, sys.path[sys.path.index(here) + 1:])
if spec is None:
    raise ModuleNotFoundError(f'No module named {__name__!r}', name=__name__)
module = _frozen_importlib.module_from_spec(spec)
sys.modules[__name__] = module
if spec.loader is not None:
    spec.loader.exec_module(module)
# End of what `pyaot enable` wrote.
