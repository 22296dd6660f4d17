/* Series in one file of numbers, for output.file: a.xdmf. */
#ifndef GKT_PROBLEM_XDMF_H
#define GKT_PROBLEM_XDMF_H
#include "problem/problem.h"

/* A state of now, at this time; its entry is in p->list.text. */
gkt_status gkt_xdmf_add(gkt_problem *, double time) GKT_MUST_CHECK;
/* The file with all entries. */
gkt_status gkt_xdmf_write_list(gkt_problem *) GKT_MUST_CHECK;
/* Nothing more comes: what waits in the library is written, and whether that succeeded is known. */
gkt_status gkt_xdmf_finish(gkt_problem *) GKT_MUST_CHECK;
/* Of a run that goes on at march_from: the file of before where there is one, without what came later. GKT_BAD_INPUT: it is of other arrays or another mesh. */
gkt_status gkt_xdmf_resume(gkt_problem *) GKT_MUST_CHECK;
#endif
