/* The words of instructions: 16 bytes each from sm_70 on. The low 12 bits name the operation, of which the upper three say what kinds of operands it has; 9 are left for
   arithmetic. */
#include "core/cubin.h"

#include <string.h>

const char *const gkt_code_names[GKT_CODE_KINDS] = {
#define X(name) #name,
    GKT_CODE_LIST(X)
#undef X
};

typedef struct {
  unsigned mask, value;
  gkt_code_kind kind;
} operation;
static const operation operations[] = {
    {0x1ff, 0x028, GKT_CODE_DMUL}, {0x1ff, 0x029, GKT_CODE_DADD}, {0x1ff, 0x02a, GKT_CODE_DREST}, {0x1ff, 0x02b, GKT_CODE_DFMA}, {0xfff, 0x308, GKT_CODE_MUFU},
    {0xfff, 0x981, GKT_CODE_LDG},  {0xfff, 0x381, GKT_CODE_LDG},  {0xfff, 0x986, GKT_CODE_STG},   {0xfff, 0x386, GKT_CODE_STG},  {0xfff, 0x983, GKT_CODE_LDL},
    {0xfff, 0x387, GKT_CODE_STL},  {0xfff, 0x987, GKT_CODE_STL},  {0xfff, 0x984, GKT_CODE_LDS},   {0xfff, 0x388, GKT_CODE_STS},  {0xfff, 0x988, GKT_CODE_STS},
    {0xfff, 0xb1d, GKT_CODE_BAR},  {0xfff, 0x947, GKT_CODE_BRA},  {0xfff, 0x547, GKT_CODE_BRA},   {0xfff, 0x944, GKT_CODE_CALL}, {0xfff, 0x94d, GKT_CODE_EXIT},
    {0xfff, 0x918, GKT_CODE_NOP},
};

static gkt_code_kind find_kind(uint64_t word) {
  for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
    if ((word & operations[i].mask) == operations[i].value) return operations[i].kind;
  return GKT_CODE_OTHER;
}

/* Relative to the next instruction, in bytes before sm_90, in fours from there on with the low 8 bits apart. */
static int find_target(const uint64_t word[2], int architecture, int number) {
  uint64_t high = word[0] >> 34 | word[1] << 30;
  int64_t bytes = architecture < 90 ? (int64_t)(high << 16) >> 14 : (int64_t)((high << 8 | (word[0] >> 16 & 0xff)) << 8) >> 6;
  return number + 1 + (int)(bytes / 16);
}

/* Bits 73 to 75: one byte (twice), two (twice), 4, 8, 16. */
static int find_bytes(const uint64_t word[2]) {
  static const int bytes[8] = {1, 1, 2, 2, 4, 8, 16, 16};
  return bytes[word[1] >> 9 & 7];
}

gkt_instruction gkt_cubin_decode(const gkt_cubin_kernel *kernel, int architecture, int number) {
  uint64_t word[2];
  memcpy(word, kernel->code + (size_t)number * sizeof word, sizeof word);
  gkt_instruction out = {.kind = find_kind(word[0]), .target = -1};
  if (out.kind == GKT_CODE_BRA) out.target = find_target(word, architecture, number);
  if (out.kind >= GKT_CODE_LDS && out.kind <= GKT_CODE_STL) out.bytes = find_bytes(word);
  return out;
}
