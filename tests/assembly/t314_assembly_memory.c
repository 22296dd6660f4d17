/* Claim: when the k-th allocation fails, for every k, assemblers, batches and constraints say GKT_NO_MEMORY, leave nothing half made, and lose nothing. For every strategy of the
 * reduce. */
#include "tests/assembly_world.h"

#include "tests/failing_memory.h"

static const char equation[] = "r*inner(grad(u),grad(v))*dx + k*dot(n,u)*dot(n,v)*ds(left,top) - dot(w,v)*dx(cells)";

static world make_small_world(void) {
  const gkt_idx cells[] = {0, 3, 4};
  world w = make_world(2, 2, 2, false);
  assert_int_equal(gkt_mesh_topology(w.mesh), GKT_OK);
  assert_int_equal(gkt_mesh_add_set(w.mesh, "cells", 2, 3, cells), GKT_OK);
  return w;
}

/* A device is opened once, and keeps kernels: that is not held by what is made first. */
static void make_once(world *w, const gkt_form *form) {
  gkt_assembler *a = assembler_of(w, form);
  gkt_assembler_destroy(&a);
}

static int fail_at_every_allocation_of(world *w, const gkt_form *form) {
  int k = 0;
  make_once(w, form);
  for (gkt_status status = GKT_NO_MEMORY; status != GKT_OK; k++) {
    gkt_assembler *a = NULL;
    gkt_context_clear(ctx);
    begin_failing(k, k % 2);
    status = gkt_assembler_create(form, w->mesh, (const gkt_space *const *)w->spaces, &a);
    end_failing();
    if (status == GKT_OK) gkt_assembler_destroy(&a);
    else {
      assert_int_equal(status, GKT_NO_MEMORY);
      assert_null(a);
      assert_non_null(strstr(gkt_context_message(ctx), "out of memory"));
    }
    assert_null(a);
    assert_int_equal(memory.num_held, 0);
  }
  return k;
}

static void assemblers_fail_cleanly(void **unused) {
  (void)unused;
  for (int backend = 0; backend < num_backends(); backend++) {
    use_backend(backend);
    world w = make_small_world();
    gkt_form *f = residual_of(&w, GKT_EQUATION, equation), *t = derivative_of(f, FIELD), *several;
    assert_int_equal(gkt_form_derivative(f, 2, (const int[]){FIELD, W}, &several), GKT_OK);
    for (int s = GKT_REDUCE_AUTO; s <= GKT_REDUCE_SPMM; s++) {
      ctx->options.reduce = (gkt_reduce_strategy)s;
      assert_true(fail_at_every_allocation_of(&w, t) > 30);
      assert_true(fail_at_every_allocation_of(&w, f) > 30);
      assert_true(fail_at_every_allocation_of(&w, several) > 50);
    }
    gkt_form_destroy(&several), gkt_form_destroy(&t), gkt_form_destroy(&f);
    free_world(&w);
  }
}

static void matrix_fails_cleanly(gkt_reduce_strategy strategy) {
  use_backend(0);
  ctx->options.reduce = strategy;
  world w = make_small_world();
  gkt_form *f = residual_of(&w, GKT_EQUATION, equation), *t = derivative_of(f, FIELD);
  gkt_assembler *a = assembler_of(&w, t);
  gkt_csr *A = NULL;
  for (int k = 0; !A; k++) {
    begin_failing(k, k % 2);
    gkt_status status = gkt_assembler_matrix(a, &A);
    end_failing();
    assert_true((status == GKT_OK) == (A != NULL) && (A || status == GKT_NO_MEMORY));
  }
  gkt_csr_destroy(&A);
  assert_int_equal(memory.num_held, 0);
  gkt_assembler_destroy(&a);
  gkt_form_destroy(&t), gkt_form_destroy(&f);
  free_world(&w);
}

static void matrices_fail_cleanly(void **unused) {
  (void)unused;
  for (int s = GKT_REDUCE_FUSED; s <= GKT_REDUCE_SPMM; s++) matrix_fails_cleanly((gkt_reduce_strategy)s);
}

/* An assembler that was refused a batch for want of memory may be destroyed. Kernels that a device keeps are there before. */
static int fail_batch(world *w, const gkt_form *form, int arity) {
  gkt_scalar results[3 * 4000];
  const gkt_batch batch = {.count = 3, .results_stride = 4000};
  int k = 0;
  gkt_assembler *first = assembler_of(w, form);
  assert_int_equal(gkt_assemble_batch(first, inputs_of(w), &batch, results), GKT_OK);
  gkt_assembler_destroy(&first);
  for (gkt_status status = GKT_NO_MEMORY; status != GKT_OK; k++) {
    gkt_context_clear(ctx); /* a context that is out of memory makes no assembler */
    gkt_assembler *a = assembler_of(w, form);
    begin_failing(k, k % 2);
    status = gkt_assemble_batch(a, inputs_of(w), &batch, results);
    end_failing();
    assert_true(status == GKT_OK || status == GKT_NO_MEMORY);
    gkt_assembler_destroy(&a);
    if (memory.num_held) fail_msg("arity %d, allocation %d: %ld held", arity, k, (long)memory.num_held);
  }
  return k;
}

static void batches_fail_cleanly(void **unused) {
  (void)unused;
  for (int backend = 0; backend < num_backends(); backend++) {
    use_backend(backend);
    world w = make_small_world();
    gkt_form *f = residual_of(&w, GKT_EQUATION, equation), *t = derivative_of(f, FIELD);
    const int vectors = fail_batch(&w, f, 1), matrices = fail_batch(&w, t, 2), least = ctx->device ? 0 : 5; /* a device plans no lanes */
    assert_true(vectors > least && matrices > least);
    gkt_form_destroy(&t), gkt_form_destroy(&f);
    free_world(&w);
  }
}

static void constraints_fail_cleanly(void **unused) {
  (void)unused;
  const char *const values[] = {"[x[0], k]", "2*w", "0"};
  use_backend(0);
  world w = make_small_world();
  for (int i = 0; i < 3; i++) {
    gkt_source source = {.text = values[i]};
    gkt_expression *e;
    gkt_constraints *c = NULL;
    assert_int_equal(gkt_expression_parse(w.scope, &source, &e), GKT_OK);
    gkt_status status = GKT_NO_MEMORY;
    for (int k = 0; status != GKT_OK; k++) {
      begin_failing(k, k % 2);
      status = gkt_constraints_create(1, (const gkt_space *const *)&w.spaces[FIELD], &c);
      if (status == GKT_OK) {
        status = gkt_constraints_add(c, 0, gkt_mesh_find_set(w.mesh, "left"), -1, e, inputs_of(&w), "line 1");
        assert_int_equal(gkt_constraints_count(c) > 0, status == GKT_OK); /* refused means unchanged */
        gkt_constraints_destroy(&c);
      } else assert_null(c);
      end_failing();
      assert_int_equal(memory.num_held, 0);
      assert_true(status == GKT_OK || status == GKT_NO_MEMORY);
    }
    gkt_expression_destroy(&e);
  }
  free_world(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(assemblers_fail_cleanly), cmocka_unit_test(matrices_fail_cleanly), cmocka_unit_test(batches_fail_cleanly),
                                     cmocka_unit_test(constraints_fail_cleanly)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
