/* Inside of the measurements. Not installed. */
#ifndef GKT_PROBLEM_BENCH_H
#define GKT_PROBLEM_BENCH_H
#include <jansson.h>

#include "galerkit/bench.h"
#include "problem/problem.h"

/* ---- bench.c ---- */
/* What was freed goes back to the system, and the peak starts anew. false: the system does not let it. */
bool gkt_bench_restart_peak(gkt_size *resident);
gkt_size gkt_bench_peak(void), gkt_bench_resident(void); /* bytes; 0: not known */

/* ---- bench_assembly.c ---- */
bool gkt_bench_reads(const gkt_problem *, const gkt_form *, int function);
void gkt_bench_fill_wave(const gkt_space *, int dim, gkt_scalar *w); /* sin(1 + c + x + 2 y + 3 z) in component c */

/* ---- bench_report.c ---- */
json_t *gkt_bench_number(double); /* null where it is not finite */
json_t *gkt_bench_memory(gkt_size peak, gkt_size kept, gkt_idx dofs);
/* cases: taken over; NULL, as without memory, is GKT_NO_MEMORY. */
gkt_status gkt_bench_write_cases(gkt_context *, const char *path, const gkt_bench_machine *, json_t *cases) GKT_MUST_CHECK;
#endif
