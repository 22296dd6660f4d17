/* A YAML text as a tree that knows where every byte came from. One document; no anchors, aliases or tags; keys are unique; scalars are text whatever their style. */
#ifndef GKT_PROBLEM_FILE_YAML_H
#define GKT_PROBLEM_FILE_YAML_H
#include "core/core.h"
#include "galerkit/form.h"

/* ---- memory that is freed at once (yaml_memory.c) ---- */
typedef struct gkt_memory gkt_memory;
gkt_status gkt_memory_create(gkt_context *, gkt_memory **out) GKT_MUST_CHECK;
void gkt_memory_destroy(gkt_memory **);
gkt_context *gkt_memory_context(const gkt_memory *);
gkt_status gkt_memory_take(gkt_memory *, gkt_size count, size_t size, void *out) GKT_MUST_CHECK; /* zeroed; lives as long as the memory */
gkt_status gkt_memory_text(gkt_memory *, const char *text, size_t length, char **out) GKT_MUST_CHECK;

/* ---- the tree ---- */
typedef enum { GKT_YAML_TEXT, GKT_YAML_LIST, GKT_YAML_MAP } gkt_yaml_kind;
typedef enum { GKT_YAML_PLAIN, GKT_YAML_SINGLE, GKT_YAML_DOUBLE, GKT_YAML_LITERAL, GKT_YAML_FOLDED } gkt_yaml_style;
typedef struct {     /* a file or a --set */
  const char *label; /* as messages begin: "bracket.yaml", "--set a.b=value" */
  const char *raw;
  size_t length;
} gkt_yaml_origin;
typedef struct gkt_yaml gkt_yaml;
struct gkt_yaml {
  gkt_yaml_kind kind;
  gkt_yaml_style style; /* TEXT */
  const gkt_yaml_origin *origin;
  gkt_mark mark;     /* of the first character, quotes and the sign of a block included */
  size_t begin, end; /* bytes of origin->raw */
  const char *text;  /* TEXT: NUL-terminated, without NUL inside; else "" */
  size_t length;
  gkt_yaml *parent; /* NULL: the root */
  gkt_yaml *key;    /* in a map: its key, a TEXT whose parent is that map */
  int number;       /* in a list: its place, from 0 */
  bool is_key;
  gkt_yaml *first, *next; /* entries of a LIST or MAP; the next entry of the parent */
  int count;
};
/* shift: bytes of raw before the YAML text (the `a.b=` of a --set). *out NULL: nothing but blanks and comments. */
gkt_status gkt_yaml_parse(gkt_memory *, const gkt_yaml_origin *, size_t shift, gkt_yaml **out) GKT_MUST_CHECK;
/* Applies "a.b=value": replaces, or appends keys that are missing on the way. List entries are addressed by number. */
gkt_status gkt_yaml_set(gkt_memory *, gkt_yaml *root, const char *assignment) GKT_MUST_CHECK;
gkt_yaml *gkt_yaml_get(const gkt_yaml *map, const char *key); /* NULL: not there */
bool gkt_yaml_is_empty(const gkt_yaml *);                     /* `key:` with nothing behind it */
void gkt_yaml_path(const gkt_yaml *, char *out, size_t room); /* "conditions.0.value"; of a key, the path of its map; cut to room */

/* Text with the mark of every byte; a list becomes the literal "[a,b]" of its entries. See yaml_marks.c. */
gkt_status gkt_yaml_source(gkt_memory *, const gkt_yaml *, gkt_source *out) GKT_MUST_CHECK;

void gkt_yaml_show(const char *text, size_t length, char *out, size_t room); /* for a message: one line, cut to room between characters */
/* `ORIGIN: KEY: line L, column C: 'WORD': ...`. word NULL: the text of the node as it stands in the file, cut to one short line. */
/* "ORIGIN: KEY: line L, column C: 'WORD'"; word NULL: as it stands there */
enum { GKT_YAML_PLACE = 1024 };
void gkt_yaml_place(const gkt_yaml *, gkt_mark, const char *word, size_t room, char *out);
gkt_status gkt_yaml_refuse(gkt_context *, gkt_status, const gkt_yaml *, const char *word, const char *format, ...) GKT_PRINTF(5, 6);
gkt_status gkt_yaml_refuse_at(gkt_context *, gkt_status, const gkt_yaml *, gkt_mark, const char *word, const char *format, ...) GKT_PRINTF(6, 7);
#endif
