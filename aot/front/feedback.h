/* Questions to the profile of one code object. */
#ifndef PYAOT_FEEDBACK_H
#define PYAOT_FEEDBACK_H

#include <stdbool.h>
#include <stdint.h>

#include "ir.h"
#include "profiler/profile_db.h"

typedef struct {
    IrClass cls; /* class nearly all observations had; ANY if mixed */
    /* its descriptor (IR_CLASS_USER: which type), or NULL */
    const char *text;
    bool seen;    /* anything recorded */
    bool has_big; /* integers beyond 64 bits were seen */
} FeedbackType;

/* Rows of one site and kind and slot; *n is their number. */
const ProfileRow *feedback_rows(const ProfileCode *code, uint32_t off,
                                ProfileKind kind, uint32_t slot, uint32_t *n);
FeedbackType feedback_type(const ProfileCode *code, uint32_t off,
                           ProfileKind kind, uint32_t slot);
/* The descriptor that makes up nearly all observations, or NULL. */
const char *feedback_main(const ProfileCode *code, uint32_t off,
                          ProfileKind kind, uint32_t slot);
uint64_t feedback_count(const ProfileCode *code, uint32_t off,
                        ProfileKind kind, uint32_t slot);
bool feedback_any(const ProfileCode *code, uint32_t off);
IrClass class_by_text(const char *text);
#endif
