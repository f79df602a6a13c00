# Written by `pyaot enable`; `pyaot disable` removes it.
"""pyaot.optimizer: the optimizer API of this interpreter."""
LIB = '@LIB@'


def load():
    import importlib.machinery
    import importlib.util
    import os
    import sys
    name = '_pyaot_loader'
    module = sys.modules.get(name)
    if module is None:
        if 't' in getattr(sys, 'abiflags', ''):
            raise ImportError('pyaot: free-threaded builds are not '
                              'supported; use an ordinary CPython')
        version = sys.version_info[:2]
        path = LIB + '/cp%d%d/_pyaot_loader.so' % version
        if not os.path.exists(path):
            raise ImportError('pyaot: there is no loader for Python %d.%d: '
                              '%s is missing' % (*version, path))
        loader = importlib.machinery.ExtensionFileLoader(name, path)
        spec = importlib.machinery.ModuleSpec(name, loader, origin=path)
        module = importlib.util.module_from_spec(spec)
        loader.exec_module(module)
        sys.modules[name] = module
    sys.modules['pyaot.optimizer'] = module.optimizer_module()
    return sys.modules['pyaot.optimizer']


__path__ = []
optimizer = load()
