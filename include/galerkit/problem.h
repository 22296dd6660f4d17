/* The problem object: a problem file becomes mesh, spaces, forms, constraints, a solution and a report. The
 * command is a thin shell around this. */
#ifndef GALERKIT_PROBLEM_H
#define GALERKIT_PROBLEM_H
#include "galerkit/adjoint.h"
#include "galerkit/optimize.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef struct gkt_problem gkt_problem;
typedef struct {       /* of a problem in time */
  int step, num_steps; /* that is begun; how many of the file's length there are: adaptive ones are between */
  double time, end;    /* where it begins; where the last one ends */
  double length;       /* of the step before, as it was done; 0: there is none */
  int newton;          /* iterations of the step before */
  double seconds_left; /* as far as the steps so far tell; negative: unknown */
} gkt_step_progress;
typedef struct {       /* of an optimization */
  gkt_iterate iterate; /* objective: as the file has it, also where it is maximized */
  int num_iterations;  /* that are allowed */
  double seconds_left; /* of these, as far as the iterations so far tell; negative: unknown */
  const char *objective_name;
  int num_constraints;
  const char *const *constraint_names; /* [num_constraints] */
  const gkt_scalar *constraints;       /* [num_constraints] */
} gkt_iterate_progress;
typedef struct {
  int num_sets;
  const char *const *sets;   /* "a.b=value", applied to the file's keys */
  const char *out_dir;       /* NULL: current folder */
  const char *petsc_options; /* after `--`; NULL: none */
  const char *mesher;        /* path of galerkit-mesh; NULL: beside the running program, then $PATH */
  /* text of the .geo script that `mesh: {geometry: ..}` names; NULL: read from the file */
  const char *script;
  /* At the start of a stage (iteration 0, residual 0) and at each iteration of it. residual: relative;
   * seconds_left: as far as the residual tells, negative: unknown. false: stop, as soon as the stage can; a
   * run then ends without a valid answer, `cancelled by the caller` is its reason. NULL: none */
  bool (*progress)(void *user, const char *stage, int iteration, double residual, double seconds_left);
  /* In its place while steps in time are taken, at the start of each and within it; NULL: progress, with the
   * stage "time" */
  bool (*step_progress)(void *user, const gkt_step_progress *);
  /* At every iterate of an optimization, and again within the solves that follow it; NULL: progress, with the
   * stage "optimize" */
  bool (*iterate_progress)(void *user, const gkt_iterate_progress *);
  void *progress_user;
} gkt_problem_options;
GKT_API gkt_problem_options gkt_problem_options_default(void);
/* Reads and checks everything that can be checked without a mesh. */
GKT_API gkt_status gkt_problem_read(gkt_context *, const char *path, const gkt_problem_options *,
                                    gkt_problem **out) GKT_MUST_CHECK;
/* The same from memory; name is for messages, and files are looked for in its folder. */
GKT_API gkt_status gkt_problem_parse(gkt_context *, const char *name, const char *data, size_t length,
                                     const gkt_problem_options *, gkt_problem **out) GKT_MUST_CHECK;
GKT_API void gkt_problem_destroy(gkt_problem **);
/* Before check and run: a mesh in place of what `mesh` in the file says, which is then not looked at.
   `regions` of the file are added to its sets. */
GKT_API gkt_status gkt_problem_set_mesh(gkt_problem *, gkt_mesh *) GKT_MUST_CHECK;
/* Meshes `mesh: {geometry: ..}` into an MSH file, as run would (without `refine`); refused for a mesh that is
 * a file or a box. */
GKT_API gkt_status gkt_problem_mesh_geometry(gkt_problem *, const char *msh_path) GKT_MUST_CHECK;
/* Adds what needs the mesh (names, spaces, forms against it) and stops before assembling. GKT_CANCELLED where
 * progress said so. */
GKT_API gkt_status gkt_problem_check(gkt_problem *) GKT_MUST_CHECK;
/* check, assemble, solve: no results are computed, no outputs written. A problem is solved once: run, after
   it, goes on from this solution; gkt_system_solve solves again. *valid: an answer that meets its tolerances
   exists; false (not converged, cancelled) comes with GKT_OK and a reason. */
GKT_API gkt_status gkt_problem_solve(gkt_problem *, bool *valid) GKT_MUST_CHECK;
/* Tries the outputs (refused where one cannot be written), then solve, compute, write them. *valid: as of
   solve. */
GKT_API gkt_status gkt_problem_run(gkt_problem *, bool *valid) GKT_MUST_CHECK;

/* ---- to go on from: what the file made, there after check and owned by the problem ---- */
GKT_API gkt_mesh *gkt_problem_mesh(const gkt_problem *);   /* NULL: not yet, as with the next two */
GKT_API gkt_scope *gkt_problem_scope(const gkt_problem *); /* all names of the file, for more forms */
/* with its data and conditions; solve it again */
GKT_API gkt_system *gkt_problem_system(const gkt_problem *);
/* u of the system: first guess, then solution */
GKT_API gkt_vector *gkt_problem_solution(const gkt_problem *);
/* Space and values [dofs of the space] of a field, discrete coefficient or history; GKT_BAD_ARGUMENT for
   other names. Values may be written; of coefficients, gkt_system_set_coefficient then makes the system see
   them. Those of a history are the system's, until its next commit. */
GKT_API gkt_status gkt_problem_values(const gkt_problem *, const char *name, const gkt_space **space,
                                      gkt_scalar **values) GKT_MUST_CHECK;
/* PETSc options beside those of the solver's choice: the file's, then the given ones, which win; "": none.
 * Owned by the problem. */
GKT_API const char *gkt_problem_petsc_options(const gkt_problem *);
/* What `solver` says, for gkt_system_solve and gkt_adjoint_gradient; texts and progress are the problem's. */
GKT_API gkt_solve_options gkt_problem_solve_options(gkt_problem *);
/* The method of its optimizer. GKT_BAD_INPUT: it has none: no `minimize`, or optimizer.method none. */
GKT_API gkt_status gkt_problem_optimizer(const gkt_problem *, gkt_optimizer *out) GKT_MUST_CHECK;
/* Of a file with `minimize`, after check: controls in the file's order, without filters and projections, and
   the objective as `compute` has it, whether it is minimized or maximized. GKT_BAD_INPUT: the file has none.
 */
GKT_API gkt_status gkt_problem_objective(const gkt_problem *, gkt_adjoint **,
                                         gkt_functional **) GKT_MUST_CHECK;

/* ---- data sets: of a file with the key `sample`, run draws, solves and writes all that its file does not
   have yet; solve solves the problem as the file gives it ---- */
/* After check: constants, discrete coefficients and the first state (guess) become those of a sample, from 0;
   gkt_system_solve of the problem's system then solves it. GKT_BAD_INPUT: they are not possible. */
GKT_API gkt_status gkt_problem_draw(gkt_problem *, gkt_idx sample) GKT_MUST_CHECK;

/* ---- reports ---- */
/* How it was solved; zero throughout before. Owned by the problem. */
GKT_API const gkt_solve_report *gkt_problem_solve_report(const gkt_problem *);
typedef struct {                 /* seconds; 0: not done */
  double mesh;                   /* made or read, with its topology */
  double compile;                /* kernels of the system; next to 0 where they are found in the cache */
  double pattern;                /* patterns of matrices, and in which order their entries are summed */
  double assemble, setup, solve; /* as in gkt_solve_report */
  double output;                 /* results computed, files written */
} gkt_stage_times;
/* wall: by the clock. cpu: of all threads and of programs started, of mesh, assemble, setup and solve; the
 * rest is 0. */
GKT_API void gkt_problem_get_times(const gkt_problem *, gkt_stage_times *wall, gkt_stage_times *cpu);
/* Why there is no valid answer: the first message of a failure, or what did not converge; "" if there is one.
 * Owned by the problem. */
GKT_API const char *gkt_problem_reason(const gkt_problem *);
/* The report as JSON text (docs/problem-file.md) and as lines for a person; both exist also after a failed
 * run; "" without memory. Owned by the problem. */
GKT_API const char *gkt_problem_report_json(gkt_problem *);
GKT_API const char *gkt_problem_report_text(gkt_problem *);
/* The JSON, whole or not at all; GKT_IO where the file cannot be written, GKT_NO_MEMORY. */
GKT_API gkt_status gkt_problem_write_report(gkt_problem *, const char *path) GKT_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
