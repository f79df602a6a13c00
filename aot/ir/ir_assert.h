/* Beliefs of the compiler about its own data; input is never checked so.
 *
 * With the option PYAOT_ASSERTS (tests/run.sh) one that does not hold ends the
 * process and says where; without it they cost nothing. */
#ifndef PYAOT_IR_ASSERT_H
#define PYAOT_IR_ASSERT_H

#ifdef PYAOT_ASSERTS
#define IR_ASSERT(belief)                                                     \
    ((belief) ? (void)0 : ir_assert_failed(#belief, __FILE__, __LINE__))
#else
#define IR_ASSERT(belief) ((void)(0 && (belief)))
#endif

_Noreturn void ir_assert_failed(const char *belief, const char *file,
                                int line);

#endif
