/* NVIDIA's machine code, read as data: an ELF file whose sections and instruction words are not published. What is used of them is held against what ptxas says (t771_cubin). */
#ifndef GKT_CORE_CUBIN_H
#define GKT_CORE_CUBIN_H
#include "core/device.h"

/* One kernel of an image, which outlives it. */
typedef struct {
  gkt_kernel_info info;
  const unsigned char *code; /* [num_instructions][16] without the functions that it calls, which stand behind it */
  int num_instructions;
} gkt_cubin_kernel;

/* *out [*count], to be freed with gkt_free. GKT_LIBRARY: it is no such file. */
gkt_status gkt_cubin_read(gkt_context *, const void *image, gkt_size bytes, int *count, gkt_cubin_kernel **out) GKT_MUST_CHECK;

/* ---- instructions (cubin_code.c), sm_80 to sm_100 ---- */
/* By the unit that they keep busy. DFMA, DADD, DMUL, DREST (comparisons): that of 64-bit numbers. LDL, STL: local memory. */
#define GKT_CODE_LIST(X) X(DFMA) X(DADD) X(DMUL) X(DREST) X(MUFU) X(LDS) X(STS) X(LDG) X(STG) X(LDL) X(STL) X(BAR) X(BRA) X(CALL) X(EXIT) X(NOP) X(OTHER)
typedef enum {
#define X(name) GKT_CODE_##name,
  GKT_CODE_LIST(X)
#undef X
      GKT_CODE_KINDS
} gkt_code_kind;
extern const char *const gkt_code_names[GKT_CODE_KINDS];

typedef struct {
  gkt_code_kind kind;
  int bytes;  /* that a thread loads or stores; else 0 */
  int target; /* of BRA: the number of the instruction that it goes to; else -1 */
} gkt_instruction;
gkt_instruction gkt_cubin_decode(const gkt_cubin_kernel *, int architecture, int number);

/* ---- loops (cubin_loops.c): from a branch back to where it leads ---- */
enum { GKT_CODE_MOST_LOOPS = 64 };
typedef struct {
  int first, last; /* instructions */
  int around;      /* the loop around it; -1: none */
  double trips;    /* of a counter that begins, ends and steps by numbers in the code; 0: not known there */
} gkt_code_loop;
/* Those of a kernel [returned], each before those in it; what are more than GKT_CODE_MOST_LOOPS are left out. */
int gkt_cubin_find_loops(const gkt_cubin_kernel *, int architecture, gkt_code_loop *loops);

typedef struct {
  double of[GKT_CODE_KINDS], all; /* all: but NOP */
} gkt_code_counts;
/* Instructions of one pass of a loop, -1: of the whole kernel. Both sides of branches count; loops inside as often as they are known to run, or
   `unknown` times. */
gkt_code_counts gkt_cubin_count(const gkt_cubin_kernel *, int architecture, int num_loops, const gkt_code_loop *loops, int loop, double unknown);
#endif
