"""Others keep data of their own with code objects (PyUnstable_Code_SetExtra): the
function that frees it is called for the code objects they put something on, and
for no other."""
import ctypes
import gc

FREE = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
freed = []
api = ctypes.pythonapi
free = FREE(lambda value: freed.append(value))
api.PyUnstable_Eval_RequestCodeExtraIndex.argtypes = (FREE,)
api.PyUnstable_Eval_RequestCodeExtraIndex.restype = ctypes.c_ssize_t
api.PyUnstable_Code_SetExtra.argtypes = (
    ctypes.py_object, ctypes.c_ssize_t, ctypes.c_void_p)
index = api.PyUnstable_Eval_RequestCodeExtraIndex(free)

SOURCE = """
def work(n):
    total = 0
    for i in range(n):
        total += i % 3
    return total

total = sum(work(20) for _ in range(100))
"""
total = 0
for turn in range(20):
    # A name of the same code each time: the profile's code objects match.
    names = {}
    exec(compile(SOURCE, "<work>", "exec"), names)
    total += names["total"]
    if turn % 5 == 0:
        code = names["work"].__code__
        print(api.PyUnstable_Code_SetExtra(code, index, turn + 1))
        del code
    del names
    gc.collect()
print(total, index >= 0, freed)
