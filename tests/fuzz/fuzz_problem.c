/* Claim: whatever bytes stand in a problem file or behind --set, reading them ends with settings or with one message that names its origin; and every byte of every scalar
   is found again in the raw text (GKT_INTERNAL would say otherwise).
   clang -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -D_GNU_SOURCE -I. -Iinclude tests/fuzz/fuzz_problem.c problem/file/yaml*.c
   problem/file/schema*.c \ problem/file/settings*.c forms/*.c core/*.c -lyaml -lm -ldl -lgomp -o fuzz_problem && ./fuzz_problem corpus tests/fuzz/seeds_problem -max_total_time=60
   The input is the file; after a zero byte comes one assignment for --set. */
#include <stdlib.h>
#include <string.h>

#include "problem/file/settings.h"
#include "problem/file/yaml.h"

static void require(bool holds) {
  if (!holds) abort();
}

/* A mark within plain text must point at the byte itself, unless it is a blank that stands for a fold. */
static void check_marks(const gkt_yaml *n, const gkt_source *source) {
  for (size_t i = 1; n->style == GKT_YAML_PLAIN && i < n->length; i++) {
    gkt_mark a = source->marks[i - 1], b = source->marks[i];
    require(b.line > a.line || (b.line == a.line && b.column >= a.column));
  }
}

static void check_tree(gkt_memory *memory, const gkt_yaml *n) {
  gkt_source source;
  char path[600];
  gkt_yaml_path(n, path, sizeof path);
  if (n->kind == GKT_YAML_TEXT) {
    require(gkt_yaml_source(memory, n, &source) == GKT_OK);
    check_marks(n, &source);
  }
  for (const gkt_yaml *entry = n->first; entry; entry = entry->next) check_tree(memory, entry);
}

static void check_yaml(gkt_context *ctx, const char *data, size_t length) {
  gkt_memory *memory;
  gkt_yaml *root = NULL;
  gkt_yaml_origin origin = {"f.yaml", data, length};
  require(gkt_memory_create(ctx, &memory) == GKT_OK);
  if (gkt_yaml_parse(memory, &origin, 0, &root) == GKT_OK && root) check_tree(memory, root);
  gkt_memory_destroy(&memory);
  gkt_context_clear(ctx);
}

static void check_settings(gkt_context *ctx, const char *data, size_t length, const char *set) {
  gkt_settings *s = NULL;
  gkt_status status = gkt_settings_parse(ctx, "f.yaml", data, length, set ? 1 : 0, &set, &s);
  const char *message = gkt_context_message(ctx);
  if (status == GKT_OK) require(s && s->num_fields >= 1 && (s->equation.text || s->energy.text));
  else {
    require(status == GKT_BAD_INPUT || status == GKT_UNAVAILABLE);
    require(!s && (strncmp(message, "f.yaml: ", 8) == 0 || strncmp(message, "--set ", 6) == 0));
    require(status != GKT_UNAVAILABLE || strstr(message, "not available yet"));
    require(!strpbrk(message, "\n\r"));
  }
  gkt_settings_destroy(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size) {
  const uint8_t *zero = size ? memchr(input, 0, size) : NULL;
  size_t length = zero ? (size_t)(zero - input) : size;
  char *set = NULL, *data = malloc(length ? length : 1); /* exactly as long: reading beyond is seen */
  gkt_context *ctx;
  if (length) memcpy(data, input, length);
  if (zero) set = strndup((const char *)zero + 1, size - length - 1);
  require(gkt_context_create(NULL, &ctx) == GKT_OK);
  check_yaml(ctx, data, length);
  check_settings(ctx, data, length, set);
  gkt_context_destroy(&ctx);
  free(data);
  free(set);
  return 0;
}
