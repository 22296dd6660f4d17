/* Inside of pair mode: what a record is made of (map_emit_record.c), which whoever sums reads (map_emit_block.c). */
#ifndef GKT_ASSEMBLY_MAP_EMIT_PARTS_H
#define GKT_ASSEMBLY_MAP_EMIT_PARTS_H
#include "assembly/map_emit.h"

/* Where the parts of a record begin: gradients of the nodes of rows, of columns where these are others; the inverse Jacobian, at each point where it varies; coefficients: D,
   outputs times the measure, outputs and then weight and measure at each point (moments), or outputs times weight and measure at each point; where outputs are common to all cells,
   weight and measure at each point alone. Then the parts of the tables, of one facet where facets have tables of their own: values of rows, columns; gradients of rows, columns;
   or R. */
typedef struct {
  int gradients[2], inverse, coefficients, measures, size;
  int values_table[2], gradients_table[2], numbers, tables;
} gkt_parts;
gkt_parts gkt_emit_place(const gkt_emitter *);

/* Points of a cell, or of the facet that has most. */
static inline int gkt_emit_num_points(const gkt_emitter *e) {
  const gkt_rule *rule = &e->map->rule;
  int most = rule->first[1];
  for (int f = 1; f < rule->num_facets; f++)
    if (rule->first[f + 1] - rule->first[f] > most) most = (int)(rule->first[f + 1] - rule->first[f]);
  return most;
}
static inline bool gkt_emit_is_summed_before(const gkt_emitter *e) { return e->way == GKT_SUM_REFERENCE || e->way == GKT_SUM_TURNED; }
static inline const gkt_argument *gkt_emit_side(const gkt_emitter *e, int which) { return &e->on->arguments[which]; }
static inline int gkt_emit_block(const gkt_emitter *e) { return gkt_emit_side(e, 0)->components * gkt_emit_side(e, 1)->components; }
static inline bool gkt_emit_side_is_linear(const gkt_emitter *e, int which) { return gkt_emit_is_linear(e, gkt_emit_side(e, which)->table); }
static inline bool gkt_emit_sides_agree(const gkt_emitter *e) { return gkt_emit_side(e, 0)->table == gkt_emit_side(e, 1)->table; }

/* Does an entry read values (gradients) of the function of a side? */
bool gkt_emit_side_reads(const gkt_emitter *, int which, bool gradients);
/* Number, among those that entries read, of an output; and is it read? */
int gkt_emit_output_number(const gkt_emitter *, int output);
static inline bool gkt_emit_reads_output(const gkt_emitter *e, int output) { return gkt_emit_output_number(e, output + 1) > gkt_emit_output_number(e, output); }
int gkt_emit_outputs_of_point(const gkt_emitter *); /* scalars of coefficients at each */

/* R of all factors or moments, each once; they stand an odd number apart, for the banks of shared memory. */
gkt_factors gkt_emit_record_columns(const gkt_emitter *);
static inline int gkt_emit_columns_stride(const gkt_factors *columns) { return columns->count | 1; }
#endif
