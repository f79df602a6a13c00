# Written by `pyaot enable`; `pyaot disable` removes it.
# Imports nothing that the interpreter has not loaded already.
import sys

LIB = '@LIB@'


def load(name, what):
    import os
    if 't' in sys.abiflags:     # its objects have another layout
        raise ImportError('free-threaded builds are not supported; '
                          'use an ordinary CPython')
    version = sys.version_info[:2]
    path = LIB + '/cp%d%d/%s.so' % (*version, name)
    import _frozen_importlib
    import _frozen_importlib_external
    import _imp
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


def record(database, environ, verbose):
    import os
    import _thread
    if not _thread._is_main_interpreter():
        return
    if not os.path.isabs(database):
        # Children may start elsewhere.
        database = environ['PYAOT_PROFILE'] = os.path.abspath(database)
    recorder = load('_pyaot_profiler', 'recorder')
    del sys.modules['_pyaot_profiler']
    recorder.start(database, {
        'quiet': not verbose, 'ignore': __file__, 'hook': True,
        'everything': environ.get('PYAOT_EVERYTHING') == '1'})


def start():
    import os
    environ = os.environ
    cache = environ.get('PYAOT_CACHE')
    database = environ.get('PYAOT_PROFILE')
    if (not (cache or database) or sys.flags.ignore_environment
            or environ.get('PYAOT') == '0'):
        return
    verbose = environ.get('PYAOT_VERBOSE', '0') not in ('', '0')
    try:
        if not database:
            load('_pyaot_loader', 'loader').install(cache)
        # `pyaot profile` records into a database of its own.
        elif not any(word.endswith('/pyaot_profile_boot.py')
                     for word in sys.orig_argv):
            if cache and verbose:
                # Native code would run past the recorder.
                sys.stderr.write('pyaot: running uncompiled: '
                                 'PYAOT_PROFILE is set\n')
            record(database, environ, verbose)
    except Exception as error:
        strict = environ.get('PYAOT_MODE') == 'strict'
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
