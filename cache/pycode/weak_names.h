/* What other minors of CPython do not have, of all that the extension modules
 * use.  Looked up weakly, so that a module can be opened in any interpreter
 * and say why it does not run there (pyaot_pycode_check_host), where the
 * linker would only name a symbol.  Included in front of each file of
 * theirs. */
#ifndef PYAOT_WEAK_NAMES_H
#define PYAOT_WEAK_NAMES_H

#pragma weak PyCMethod_New
#pragma weak PyCode_AddWatcher
#pragma weak PyCode_ClearWatcher
#pragma weak PyCode_GetCode
#pragma weak PyDict_AddWatcher
#pragma weak PyDict_ClearWatcher
#pragma weak PyDict_GetItemRef
#pragma weak PyDict_Unwatch
#pragma weak PyDict_Watch
#pragma weak PyErr_GetRaisedException
#pragma weak PyErr_SetRaisedException
#pragma weak PyFrame_GetBuiltins
#pragma weak PyFrame_GetCode
#pragma weak PyFrame_GetGlobals
#pragma weak PyFrame_GetLasti
#pragma weak PyFunction_AddWatcher
#pragma weak PyFunction_ClearWatcher
#pragma weak PyFunction_SetVectorcall
#pragma weak PyInterpreterState_Get
#pragma weak PyInterpreterState_Main
#pragma weak PyLong_AsNativeBytes
#pragma weak PyModule_AddObjectRef
#pragma weak PyObject_CallNoArgs
#pragma weak PyObject_CallOneArg
#pragma weak PyObject_Vectorcall
#pragma weak PyThreadState_GetFrame
#pragma weak PyThreadState_GetUnchecked
#pragma weak PyType_AddWatcher
#pragma weak PyType_ClearWatcher
#pragma weak PyType_Watch
#pragma weak PyUnicode_EqualToUTF8AndSize
#pragma weak PyUnstable_Code_SetExtra
#pragma weak PyUnstable_GC_VisitObjects
#pragma weak PyUnstable_Eval_RequestCodeExtraIndex
#pragma weak PyVectorcall_Call
#pragma weak Py_Version
#pragma weak _PyEvalFramePushAndInit
#pragma weak _PyEval_AddPendingCall
#pragma weak _PyEval_EvalFrameDefault
#pragma weak _PyEval_FormatExcCheckArg
#pragma weak _PyEval_FrameClearAndPop
#pragma weak _PyEval_MonitorRaise
#pragma weak _PyFunction_SetVersion
#pragma weak _PyInterpreterState_GetEvalFrameFunc
#pragma weak _PyGen_SetStopIterationValue
#pragma weak _PyRuntime
#pragma weak _Py_MakeCoro
#pragma weak _PyThreadState_GetCurrent
#pragma weak _PyType_Lookup
#pragma weak _Py_FatalErrorFunc
#pragma weak _Py_HandlePending
#pragma weak _Py_MakeCoro

#endif
