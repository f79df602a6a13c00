# Written by `pyaot enable`; `pyaot disable` removes it.
# Imports nothing that the interpreter has not loaded already.
import sys

LIB = '@LIB@'


def start():
    import os
    environ = os.environ
    cache = environ.get('PYAOT_CACHE')
    if (not cache or sys.flags.ignore_environment
            or environ.get('PYAOT') == '0'):
        return
    try:
        if 't' in sys.abiflags:     # its objects have another layout
            raise ImportError('free-threaded builds are not supported; '
                              'use an ordinary CPython')
        version = sys.version_info[:2]
        path = LIB + '/cp%d%d/_pyaot_loader.so' % version
        import _frozen_importlib
        import _frozen_importlib_external
        import _imp
        loader = _frozen_importlib_external.ExtensionFileLoader(
            '_pyaot_loader', path)
        spec = _frozen_importlib.ModuleSpec(
            '_pyaot_loader', loader, origin=path)
        try:
            module = _imp.create_dynamic(spec)
        except ImportError:
            if os.path.exists(path):
                raise
            raise ImportError('there is no loader for Python %d.%d: %s is '
                              'missing' % (*version, path)) from None
        sys.modules['_pyaot_loader'] = module
        _imp.exec_dynamic(module)
        module.install(cache)
    except Exception as error:
        strict = environ.get('PYAOT_MODE') == 'strict'
        if strict or environ.get('PYAOT_VERBOSE', '0') not in ('', '0'):
            try:
                text = str(error).replace('pyaot: ', '', 1)
                argv = getattr(sys, 'orig_argv', ['python'])
                command = ' '.join(argv[1:] or argv)
                sys.stderr.write('pyaot[%d]: %s: not started: %s\n' % (
                    os.getpid(), ' '.join(command[:100].split()), text))
                sys.stderr.flush()
            except Exception:
                pass
        if strict:
            os._exit(1)


start()
