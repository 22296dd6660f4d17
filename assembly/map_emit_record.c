/* Text for large tensors of simple maps on a device: a cell's record is what its entries are made of, and whoever sums forms the block of a pair of nodes from it. Operations and
   their order are those of the tensor (map_emit_contract.c). */
#include "assembly/map_emit.h"

enum { MOST_NODES = 4 };

static bool has_values(const gkt_coupling *c) {
  for (int k = 0; k < c->num_entries; k++)
    if (!c->entries[k].row_slot || !c->entries[k].col_slot) return true;
  return false;
}

static int num_outputs(const gkt_emitter *e) { return gkt_pointwise_num_outputs(e->map->pointwise); }

int gkt_emit_count_record(const gkt_emitter *e) {
  const gkt_map *m = e->map;
  const gkt_coupling *c = e->on;
  if (m->form->arity != 2 || m->num_couplings != 1 || m->into >= 0 || m->integral->measure != GKT_MEASURE_DX || m->rule.first[1] != 1 || !e->affine) return 0;
  if (c->arguments[0].table != c->arguments[1].table || !gkt_emit_is_linear(e, c->arguments[0].table) || c->arguments[0].num_nodes > MOST_NODES || has_values(c)) return 0;
  return c->arguments[0].num_nodes * m->dim + num_outputs(e);
}

void gkt_emit_record(const gkt_emitter *e) {
  const int dim = e->map->dim, nodes = e->map->couplings[0].arguments[0].num_nodes, table = e->map->couplings[0].arguments[0].table;
  gkt_text_printf(e->text, "      GKT_FOR_LANES(l) {\n");
  for (int i = 0; i < nodes * dim; i++) gkt_text_printf(e->text, "        all[%d][l] = g%d[%d][%d][l];\n", i, table, i / dim, i % dim);
  for (int k = 0; k < num_outputs(e); k++) gkt_text_printf(e->text, "        all[%d][l] = H[%d][l];\n", nodes * dim + k, k);
  gkt_text_printf(e->text, "      }\n");
}

static void emit_loads(const gkt_emitter *e) {
  const int dim = e->map->dim, nodes = e->on->arguments[0].num_nodes, table = e->on->arguments[0].table;
  const bool mirror = e->on->mirror;
  gkt_text_printf(e->text, "  const int first = %s, second = %s;\n  gkt_scalar g%d[2][%d][GKT_LANES], H[%d][GKT_LANES], T[%d][GKT_LANES], E[%d];\n", mirror ? "A < B ? A : B" : "A",
                  mirror ? "A < B ? B : A" : "B", table, dim, num_outputs(e), e->on->num_sums, e->on->arguments[0].components * e->on->arguments[1].components);
  for (int d = 0; d < dim; d++)
    gkt_text_printf(e->text, "  g%d[0][%d][0] = record[first * %d + %d], g%d[1][%d][0] = record[second * %d + %d];\n", table, d, dim, d, table, d, dim, d);
  for (int k = 0; k < num_outputs(e); k++) gkt_text_printf(e->text, "  H[%d][0] = record[%d];\n", k, nodes * dim + k);
}

/* Of a mirrored pair the block (b,a) is the transpose of (a,b), and the lower half of (a,a) that of its upper half. */
void gkt_emit_pair(const gkt_emitter *e) {
  const int rows = e->on->arguments[0].components, cols = e->on->arguments[1].components;
  gkt_text_printf(e->text, "GKT_FUNCTION void gkt_patch_pair(gkt_shared<gkt_scalar> record, int A, int B, gkt_scalar *sum) {\n  enum { a = 0, b = 1, l = 0 };\n");
  emit_loads(e);
  gkt_emit_trial_sums(e);
  for (int k = 0; k < rows * cols; k++) {
    gkt_text_printf(e->text, "  E[%d] = ", k);
    gkt_emit_entry(e, k / cols, k % cols);
    gkt_text_printf(e->text, ";\n");
  }
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < cols; j++) {
      if (e->on->mirror && i != j) gkt_text_printf(e->text, "  sum[%d] += A %s B ? E[%d] : E[%d];\n", i * cols + j, i > j ? ">=" : ">", j * cols + i, i * cols + j);
      else gkt_text_printf(e->text, "  sum[%d] += E[%d];\n", i * cols + j, i * cols + j);
    }
  gkt_text_printf(e->text, "}\n");
}
