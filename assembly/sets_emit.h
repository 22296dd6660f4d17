/* Text around maps of one entity on a device that runs them for a group of sets: what is the same for all of them is read once. */
#ifndef GKT_ASSEMBLY_SETS_EMIT_H
#define GKT_ASSEMBLY_SETS_EMIT_H
#include "assembly/assembler.h"

extern const char gkt_sets_arguments_text[]; /* for kernels */
/* Before the prelude of maps: their cell is the one at hand, and its corners stand one after the other. */
void gkt_sets_emit_prelude(gkt_text *);
void gkt_sets_emit_arguments(const gkt_assembler *, gkt_text *); /* of the kernel's struct, at its end: sets, strides */

/* Corners and dof numbers of `cell`, which is in scope where dof numbers are read. corner: text of coordinate k of corner i, whose first %d is for the corners of a cell, the
   second for the dimension; nodes: text of the functions' dof numbers; vertices: the nodes of the mesh at the corners are in scope, and dof numbers that are the same are not read.
 */
void gkt_sets_emit_cell(const gkt_assembler *, int block, const char *corner, bool vertices, const char *nodes, gkt_text *);
/* The loop over `sets` (gkt_set_group), and values and constants of one; the caller closes it. count: as many rounds, in which the last set may come again; 0: once for each. head:
 * text of what has constants. */
void gkt_sets_emit_begin(const gkt_assembler *, int count, const char *head, gkt_text *);
/* The map's tensor of the cell and set. out: text of where it goes. head: text of what has the time; source: of what has normals and the number of points; row: of the first row of
 * its tables. */
void gkt_sets_emit_call(const gkt_map *, const char *head, const char *source, const char *row, int *table, const char *out, gkt_text *);
#endif
