/* Counts every call of the process to malloc and its family, also those of the libraries it uses: for tests that something allocates nothing. Include in one file of a program. */
#ifndef GKT_TESTS_COUNTED_MEMORY_H
#define GKT_TESTS_COUNTED_MEMORY_H
#include <errno.h>
#include <stdlib.h>

static long num_allocations; /* of all threads */
static void count_allocation(void) { __atomic_fetch_add(&num_allocations, 1, __ATOMIC_RELAXED); }

#ifdef __SANITIZE_ADDRESS__ /* which brings its own malloc, and tells of its use */
int __sanitizer_install_malloc_and_free_hooks(void (*)(const volatile void *, size_t), void (*)(const volatile void *));
static void note_malloc(const volatile void *p, size_t size) {
  (void)p, (void)size;
  count_allocation();
}
static void note_free(const volatile void *p) { (void)p; }
static int start_counting(void) { return __sanitizer_install_malloc_and_free_hooks(note_malloc, note_free) > 0; }
#else /* a program's own definitions stand before those of the C library, for all libraries */
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

void *malloc(size_t size) {
  count_allocation();
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  count_allocation();
  return __libc_calloc(count, size);
}

void *realloc(void *p, size_t size) {
  count_allocation();
  return __libc_realloc(p, size);
}

void *memalign(size_t alignment, size_t size) {
  count_allocation();
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **out, size_t alignment, size_t size) {
  void *p = memalign(alignment, size);
  if (p) *out = p;
  return p ? 0 : ENOMEM;
}

static int start_counting(void) { return 1; }
#endif
#endif
