/* Claim: every kernel of the gallery - residual and tangent of the problems of examples/forms, flow, several and ties, fused and by segments, every element on every kind of cell,
   every file of kernels - compiles for GPUs, and needs no more registers, shared and local memory than tests/examples/kernel-records.txt says; plain forms need no local memory but
   where that file gives the reason. Kernels are compiled for sm_90, under GKT_LONG=1 also for sm_80 and sm_100; scripts/kernel-records.sh renews the file. Skips where there is no
   NVRTC. */
#include <inttypes.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/cache.h"
#include "core/device.h"
#include "core/nvrtc.h"
#include "tests/kernel_files.h"

enum { NUM_ARCHITECTURES = 3, OF_CI = 1, MOST = 4000, NUM_PROCESSES = 4 };
static const int architectures[NUM_ARCHITECTURES] = {80, 90, 100};

typedef struct {
  int registers, shared, local;
} needs;
typedef struct {
  char name[192]; /* TEXT KERNEL */
  bool plain, seen;
  bool known[NUM_ARCHITECTURES];
  needs of[NUM_ARCHITECTURES];
  uint64_t key; /* of its text as it is compiled */
  char reason[256];
} entry;
typedef struct {
  int count;
  entry *at; /* [MOST] */
} entries;

static entry *find(entries *e, const char *name) {
  for (int i = 0; i < e->count; i++)
    if (!strcmp(e->at[i].name, name)) return &e->at[i];
  assert_true(e->count < MOST);
  entry *made = &e->at[e->count++];
  *made = (entry){0};
  snprintf(made->name, sizeof made->name, "%s", name);
  return made;
}

/* ---- compiling, in some processes ---- */
typedef struct {
  int process, num_texts;
  bool all;               /* architectures */
  const entries *records; /* that what has not changed is taken from; NULL: nothing */
  char identity[256];
  uint64_t keys[MOST];
  FILE *to;
} compiler;

static uint64_t key_of(const compiler *c, const char *text) {
  gkt_hash h = gkt_hash_start();
  gkt_hash_add(&h, c->identity, strlen(c->identity));
  gkt_hash_add(&h, gkt_device_prelude, strlen(gkt_device_prelude));
  gkt_hash_add(&h, text, strlen(text));
  return gkt_hash_finish(h).lanes[0];
}

/* Is it this process's turn? Equal texts are compiled once. */
static bool takes(compiler *c, uint64_t key) {
  for (int i = 0; i < c->num_texts; i++)
    if (c->keys[i] == key) return false;
  assert_true(c->num_texts < MOST);
  c->keys[c->num_texts] = key;
  return c->num_texts++ % NUM_PROCESSES == c->process;
}

static void print_needs(const compiler *c, const char *name, const char *kernel, bool plain, uint64_t key, int a, needs n) {
  fprintf(c->to, "%s %s %d %016" PRIx64 " %d %d %d %d\n", name, kernel, plain, key, a, n.registers, n.shared, n.local);
}

static bool is_known(const compiler *c, const entry *e) { return e->known[OF_CI] && (!c->all || (e->known[0] && e->known[2])); }

/* All kernels of a text that was compiled before, by the same compiler. */
static bool recall(const compiler *c, const char *name, bool plain, uint64_t key) {
  const size_t length = strlen(name);
  bool found = false;
  for (int i = 0; c->records && i < c->records->count; i++) {
    const entry *e = &c->records->at[i];
    if (e->key != key || !is_known(c, e) || strncmp(e->name, name, length) || e->name[length] != ' ') continue;
    for (int a = 0; a < NUM_ARCHITECTURES; a++)
      if (c->all || a == OF_CI) print_needs(c, name, e->name + length + 1, plain, key, a, e->of[a]);
    found = true;
  }
  return found;
}

static void inspect(void *user, const char *name, bool plain, const char *text) {
  compiler *c = user;
  const uint64_t key = key_of(c, text);
  if (!takes(c, key) || recall(c, name, plain, key)) return;
  for (int a = 0; a < NUM_ARCHITECTURES; a++) {
    gkt_kernel_info *kernels;
    int count;
    if (!c->all && a != OF_CI) continue;
    if (gkt_device_inspect(ctx, text, architectures[a], &count, &kernels)) fail_msg("%s: %s", name, gkt_context_message(ctx));
    for (int k = 0; k < count; k++) print_needs(c, name, kernels[k].name, plain, key, a, (needs){kernels[k].registers, kernels[k].shared_bytes, kernels[k].local_bytes});
    gkt_free(&kernels);
  }
}

/* In a process of its own, which says what went wrong and leaves. */
static void compile_part(int process, bool all, const entries *records, FILE *to) {
  compiler c = {.process = process, .all = all, .records = records, .to = to};
  if (!gkt_nvrtc_identify(architectures[OF_CI], true, sizeof c.identity, c.identity)) fail_msg("%s", c.identity);
  visit_problems(inspect, &c);
  visit_elements(inspect, &c);
  visit_kernel_files(inspect, &c);
  fflush(to);
}

static void read_lines(FILE *from, entries *out) {
  char name[160], kernel[96];
  int plain, a;
  uint64_t key;
  needs n;
  rewind(from);
  while (fscanf(from, "%159s %95s %d %" SCNx64 " %d %d %d %d", name, kernel, &plain, &key, &a, &n.registers, &n.shared, &n.local) == 8) {
    char whole[256];
    snprintf(whole, sizeof whole, "%s %s", name, kernel);
    entry *e = find(out, whole);
    e->plain = plain, e->key = key, e->known[a] = true, e->of[a] = n;
  }
}

static void compile_all(bool all, const entries *records, entries *out) {
  FILE *files[NUM_PROCESSES];
  pid_t processes[NUM_PROCESSES];
  for (int p = 0; p < NUM_PROCESSES; p++) {
    assert_non_null(files[p] = tmpfile());
    fflush(NULL);
    if ((processes[p] = fork()) == 0) compile_part(p, all, records, files[p]), _exit(0);
    assert_true(processes[p] > 0);
  }
  for (int p = 0; p < NUM_PROCESSES; p++) {
    int status;
    assert_int_equal(waitpid(processes[p], &status, 0), processes[p]);
    if (!WIFEXITED(status) || WEXITSTATUS(status)) fail_msg("a kernel was not compiled");
    read_lines(files[p], out);
    fclose(files[p]);
  }
}

/* ---- the file ---- */
static const char *file_name(void) {
  static char name[1024];
  snprintf(name, sizeof name, "%s/tests/examples/kernel-records.txt", root());
  return name;
}

static void read_record(const char *line, entries *out) {
  char name[160], kernel[96], of[NUM_ARCHITECTURES][48], whole[260];
  const char *reason = strchr(line, '#');
  uint64_t key = 0;
  if (reason == line || sscanf(line, "%159s %95s %47s %47s %47s %" SCNx64, name, kernel, of[0], of[1], of[2], &key) < 5) return;
  snprintf(whole, sizeof whole, "%s %s", name, kernel);
  entry *e = find(out, whole);
  e->key = key;
  for (int a = 0; a < NUM_ARCHITECTURES; a++) e->known[a] = sscanf(of[a], "%d/%d/%d", &e->of[a].registers, &e->of[a].shared, &e->of[a].local) == 3; /* else it is "-" */
  if (reason) snprintf(e->reason, sizeof e->reason, "%.*s", (int)strcspn(reason + 2, "\n"), reason + 2);
}

static void read_records(entries *out) {
  char line[1024];
  FILE *file = fopen(file_name(), "r");
  while (file && fgets(line, sizeof line, file)) read_record(line, out);
  if (file) fclose(file);
}

static int compare_names(const void *a, const void *b) { return strcmp(((const entry *)a)->name, ((const entry *)b)->name); }

static void write_records(entries *now, entries *before) {
  FILE *file = fopen(file_name(), "w");
  assert_non_null(file);
  fprintf(file, "# What kernels need, by scripts/kernel-records.sh: text, kernel, then registers/shared/local bytes for sm_80, sm_90, sm_100 (NVRTC 13.0), products and sums "
                "fused; -: not recorded yet; last the key of the text and its compiler.\n"
                "# Plain forms (scalars of degree 1 and 2, vectors of degree 1, on simplices) have no local memory, or a reason here, after another #.\n");
  qsort(now->at, (size_t)now->count, sizeof *now->at, compare_names);
  for (int i = 0; i < now->count; i++) {
    const entry *e = &now->at[i];
    const entry *old = find(before, e->name);
    fprintf(file, "%s", e->name);
    for (int a = 0; a < NUM_ARCHITECTURES; a++) {
      const needs *n = e->known[a] ? &e->of[a] : &old->of[a];
      if (e->known[a] || old->known[a]) fprintf(file, " %d/%d/%d", n->registers, n->shared, n->local);
      else fprintf(file, " -");
    }
    fprintf(file, " %016" PRIx64 "%s%s\n", e->key, *old->reason ? " # " : "", old->reason);
  }
  assert_int_equal(fclose(file), 0);
}

/* ---- comparing ---- */
static int compare_needs(const entry *now, const entry *record, int a) {
  const needs *n = &now->of[a], *r = &record->of[a];
  const bool worse = n->registers > r->registers || n->shared > r->shared || n->local > r->local;
  const bool better = !worse && (n->registers < r->registers || n->shared < r->shared || n->local < r->local);
  if (worse || better)
    printf("%s: sm_%d: %s: %d registers, %d shared, %d local bytes; the record has %d, %d, %d\n", worse ? "WORSE" : "better", architectures[a], now->name, n->registers, n->shared,
           n->local, r->registers, r->shared, r->local);
  return worse;
}

static int judge(entry *now, entries *records) {
  entry *record = find(records, now->name);
  int bad = 0;
  record->seen = true;
  for (int a = 0; a < NUM_ARCHITECTURES; a++) {
    if (!now->known[a]) continue;
    if (!record->known[a]) return printf("NO RECORD: %s\n", now->name), 1;
    bad += compare_needs(now, record, a);
    if (now->plain && now->of[a].local && !*record->reason) bad++, printf("LOCAL MEMORY: %s: a plain form has %d bytes, and no reason is given\n", now->name, now->of[a].local);
  }
  return bad;
}

/* ---- every kernel that stands in a file ---- */
typedef struct {
  const entries *now;
  int missing;
} search;

static void look_for_kernels(void *user, const char *path, const char *text) {
  search *s = user;
  if (!strcmp(path, "core/device_prelude.cu")) return;
  for (const char *at = text; (at = strstr(at, "\nGKT_KERNEL(")); at++) {
    char kernel[96];
    int found = 0;
    if (sscanf(at, "\nGKT_KERNEL(%*[^)]) %95[a-zA-Z0-9_](", kernel) != 1) continue;
    for (int i = 0; i < s->now->count; i++) found += !strcmp(strchr(s->now->at[i].name, ' ') + 1, kernel);
    if (!found) s->missing++, printf("NOT COMPILED: %s of %s\n", kernel, path);
  }
}

static void kernels_need_what_their_records_say(void **unused) {
  const char *renews = getenv("GKT_RENEW");
  const bool renew = renews != NULL, all = renew ? strcmp(renews, "90") != 0 : getenv("GKT_LONG") != NULL;
  entries now = {.at = calloc(MOST, sizeof(entry))}, records = {.at = calloc(MOST, sizeof(entry))};
  int count, bad = 0;
  gkt_kernel_info *none;
  (void)unused;
  gkt_context_destroy(&ctx); /* nothing is compiled for a CPU; tensors are whole, as on a device */
  must(gkt_context_create(&(gkt_context_options){.backend = GKT_BACKEND_INTERPRETER, .threads = 1, .reduce = GKT_REDUCE_SEGMENTED}, &ctx), "context");
  if (gkt_device_inspect(ctx, "", 90, &count, &none) == GKT_UNAVAILABLE) skip();
  gkt_free(&none);
  read_records(&records);
  compile_all(all, getenv("GKT_LONG") ? NULL : &records, &now);
  search missing = {.now = &now};
  for_sources("cu", look_for_kernels, &missing);
  bad += missing.missing;
  if (renew) write_records(&now, &records);
  for (int i = 0; i < now.count && !renew; i++) bad += judge(&now.at[i], &records);
  for (int i = 0; i < records.count && !renew; i++)
    if (!records.at[i].seen) bad++, printf("NO KERNEL of this record: %s\n", records.at[i].name);
  free(now.at);
  free(records.at);
  if (bad) fail_msg("%d kernels are not as recorded; where that is right, scripts/kernel-records.sh renews the records", bad);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(kernels_need_what_their_records_say)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
