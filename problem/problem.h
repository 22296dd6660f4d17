/* Inside of a problem, stage by stage. A member is valid once the function named beside it has returned GKT_OK. */
#ifndef GKT_PROBLEM_PROBLEM_H
#define GKT_PROBLEM_PROBLEM_H
#include "galerkit/plot.h"
#include "galerkit/problem.h"
#include "galerkit/system.h"
#include "galerkit/time.h"
#include "problem/file/settings.h"

/* A parsed result: functional or expression of `compute`, `probes`, `exact`, `conditions`. */
typedef struct {
  gkt_expression *expression; /* NULL: a functional */
  gkt_form *form;
  gkt_assembler *assembler; /* of form: planned when its names are looked up */
  bool is_derived;          /* of `compute`: from other results; `expression` is then of problem.results */
  gkt_size num_values;
  gkt_scalar values[9];
  gkt_scalar where[3]; /* of an extremum */
  bool at_points;      /* which is one over the points of a history, not over nodes */
} gkt_result;

typedef struct { /* series.c: results at times */
  int width;     /* values of a row: time, length of the step, then those of the results one after the other */
  gkt_size count, capacity;
  gkt_scalar *rows; /* [capacity][width] */
} gkt_series;
typedef struct {
  int steps, rejected, newton, linear, assemblies, setups, kept;
} gkt_march_counts;

typedef struct { /* frames.c: what pictures over time will show */
  FILE *store;   /* [count] values and displacements, one after the other; NULL: nothing is kept */
  int count, capacity;
  struct gkt_frame {
    gkt_size output; /* which one it is of */
    double time;
    bool numbered, filmed;
  } * list;
  double limits[2], room[6]; /* of all values; corners of a box with all places; that of the first frame where count is 1 */
} gkt_moments;
typedef struct {           /* xdmf.c: the file of numbers beside a.xdmf */
  struct gkt_store *store; /* NULL: none yet */
  gkt_size rows, capacity;
} gkt_xdmf;
/* What files of values show: a grid and arrays on it. */
typedef struct {
  const gkt_space *space;
  gkt_vtu_block *blocks;
  gkt_vtu_grid grid;
  int num_arrays;
  gkt_vtu_array *arrays; /* [num_arrays] */
  gkt_scalar **values;   /* [num_arrays] theirs */
} gkt_shown;
typedef struct {
  int count;
  gkt_space **list;
} gkt_output_spaces;

enum { GKT_HASH_TEXT = 33 };
typedef enum { GKT_TIME_MESH, GKT_TIME_COMPILE, GKT_TIME_PATTERN, GKT_TIME_ASSEMBLE, GKT_TIME_SETUP, GKT_TIME_SOLVE, GKT_TIME_OUTPUT, GKT_NUM_TIMES } gkt_timing;
extern const char *const gkt_timing_names[GKT_NUM_TIMES];

enum { GKT_MOST_NOTED = 20 };
typedef struct {
  int sample;
  char reason[256];
} gkt_failed_sample;
typedef struct {          /* sample.c: a data set */
  int count, done, found; /* samples asked for; in the file; of these there before this run */
  int num_failed, num_noted;
  gkt_failed_sample noted[GKT_MOST_NOTED]; /* the first that failed */
  double per_second;                       /* of this run; 0: none was solved */
  gkt_scalar *states;                      /* of the sample that is marched: [outputs][dofs]; NULL: none is */
} gkt_samples;

typedef struct { /* a discrete coefficient whose values depend on t */
  gkt_problem *p;
  const gkt_word *name; /* in the file */
  int function;
  int coefficient;    /* of the settings; -1: values of a condition, of */
  int control;        /* of the settings; -1: of none */
  int times;          /* of a control: values are given at so many; 0: they are those of the settings */
  gkt_signal *signal; /* then; else NULL */
} gkt_followed;

struct gkt_problem {
  gkt_context *ctx;
  gkt_problem_options options; /* strings below are copies */
  char *out_dir, *mesher, *script;
  char *petsc_options;    /* of the file, then those given; NULL: none */
  gkt_settings *settings; /* gkt_problem_read */

  int dim;                       /* before the mesh where the file tells, else after */
  gkt_mesh *mesh;                /* gkt_problem_make_mesh */
  bool mesh_is_given;            /* by gkt_problem_set_mesh */
  gkt_scope *scope;              /* gkt_problem_make_forms, with everything down to exact */
  int *fields;                   /* [settings->num_fields] function numbers of the unknowns, ascending */
  gkt_form *form;                /* the residual, or the energy where there is no equation beside it */
  bool is_nonlinear;             /* the tangent depends on an unknown */
  gkt_expression **initial;      /* [settings->num_initial]; 0 where there is none */
  gkt_expression **histories;    /* [settings->num_histories][2]: initial, NULL where nothing is given, and update */
  gkt_expression **conditions;   /* [settings->num_conditions] */
  gkt_expression **given;        /* [controls] what the file gives for the values of a condition that is a control; NULL: another control */
  gkt_expression **coefficients; /* [settings->num_coefficients], DISCRETE */
  gkt_followed *followed;        /* [num_followed] */
  int num_followed;
  gkt_expression **region_values;          /* all regions of all REGIONS coefficients, then their default, in order */
  gkt_expression **region_wheres;          /* [settings->num_regions]; NULL: by tags */
  gkt_result *compute, *probes;            /* [settings->num_..] */
  int num_derived;                         /* results made from results */
  gkt_scope *results;                      /* their scope; NULL: there are none */
  gkt_scalar *result_values;               /* [constants of `results`] */
  int *gradients;                          /* [controls] functions that outputs may hold; -1: none, or no output does */
  gkt_expression **outputs, *color, *warp; /* [settings->output.num_fields]; color, warp may be NULL */
  gkt_result *errors;                      /* [settings->num_exact][2]: L2 error, H1-seminorm error; form: the square */

  int num_functions;        /* gkt_problem_make_spaces: of the scope, which adjoints add to later */
  const gkt_space **spaces; /* [num_functions], as gkt_inputs wants them */
  gkt_scalar **values;      /* [num_functions]; of unknowns: in u */
  gkt_scalar *constants;
  gkt_inputs inputs;
  gkt_vector *u;      /* values of the unknowns, one after the other */
  gkt_vector *rate;   /* of these, at the start of a problem in time; else NULL */
  gkt_system *system; /* gkt_problem_make_system */

  gkt_scheme scheme; /* of a problem in time, as are: */
  gkt_series series;
  gkt_series limit_points; /* of arc-length, with 1 where t is largest, -1 where it is least, in place of the step */
  const char *path_end;    /* of arc-length: "end" or "steps"; NULL: it has none */
  gkt_march_counts counts;
  struct { /* output_series.c: the list of files, entry by entry, and whether the file has fewer */
    gkt_text text;
    bool lags;
  } list;
  double march_from;          /* the time at which this run began */
  bool is_trial;              /* a run of which nothing is kept or shown, as an optimizer asks for many */
  bool told_jumps;            /* those of the first run of many stand for all */
  gkt_step_progress marching; /* what was told last */
  char color_label[100];
  gkt_moments frames; /* frames.c */
  gkt_xdmf xdmf;
  gkt_output_spaces output_spaces; /* output.c */

  bool is_planned;           /* gkt_problem_make_system */
  gkt_solve_report solution; /* gkt_problem_solve_system */

  struct gkt_draws *draws;        /* draws.c, of a file with `sample`: valid after check */
  struct gkt_design *design;      /* design.c, of a file with an objective: valid after check */
  gkt_iterate_progress designing; /* what was told last */
  char first_mesh[GKT_HASH_TEXT]; /* design_shape.c: of the mesh before it was moved; "": nothing moves it */
  gkt_samples samples;

  bool computed, valid; /* computed: past all refusals; valid: a solution that meets its tolerances, and all outputs are written */
  bool has_run;         /* gkt_problem_run, whatever became of it */
  bool has_results;     /* gkt_problem_compute */
  gkt_status failure;   /* the first that check or run returned; what it left is not computed with again */
  char reason[2048];    /* why there is no valid answer; "" if there is one */
  double timings[GKT_NUM_TIMES], started, total;
  double cpu[GKT_NUM_TIMES];            /* of all threads and of programs started; not of COMPILE, PATTERN and OUTPUT */
  double solve_started, first_residual; /* of the method that runs */
  char *report_json, *report_text;
  int num_warnings; /* warnings.c */
  char **warnings;
  gkt_log_fn *log; /* the context's, while the problem listens */
  void *log_user;
};

/* ---- warnings.c: what is logged as a warning between the two is kept for the report ---- */
void gkt_problem_listen(gkt_problem *);
void gkt_problem_listen_end(gkt_problem *);
void gkt_problem_warn(gkt_problem *, const char *format, ...) GKT_PRINTF(2, 3); /* one line; no place but what the format says */

gkt_status gkt_problem_make_mesh(gkt_problem *) GKT_MUST_CHECK; /* make_mesh.c */
/* mesher.c: a file in $TMPDIR that holds the text; the caller unlinks it and frees its name */
gkt_status gkt_problem_temporary(gkt_problem *, const char *suffix, const char *text, char **path) GKT_MUST_CHECK;
gkt_status gkt_problem_add_regions(gkt_problem *) GKT_MUST_CHECK;               /* regions.c: names from tags and conditions */
gkt_status gkt_problem_make_forms(gkt_problem *) GKT_MUST_CHECK;                /* make_forms.c */
gkt_shape gkt_problem_shape(int rank, int size, int dim);                       /* of fields and histories; size 0: the mesh's dimension */
gkt_status gkt_problem_make_spaces(gkt_problem *) GKT_MUST_CHECK;               /* make_spaces.c: spaces, coefficients */
gkt_status gkt_problem_make_system(gkt_problem *) GKT_MUST_CHECK;               /* make_system.c: system and conditions, all plans */
gkt_status gkt_problem_solve_system(gkt_problem *) GKT_MUST_CHECK;              /* solve.c */
gkt_status gkt_problem_choose_scheme(gkt_problem *) GKT_MUST_CHECK;             /* march.c: refuses what does not go with the equation */
gkt_status gkt_problem_lump(gkt_problem *) GKT_MUST_CHECK;                      /* march.c: p->form with the masses lumped that are to be */
gkt_status gkt_problem_march(gkt_problem *) GKT_MUST_CHECK;                     /* march.c: from start to end, with results and files on the way */
gkt_size gkt_problem_outputs_ahead(const gkt_problem *);                        /* of this run, where each step is taken that `time` says; steady: 1 */
gkt_status gkt_problem_look_at(gkt_problem *, const gkt_time *) GKT_MUST_CHECK; /* u and the inputs become those of its state */
/* checkpoint.c: what another run goes on from, where it is asked for and due (is_last: of the end); and going on from one. */
gkt_status gkt_problem_keep_checkpoint(gkt_problem *, gkt_time *, bool is_last) GKT_MUST_CHECK;
gkt_status gkt_problem_resume(gkt_problem *, gkt_time *) GKT_MUST_CHECK;
gkt_status gkt_problem_check_restart(gkt_problem *) GKT_MUST_CHECK;                        /* the file, which is not taken */
typedef enum { GKT_OF_TIME, GKT_OF_SAMPLES, GKT_OF_DESIGNS } gkt_identity;                 /* whose problem it is: which keys may differ */
gkt_status gkt_problem_describe(gkt_problem *, gkt_identity, char **lines) GKT_MUST_CHECK; /* identity.c: what the problem is, a line for each key, sorted */
/* GKT_BAD_INPUT where `lines` are of another problem: it names the first key that differs. `file`: whose lines they are */
gkt_status gkt_problem_compare(gkt_problem *, gkt_identity, const char *file, const char *lines) GKT_MUST_CHECK;
void gkt_problem_hash_mesh(const gkt_problem *, char out[GKT_HASH_TEXT]); /* nodes, cells and sets; of a mesh that a design moves as it was at first */
/* march.c: runs of one object, each from the start, with p->u and p->rate there, or from a checkpoint; p->valid, p->solution and p->counts are told */
gkt_status gkt_problem_check_time(gkt_problem *) GKT_MUST_CHECK; /* does the scheme serve the system? */
gkt_status gkt_march_create(gkt_problem *, gkt_time **out) GKT_MUST_CHECK;
gkt_status gkt_march_run(gkt_problem *, gkt_time *) GKT_MUST_CHECK;
gkt_status gkt_march_begin(gkt_problem *, gkt_time *, gkt_step_report *) GKT_MUST_CHECK;             /* from the start; refused at the key `time` */
gkt_status gkt_march_take_report(gkt_problem *, gkt_time *, const gkt_step_report *) GKT_MUST_CHECK; /* of the last step; GKT_CANCELLED */
/* march.c, for path.c as well: progress at the start of step k of n; what a step took; results and files of a state */
gkt_status gkt_march_tell(gkt_problem *, int k, int n, double time, const gkt_step_report *before) GKT_MUST_CHECK;
void gkt_march_count(gkt_problem *, const gkt_step_report *);
gkt_status gkt_march_keep(gkt_problem *, gkt_time *, double step, bool is_last) GKT_MUST_CHECK;
/* path.c, of arc-length: refuses keys that do not go with it, or that nothing else takes; from the start on; "" or where the path turned back last, a clause */
gkt_status gkt_problem_check_path(gkt_problem *) GKT_MUST_CHECK;
gkt_status gkt_problem_follow_path(gkt_problem *, gkt_time *, gkt_step_report *) GKT_MUST_CHECK;
void gkt_problem_print_turn(const gkt_problem *, size_t size, char *text);
gkt_status gkt_series_set(gkt_problem *, gkt_series *, gkt_size count, const gkt_scalar *rows) GKT_MUST_CHECK; /* series.c: in place of those that there are */
int gkt_series_width(const gkt_problem *);
gkt_status gkt_series_add(gkt_problem *, gkt_series *, double time, double step) GKT_MUST_CHECK; /* series.c: the results as they are now */
gkt_status gkt_problem_look_at_solution(gkt_problem *) GKT_MUST_CHECK;                           /* solve.c: inputs become the data of the system, and its solution */
int gkt_problem_num_steps(const gkt_problem *);                                                  /* march.c: that the file asks for, of problems in time */
int gkt_problem_num_outputs(const gkt_problem *);                                                /* march.c: states from start to end; 1 of a steady problem */
double gkt_problem_output_time(const gkt_problem *, int i);
gkt_status gkt_problem_fill_coefficients(gkt_problem *) GKT_MUST_CHECK;   /* make_spaces.c: values of discrete ones, with the constants as they are */
gkt_status gkt_problem_follow_coefficients(gkt_problem *) GKT_MUST_CHECK; /* the system asks for values of those that depend on t */
void gkt_problem_take_followed(gkt_problem *);                            /* p->values of these become those of p->inputs */
gkt_status gkt_problem_check_optimizer(gkt_problem *) GKT_MUST_CHECK;     /* of a design that was created: does its method serve it? */
gkt_status gkt_problem_optimize(gkt_problem *) GKT_MUST_CHECK;            /* optimize.c: to a design and its solution, or the gradient alone */
/* design_value.c: coefficients in the place of values of conditions that are controls: their names, where they stand, spaces and values */
gkt_status gkt_problem_declare_values(gkt_problem *) GKT_MUST_CHECK;
gkt_status gkt_problem_take_values(gkt_problem *) GKT_MUST_CHECK;
gkt_status gkt_problem_add_values(gkt_problem *) GKT_MUST_CHECK;
gkt_status gkt_problem_fill_values(gkt_problem *, int control, double time, gkt_scalar *out) GKT_MUST_CHECK; /* [dofs] what the file gives then, at the condition's nodes */
/* gradients.c: their names for outputs; spaces and values of those that outputs hold */
enum { GKT_GRADIENT_NAME = 64 };
gkt_status gkt_problem_declare_gradients(gkt_problem *) GKT_MUST_CHECK;
gkt_status gkt_problem_add_gradients(gkt_problem *) GKT_MUST_CHECK;
bool gkt_problem_tell_iterate(gkt_problem *);                         /* its progress, again within solves; false: stop */
gkt_status gkt_problem_sample(gkt_problem *) GKT_MUST_CHECK;          /* sample.c: all samples that the file does not have yet */
void gkt_samples_keep_state(gkt_problem *);                           /* that of the series' last row, where it is a sample's */
void gkt_samples_note(gkt_problem *, int sample, const char *reason); /* one that failed */
gkt_status gkt_problem_compute(gkt_problem *) GKT_MUST_CHECK;         /* compute.c: functionals, extrema, probes, errors */
gkt_status gkt_problem_find_derived(gkt_problem *) GKT_MUST_CHECK;    /* derived.c: which results are made from results; parse them; their values */
gkt_status gkt_problem_parse_derived(gkt_problem *) GKT_MUST_CHECK;
gkt_status gkt_problem_compute_derived(gkt_problem *) GKT_MUST_CHECK;
gkt_status gkt_problem_check_results(gkt_problem *) GKT_MUST_CHECK;        /* compute.c: refuses names and points that the mesh lacks */
gkt_status gkt_problem_check_output(gkt_problem *) GKT_MUST_CHECK;         /* output.c: refuses a section that misses the mesh */
gkt_status gkt_problem_try_outputs(gkt_problem *) GKT_MUST_CHECK;          /* before the work: whether they can be written */
gkt_status gkt_problem_output(gkt_problem *) GKT_MUST_CHECK;               /* output.c: VTU and picture; in time the picture */
void gkt_problem_forget_spaces(gkt_problem *);                             /* output.c: made anew where nodes have moved */
gkt_status gkt_problem_show(gkt_problem *, gkt_shown *out) GKT_MUST_CHECK; /* output.c: output.fields of now; to be cleared, whatever the status */
void gkt_shown_clear(gkt_shown *);
gkt_status gkt_xdmf_check(gkt_problem *, int degree) GKT_MUST_CHECK; /* xdmf.c: refuses a grid that the file cannot hold; of a steady problem, both files */
gkt_status gkt_problem_write_steady_xdmf(gkt_problem *) GKT_MUST_CHECK;
gkt_status gkt_problem_write_vtu(gkt_problem *, const char *name) GKT_MUST_CHECK;
/* output_series.c: a file for the last row of the series, where it is asked for, and the list of all so far now and then; those of the run before; the list of all */
gkt_status gkt_problem_output_series(gkt_problem *) GKT_MUST_CHECK;
gkt_status gkt_problem_list_earlier(gkt_problem *) GKT_MUST_CHECK;
gkt_status gkt_problem_finish_series(gkt_problem *) GKT_MUST_CHECK;
typedef struct { /* what a picture shows of the state now */
  gkt_space *space;
  gkt_vtu_block *blocks;
  gkt_vtu_grid grid;
  gkt_scalar *color, *warp; /* warp NULL: none */
} gkt_view_of_problem;
gkt_status gkt_problem_view(gkt_problem *, gkt_view_of_problem *) GKT_MUST_CHECK; /* to be cleared whatever the status */
void gkt_problem_view_clear(gkt_view_of_problem *);
gkt_picture_options gkt_problem_picture_options(gkt_problem *); /* its label is the problem's */
/* frames.c: pictures and films over time. add: at an output; those that compare with all others are drawn at the end */
gkt_status gkt_problem_add_frame(gkt_problem *) GKT_MUST_CHECK;
gkt_status gkt_problem_finish_frames(gkt_problem *) GKT_MUST_CHECK;
void gkt_problem_forget_frames(gkt_problem *);
const char *gkt_problem_note(const gkt_problem *, double time, char note[64]); /* "t = 0.5", of designs "iteration 5" */
gkt_status gkt_problem_check_graph(gkt_problem *) GKT_MUST_CHECK;              /* graph.c: numbers over time, of the series */
gkt_status gkt_problem_write_graph(gkt_problem *) GKT_MUST_CHECK;
gkt_status gkt_problem_parse_initial(gkt_problem *) GKT_MUST_CHECK; /* initial.c */
/* start.c: refuses rates in a result, an expression or a form, that the scheme does not know; says where conditions and `initial` differ */
gkt_status gkt_problem_check_rates(gkt_problem *, const gkt_source *, const gkt_expression *, const gkt_form *) GKT_MUST_CHECK;
gkt_status gkt_problem_tell_jumps(gkt_problem *) GKT_MUST_CHECK;
/* history.c: names for the scope; their expressions; their spaces; to the system */
gkt_status gkt_problem_declare_histories(gkt_problem *) GKT_MUST_CHECK;
gkt_status gkt_problem_parse_histories(gkt_problem *) GKT_MUST_CHECK;
gkt_status gkt_problem_check_histories(gkt_problem *) GKT_MUST_CHECK;                                            /* that something reads each: after all that may */
gkt_status gkt_problem_refuse_history(gkt_problem *, const gkt_source *, const gkt_expression *) GKT_MUST_CHECK; /* of values at nodes */
gkt_status gkt_problem_add_histories(gkt_problem *) GKT_MUST_CHECK;
gkt_status gkt_problem_start_histories(gkt_problem *) GKT_MUST_CHECK; /* anew, with the data of now */
gkt_status gkt_problem_commit(gkt_problem *) GKT_MUST_CHECK;          /* of a steady problem that is solved: they follow, or there is no valid answer */
gkt_status gkt_problem_set_initial(gkt_problem *) GKT_MUST_CHECK;     /* the first guess of a nonlinear problem, in its spaces */
gkt_element gkt_problem_field_element(const gkt_problem *,
                                      const gkt_expression *);                 /* make_spaces.c: of highest degree of the fields in it, of all where there is none; NULL: of all */
gkt_status gkt_problem_stage(gkt_problem *, const char *stage) GKT_MUST_CHECK; /* problem.c: progress, which may cancel */
gkt_status gkt_problem_out_path(gkt_problem *, const char *name, char **path) GKT_MUST_CHECK; /* --out; made if missing */

/* ---- messages.c: `FILE: KEY: line L, column C: 'WORD': ...`; what came from a --set names that instead of the file ---- */
void gkt_problem_print_word(const gkt_word *, char place[GKT_YAML_PLACE]); /* the place as it begins messages */
gkt_status gkt_problem_refuse(gkt_problem *, gkt_status, const gkt_word *, const char *format, ...) GKT_PRINTF(4, 5);
gkt_status gkt_problem_refuse_key(gkt_problem *, gkt_status, const gkt_yaml *map, const char *key, const char *format, ...) GKT_PRINTF(5, 6); /* the value of a key */
gkt_status gkt_problem_refuse_text(gkt_problem *, gkt_status, const gkt_source *, const char *format, ...) GKT_PRINTF(4, 5);                  /* the whole of an expression */
/* The set of that name with at least one entity, of this dimension, -1: any; else refused, with the names there are and what is near. */
gkt_status gkt_problem_find_set(gkt_problem *, const gkt_word *, int dim, const gkt_mesh_set **out) GKT_MUST_CHECK;
/* Puts the place before the message that the context holds, if status is a refusal; returns status. */
gkt_status gkt_problem_place(gkt_problem *, gkt_status, const gkt_word *) GKT_MUST_CHECK;
/* Likewise for an option of PETSc that the message names: where the solver's options stand, or the command line. */
gkt_status gkt_problem_place_options(gkt_problem *, gkt_status) GKT_MUST_CHECK;
/* Refuses a value that varies in space where a real was declared. */
gkt_status gkt_problem_check_real(gkt_problem *, const gkt_source *, const gkt_expression *value, gkt_element) GKT_MUST_CHECK;
gkt_status gkt_problem_check_shape(gkt_problem *, const gkt_source *, const gkt_expression *value, gkt_shape) GKT_MUST_CHECK;
#endif
