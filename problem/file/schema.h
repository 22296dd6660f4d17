/* Every key of a problem file in one table: what it takes, its default, whether it is available. The reader, the messages, the tests and docs/problem-file.md go by it. */
#ifndef GKT_PROBLEM_FILE_SCHEMA_H
#define GKT_PROBLEM_FILE_SCHEMA_H
#include "galerkit/assembly.h"
#include "problem/file/yaml.h"

typedef enum {
  GKT_KEY_MAP,         /* keys of the table */
  GKT_KEY_NAMES,       /* keys are names of the user's; their values are the entry PATH.* */
  GKT_KEY_RATES,       /* the same, and dt(NAME) */
  GKT_KEY_SETS,        /* the same, but any name that a mesh may hold */
  GKT_KEY_LIST,        /* entries are PATH.# */
  GKT_KEY_TEXT,        /* anything, also nothing */
  GKT_KEY_PATH,        /* a file; its extension must be in `choices` where that is given */
  GKT_KEY_NAME,        /* letters, digits, _ */
  GKT_KEY_NAME_LIST,   /* one or a list */
  GKT_KEY_WORD,        /* the name of a set in the mesh: any text */
  GKT_KEY_WORDS,       /* one or a list */
  GKT_KEY_EXPRESSION,  /* text of the weak-form language; a list is a vector or matrix literal */
  GKT_KEY_EXPRESSIONS, /* one, a list, or a mapping whose keys are names of the user's and whose values are the entry PATH.* */
  GKT_KEY_EXPRESSION_OR_MAP,
  GKT_KEY_NUMBER,
  GKT_KEY_POSITIVE,  /* a number above 0 */
  GKT_KEY_FRACTION,  /* a number above 0 and below 1 */
  GKT_KEY_INTEGER,   /* from 0 */
  GKT_KEY_COMPONENT, /* such a number, or `normal` */
  GKT_KEY_NUMBERS,   /* a list of 1 to 3 numbers */
  GKT_KEY_PAIR,      /* a list of two numbers; how many is seen where it is read */
  GKT_KEY_SERIES,    /* a number above 0, or a list of any length of them */
  GKT_KEY_POINTS,    /* such a list, or a list of such lists */
  GKT_KEY_COUNTS,    /* a list of 1 to 3 integers from 1 */
  GKT_KEY_TAGS,      /* an integer from 1, or a list */
  GKT_KEY_BOOLEAN,
  GKT_KEY_CHOICE, /* one of `choices`; those of `later` are not available yet */
  GKT_KEY_SPACE,
  GKT_KEY_SHAPE,
  GKT_KEY_ANY /* only for keys that are not available yet */
} gkt_key_type;
typedef struct {
  const char *path; /* "fields.*.space": * a name of the user's, # a number */
  gkt_key_type type;
  bool required, later;                /* within its map; not available yet */
  const char *standard;                /* the default in words of the file; NULL: none */
  const char *choices, *later_choices; /* separated by blanks */
  const char *unit;                    /* NULL: none */
  const char *example;                 /* a valid value, as YAML on one line */
} gkt_schema_key;

int gkt_schema_count(void);
const gkt_schema_key *gkt_schema_at(int i);              /* in the order of the table: a key stands behind its map */
const char *gkt_schema_expected(const gkt_schema_key *); /* "a number", "a mapping", .. */

/* Every node against the table: unknown, missing and unavailable keys, types, choices. What passes can be read without further checks of type. */
gkt_status gkt_schema_check(gkt_context *, const gkt_yaml *root) GKT_MUST_CHECK;

/* ---- words (schema_words.c) ---- */
bool gkt_word_number(const char *text, double *out); /* the whole text, finite, point as decimal sign whatever the locale */
bool gkt_word_integer(const char *text, int *out);
bool gkt_word_is_name(const char *text);
bool gkt_word_is_rate(const char *text);               /* dt(NAME) */
bool gkt_word_in(const char *text, const char *words); /* words separated by blanks */
/* "; did you mean 'near'?" or "" into out. */
void gkt_word_near(const char *text, const char *words, char *out, size_t room);
/* "scalar" (0,1), "vector" (1,0), "vector(n)" (1,n), "tensor" (2,0) */
bool gkt_word_shape(const char *text, int *rank, int *size);
#endif
