/* Messages on stderr, each line led by "pyaot: ", for those who ask
 * (PYAOT_VERBOSE).  The level is the caller's, there is no global state. */
#ifndef PYAOT_BASE_LOG_H
#define PYAOT_BASE_LOG_H

/* Write one line if level <= verbose; a newline is added.  The line goes out
 * in one write, so that processes sharing stderr do not mix theirs. */
void pyaot_log(int verbose, int level, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
