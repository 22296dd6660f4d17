/* What a library leaves behind by itself, on a path that a test takes: not counted as a leak where the sanitizer looks. */
#ifndef GKT_TESTS_LIBRARY_LEAKS_H
#define GKT_TESTS_LIBRARY_LEAKS_H
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#else
static inline void __lsan_disable(void) {}
static inline void __lsan_enable(void) {}
#endif
#endif
