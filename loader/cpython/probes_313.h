/* The conditions of layout_313.def's PROBE rows, in the middle of a function:
 * of each stage what PROBE_<stage>(condition) makes of them.  No guard: it is
 * included once for each stage. */
#define LAYOUT_SIZE(type, bytes, probe)
#define LAYOUT(type, field, offset, probe)
#define PROBE(stage, field, condition) PROBE_##stage(condition)
#include "cache/abi/layout_313.def"
#undef PROBE_START
#undef PROBE_TOOL
#undef PROBE_DICT
