/* Assembly with ties on a device beside the CPU's, bit by bit: matrices and vectors, with frames that are set between two assemblies. */
#ifndef GKT_TESTS_TIED_RESULTS_H
#define GKT_TESTS_TIED_RESULTS_H
#include "tests/tied_pair.h"

typedef struct {
  gkt_idx dofs;
  gkt_size entries;
  gkt_scalar *matrix, *vector;
} tied_results;

static inline void begin_by(gkt_backend backend, gkt_reduce_strategy reduce) {
  gkt_context_destroy(&ctx);
  must(gkt_context_create(&(gkt_context_options){.backend = backend, .threads = 1, .poison = true, .separate_rounding = true, .reduce = reduce}, &ctx), "context");
}

static inline void assemble_tied(const pair *w, gkt_assembler *vector, gkt_assembler *matrix, tied_results *out) {
  const gkt_inputs inputs = inputs_of_pair(w);
  gkt_csr *A;
  must(gkt_assembler_matrix(matrix, &A), "matrix");
  out->dofs = A->num_rows, out->entries = A->row_offsets[A->num_rows];
  out->vector = malloc((size_t)out->dofs * sizeof *out->vector), out->matrix = malloc((size_t)out->entries * sizeof *out->matrix);
  must(gkt_assemble_vector(vector, &inputs, out->vector), "vector");
  must(gkt_assemble_matrix(matrix, &inputs, A), "matrix");
  memcpy(out->matrix, A->vals, (size_t)out->entries * sizeof *out->matrix);
  gkt_csr_destroy(&A);
}

/* A frame at the first master that has none. */
static inline void turn_a_node(pair *w) {
  gkt_ties *t = (gkt_ties *)w->ties[U];
  static gkt_scalar frame[1][GKT_MAX_TURNED * GKT_MAX_TURNED];
  const gkt_idx node = t->masters[t->space->num_nodes / 2];
  for (int i = 0; i < t->size * t->size; i++) frame[0][i] = i % (t->size + 1) == 0;
  frame[0][0] = frame[0][t->size + 1] = 0.6, frame[0][1] = -0.8, frame[0][t->size] = 0.8;
  must(gkt_ties_set_frames(t, 1, &node, frame), "frames");
}

static inline void results_of(gkt_backend backend, gkt_reduce_strategy reduce, mesh_kind kind, int n, tie_kind ties, const char *text, tied_results out[2]) {
  static const int unknowns[] = {U, P};
  gkt_assembler *vector = NULL, *matrix = NULL;
  gkt_form *tangent;
  gkt_assembler_info info;
  begin_by(backend, reduce);
  pair w = make_pair(kind, n, ties);
  gkt_form *residual = parse(&w, text);
  must(gkt_form_derivative(residual, text == ONE_FIELD ? 1 : 2, unknowns, &tangent), "tangent");
  must(gkt_assembler_create_tied(residual, w.mesh, (const gkt_space *const *)w.spaces, w.ties, &vector), "vector");
  must(gkt_assembler_create_tied(tangent, w.mesh, (const gkt_space *const *)w.spaces, w.ties, &matrix), "matrix");
  gkt_assembler_get_info(matrix, &info);
  assert_string_equal(info.reduce, reduce == GKT_REDUCE_FUSED ? "fused" : "segmented");
  assemble_tied(&w, vector, matrix, &out[0]);
  turn_a_node(&w);
  assemble_tied(&w, vector, matrix, &out[1]);
  gkt_assembler_destroy(&vector), gkt_assembler_destroy(&matrix);
  gkt_form_destroy(&residual), gkt_form_destroy(&tangent);
  free_pair(&w);
}

static inline gkt_size differing(const gkt_scalar *x, const gkt_scalar *y, gkt_size n) {
  gkt_size count = 0;
  for (gkt_size i = 0; i < n; i++) count += memcmp(&x[i], &y[i], sizeof *x) != 0;
  return count;
}

/* By a strategy on the device with the bits of the CPU's `segmented`, before and after another frame is set. */
static inline void compare_tied(gkt_reduce_strategy reduce, mesh_kind kind, int n, tie_kind ties, const char *text) {
  tied_results host[2], device[2];
  results_of(GKT_BACKEND_CPU, GKT_REDUCE_SEGMENTED, kind, n, ties, text, host);
  results_of(GKT_BACKEND_CUDA, reduce, kind, n, ties, text, device);
  assert_true(differing(host[0].vector, host[1].vector, host[0].dofs) > 0); /* the frame tells */
  for (int k = 0; k < 2; k++) {
    assert_int_equal(host[k].entries, device[k].entries);
    gkt_size vector = differing(host[k].vector, device[k].vector, host[k].dofs), matrix = differing(host[k].matrix, device[k].matrix, host[k].entries);
    if (vector || matrix)
      fail_msg("%s, ties %d, %s, frames %d: %lld of %d of the vector, %lld of %lld of the matrix differ", mesh_kinds[kind].name, (int)ties, text, k, (long long)vector,
               host[k].dofs, (long long)matrix, (long long)host[k].entries);
    free(host[k].vector), free(host[k].matrix), free(device[k].vector), free(device[k].matrix);
  }
}
#endif
