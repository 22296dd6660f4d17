/* Text that adds element tensors to the sums of a chunk: the loop of reduce_fused_sum.c, in its order, for the sizes of one map and the registers of this processor. */
#include "assembly/map_emit.h"

/* Four scalars of a block, as they stand in its tensor, at once: stores are fewer. */
static void add_four(gkt_text *text, int first, int cols) {
  gkt_text_printf(text, "      {\n        const gkt_four four = {");
  for (int k = first; k < first + 4; k++) gkt_text_printf(text, "%st[%d * down + %d * right]", k > first ? ", " : "", k / cols, k % cols);
  gkt_text_printf(text, "};\n        *(gkt_four *)&S[%d] += four;\n      }\n", first);
}

static void add_block(const gkt_coupling *m, gkt_text *text) {
  int rows = m->arguments[0].components, cols = m->arguments[1].components, block = rows * cols, k = 0;
  bool turned = m->half && rows > 1;
  gkt_text_printf(text, "      const gkt_scalar *t = tensor + (a * %d + b) * %d;\n", m->arguments[1].num_nodes, block * GKT_LANES);
  if (turned)
    gkt_text_printf(text, "      const gkt_offset across = *slots >> 15, down = %d - %d * across, right = %d + %d * across;\n", cols * GKT_LANES, (cols - 1) * GKT_LANES, GKT_LANES,
                    (cols - 1) * GKT_LANES);
  else gkt_text_printf(text, "      enum { down = %d, right = %d };\n", cols * GKT_LANES, GKT_LANES);
  gkt_text_printf(text, "      gkt_scalar *S = sums + (gkt_offset)(*slots%s) * %d;\n", turned ? " & 32767" : "", block);
  for (; k + 4 <= block; k += 4) add_four(text, k, cols);
  for (; k < block; k++) gkt_text_printf(text, "      S[%d] += t[%d * down + %d * right];\n", k, k / cols, k % cols);
}

void gkt_map_emit_add(const gkt_map *m, int coupling, gkt_text *text) {
  const gkt_coupling *c = &m->couplings[coupling];
  int na = c->arguments[0].num_nodes, nb = c->arguments[1].num_nodes;
  gkt_text_printf(text,
                  "void gkt_add_%d_%d(const unsigned short *all, gkt_idx first_cell, const gkt_idx *cells, gkt_idx first, gkt_idx count, const gkt_scalar *GKT_RESTRICT tensors, "
                  "gkt_scalar *GKT_RESTRICT sums) {\n"
                  "  for (gkt_idx k = 0; k < count; k++) {\n"
                  "    const unsigned short *slots = all + (gkt_offset)((cells ? cells[k] : first + k) - first_cell) * %d;\n"
                  "    const gkt_scalar *tensor = tensors + (gkt_offset)(k / GKT_LANES) * %d + %d + k %% GKT_LANES;\n"
                  "    for (int a = 0; a < %d; a++)\n    for (int b = %s; b < %d; b++, slots++) {\n",
                  m->number, coupling, gkt_coupling_num_slots(c), m->tensor_size * GKT_LANES, c->tensor_first * GKT_LANES, na, c->half ? "a" : "0", nb);
  add_block(c, text);
  gkt_text_printf(text, "    }\n  }\n}\n");
}
