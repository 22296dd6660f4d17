/* Sets of a batch on a device: a thread has a cell and does set after set. Corners and dof numbers wait in registers, so compilers take the geometry out of the loop over sets.
   Lanes are cells, not sets, since values and results stand set by set in memory: neighbours read and write what is side by side. Operations of a set and their order are those of
   one set. */
#include "assembly/sets_emit.h"

#include "assembly/device_inputs.h"
#include "assembly/elements.h"
#include "core/embed.h"
#include "meshes/mesh.h"

GKT_EMBED(gkt_sets_arguments_text, "assembly/sets_arguments.h");

void gkt_sets_emit_prelude(gkt_text *text) {
  gkt_text_printf(text, "struct gkt_in_order {\n  __device__ __forceinline__ gkt_idx operator[](gkt_offset i) const { return (gkt_idx)i; }\n};\n"
                        "#define GKT_COORDS const gkt_scalar *\n#define GKT_GEOMETRY gkt_in_order\n#define GKT_CORNERS(d, cell) 0\n"
                        "#ifdef __CUDACC__\n#define GKT_ONE_BY_ONE _Pragma(\"unroll 1\")\n#else\n#define GKT_ONE_BY_ONE\n#endif\n");
}

static int num_functions(const gkt_assembler *a) { return a->num_functions > 0 ? a->num_functions : 1; }

void gkt_sets_emit_arguments(const gkt_assembler *a, gkt_text *text) { gkt_text_printf(text, "  gkt_sets_arguments sets;\n  gkt_size strides[%d];\n", num_functions(a)); }

/* Values at points are read where they stand, by the number of the point. */
static void emit_nodes(const gkt_assembler *a, int block, int f, bool vertices, const char *nodes, gkt_text *text) {
  const int size = a->spaces[f]->bases[block].size;
  if (gkt_space_is_at_points(a->spaces[f])) {
    gkt_text_printf(text, "    nodes[%d] = %s[%d] + (gkt_offset)cell * %d;\n", f, nodes, f, size);
    return;
  }
  if (vertices && gkt_space_has_nodes_of_mesh(a->spaces[f])) {
    gkt_text_printf(text, "    nodes[%d] = vertices;\n", f);
    return;
  }
  gkt_text_printf(
      text, "    gkt_idx nodes_%d[%d];\n    GKT_UNROLL\n    for (int i = 0; i < %d; i++) nodes_%d[i] = __ldg(%s[%d] + (gkt_offset)cell * %d + i);\n    nodes[%d] = nodes_%d;\n", f,
      size, size, f, nodes, f, size, f, f);
}

void gkt_sets_emit_cell(const gkt_assembler *a, int block, const char *corner, bool vertices, const char *nodes, gkt_text *text) {
  const int corners = gkt_mesh_block(a->mesh, block)->nodes_per_cell, dim = gkt_mesh_dim(a->mesh);
  char at[200];
  snprintf(at, sizeof at, corner, corners, dim);
  gkt_text_printf(text,
                  "    gkt_scalar x[%d];\n    GKT_UNROLL\n    for (int i = 0; i < %d; i++) {\n      GKT_UNROLL\n      for (int k = 0; k < %d; k++) x[i * %d + k] = %s;\n    }\n"
                  "    const gkt_idx *nodes[%d] = {};\n",
                  corners * dim, corners, dim, dim, at, num_functions(a));
  for (int f = 0; f < a->num_functions; f++)
    if (gkt_assembler_reads(a, f)) emit_nodes(a, block, f, vertices, nodes, text);
}

void gkt_sets_emit_begin(const gkt_assembler *a, int count, const char *head, gkt_text *text) {
  if (count) gkt_text_printf(text, "    GKT_ONE_BY_ONE\n    for (int s = 0; s < %d; s++) {\n    const gkt_size set = sets.first + (s < sets.count ? s : sets.count - 1);\n", count);
  else gkt_text_printf(text, "    GKT_ONE_BY_ONE\n    for (int s = 0; s < sets.count; s++) {\n    const gkt_size set = sets.first + s;\n");
  gkt_text_printf(text, "    const gkt_scalar *constants = %s.constants + set * a.sets.constants_stride, *values[%d] = {};\n    (void)constants, (void)values;\n", head,
                  num_functions(a));
  for (int f = 0; f < a->num_functions; f++)
    if (gkt_assembler_reads(a, f)) gkt_text_printf(text, "    values[%d] = a.values[%d] + set * a.strides[%d];\n", f, f, f);
}

void gkt_sets_emit_call(const gkt_map *m, const char *head, const char *source, const char *row, int *table, const char *out, gkt_text *text) {
  gkt_text_printf(text,
                  "    {\n      gkt_map_data d = {};\n      d.coords = x, d.constants = constants, d.values = values, d.nodes = nodes, d.time = %s.time;\n"
                  "      d.num_points = (gkt_idx)%s.num_points;\n      d.normal[0] = %s.normal[0], d.normal[1] = %s.normal[1], d.normal[2] = %s.normal[2];\n"
                  "      d.weights = a.tables[%d] + %s;\n",
                  head, source, source, source, source, *table, row);
  for (int k = 0; k < m->rule.num_bases; k++)
    gkt_text_printf(text, "      d.phi[%d] = a.tables[%d] + (gkt_offset)%s * %d, d.dphi[%d] = a.tables[%d] + (gkt_offset)%s * %d;\n", k, *table + 1 + 2 * k, row,
                    m->rule.bases[k].size, k, *table + 2 + 2 * k, row, m->rule.bases[k].size * m->dim);
  gkt_text_printf(text, "      gkt_map_%d(&d, 0, 1, %s);\n    }\n", m->number, out);
  *table += gkt_map_num_tables(m);
}
