/* Before patches are cut on the device: rows along the curve, their cells, the pattern. */
#include "assembly/patches_device_plan.h"

/* ---- rows along the curve, and their stars ---- */
static gkt_status order_rows(gkt_planning *p) {
  enum { CURVE_BITS = 63 };
  gkt_plan_arguments *a = &p->a;
  const gkt_size rows = a->num_rows;
  gkt_scalars points = {0}, parts = {0};
  gkt_status status;
  a->tiles = (gkt_idx)gkt_blocks_for(rows, GKT_TILE);
  GKT_GO(gkt_device_send(p->device, p->in->points, rows * a->dim, sizeof(gkt_scalar), "coordinates of rows", &points));
  GKT_GO(gkt_device_alloc(p->device, (a->tiles + (gkt_size)1) * 6, sizeof(gkt_scalar), "bounds of rows", &parts));
  GKT_GO(gkt_device_alloc(p->device, rows, sizeof *a->curve, "places along a curve", &p->keys));
  a->points = points.at, a->parts = parts.at, a->curve = (void *)p->keys.at;
  GKT_GO(gkt_planning_launch(p, "gkt_plan_bounds", a->tiles, GKT_PLAN_THREADS, GKT_SCAN_SHARED));
  GKT_GO(gkt_planning_launch(p, "gkt_plan_join_bounds", 1, GKT_PLAN_THREADS, GKT_SCAN_SHARED));
  GKT_GO(gkt_planning_launch_each(p, "gkt_plan_curve", rows));
  gkt_device_free(p->device, &points);
  GKT_GO(gkt_device_sort(p->device, sizeof *a->curve, CURVE_BITS, &p->keys, &p->order));
done:
  gkt_device_free(p->device, &points);
  gkt_device_free(p->device, &parts);
  gkt_device_free(p->device, &p->keys);
  return status;
}

static gkt_status keep_order(gkt_planning *p) {
  gkt_idx *own = NULL;
  GKT_TRY(gkt_alloc(p->ctx, p->a.num_rows, sizeof *own, &own));
  for (gkt_idx r = 0; r < p->a.num_rows; r++) own[r] = r;
  gkt_status status = gkt_device_send(p->device, own, p->a.num_rows, sizeof *own, "order of rows", &p->order);
  gkt_free(&own);
  return status;
}

static gkt_status make_stars(gkt_planning *p) {
  gkt_plan_arguments *a = &p->a;
  GKT_TRY(p->in->points ? order_rows(p) : keep_order(p));
  a->order = p->order.at;
  MEANWHILE(a->num_rows, "places of rows", a->rank);
  GKT_TRY(gkt_planning_launch_each(p, "gkt_plan_rank", a->num_rows));
  MEANWHILE((gkt_size)a->num_rows + 1, "cells of rows", a->star_first);
  GKT_TRY(gkt_device_alloc(p->device, a->num_entries, sizeof *a->ranks, "rows of cells", &p->keys));
  a->ranks = (void *)p->keys.at;
  GKT_TRY(gkt_planning_launch_each(p, "gkt_plan_incidences", a->num_entries));
  GKT_TRY(gkt_device_sort(p->device, sizeof *a->ranks, gkt_planning_bits(a->num_rows), &p->keys, &p->stars));
  a->ranks = (void *)p->keys.at, a->star = p->stars.at;
  GKT_TRY(gkt_planning_launch_each(p, "gkt_plan_stars", (gkt_size)a->num_entries + 1));
  gkt_device_free(p->device, &p->keys);
  return GKT_OK;
}

/* ---- pattern ---- */
static gkt_status launch_rows(gkt_planning *p) {
  enum { ROW_WARPS = 4 };
  const gkt_size shared = ROW_WARPS * (GKT_PLAN_COLUMN_TABLE + GKT_PLAN_MOST_COLUMNS) * (gkt_size)sizeof(gkt_idx);
  return gkt_planning_launch(p, "gkt_plan_columns", gkt_blocks_for(p->a.num_rows, ROW_WARPS), ROW_WARPS * 32, shared);
}

static gkt_status make_pattern(gkt_planning *p) {
  int most[GKT_PLAN_NUM_MOST];
  gkt_idx pairs, *cols = NULL;
  MEANWHILE((gkt_size)p->a.num_rows + 1, "rows of the pattern", p->a.row_pairs);
  GKT_TRY(launch_rows(p));
  GKT_TRY(gkt_planning_read_most(p, most));
  if (most[GKT_PLAN_MISFITS]) return snprintf(p->why, 200, "a node has more than %d neighbours", GKT_PLAN_MOST_COLUMNS), GKT_OK;
  GKT_TRY(gkt_planning_scan(p, p->a.num_rows, p->a.row_pairs, "pairs of nodes", &pairs));
  MEANWHILE(pairs, "columns of the pattern", cols);
  p->a.cols = cols;
  return launch_rows(p);
}

gkt_status gkt_planning_make_rows(gkt_planning *p) {
  GKT_TRY(make_stars(p));
  return make_pattern(p);
}
