/* galerkit-mesh: a CAD or Gmsh geometry becomes an MSH 4.1 file. A program of its own, because Gmsh is under the GPL: it is started as a process, shares no code and
   no memory with the Galerkit library, and hands over a file. Gmsh works in a second process, which the first one watches. */
#ifndef GALERKIT_MESHER_H
#define GALERKIT_MESHER_H
#include <stdbool.h>
#include <stddef.h>

enum { MAX_BALLS = 64 };
/* Exit statuses: done; accepted, but no mesh; refused before meshing; and, between the processes only: again, with the second algorithm. */
typedef enum { DONE = 0, FAILED = 1, REFUSED = 2, AGAIN = 3 } verdict;
typedef enum { READING, MESHING, WRITING } work_stage;
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
  bool delaunay;         /* the second algorithm for solids */
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

/* watch.c. In the worker: what it does now; whether the second algorithm is left to try if it ends here; a file that must not stay behind (slot 0 or 1; NULL: no longer). */
int watch(const options *, verdict (*work)(const options *)); /* runs work in a process of its own; the exit status */
void watch_stage(work_stage);
void watch_retries(bool yes);
void watch_temporary(int slot, const char *path);
bool watch_message(const char *text); /* hands over what the worker fails with; false: this is not the worker */

/* reason.c: the last lines of what Gmsh printed in one; not `any`: those that speak of an error */
enum { REASON = 1300 };
void printed_reason(const options *, const char *printed, bool any, char reason[REASON]);

/* unit.c */
double unit_in_metres(const char *unit); /* 0: unknown */
const char *step_unit(const char *path); /* "mm", "m", ... as the file states; NULL: cannot be told */

/* say.c: messages go to standard error, under the program's name. Gmsh and OpenCASCADE write to both streams when they like, so the worker's own are copies of these. */
void say_begin(void);
int say_stream(void);                                                                        /* what messages are written into; -1: nothing */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));                     /* standard output, as it was given to us */
void notice(const options *, const char *format, ...) __attribute__((format(printf, 2, 3))); /* not with --quiet */
void warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
verdict refuse(const char *format, ...) __attribute__((format(printf, 1, 2)));
verdict fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
const char *gmsh_error(void); /* stands in a message of `refuse` or `fail` for Gmsh's reason, which the process that watches puts there */

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
verdict try_output(const options *); /* before the work: whether the output can be written */
verdict write_mesh(const options *, const geometry *);
#endif
