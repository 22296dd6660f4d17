/* galerkit-mesh: a CAD or Gmsh geometry becomes an MSH 4.1 file. A program of its own, because Gmsh is under the GPL: it is started as a process, shares no code and
   no memory with the Galerkit library, and hands over a file. It may therefore keep its state in one struct and exit where it likes. */
#ifndef GALERKIT_MESHER_H
#define GALERKIT_MESHER_H
#include <stdbool.h>
#include <stddef.h>

enum { MAX_BALLS = 64 };
typedef enum { DONE = 0, FAILED = 1, REFUSED = 2 } verdict; /* exit statuses: done; accepted, but no mesh; refused before meshing */
typedef enum { STEP, IGES, BREP, GEO } file_kind;

typedef struct { /* edges of length `size` within `radius` of a point, metres */
  double center[3], radius, size;
} ball;
typedef struct {
  const char *input, *output; /* output NULL with --list */
  bool list, quiet, help, version;
  double size, min_size; /* metres; 0: not given */
  int curvature;         /* elements per full circle; 0: off */
  int order;             /* 0: not given: 1 for CAD files, what the script says for .geo */
  int dim;               /* 0: not given: 3 for CAD files, the highest dimension present for .geo */
  const char *unit;      /* NULL: not given */
  int num_balls;
  ball balls[MAX_BALLS];
} options;

/* options.c */
verdict options_parse(int argc, char **argv, options *);
void print_usage(void);

/* settle.c: so that a mesh does not depend on the run */
bool settle_addresses(char **argv);                              /* first of all; may start the program anew. false: not allowed here */
const char *settle_file(const options *, const char *extension); /* a copy of the input for Gmsh to read, to be removed then; or the input itself where no copy can be made */

/* crash.c */
void crash_watch(const options *);          /* from here a crash of Gmsh is a message and an exit status */
void crash_is_meshing(void);                /* not reading any more */
void crash_removes(int slot, const char *); /* a file that must not stay behind; slot 0 or 1; NULL: no longer */

/* unit.c */
double unit_in_metres(const char *unit); /* 0: unknown */
const char *step_unit(const char *path); /* "mm", "m", ... as the file states; NULL: cannot be told */

/* say.c: messages go to standard error, under the program's name. Gmsh and OpenCASCADE write to standard output when they like, so that is put aside for `say_to_user`. */
void say_begin(void);
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));                     /* standard output, as it was given to us */
void notice(const options *, const char *format, ...) __attribute__((format(printf, 2, 3))); /* not with --quiet */
void warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
verdict refuse(const char *format, ...) __attribute__((format(printf, 1, 2)));
verdict fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
const char *gmsh_error(void); /* what Gmsh said last; lives until the next call */

/* geometry.c */
typedef struct {
  file_kind kind;
  const char *extension; /* ".step": from a table, lower case */
  double scale;          /* metres per unit of Gmsh's model */
  size_t count[4];       /* points, curves, surfaces, volumes */
  double diagonal;       /* of the bounding box, in units of the model */
} geometry;
verdict geometry_open(const options *, geometry *);
int *geometry_entities(int dim, size_t *count);        /* tags, ascending; gmshFree */
size_t geometry_elements(int dim, int tag, int *type); /* how many elements the entity has (tag -1: all of the dimension); *type: Gmsh's number of the last kind among them */

int element_order(int type); /* of the edges of Gmsh's type: 1 straight, 2 with a node in the middle, .. */

/* list.c */
verdict list_entities(const options *, const geometry *);

/* generate.c */
verdict generate(const options *, const geometry *, int dim);

/* tidy.c */
void drop_construction_points(int dim); /* whose nodes no cell of the dimension has */

/* write.c */
verdict write_mesh(const options *, const geometry *);
#endif
