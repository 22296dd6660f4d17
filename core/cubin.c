/* The ELF file around the code: sections .text.KERNEL, .nv.shared.KERNEL and the attributes of .nv.info. Nothing outside of the image is ever read, whatever it holds. */
#include "core/cubin.h"

#include <elf.h>
#include <string.h>

enum { ATTRIBUTE_FRAME_SIZE = 0x11, ATTRIBUTE_MIN_STACK = 0x12, ATTRIBUTE_REGISTERS = 0x2f }; /* of .nv.info: (number of a symbol, value) */
enum { FORMAT_SIZED = 4 };                                                                    /* the attribute's bytes follow; else its value is in its head */
enum { RESERVED_SHARED = 1024 };                                                              /* of each block, from sm_90 on; sections count it */
enum { INSTRUCTION = 16, ENTRY = 0x10 };                                                      /* bytes; the bit of a symbol that is a kernel */

typedef struct {
  const unsigned char *at;
  size_t bytes;
} span;
typedef struct {
  span image, names, symbols, symbol_names, attributes;
  const Elf64_Shdr *sections;
  int count;
} cubin;

static span part(span of, uint64_t first, uint64_t bytes) { return first <= of.bytes && bytes <= of.bytes - first ? (span){of.at + first, bytes} : (span){NULL, 0}; }

static const char *text(span names, uint32_t first) { return first < names.bytes && memchr(names.at + first, 0, names.bytes - first) ? (const char *)names.at + first : ""; }

static span contents(const cubin *c, int section) {
  const Elf64_Shdr *s = &c->sections[section];
  return s->sh_type == SHT_NOBITS ? (span){NULL, 0} : part(c->image, s->sh_offset, s->sh_size);
}

static const char *name_of(const cubin *c, int section) { return text(c->names, c->sections[section].sh_name); }

static bool is_aligned(const void *p) { return (uintptr_t)p % sizeof(uint64_t) == 0; }

static bool find_sections(cubin *c) {
  const span head = part(c->image, 0, sizeof(Elf64_Ehdr));
  const Elf64_Ehdr *h = (const Elf64_Ehdr *)head.at;
  if (!h || !is_aligned(h) || memcmp(h->e_ident, ELFMAG, SELFMAG) || h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_machine != EM_CUDA || h->e_shentsize != sizeof(Elf64_Shdr))
    return false;
  c->count = h->e_shnum;
  c->sections = (const Elf64_Shdr *)part(c->image, h->e_shoff, (uint64_t)c->count * sizeof(Elf64_Shdr)).at;
  if (!c->sections || !is_aligned(c->sections) || h->e_shstrndx >= c->count) return false;
  c->names = contents(c, h->e_shstrndx);
  for (int s = 0; s < c->count; s++) {
    if (c->sections[s].sh_type == SHT_SYMTAB && c->sections[s].sh_link < h->e_shnum) c->symbols = contents(c, s), c->symbol_names = contents(c, (int)c->sections[s].sh_link);
    if (!strcmp(name_of(c, s), ".nv.info")) c->attributes = contents(c, s);
  }
  return c->symbols.at && is_aligned(c->symbols.at) && c->attributes.at;
}

/* The value of an attribute of a symbol; 0 where it has none. */
static int find_attribute(const cubin *c, int attribute, uint32_t symbol) {
  for (size_t at = 0; at + 4 <= c->attributes.bytes;) {
    const unsigned char *head = c->attributes.at + at;
    uint16_t size;
    uint32_t pair[2];
    memcpy(&size, head + 2, sizeof size);
    at += 4 + (head[0] == FORMAT_SIZED ? size : 0);
    if (at > c->attributes.bytes || head[0] != FORMAT_SIZED || head[1] != attribute || size != sizeof pair) continue;
    memcpy(pair, head + 4, sizeof pair);
    if (pair[0] == symbol) return (int)pair[1];
  }
  return 0;
}

/* What is called stands behind the kernel, in its section. */
static uint64_t end_of_code(const cubin *c, int section) {
  const Elf64_Sym *symbols = (const Elf64_Sym *)c->symbols.at;
  uint64_t end = c->sections[section].sh_size;
  for (size_t i = 0; i < c->symbols.bytes / sizeof *symbols; i++)
    if (symbols[i].st_shndx == section && ELF64_ST_TYPE(symbols[i].st_info) == STT_FUNC && symbols[i].st_value > 0 && symbols[i].st_value < end) end = symbols[i].st_value;
  return end;
}

static int find_shared(const cubin *c, const char *kernel) {
  static const char prefix[] = ".nv.shared.";
  bool reserves = false;
  int bytes = 0;
  for (int s = 0; s < c->count; s++) {
    const char *name = name_of(c, s);
    if (strncmp(name, prefix, sizeof prefix - 1)) continue;
    if (!strcmp(name + sizeof prefix - 1, "reserved.0")) reserves = true;
    else if (!strcmp(name + sizeof prefix - 1, kernel)) bytes = (int)c->sections[s].sh_size;
  }
  return reserves && bytes >= RESERVED_SHARED ? bytes - RESERVED_SHARED : bytes;
}

static bool read_kernel(const cubin *c, int section, gkt_cubin_kernel *out) {
  static const char prefix[] = ".text.";
  const char *name = name_of(c, section);
  const uint32_t number = c->sections[section].sh_info & 0xffffff; /* of its symbol */
  const Elf64_Sym *symbols = (const Elf64_Sym *)c->symbols.at;
  if (strncmp(name, prefix, sizeof prefix - 1) || number >= c->symbols.bytes / sizeof *symbols || !(symbols[number].st_other & ENTRY)) return false;
  *out = (gkt_cubin_kernel){.code = contents(c, section).at};
  snprintf(out->info.name, sizeof out->info.name, "%s", name + sizeof prefix - 1);
  const int frame = find_attribute(c, ATTRIBUTE_FRAME_SIZE, number), stack = find_attribute(c, ATTRIBUTE_MIN_STACK, number);
  out->info.registers = find_attribute(c, ATTRIBUTE_REGISTERS, number);
  out->info.local_bytes = frame > stack ? frame : stack; /* stack: with that of what it calls */
  out->info.shared_bytes = find_shared(c, out->info.name);
  out->num_instructions = (int)(end_of_code(c, section) / INSTRUCTION);
  return out->code != NULL;
}

gkt_status gkt_cubin_read(gkt_context *ctx, const void *image, gkt_size bytes, int *count, gkt_cubin_kernel **out) {
  cubin c = {.image = {image, (size_t)bytes}};
  gkt_cubin_kernel *kernels = NULL;
  int found = 0;
  if (!find_sections(&c)) return gkt_fail(ctx, GKT_LIBRARY, "%lld bytes of machine code are not laid out as expected", (long long)bytes);
  GKT_TRY(gkt_alloc(ctx, c.count, sizeof *kernels, &kernels));
  for (int s = 0; s < c.count; s++) found += read_kernel(&c, s, &kernels[found]);
  *count = found, *out = kernels;
  return GKT_OK;
}
