/* What native code is made for: the ABI hash and the CPU level. */
#include "pyaot_cache.h"

#include <stdio.h>
#include <string.h>
#if __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>
#endif

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

/* The C library has asked the processor.  To ask again, as the C compiler's
 * constructor does, costs each start of a program some 60 us on a virtual
 * machine, which each question leaves.  (Its header shifts into the sign,
 * which the sanitisers say each time.) */
#if defined(CPU_FEATURE_ACTIVE) && !defined(__SANITIZE_ADDRESS__)
#define HAS(feature, name) CPU_FEATURE_ACTIVE(feature)
#else
#define HAS(feature, name) __builtin_cpu_supports(name)
#endif

uint32_t
pyaot_cache_cpu_level(void)
{
    if (!HAS(SSE3, "sse3") || !HAS(SSSE3, "ssse3") || !HAS(SSE4_1, "sse4.1")
        || !HAS(SSE4_2, "sse4.2") || !HAS(POPCNT, "popcnt")) {
        return 1;
    }
    if (!HAS(AVX, "avx") || !HAS(AVX2, "avx2") || !HAS(BMI1, "bmi")
        || !HAS(BMI2, "bmi2") || !HAS(FMA, "fma")) {
        return 2;
    }
    if (!HAS(AVX512F, "avx512f") || !HAS(AVX512BW, "avx512bw")
        || !HAS(AVX512CD, "avx512cd") || !HAS(AVX512DQ, "avx512dq")
        || !HAS(AVX512VL, "avx512vl")) {
        return 3;
    }
    return 4;
}
