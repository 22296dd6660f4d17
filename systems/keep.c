/* What steps in time of a linear system, or many sets of its data, keep from one to the next: the matrix where the tangent cannot have changed, and a linear solver with its
   preconditioner or factor; where the values have changed, its symbolic part. */
#include <string.h>

#include "solvers/linear.h"
#include "systems/system.h"

void gkt_system_forget(gkt_system *s) {
  gkt_linear_solver_destroy(&s->kept.solver);
  gkt_free(&s->kept.petsc_options);
  s->kept.fits = false;
}

void gkt_system_forget_past(gkt_system *s) {
  if (!s->kept.is_plain) gkt_system_forget(s);
}

/* What nothing fixes is looked for in each matrix. */
bool gkt_solution_keeps(const gkt_solution *o) { return (o->s->num_stages > 0 || o->s->kept.wanted) && !o->facts.singular; }

static bool are_equal(const gkt_linear_options *a, const gkt_linear_options *b) {
  const char *p = a->petsc_options ? a->petsc_options : "", *q = b->petsc_options ? b->petsc_options : "";
  return a->method == b->method && a->rtol == b->rtol && a->max_iterations == b->max_iterations && !strcmp(p, q) && a->progress == b->progress &&
         a->progress_user == b->progress_user;
}

static bool facts_are_equal(const gkt_system_facts *a, const gkt_system_facts *b) {
  return a->symmetric == b->symmetric && a->positive == b->positive && a->elliptic == b->elliptic;
}

gkt_status gkt_solution_solve_kept(gkt_solution *o, const gkt_scalar *b, gkt_scalar *x, const gkt_linear_options *options, gkt_linear_report *report) {
  gkt_system *s = o->s;
  gkt_kept *k = &s->kept;
  bool is_new = false;
  if (k->solver && !(are_equal(&k->options, options) && facts_are_equal(&k->facts, &o->facts))) gkt_system_forget(s);
  if (!k->solver) {
    k->options = *options, k->options.load = NULL, k->facts = o->facts;
    if (options->petsc_options) GKT_TRY(gkt_strdup(s->ctx, options->petsc_options, &k->petsc_options));
    k->options.petsc_options = k->petsc_options;
    GKT_TRY(gkt_linear_solver_create(s->ctx, s->matrix, &k->facts, &k->options, &k->solver));
    is_new = true;
  } else if (!o->is_kept) GKT_TRY(gkt_linear_solver_update(k->solver));
  gkt_linear_solver_set_load(k->solver, options->load);
  GKT_TRY(gkt_linear_solver_solve(k->solver, 1, gkt_system_num_dofs(s), b, x, report));
  k->is_plain = is_new ? report->setups <= 1 : k->is_plain && o->is_kept && report->setups == 0;
  k->fits = report->converged && s->is_constant && !s->stages[0].weighs_rows;
  return GKT_OK;
}
