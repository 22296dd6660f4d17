/* Files of numbers: the one way to HDF5. A file holds named arrays and texts ("mesh/coords": names are paths, groups on the way are made), its kind and the version of its layout.
   - A new file appears whole or not at all, by gkt_store_commit.
   - Arrays whose rows come one after the other are made at once in their full length, without values; the file has holes there, which take no room and read as 0. Writing a row
   then changes nothing but these numbers, so that whoever is killed while writing leaves a file that opens, and at most that row half-written: a count written after it (a row of
   an array of its own) says how many are whole.
   - No times are in it: the same content is the same bytes.
   Numbers are stored little-endian, doubles as IEEE 64 bit. Not for several threads at once. */
#ifndef GKT_PROBLEM_STORE_H
#define GKT_PROBLEM_STORE_H
#include "galerkit/core.h"

typedef struct gkt_store gkt_store;
typedef enum { GKT_STORE_DOUBLE, GKT_STORE_INT32, GKT_STORE_INT64, GKT_STORE_BYTE, GKT_NUM_STORE_TYPES } gkt_store_type;
enum { GKT_STORE_RANK = 4 };
typedef struct {
  const char *name;
  gkt_store_type type;
  int rank; /* 0: one number; to GKT_STORE_RANK */
  gkt_size extents[GKT_STORE_RANK];
} gkt_store_array;

/* kind: a word of letters, such as "series"; version: from 1. GKT_BAD_INPUT: path cannot be written. */
gkt_status gkt_store_create(gkt_context *, const char *path, const char *kind, int version, gkt_store **out) GKT_MUST_CHECK;
/* GKT_BAD_INPUT, with what it is instead: no such file, none of HDF5, damaged, of another kind, of a version after this one. *version: may be NULL. */
gkt_status gkt_store_open(gkt_context *, const char *path, bool writable, const char *kind, int newest_version, int *version, gkt_store **out) GKT_MUST_CHECK;
/* A created one gets its name; in one that was opened everything is written. *store is NULL after it, whatever comes. */
gkt_status gkt_store_commit(gkt_store **) GKT_MUST_CHECK;
void gkt_store_close(gkt_store **); /* what was created and not committed is gone; NULL is fine */
const char *gkt_store_path(const gkt_store *);

bool gkt_store_has(gkt_store *, const char *name);
/* A new array; values NULL: without, as above. */
gkt_status gkt_store_write(gkt_store *, const gkt_store_array *, const void *values) GKT_MUST_CHECK;
/* What is there, name included, which is then the caller's. GKT_BAD_INPUT: nothing of that name, or what this has no type for. */
gkt_status gkt_store_find(gkt_store *, const char *name, gkt_store_array *out) GKT_MUST_CHECK;
/* Refused where type, rank or extents are others; an extent below 0 fits any, and is set. */
gkt_status gkt_store_check(gkt_store *, gkt_store_array *inout) GKT_MUST_CHECK;
gkt_status gkt_store_read(gkt_store *, const gkt_store_array *expected, void *values) GKT_MUST_CHECK;
/* A row by the first axis, in place; the number of rank 0 is its row 0. The type is that of the array. */
gkt_status gkt_store_write_row(gkt_store *, const char *name, gkt_size row, const void *values) GKT_MUST_CHECK;
gkt_status gkt_store_read_row(gkt_store *, const char *name, gkt_size row, void *values) GKT_MUST_CHECK;
gkt_status gkt_store_set_text(gkt_store *, const char *name, const char *text) GKT_MUST_CHECK; /* new; not changed later */
gkt_status gkt_store_get_text(gkt_store *, const char *name, char **text) GKT_MUST_CHECK;      /* the caller's, gkt_free */
#endif
