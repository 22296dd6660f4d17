/* What a problem file says, typed and checked against the schema (schema.h), before any mesh is seen. settings*.c fill it; everything is owned by it.
   Checked are also: one namespace without reserved words, names of fields, alternatives given once, counts against the dimension of a box, and that expressions use time where the
   file has it only. */
#ifndef GKT_PROBLEM_FILE_SETTINGS_H
#define GKT_PROBLEM_FILE_SETTINGS_H
#include "core/core.h"
#include "galerkit/assembly.h"
#include "galerkit/form.h"
#include "galerkit/adjoint.h"
#include "galerkit/filter.h"
#include "galerkit/mesh.h"
#include "galerkit/optimize.h"
#include "galerkit/sample.h"
#include "galerkit/solver.h"
#include "problem/file/yaml.h"

typedef struct {      /* a word and where it stands */
  char *text;         /* NULL: absent, or what stands there is no single word */
  const gkt_yaml *at; /* in the file or a --set; of a name that is a key, the value behind it */
} gkt_word;
typedef struct { /* NAME: "expression" */
  gkt_word name;
  gkt_source source; /* text NULL: absent */
} gkt_named_source;

typedef enum { GKT_MESH_FILE, GKT_MESH_GEOMETRY, GKT_MESH_BOX } gkt_mesh_kind;
typedef struct {
  gkt_mesh_kind kind;
  char *path;      /* FILE, GEOMETRY: resolved against the problem file's folder */
  double size;     /* GEOMETRY: target edge length in metres (unit below applies to the CAD file's own numbers) */
  double min_size; /* GEOMETRY: lower bound where curvature refines; 0: size/10 */
  int curvature;   /* GEOMETRY: elements per full circle on curved faces; default 0: off */
  int order;       /* of the geometry, 1 (default) or 2; 0: what a script says */
  char *unit;      /* GEOMETRY: of the CAD file's numbers: m, mm, cm, in; NULL: what a STEP file states, else metres */
  gkt_box box;     /* BOX */
  int refine;      /* times; default 0 */
  gkt_word from;   /* the value of file, geometry or box */
} gkt_mesh_settings;
typedef struct {
  gkt_word name;
  int dim; /* TAGS: 3 solids, 2 faces, 1 edges, 0 points (keys of the file) */
  int num_tags, *tags;
  gkt_source where; /* or a condition in x: facets all of whose vertices satisfy it (outer boundary); `cells: ` uses centroids */
  bool where_cells;
  int num_places; /* or points by coordinates */
  double (*places)[3];
  int num_at; /* coordinates of each, as given */
} gkt_region_settings;
typedef struct {
  gkt_word name, space, test; /* test.text NULL: none */
  gkt_element element;
  int rank, size; /* shape: scalar (0,1), vector (1,0 = dim), vector(n) (1,n), tensor (2,0) */
} gkt_field_settings;
typedef enum { GKT_COEFFICIENT_SYMBOLIC, GKT_COEFFICIENT_DISCRETE, GKT_COEFFICIENT_REGIONS } gkt_coefficient_kind;
typedef struct {
  gkt_word name;
  gkt_coefficient_kind kind;
  gkt_source value; /* SYMBOLIC, DISCRETE */
  gkt_word space;   /* DISCRETE, REGIONS */
  gkt_element element;
  int num_regions;
  gkt_named_source *regions; /* REGIONS: name of the region, its value (an expression) */
  gkt_source fallback;       /* `default`; text NULL: none */
} gkt_coefficient_settings;
typedef struct {
  gkt_word name;
  int degree;         /* of the points */
  int rank, size;     /* shape, as of fields */
  gkt_source initial; /* text NULL: 0 */
  gkt_source update;
} gkt_history_settings;
typedef struct {
  int num_on;
  gkt_word *on;
  gkt_word field;
  int number;    /* of the field, as in the file */
  int component; /* or GKT_ALL_COMPONENTS, GKT_NORMAL */
  gkt_source value;
  const gkt_yaml *at; /* the whole */
} gkt_condition_settings;
typedef struct {
  gkt_word from, to;
  int num_fields, *fields; /* 0: all that are continuous; as in the file */
  bool rotates;
  int num_axis, num_point; /* coordinates given */
  gkt_rotation rotation;
  const gkt_yaml *at; /* the whole */
} gkt_tie_settings;
typedef enum { GKT_COMPUTE_FUNCTIONAL, GKT_COMPUTE_MAX, GKT_COMPUTE_MIN } gkt_compute_kind;
typedef struct {
  gkt_word name;
  gkt_compute_kind kind;
  gkt_source source;
  gkt_word on; /* MAX, MIN: a set; text NULL: everywhere */
} gkt_compute_settings;
typedef struct {
  gkt_word name;
  int num_at;
  double at[3];
  gkt_source value; /* `field: u` is the value "u" */
} gkt_probe_settings;
typedef struct {
  char *file;         /* relative to --out; NULL: none */
  char *mesh_file;    /* likewise */
  char *numbers_file; /* of a.xdmf: a.h5 beside it; NULL: there is none */
  int num_fields;
  gkt_named_source *fields; /* name for the file: the key of a mapping, else the text; every field where the key is absent */
  bool average;             /* expressions as means at nodes */
  char *picture_file;       /* NULL: none */
  gkt_source color;         /* expression; text NULL: the first field */
  gkt_source warp;          /* expression, a displacement; text NULL: none */
  double warp_scale;        /* default 0: none; `warp: 0` draws undeformed, `warp: 50` magnifies the first vector field; 1 with an expression */
  bool edges;
  int isolines;       /* 0: none */
  gkt_word section;   /* "x=0.5"; text NULL: none */
  char *view, *title; /* NULL: by dimension; the problem's title, NULL: none */
  double range[2];    /* of colours; both 0: of the values */
  int every;          /* pictures of every n-th output in time; 0: of the end alone */
  struct gkt_film_settings {
    char *file; /* NULL: none */
    int every;
    double seconds; /* of each picture */
  } film;
  struct gkt_graph_settings { /* over time */
    char *file, *title;       /* NULL: none */
    int num_values;
    gkt_word *values; /* names of compute and probes */
  } graph;
} gkt_output_settings;
typedef enum { GKT_NULLSPACE_AUTO, GKT_NULLSPACE_NONE } gkt_nullspace;
typedef struct {
  gkt_linear_method linear;
  double rtol;
  char *options;
  gkt_nullspace nullspace;
  struct {
    double rtol, atol;
    int iterations, load_steps; /* load_steps from 1 */
    gkt_acceptance accept;
  } nonlinear;
} gkt_solver_settings;

typedef struct {
  gkt_word name; /* as it stands: u, dt(u) */
  gkt_source source;
  int field; /* in fields */
  bool is_rate;
} gkt_initial_settings;
typedef struct {
  const gkt_yaml *at; /* NULL: the problem is steady */
  double start, end, step;
  gkt_word scheme; /* text NULL: by the equation */
  int output_every;
  double rtol, atol;  /* adaptive; rtol 0: it is not */
  double repeat_rtol; /* 0: steps are not repeated */
  int repeats;
  double longest;      /* of arc-length; 0: not given */
  int steps;           /* likewise: the path ends after these; 0: not given */
  int num_lump, *lump; /* in fields: masses that are lumped */
  char *checkpoint;    /* relative to --out; NULL: none */
  int checkpoint_every;
  gkt_word restart;   /* text NULL: from the start */
  char *restart_path; /* relative to the problem file; NULL: it is the checkpoint itself */
} gkt_time_settings;
typedef enum { GKT_DRAW_UNIFORM, GKT_DRAW_NORMAL, GKT_DRAW_LOG_NORMAL, GKT_DRAW_GAUSSIAN, GKT_DRAW_SINES } gkt_draw_kind; /* from GAUSSIAN on, fields */
typedef struct {
  gkt_word name;
  gkt_draw_kind kind;
  int number;           /* of the constant, of fields of the coefficient, as in the file */
  double first, second; /* UNIFORM: between them; NORMAL: mean, deviation; LOG_NORMAL: median, deviation of the logarithm */
  gkt_gaussian_options gaussian;
  gkt_sine_options sines; /* without the box */
  bool exp;               /* what the file gives times exp(field), else it plus the field */
} gkt_draw_settings;
typedef struct {
  const gkt_yaml *at; /* NULL: one problem */
  int count, seed, batch;
  char *file; /* relative to --out */
  int num_draws;
  gkt_draw_settings *draws;
} gkt_sample_settings;
typedef struct {
  gkt_word name;
  gkt_control_kind kind;
  int number;          /* among the coefficients, the constants or, of initial values, the fields of the file */
  int condition;       /* whose values it is; -1: none, another control */
  int num_on;          /* values at nodes of these sets alone, all others stay; 0: at all nodes */
  gkt_word *on;        /* [num_on]; of values of a condition its own */
  char *function;      /* the coefficient's or constant's name in forms; of values of a condition one that is made; NULL: initial values, shape */
  int times;           /* of a coefficient: values at so many; 0: the same at all */
  double lower, upper; /* infinite: none */
} gkt_control_settings;
typedef struct { /* of the control `shape` */
  int num_moves, num_holds;
  gkt_word *moves, *holds; /* sets of facets */
  int *components;         /* [num_holds] or GKT_ALL_COMPONENTS */
} gkt_shape_settings;
typedef struct {    /* J = end + the integral of running over the run */
  int end, running; /* numbers of results; -1: none, which one of them may be */
  char *name;
} gkt_aim_settings;
typedef struct {          /* one side at least is finite */
  gkt_aim_settings aim;   /* its name is that of this limit alone */
  const char *value_name; /* that of what is limited */
  double lower, upper;
} gkt_limit_settings;
typedef struct {
  gkt_word name; /* of a control */
  int control;
  gkt_filter_kind kind;
  double radius, eta;
  int num_betas; /* 0: no projection */
  double *betas;
  const gkt_yaml *every_at; /* NULL: not given */
} gkt_filter_settings;
typedef struct { /* a constant that takes one value after the other */
  gkt_word name;
  int num_values;
  double *values; /* [num_values] */
} gkt_continuation_settings;
typedef struct {
  const gkt_yaml *at; /* minimize or maximize; NULL: the problem is solved once */
  gkt_word key;       /* `optimizer`, or as above */
  bool maximize;
  gkt_aim_settings objective;
  int num_controls, num_limits, num_filters;
  gkt_control_settings *controls;
  gkt_shape_settings shape; /* num_moves 0: no control */
  gkt_limit_settings *limits;
  gkt_filter_settings *filters;
  int num_continuations;
  gkt_continuation_settings *continuations;
  int num_steps;      /* of the continuation, of projections too; 1: none */
  int *every;         /* [num_steps] iterations with each but the last */
  bool only_gradient; /* method none */
  gkt_optimizer method;
  int iterations;
  double tolerance, change, move, damping;
  gkt_word memory; /* text NULL: no limit; else: */
  double bytes;    /* for the states of a run in time */
  gkt_word disk;   /* likewise beyond these, in a temporary file: */
  double disk_bytes;
  char *options;    /* of PETSc's optimizers; NULL: none */
  char *checkpoint; /* relative to --out; NULL: none */
  int checkpoint_every;
  gkt_word restart;   /* text NULL: from the start */
  char *restart_path; /* relative to the problem file; NULL: it is the checkpoint itself */
  bool verify;
} gkt_optimize_settings;
typedef struct gkt_settings {
  gkt_context *ctx;
  char *file, *folder; /* of the problem file, as given */
  char *title;         /* NULL: none */
  gkt_mesh_settings mesh;
  int num_regions, num_lets, num_fields, num_constants, num_coefficients, num_histories, num_conditions, num_ties, num_initial, num_exact, num_compute, num_probes;
  gkt_region_settings *regions;
  gkt_named_source *lets;
  gkt_field_settings *fields;
  struct gkt_constant_settings {
    gkt_word name;
    double value;
  } * constants;
  gkt_coefficient_settings *coefficients;
  gkt_history_settings *histories;
  gkt_source equation, energy; /* text NULL: absent */
  gkt_condition_settings *conditions;
  gkt_tie_settings *ties; /* `periodic` */
  gkt_initial_settings *initial;
  gkt_named_source *exact;
  gkt_time_settings time;
  gkt_compute_settings *compute;
  gkt_probe_settings *probes;
  gkt_solver_settings solver;
  gkt_output_settings output;
  gkt_sample_settings sample;
  gkt_optimize_settings optimize;
  const gkt_yaml *root;
  struct gkt_memory *memory; /* settings.c: everything above lives here */
} gkt_settings;

/* sets: "a.b=value", applied to the document before it is checked. Every message: `FILE: key: line L, column C: word: what was expected`; for --set: `--set a.b=value: ...`.
   Not available yet (status GKT_UNAVAILABLE): dS. */
gkt_status gkt_settings_read(gkt_context *, const char *path, int num_sets, const char *const *sets, gkt_settings **out) GKT_MUST_CHECK;
gkt_optimize_options gkt_settings_optimizer(const gkt_optimize_settings *);
bool gkt_settings_is_newton(const gkt_optimize_settings *); /* the method asks for actions of second derivatives */
gkt_status gkt_settings_parse(gkt_context *, const char *path, const char *data, size_t length, int num_sets, const char *const *sets, gkt_settings **out) GKT_MUST_CHECK;
void gkt_settings_destroy(gkt_settings **);
#endif
