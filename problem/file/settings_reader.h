/* Inside of the settings: a checked tree becomes structs. */
#ifndef GKT_PROBLEM_FILE_SETTINGS_READER_H
#define GKT_PROBLEM_FILE_SETTINGS_READER_H
#include "problem/file/schema.h"
#include "problem/file/settings.h"

typedef struct {
  gkt_context *ctx;
  gkt_memory *memory;
  gkt_settings *s;
  const gkt_yaml *root; /* passed gkt_schema_check: types need no further look */
} gkt_settings_reader;

/* Single values. A missing node (NULL) leaves *out as it is. */
void gkt_settings_number(const gkt_yaml *, double *out);
void gkt_settings_integer(const gkt_yaml *, int *out);
gkt_status gkt_settings_series(gkt_settings_reader *, const gkt_yaml *, int *count, double **values) GKT_MUST_CHECK; /* one or a list; settings_continuation.c */
void gkt_settings_word(const gkt_yaml *, gkt_word *out);
void gkt_settings_name(const gkt_yaml *, gkt_word *out);                                                           /* the node's key */
gkt_status gkt_settings_words(gkt_settings_reader *, const gkt_yaml *, int *count, gkt_word **out) GKT_MUST_CHECK; /* one or a list; none: count 0 */
gkt_status gkt_settings_text(gkt_settings_reader *, const gkt_yaml *, char **out) GKT_MUST_CHECK;
gkt_status gkt_settings_path(gkt_settings_reader *, const gkt_yaml *, char **out) GKT_MUST_CHECK;        /* of an input, relative to the problem file */
gkt_status gkt_settings_source(gkt_settings_reader *, const gkt_yaml *, gkt_source *out) GKT_MUST_CHECK; /* refuses t and rates where the file has no `time` */
/* NAME: "expression" of a map, *count entries. */
gkt_status gkt_settings_sources(gkt_settings_reader *, const gkt_yaml *map, int *count, gkt_named_source **out) GKT_MUST_CHECK;
/* Exactly one of the keys, which a message lists, must be in the map; *out is it. fallback: none is fine, *out NULL. */
gkt_status gkt_settings_one_of(gkt_settings_reader *, const gkt_yaml *map, const char *keys, bool fallback, const gkt_yaml **out) GKT_MUST_CHECK;
/* The field that a node names; node NULL: the only one, and where there are several the key of `map` that would say which is asked for. */
gkt_status gkt_settings_field(gkt_settings_reader *, const gkt_yaml *map, const gkt_yaml *node, const gkt_field_settings **out) GKT_MUST_CHECK;
gkt_status gkt_settings_fields(gkt_settings_reader *, const gkt_yaml *names, int *count,
                               int **out) GKT_MUST_CHECK; /* one name or a list, NULL: none; places in the settings' fields */

/* Of a word that is none of the known ones (" a b c", freed here): what it is not, which one is near, what was expected. */
gkt_status gkt_settings_refuse_word(gkt_settings_reader *, const gkt_yaml *at, const char *word, gkt_text *known, const char *what, const char *expected) GKT_MUST_CHECK;
/* A refusal that knows no place is one of the value of key (NULL: of none) in map. */
gkt_status gkt_settings_place(gkt_settings_reader *, gkt_status, const gkt_yaml *map, const char *key) GKT_MUST_CHECK;
/* Messages on a name that should be that of a constant or of a coefficient with a space. */
int gkt_settings_find_constant(const gkt_settings *, const char *name);
int gkt_settings_find_coefficient(const gkt_settings *, const char *name);
gkt_status gkt_settings_refuse_unknown(gkt_settings_reader *, const gkt_yaml *) GKT_MUST_CHECK;
gkt_status gkt_settings_refuse_symbolic(gkt_settings_reader *, const gkt_yaml *) GKT_MUST_CHECK;
/* A restart file of the name of the checkpoint is that checkpoint, wherever outputs go; any other is an input. */
gkt_status gkt_settings_restart(gkt_settings_reader *, const gkt_yaml *map, char **checkpoint, int *every, gkt_word *restart, char **path) GKT_MUST_CHECK;
/* What the control `shape` has beside bounds. */
gkt_status gkt_settings_read_shape(gkt_settings_reader *, const gkt_yaml *, gkt_shape_settings *out) GKT_MUST_CHECK;
gkt_status gkt_settings_refuse_shape_keys(gkt_settings_reader *, const gkt_yaml *) GKT_MUST_CHECK; /* of another control */
/* Do filter and optimizer serve a shape? */
gkt_status gkt_settings_check_shape(gkt_settings_reader *) GKT_MUST_CHECK;

/* Sections, in this order: later ones look at earlier ones. */
gkt_status gkt_settings_read_mesh(gkt_settings_reader *) GKT_MUST_CHECK;         /* mesh, regions */
gkt_status gkt_settings_read_names(gkt_settings_reader *) GKT_MUST_CHECK;        /* fields, constants, coefficients, history, let */
gkt_status gkt_settings_read_time(gkt_settings_reader *) GKT_MUST_CHECK;         /* time, initial */
gkt_status gkt_settings_read_tasks(gkt_settings_reader *) GKT_MUST_CHECK;        /* equation, energy, conditions, periodic, initial, exact, compute, probes */
gkt_status gkt_settings_read_sample(gkt_settings_reader *) GKT_MUST_CHECK;       /* sample */
gkt_status gkt_settings_read_controls(gkt_settings_reader *) GKT_MUST_CHECK;     /* settings_controls.c, for the next: controls */
gkt_status gkt_settings_read_continuation(gkt_settings_reader *) GKT_MUST_CHECK; /* settings_continuation.c, likewise: optimizer.continuation and every; after filters */
gkt_status gkt_settings_read_optimize(gkt_settings_reader *) GKT_MUST_CHECK;     /* controls, minimize, maximize, subject_to, filter, optimizer, verify */
gkt_status gkt_settings_read_output(gkt_settings_reader *) GKT_MUST_CHECK;       /* title, solver, output */
#endif
