/* Files made from text at run time, by a compiler: kept, guarded, made again (cache.c). Modules of the CPU and images of the device differ in who makes and who loads. */
#ifndef GKT_CORE_CACHE_H
#define GKT_CORE_CACHE_H
#include "core/core.h"

/* A 128-bit hash for cache keys: two independent multiplicative lanes. Not against an adversary; the cache is guarded by ownership. */
typedef struct {
  uint64_t lanes[2];
} gkt_hash;
gkt_hash gkt_hash_start(void);
void gkt_hash_add(gkt_hash *, const void *data, size_t length); /* the length counts as well: "ab","c" is not "a","bc" */
gkt_hash gkt_hash_finish(gkt_hash);

enum { GKT_PATH_SIZE = 1024 };
typedef struct gkt_cached gkt_cached;
struct gkt_cached {
  gkt_context *ctx;
  const char *source;                                 /* text; stands beside what is made from it */
  const char *source_kind, *made_kind;                /* how the names of the two files end: ".c", ".so" */
  gkt_hash key;                                       /* of the text and of all that decides what is made from it */
  gkt_status (*make)(gkt_cached *, const char *path); /* fills the empty file, from source or source_path */
  gkt_status (*load)(gkt_cached *);                   /* from object_path, whose content is what was made */
  void *user;
  char source_path[GKT_PATH_SIZE], object_path[GKT_PATH_SIZE];
  char reason[GKT_PATH_SIZE + 256]; /* why a folder cannot be used; set with GKT_IO, so that another folder can be tried before anything is called a failure */
};
/* Makes it where it is not there, or not whole, and loads it. ctx, source, kinds, key, make, load are set. */
gkt_status gkt_cached_load(gkt_cached *) GKT_MUST_CHECK;

/* ---- for make and load ---- */
gkt_status gkt_cached_unusable(gkt_cached *, const char *verb, const char *path, const char *why) GKT_MUST_CHECK; /* GKT_IO */
gkt_status gkt_cached_write(gkt_cached *, const char *path, const void *data, size_t length) GKT_MUST_CHECK;      /* into a file that is there */
gkt_status gkt_cached_read(const gkt_cached *, char **data, size_t *length) GKT_MUST_CHECK; /* what was made; NULL: not there, or not whole; freed by the caller */
#endif
