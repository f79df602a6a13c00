# Find the CPython to build against.  Sets in the cache:
#   PYAOT_PYTHON_INCLUDE  directory of Python.h; empty if there is none
#   PYAOT_PYTHON_TAG      e.g. cp313
#   PYAOT_WEAK_NAMES      options that extension modules are compiled with
# PYAOT_PYTHON chooses the interpreter; by default python3.13 or python3 of
# the PATH, or a pyenv one.
set(PYAOT_WEAK_NAMES -include ${CMAKE_CURRENT_LIST_DIR}/weak_names.h
    CACHE INTERNAL "")
if(NOT DEFINED PYAOT_PYTHON_FOUND_FOR
   OR NOT "${PYAOT_PYTHON_FOUND_FOR}" STREQUAL "x${PYAOT_PYTHON}")
  file(GLOB _pyaot_pyenv "$ENV{HOME}/.pyenv/versions/3.13*/bin/python3.13")
  set(_pyaot_found "")
  foreach(_pyaot_try ${PYAOT_PYTHON} python3.13 ${_pyaot_pyenv} python3)
    execute_process(
      COMMAND ${_pyaot_try} -I -c "import sys, sysconfig; print('cp%d%d' % sys.version_info[:2] + 't' * ('t' in sys.abiflags), sys.hexversion, sysconfig.get_path('include'), sep=';')"
      OUTPUT_VARIABLE _pyaot_facts ERROR_QUIET
      OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE _pyaot_result)
    if(NOT _pyaot_result EQUAL 0)
      continue()
    endif()
    list(GET _pyaot_facts 0 _pyaot_tag)
    list(GET _pyaot_facts 2 _pyaot_include)
    if(_pyaot_tag STREQUAL "cp313" AND EXISTS "${_pyaot_include}/Python.h")
      set(_pyaot_found ${_pyaot_try})
      break()
    endif()
    if(PYAOT_PYTHON)
      break()
    endif()
  endforeach()
  if(_pyaot_found)
    message(STATUS "CPython: ${_pyaot_found} (${_pyaot_include})")
    set(PYAOT_PYTHON_INCLUDE "${_pyaot_include}" CACHE INTERNAL "")
    set(PYAOT_PYTHON_TAG "${_pyaot_tag}" CACHE INTERNAL "")
  else()
    message(WARNING "no CPython 3.13 with headers: the extension modules are "
                    "not built (set PYAOT_PYTHON)")
    set(PYAOT_PYTHON_INCLUDE "" CACHE INTERNAL "")
    set(PYAOT_PYTHON_TAG "" CACHE INTERNAL "")
  endif()
  set(PYAOT_PYTHON_FOUND_FOR "x${PYAOT_PYTHON}" CACHE INTERNAL "")
endif()
