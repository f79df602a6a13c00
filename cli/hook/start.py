# Written by `pyaot enable`; `pyaot disable` removes it.
# Imports nothing that the interpreter has not loaded already.
import sys

LIB = '@LIB@'


def load(name, what):
    import _frozen_importlib
    import _frozen_importlib_external
    import _imp
    import os
    if 't' in sys.abiflags:     # its objects have another layout
        raise ImportError('free-threaded builds are not supported; '
                          'use an ordinary CPython')
    version = sys.version_info[:2]
    path = f'{LIB}/cp%d%d/{name}.so' % version
    loader = _frozen_importlib_external.ExtensionFileLoader(name, path)
    spec = _frozen_importlib.ModuleSpec(name, loader, origin=path)
    try:
        module = _imp.create_dynamic(spec)
    except ImportError:
        if os.path.exists(path):
            raise
        raise ImportError('there is no %s for Python %d.%d: %s is missing'
                          % (what, *version, path)) from None
    sys.modules[name] = module
    _imp.exec_dynamic(module)
    return module


def record(database, everything, quiet):
    """Into the database, as children do, wherever they are started."""
    import os
    if not os.path.isabs(database):
        database = os.environ['PYAOT_PROFILE'] = os.path.abspath(database)
    recorder = load('_pyaot_profiler', 'recorder')
    sys.modules.pop('_pyaot_profiler', None)
    return recorder.start(database, {'quiet': quiet, 'ignore': __file__,
                                     'everything': everything})


def start():
    import os
    environ = os.environ
    cache, database = environ.get('PYAOT_CACHE'), environ.get('PYAOT_PROFILE')
    if (not (cache or database) or sys.flags.ignore_environment
            or environ.get('PYAOT') == '0'):
        return
    verbose = environ.get('PYAOT_VERBOSE', '0') not in ('', '0')
    everything = environ.get('PYAOT_EVERYTHING') == '1'
    strict = environ.get('PYAOT_MODE') == 'strict'
    try:
        native = None
        if cache and not (database and everything):
            native = load('_pyaot_loader', 'loader')
            native.install(cache)
        if database:
            tool = record(database, everything, not verbose)
            if native is not None:
                native.tolerate(tool)
    except Exception as error:
        if strict or verbose:
            try:
                text = str(error).replace('pyaot: ', '', 1)
                sys.stderr.write('pyaot: not started: %s\n' % text)
                sys.stderr.flush()
            except Exception:
                pass
        if strict:
            os._exit(1)


start()
