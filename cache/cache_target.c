/* What native code is made for: the ABI hash and the CPU level. */
#include "pyaot_cache.h"

#include <stdio.h>
#include <string.h>

/* Set by the build: SHA-256 of the native code ABI's sources. */
#ifndef PYAOT_ABI_SOURCE_HASH
#error "PYAOT_ABI_SOURCE_HASH is not set"
#endif

uint64_t
pyaot_cache_abi_hash(const char *abi)
{
    static const char source[] = PYAOT_ABI_SOURCE_HASH;
    char text[256];
    size_t len = strnlen(abi, sizeof(text) - sizeof(source) - 1);
    memcpy(text, abi, len);
    text[len] = '\0';
    memcpy(text + len + 1, source, sizeof(source) - 1);
    return pyaot_hash64(text, len + sizeof(source));
}

uint32_t
pyaot_cache_cpu_level(void)
{
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("sse3") || !__builtin_cpu_supports("ssse3")
        || !__builtin_cpu_supports("sse4.1")
        || !__builtin_cpu_supports("sse4.2")
        || !__builtin_cpu_supports("popcnt")) {
        return 1;
    }
    if (!__builtin_cpu_supports("avx") || !__builtin_cpu_supports("avx2")
        || !__builtin_cpu_supports("bmi") || !__builtin_cpu_supports("bmi2")
        || !__builtin_cpu_supports("fma")) {
        return 2;
    }
    if (!__builtin_cpu_supports("avx512f")
        || !__builtin_cpu_supports("avx512bw")
        || !__builtin_cpu_supports("avx512cd")
        || !__builtin_cpu_supports("avx512dq")
        || !__builtin_cpu_supports("avx512vl")) {
        return 3;
    }
    return 4;
}
