/* The plan of all targets of an assembler, and the matrix that they make up. */
#include "assembly/targets.h"

#include <math.h>
#include <string.h>

#include "meshes/mesh.h"

typedef struct {            /* while planning: of each target */
  gkt_incidence *incidence; /* [blocks] */
  gkt_idx num_nodes[2];
  int size[2];
  bool symmetric, exists;
} outline;

typedef struct {
  const gkt_form *form;
  gkt_mesh *mesh;
  int num_blocks;
  const gkt_ties *const *ties; /* [functions] */
  bool sums_elsewhere;
  gkt_idx **tied;       /* [functions][blocks]: masters of the cells' nodes; NULL: not needed */
  outline *outlines;    /* [targets] */
  gkt_idx *chunk_sizes; /* [blocks] */
} plan;

/* ---- what there is to be summed ---- */
static bool is_square(const gkt_form *f) { return f->arity == 2 && gkt_functions_are_equal(&f->arguments[0], &f->arguments[1]); }

static bool has_twice(int count, const gkt_idx *nodes) {
  for (int i = 0; i < count; i++)
    for (int j = 0; j < i; j++)
      if (nodes[i] == nodes[j]) return true;
  return false;
}

/* nodes: those of the cells, or of their masters. */
static gkt_status find_nodes(const plan *p, int b, const gkt_argument *arg, const gkt_idx **nodes, bool *repeats) {
  const gkt_ties *ties = arg->function >= 0 && arg->space ? p->ties[arg->function] : NULL;
  *nodes = arg->nodes;
  if (!ties || !ties->num_tied) return GKT_OK;
  gkt_idx **tied = &p->tied[arg->function * p->num_blocks + b];
  const gkt_size count = (gkt_size)gkt_mesh_block(p->mesh, b)->num_cells * arg->num_nodes;
  if (!*tied) {
    GKT_TRY(gkt_alloc(p->form->scope->ctx, count, sizeof **tied, tied));
    for (gkt_size i = 0; i < count; i++) (*tied)[i] = ties->masters[arg->nodes[i]];
    for (gkt_size i = 0; i < count && !*repeats; i += arg->num_nodes) *repeats = has_twice(arg->num_nodes, *tied + i);
  }
  *nodes = *tied;
  return GKT_OK;
}

/* Fields that are not coupled have no pairs of nodes, but a square matrix has its diagonal. One field alone is taken to be coupled with itself, whatever its form. */
static gkt_status outline_target(const plan *p, int i, int j, int columns, const gkt_space *const *spaces, outline *o, bool *repeats) {
  const bool coupled = gkt_form_num_fields(p->form, 0) * columns == 1 || p->form->arity < 2 || gkt_form_couples(p->form, i, j);
  const int fields[2] = {i, j};
  GKT_TRY(gkt_calloc(p->form->scope->ctx, p->num_blocks, sizeof *o->incidence, &o->incidence));
  o->exists = coupled || (i == j && is_square(p->form));
  o->symmetric = i == j && gkt_form_couples_symmetrically(p->form, i, j);
  for (int b = 0; b < p->num_blocks; b++)
    for (int w = 0; w < 2; w++) {
      gkt_argument arg;
      GKT_TRY(gkt_argument_of(p->form, w, fields[w], p->mesh, b, spaces, &arg));
      o->incidence[b].num_cells = gkt_mesh_block(p->mesh, b)->num_cells;
      o->incidence[b].num[w] = coupled ? arg.num_nodes : 0;
      GKT_TRY(find_nodes(p, b, &arg, &o->incidence[b].nodes[w], repeats));
      o->num_nodes[w] = arg.num_all, o->size[w] = arg.components;
    }
  return GKT_OK;
}

/* Chunks are those of all targets, since one map computes for all. */
static gkt_status size_chunks(const plan *p, const gkt_targets *t) {
  gkt_incidence *incidence = NULL;
  int *blocks = NULL;
  bool *symmetric = NULL;
  gkt_status status;
  GKT_GO(gkt_calloc(t->ctx, t->count, sizeof *incidence, &incidence));
  GKT_GO(gkt_calloc(t->ctx, t->count, sizeof *blocks, &blocks));
  GKT_GO(gkt_calloc(t->ctx, t->count, sizeof *symmetric, &symmetric));
  for (int b = 0; b < p->num_blocks; b++) {
    int n = 0;
    for (int k = 0; k < t->count; k++) {
      const outline *o = &p->outlines[k];
      if (o->exists) incidence[n] = o->incidence[b], blocks[n] = o->size[0] * o->size[1], symmetric[n++] = o->symmetric;
    }
    p->chunk_sizes[b] = gkt_reduce_chunk_size(n, incidence, blocks, symmetric);
  }
done:
  gkt_free(&incidence);
  gkt_free(&blocks);
  gkt_free(&symmetric);
  return status;
}

/* ---- places in the matrix ---- */
static gkt_size width_of(const gkt_target *t, gkt_idx row) {
  const gkt_pattern *p = &t->reduce->pattern;
  return (gkt_size)(p->offsets[row + 1] - p->offsets[row]) * p->block_size[1];
}

/* Rows of field i: from the value that they begin with; returns that of the next field. */
static gkt_status place_rows(const plan *p, gkt_targets *t, int i, gkt_size *value) {
  const int columns = t->num_fields[1];
  const outline *o = &p->outlines[i * columns];
  gkt_idx narrow;
  for (gkt_idx row = 0; row < o->num_nodes[0]; row++) {
    gkt_size width = 0;
    for (int j = 0; j < columns; j++) {
      gkt_target *target = &t->all[i * columns + j];
      if (!target->reduce) continue;
      target->starts[row] = (gkt_idx)(*value + width);
      width += width_of(target, row);
    }
    t->strides[i][row] = (gkt_idx)width;
    *value += width * o->size[0];
    if (*value > INT32_MAX) return gkt_narrow(t->ctx, *value, "matrix entries", &narrow);
  }
  return GKT_OK;
}

static gkt_status place(const plan *p, gkt_targets *t) {
  gkt_size value = 0;
  GKT_TRY(gkt_calloc(t->ctx, t->num_fields[0], sizeof *t->strides, &t->strides));
  for (int i = 0; i < t->num_fields[0]; i++) {
    gkt_idx nodes = p->outlines[i * t->num_fields[1]].num_nodes[0];
    GKT_TRY(gkt_alloc(t->ctx, nodes, sizeof *t->strides[i], &t->strides[i]));
    for (int j = 0; j < t->num_fields[1]; j++)
      if (t->all[i * t->num_fields[1] + j].reduce) GKT_TRY(gkt_alloc(t->ctx, nodes, sizeof(gkt_idx), &t->all[i * t->num_fields[1] + j].starts));
    GKT_TRY(place_rows(p, t, i, &value));
  }
  t->num_values = value;
  return GKT_OK;
}

/* ---- creation ---- */
static gkt_status count_dofs(const plan *p, gkt_targets *t) {
  gkt_size rows = 0, cols = 0;
  for (int k = 0; k < t->count; k++) {
    const outline *o = &p->outlines[k];
    gkt_target *target = &t->all[k];
    if (k % t->num_fields[1] == 0) cols = 0;
    target->first_row = (gkt_idx)rows, target->first_col = (gkt_idx)cols;
    cols += (gkt_size)o->num_nodes[1] * o->size[1];
    if (k % t->num_fields[1] == t->num_fields[1] - 1) rows += (gkt_size)o->num_nodes[0] * o->size[0];
    GKT_TRY(gkt_narrow(t->ctx, rows, "rows", &t->num_dofs[0]));
    GKT_TRY(gkt_narrow(t->ctx, cols, "columns", &t->num_dofs[1]));
    if (p->form->arity < 2) target->first_value = target->first_row;
  }
  return GKT_OK;
}

static gkt_status make_patterns(const plan *p, gkt_targets *t) {
  for (int k = 0; k < t->count; k++) {
    const outline *o = &p->outlines[k];
    if (o->exists) GKT_TRY(gkt_reduce_create(t->ctx, p->num_blocks, o->incidence, o->num_nodes, o->size, o->symmetric, p->chunk_sizes, &t->all[k].reduce));
  }
  if (p->form->arity == 2 && t->count > 1) return place(p, t);
  for (int k = 0; k < t->count; k++) t->num_values += gkt_reduce_num_values(t->all[k].reduce);
  return GKT_OK;
}

static gkt_status make_plans(const plan *p, gkt_targets *t) {
  for (int k = 0; k < t->count; k++) {
    gkt_target *target = &t->all[k];
    if (!target->reduce) continue;
    const gkt_embedding embedding = {target->starts, t->strides ? t->strides[k / t->num_fields[1]] : NULL};
    if (p->sums_elsewhere) GKT_TRY(gkt_reduce_list(target->reduce, p->num_blocks, p->outlines[k].incidence, embedding));
    else GKT_TRY(gkt_reduce_plan(target->reduce, p->num_blocks, p->outlines[k].incidence, embedding));
    target->sums = t->num_sums;
    t->num_sums += (gkt_size)target->reduce->max_sums * target->reduce->block;
    t->num_contributions += target->reduce->num_contributions * target->reduce->block;
  }
  return GKT_OK;
}

static gkt_status fit_maps(const gkt_targets *t, int num_maps, gkt_map **maps) {
  for (int k = 0; k < num_maps; k++) {
    for (int c = 0; c < maps[k]->num_couplings; c++) maps[k]->couplings[c].half = t->all[maps[k]->couplings[c].target].reduce->half;
    GKT_TRY(gkt_groups_cut(maps[k], gkt_targets_any(t)));
  }
  return GKT_OK;
}

static int num_lists(const plan *p) { return gkt_scope_num_functions(p->form->scope) * p->num_blocks; }

static gkt_status make_outlines(plan *p, gkt_targets *t, const gkt_space *const *spaces) {
  GKT_TRY(gkt_calloc(t->ctx, num_lists(p), sizeof *p->tied, &p->tied));
  GKT_TRY(gkt_calloc(t->ctx, t->count, sizeof *p->outlines, &p->outlines));
  for (int k = 0; k < t->count; k++) GKT_TRY(outline_target(p, k / t->num_fields[1], k % t->num_fields[1], t->num_fields[1], spaces, &p->outlines[k], &t->repeats));
  return GKT_OK;
}

static void clear_plan(plan *p, const gkt_targets *t) {
  for (int k = 0; p->outlines && k < t->count; k++) gkt_free(&p->outlines[k].incidence);
  gkt_free(&p->outlines);
  gkt_free(&p->chunk_sizes);
  for (int k = 0; p->tied && k < num_lists(p); k++) gkt_free(&p->tied[k]);
  gkt_free(&p->tied);
}

gkt_status gkt_targets_create(const gkt_form *form, gkt_mesh *mesh, const gkt_space *const *spaces, const gkt_ties *const *ties, bool sums_elsewhere, int num_maps, gkt_map **maps,
                              gkt_targets *t) {
  plan p = {.form = form, .mesh = mesh, .num_blocks = gkt_mesh_num_blocks(mesh), .ties = ties, .sums_elsewhere = sums_elsewhere};
  gkt_status status;
  *t = (gkt_targets){.ctx = form->scope->ctx, .num_fields = {gkt_form_num_fields(form, 0), gkt_form_num_fields(form, 1)}};
  t->count = t->num_fields[0] * t->num_fields[1];
  GKT_GO(gkt_calloc(t->ctx, t->count, sizeof *t->all, &t->all));
  GKT_GO(make_outlines(&p, t, spaces));
  GKT_GO(gkt_calloc(t->ctx, p.num_blocks, sizeof *p.chunk_sizes, &p.chunk_sizes));
  GKT_GO(size_chunks(&p, t));
  GKT_GO(count_dofs(&p, t));
  GKT_GO(make_patterns(&p, t));
  GKT_GO(make_plans(&p, t));
  GKT_GO(fit_maps(t, num_maps, maps));
  if (t->repeats && is_square(form)) GKT_GO(gkt_alloc(t->ctx, t->num_dofs[0], sizeof *t->largest, &t->largest));
done:
  clear_plan(&p, t);
  return status;
}

gkt_status gkt_targets_list_again(const gkt_form *form, gkt_mesh *mesh, const gkt_space *const *spaces, const gkt_ties *const *ties, gkt_targets *t) {
  plan p = {.form = form, .mesh = mesh, .num_blocks = gkt_mesh_num_blocks(mesh), .ties = ties};
  gkt_status status;
  GKT_GO(make_outlines(&p, t, spaces));
  for (int k = 0; k < t->count; k++)
    if (t->all[k].reduce) GKT_GO(gkt_reduce_list_again(t->all[k].reduce, p.outlines[k].incidence));
done:
  clear_plan(&p, t);
  if (status != GKT_OK) gkt_targets_drop_lists(t);
  return status;
}

void gkt_targets_drop_lists(gkt_targets *t) {
  for (int k = 0; k < t->count; k++)
    if (t->all[k].reduce) gkt_reduce_drop_lists(t->all[k].reduce);
}

void gkt_targets_clear(gkt_targets *t) {
  for (int k = 0; t->all && k < t->count; k++) {
    gkt_reduce_destroy(&t->all[k].reduce);
    gkt_free(&t->all[k].starts);
  }
  for (int i = 0; t->strides && i < t->num_fields[0]; i++) gkt_free(&t->strides[i]);
  gkt_free(&t->strides);
  gkt_free(&t->largest);
  gkt_free(&t->all);
}

gkt_reduce *gkt_targets_any(const gkt_targets *t) {
  int k = 0;
  while (!t->all[k].reduce) k++;
  return t->all[k].reduce;
}

/* ---- rounding ---- */
typedef void visit_entry(const gkt_targets *, gkt_idx row, gkt_idx col, gkt_scalar *value);
static void visit_entries(const gkt_targets *t, visit_entry *visit, gkt_scalar *values) {
  for (int k = 0; k < t->count; k++) {
    const gkt_target *target = &t->all[k];
    if (!target->reduce) continue;
    const gkt_pattern *p = &target->reduce->pattern;
    const int rows = p->block_size[0], cols = p->block_size[1];
    for (gkt_idx r = 0; r < p->num_nodes[0]; r++) {
      gkt_idx stride, start = gkt_reduce_place(target->reduce, r, p->offsets[r], &stride);
      for (int i = 0; i < rows; i++)
        for (gkt_idx e = 0; e < (p->offsets[r + 1] - p->offsets[r]) * cols; e++)
          visit(t, target->first_row + r * rows + i, target->first_col + p->cols[p->offsets[r] + e / cols] * cols + e % cols, values + start + i * stride + e);
    }
  }
}

static void find_largest(const gkt_targets *t, gkt_idx row, gkt_idx col, gkt_scalar *value) {
  (void)col;
  t->largest[row] = fmax(t->largest[row], fabs(*value));
}

static void drop_small(const gkt_targets *t, gkt_idx row, gkt_idx col, gkt_scalar *value) {
  if (fabs(*value) <= 2e-15 * fmin(t->largest[row], t->largest[col])) *value = 0;
}

void gkt_targets_drop_rounding(const gkt_targets *t, gkt_scalar *values) {
  if (!t->largest) return;
  memset(t->largest, 0, (size_t)t->num_dofs[0] * sizeof *t->largest);
  visit_entries(t, find_largest, values);
  visit_entries(t, drop_small, values);
}

bool gkt_targets_take_sets(const gkt_targets *t) { return t->count == 1 && !t->repeats && gkt_reduce_takes_sets(t->all[0].reduce); }

/* ---- the matrix ---- */
/* The scalar rows of a row of nodes of a target, all zero. */
static void fill_rows(const gkt_target *t, gkt_idx row, gkt_csr *A) {
  const gkt_pattern *p = &t->reduce->pattern;
  const int rows = p->block_size[0], cols = p->block_size[1];
  const gkt_idx first = p->offsets[row], length = p->offsets[row + 1] - first;
  gkt_idx stride, start = gkt_reduce_place(t->reduce, row, first, &stride);
  for (int i = 0; i < rows; i++) {
    gkt_idx at = start + i * stride, *to = A->cols + at;
    for (gkt_idx k = 0; k < length; k++)
      for (int j = 0; j < cols; j++) *to++ = t->first_col + p->cols[first + k] * cols + j;
    memset(A->vals + at, 0, (size_t)length * (size_t)cols * sizeof *A->vals);
    gkt_idx end = at + length * cols, *offset = &A->row_offsets[t->first_row + row * rows + i + 1];
    if (end > *offset) *offset = end; /* the last of its targets */
  }
}

gkt_status gkt_targets_matrix(const gkt_targets *t, gkt_csr **out) {
  const gkt_pattern *p = &gkt_targets_any(t)->pattern;
  const int block = t->count == 1 && t->num_dofs[0] == t->num_dofs[1] && p->block_size[0] == p->block_size[1] ? p->block_size[0] : 1;
  gkt_csr *A;
  GKT_TRY(gkt_csr_create(t->ctx, t->num_dofs[0], t->num_dofs[1], t->num_values, block, &A));
  int threads = gkt_threads_for(t->ctx, t->num_values);
  for (int k = 0; k < t->count; k++) {
    const gkt_target *target = &t->all[k];
    if (!target->reduce) continue;
#pragma omp parallel for num_threads(threads) schedule(static)
    for (gkt_idx r = 0; r < target->reduce->pattern.num_nodes[0]; r++) fill_rows(target, r, A);
  }
  for (gkt_idx i = 0; i < A->num_rows; i++) /* rows without any column */
    if (A->row_offsets[i + 1] < A->row_offsets[i]) A->row_offsets[i + 1] = A->row_offsets[i];
  *out = A;
  return GKT_OK;
}
