/* Text of matrices whose integrand has coefficients that are the same at all points of a cell. For nodes a and b the moments
     M(s,t) = sum over the points of weight * measure * z_a[s] * z_b[t],   z = (value, derivatives)
   are summed in registers, once for all components; an entry of the element tensor is then a sum of coefficients times moments. */
#include "assembly/map_emit.h"

enum { MOST_BYTES = 512 * 1024 }; /* of z at all points, on the stack */

/* Slots of z that entries read: all [count], ascending. Couplings that share a basis share what is kept of it. */
typedef struct {
  int count, slots[4];
} side;

static bool reads(const gkt_coupling *c, int table, int slot) {
  for (int k = 0; k < c->num_entries; k++)
    if ((c->arguments[0].table == table && c->entries[k].row_slot == slot) || (c->arguments[1].table == table && c->entries[k].col_slot == slot)) return true;
  return false;
}

/* Of a basis of the rule, by the couplings that are summed this way. */
static side side_of(const gkt_emitter *e, int table) {
  side s = {0};
  for (int slot = 0; slot < 4; slot++) {
    bool read = false;
    gkt_emitter other = *e;
    for (int c = 0; c < e->map->num_couplings && !read; c++) {
      if (!reads(&e->map->couplings[c], table, slot)) continue;
      gkt_emit_take(&other, c);
      read = other.way == GKT_SUM_MOMENTS;
    }
    if (read) s.slots[s.count++] = slot;
  }
  return s;
}

static int place_of(const side *s, int slot) {
  int k = 0;
  while (s->slots[k] != slot) k++;
  return k;
}

/* The number of the moment that an entry reads; row_slots, col_slots [16]: of those found so far. */
static int moment_of(const gkt_entry *e, int *count, int *row_slots, int *col_slots) {
  for (int k = 0; k < *count; k++)
    if (row_slots[k] == e->row_slot && col_slots[k] == e->col_slot) return k;
  row_slots[*count] = e->row_slot, col_slots[*count] = e->col_slot;
  return (*count)++;
}

gkt_moments gkt_emit_find_moments(const gkt_coupling *m) {
  gkt_moments found = {0};
  for (int k = 0; k < m->num_entries; k++) moment_of(&m->entries[k], &found.count, found.row_slots, found.col_slots);
  return found;
}

/* More of them than sums over the trial index cost more than these. */
bool gkt_emit_has_moments(const gkt_emitter *e) {
  const gkt_map *m = e->map;
  if (m->form->arity != 2 || !e->once || !gkt_map_is_uniform(m) || m->rule.first[1] < 2 || gkt_emit_find_moments(e->on).count > gkt_emit_num_trial_sums(e->on)) return false;
  gkt_size z = 0;
  for (int k = 0; k < m->rule.num_bases; k++)
    for (int slot = 0; slot <= m->dim; slot++) z += reads(e->on, k, slot) ? m->rule.bases[k].size : 0;
  return z * m->rule.first[1] * GKT_LANES * (gkt_size)sizeof(gkt_scalar) <= MOST_BYTES;
}

static const char *lanes(const gkt_emitter *e) { return e->sets ? "" : "[GKT_LANES]"; }
static const char *lane(const gkt_emitter *e) { return e->sets ? "" : "[l]"; }

/* ---- z, and weights times the measure, at all points ---- */
void gkt_emit_begin_moments(const gkt_emitter *e) {
  int points = e->map->rule.first[1];
  for (int k = 0; k < e->map->rule.num_bases; k++) {
    side s = side_of(e, k);
    if (s.count) gkt_text_printf(e->text, "    gkt_scalar z%d[%d][%d][%d]%s;\n", k, e->map->rule.bases[k].size, points, s.count, lanes(e));
  }
  gkt_text_printf(e->text, "    gkt_scalar wdx[%d]%s GKT_ALIGNED;\n", points, lanes(e));
}

static void keep_basis(const gkt_emitter *e, int table, const side *s) {
  gkt_text_printf(e->text,
                  e->sets ? "      GKT_UNROLL_NODES for (int a = 0; a < %d; a++) {\n" : "      GKT_UNROLL_NODES for (int a = 0; a < %d; a++) {\n        GKT_FOR_LANES(l) {\n",
                  e->map->rule.bases[table].size);
  for (int k = 0; k < s->count; k++) {
    gkt_text_printf(e->text, "          z%d[a][q][%d]%s = ", table, k, lane(e));
    gkt_emit_basis(e, table, "a", s->slots[k]);
    gkt_text_printf(e->text, ";\n");
  }
  gkt_text_printf(e->text, e->sets ? "      }\n" : "        }\n      }\n");
}

/* At point q. */
void gkt_emit_keep_point(const gkt_emitter *e) {
  for (int k = 0; k < e->map->rule.num_bases; k++) {
    side s = side_of(e, k);
    if (s.count) keep_basis(e, k, &s);
  }
  if (e->sets) gkt_text_printf(e->text, "      wdx[q] = d->weights[q] * dx[c];\n");
  else gkt_text_printf(e->text, "      GKT_FOR_LANES(l) { wdx[q][l] = d->weights[q] * dx[l]; }\n");
}

/* ---- pairs of nodes. Lanes are taken GKT_PART at a time, as many as a register holds. ---- */
/* A compiler that has been told to unroll pairs unrolls the points in them, too. */
static const char *unroll_pairs(const gkt_coupling *m, int points) { return points * m->arguments[0].num_nodes * m->arguments[1].num_nodes <= 1000 ? "GKT_UNROLL_NODES " : ""; }

static void begin_row(const gkt_emitter *e) {
  const gkt_coupling *m = e->on;
  int points = e->map->rule.first[1], z = m->arguments[0].table;
  side s = side_of(e, z);
  gkt_text_printf(e->text,
                  "    %sfor (int a = 0; a < %d; a++) {\n      gkt_scalar x[%d][%d]%s GKT_ALIGNED;\n      for (int q = 0; q < %d; q++) {\n        for (int k = 0; k "
                  "< %d; k++) {\n",
                  unroll_pairs(m, points), m->arguments[0].num_nodes, points, s.count, lanes(e), points, s.count);
  if (e->sets) gkt_text_printf(e->text, "          x[q][k] = z%d[a][q][k] * wdx[q];\n", z);
  else gkt_text_printf(e->text, "          GKT_FOR_LANES(l) { x[q][k][l] = z%d[a][q][k][l] * wdx[q][l]; }\n", z);
  gkt_text_printf(e->text, "        }\n      }\n      %sfor (int b = %s; b < %d; b++) {\n", unroll_pairs(m, points), m->mirror ? "a" : "0", m->arguments[1].num_nodes);
}

/* Does an entry read this slot of its argument? */
static bool is_read(const gkt_coupling *c, int which, int slot) {
  for (int k = 0; k < c->num_entries; k++)
    if ((which ? c->entries[k].col_slot : c->entries[k].row_slot) == slot) return true;
  return false;
}

static void sum_moments(const gkt_emitter *e) {
  const gkt_coupling *m = e->on;
  gkt_moments found = gkt_emit_find_moments(m);
  const int tables[2] = {m->arguments[0].table, m->arguments[1].table};
  side rows = side_of(e, tables[0]), cols = side_of(e, tables[1]);
  const char *type = e->sets ? "gkt_scalar" : "gkt_part";
  for (int k = 0; k < found.count; k++) gkt_text_printf(e->text, "%s%s M%d = {0}", k ? ", " : "        ", k ? "" : type, k);
  gkt_text_printf(e->text, ";\n        for (int q = 0; q < %d; q++) {\n", e->map->rule.first[1]);
  char kept[16];
  snprintf(kept, sizeof kept, "z%d[b]", tables[1]);
  for (int i = 0; i < 2; i++)
    for (int k = 0; k < (i ? cols : rows).count; k++) {
      const char *name = i ? "y" : "x", *of = i ? kept : "x";
      if (!is_read(m, i, (i ? cols : rows).slots[k])) continue;
      if (e->sets) gkt_text_printf(e->text, "          const gkt_scalar %s%d = %s[q][%d];\n", name, k, of, k);
      else gkt_text_printf(e->text, "          const gkt_part %s%d = *(const gkt_part *)&%s[q][%d][h];\n", name, k, of, k);
    }
  for (int k = 0; k < found.count; k++) gkt_text_printf(e->text, "          M%d += x%d * y%d;\n", k, place_of(&rows, found.row_slots[k]), place_of(&cols, found.col_slots[k]));
  gkt_text_printf(e->text, "        }\n");
}

void gkt_emit_moment_entry(const gkt_emitter *e, int row, int col, const char *moment, const char *output) {
  const gkt_coupling *m = e->on;
  gkt_moments found = gkt_emit_find_moments(m);
  bool any = false;
  for (int k = 0; k < m->num_entries; k++) {
    const gkt_entry *entry = &m->entries[k];
    if (entry->row != row || entry->col != col) continue;
    gkt_text_printf(e->text, any ? " + " : "");
    gkt_text_printf(e->text, output, entry->output);
    gkt_text_printf(e->text, " * ");
    gkt_text_printf(e->text, moment, moment_of(entry, &found.count, found.row_slots, found.col_slots));
    any = true;
  }
  if (!any) gkt_text_printf(e->text, e->sets ? "(gkt_lanes){0}" : "GKT_NO_PART");
}

/* Cells as lanes: the element tensor. */
void gkt_emit_moments(const gkt_emitter *e) {
  const gkt_coupling *m = e->on;
  int rows = m->arguments[0].components, cols = m->arguments[1].components, nb = m->arguments[1].num_nodes;
  begin_row(e);
  gkt_text_printf(e->text, "      gkt_scalar (*GKT_RESTRICT E)[GKT_LANES] = A + (a * %d + b) * %d;\n      for (int h = 0; h < GKT_LANES; h += GKT_PART) {\n", nb, rows * cols);
  sum_moments(e);
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < cols; j++) {
      gkt_text_printf(e->text, "        *(gkt_part *)&E[%d][h] %s ", i * cols + j, gkt_emit_store(e));
      gkt_emit_moment_entry(e, i, j, "M%d", "*(const gkt_part *)&G[%d][h]");
      gkt_text_printf(e->text, ";\n");
    }
  gkt_text_printf(e->text, "      }\n      }\n    }\n");
}

/* Of cell c, for all sets: M [pair][moment]. */
void gkt_emit_moments_of_sets(const gkt_emitter *e) {
  const gkt_coupling *m = e->on;
  int count = gkt_emit_find_moments(m).count, nb = m->arguments[1].num_nodes;
  gkt_text_printf(e->text, "    gkt_scalar moments[%d][%d] GKT_ALIGNED;\n", m->arguments[0].num_nodes * nb, count);
  if (e->way == GKT_SUM_TURNED) gkt_emit_begin_turned(e);
  else begin_row(e);
  if (e->way == GKT_SUM_TURNED) gkt_emit_turned_moments(e);
  else sum_moments(e);
  for (int k = 0; k < count; k++) gkt_text_printf(e->text, "        moments[a * %d + b][%d] = M%d;\n", nb, k, k);
  gkt_text_printf(e->text, "      }\n    }\n");
}

/* Entries E0, E1, .. of nodes a and b for the sets of a group. */
void gkt_emit_entries_of_sets(const gkt_emitter *e) {
  const gkt_coupling *m = e->on;
  const char *output = e->way == GKT_SUM_TURNED ? "*(const gkt_lanes *)Gdx[%d]" : "*(const gkt_lanes *)G[%d]";
  int rows = m->arguments[0].components, cols = m->arguments[1].components;
  gkt_text_printf(e->text, "      const gkt_scalar *M = moments[a * %d + b];\n", m->arguments[1].num_nodes);
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < cols; j++) {
      gkt_text_printf(e->text, "      const gkt_lanes E%d = ", i * cols + j);
      gkt_emit_moment_entry(e, i, j, "M[%d]", output);
      gkt_text_printf(e->text, ";\n");
    }
}
