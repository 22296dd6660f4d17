/* Modules: kernels as text, made into images by the driver's compiler, by way of the cache. */
#include <string.h>

#include "core/cache.h"
#include "core/device_inside.h"

typedef struct {
  char name[96];
  void *handle;
} kernel;
typedef struct { /* of those that were launched; a launch may find one in a module that is const */
  kernel *at;
  gkt_size count, room;
} kernels;
struct gkt_device_module {
  gkt_device *device;
  void *handle;
  kernels *found;
};

/* ---- text ---- */
static bool is_inclusion(const char *line) {
  line += strspn(line, " \t");
  return strncmp(line, "#include", 8) == 0 && line[8 + strspn(line + 8, " \t")] == '"';
}

/* What stands in other files is a part of its own: its line stays, empty. */
static void add_part(gkt_text *text, const char *part) {
  for (const char *end; *part; part = *end ? end + 1 : end) {
    end = part + strcspn(part, "\n");
    if (is_inclusion(part)) gkt_text_printf(text, "\n");
    else gkt_text_printf(text, "%.*s\n", (int)(end - part), part);
  }
}

/* ---- images ---- */
typedef struct {
  gkt_cached cached;
  const gkt_driver *driver;
  int architecture;
  bool contract;
  char *image;
  size_t bytes;
} job;

static gkt_status report(const job *j, char *messages) { /* the first line that speaks of an error, else the first */
  char *line = strstr(messages, "error");
  while (line && line > messages && line[-1] != '\n') line--;
  if (!line) line = messages;
  line[strcspn(line, "\n")] = 0;
  return gkt_fail(j->cached.ctx, GKT_LIBRARY, "the compiler of the device (%s) refused %s: %s", j->driver->name, j->cached.source_path, *line ? line : "it gave no message");
}

static gkt_status make(gkt_cached *cached, const char *path) {
  job *j = cached->user;
  void *image = NULL;
  size_t bytes = 0;
  char messages[4096] = "";
  if (j->driver->compile(cached->source, j->architecture, j->contract, &image, &bytes, sizeof messages, messages)) return report(j, messages);
  gkt_status status = gkt_cached_write(cached, path, image, bytes);
  gkt_free(&image);
  return status;
}

static gkt_status load(gkt_cached *cached) {
  job *j = cached->user;
  GKT_TRY(gkt_cached_read(cached, &j->image, &j->bytes));
  return j->image ? GKT_OK : gkt_cached_unusable(cached, "load", cached->object_path, "it was changed meanwhile");
}

static gkt_status open_job(job *j, gkt_context *ctx, const gkt_driver *driver, int architecture, const char *source) {
  char identity[256] = "";
  const int numbers[2] = {architecture, !ctx->options.separate_rounding};
  j->cached = (gkt_cached){.ctx = ctx, .source = source, .source_kind = ".cu", .made_kind = ".image", .make = make, .load = load, .user = j};
  j->driver = driver, j->architecture = architecture, j->contract = !ctx->options.separate_rounding;
  if (!driver->identify(architecture, j->contract, sizeof identity, identity)) return gkt_fail(ctx, GKT_UNAVAILABLE, "kernels of the device cannot be compiled: %s", identity);
  gkt_hash hash = gkt_hash_start();
  gkt_hash_add(&hash, driver->name, strlen(driver->name));
  gkt_hash_add(&hash, identity, strlen(identity));
  gkt_hash_add(&hash, numbers, sizeof numbers);
  gkt_hash_add(&hash, source, strlen(source));
  j->cached.key = gkt_hash_finish(hash);
  return GKT_OK;
}

gkt_status gkt_device_image(gkt_context *ctx, const gkt_driver *driver, int architecture, const char *const *parts, char **image, size_t *bytes) {
  gkt_text text = {.ctx = ctx};
  job *j = NULL;
  gkt_status status;
  gkt_text_printf(&text, "%s", driver->prelude);
  for (int i = 0; parts[i]; i++) add_part(&text, parts[i]);
  GKT_GO(text.status);
  GKT_GO(gkt_calloc(ctx, 1, sizeof *j, &j));
  GKT_GO(open_job(j, ctx, driver, architecture, text.data));
  GKT_GO(gkt_cached_load(&j->cached));
  *image = j->image, *bytes = j->bytes;
done:
  gkt_text_free(&text);
  gkt_free(&j);
  return status;
}

/* ---- modules ---- */
/* All kernels of a text: to find one takes memory, and a launch may be recorded, or queued by a function without a status. */
static gkt_status find_all(gkt_device *d, const gkt_device_module *m, const char *part) {
  for (; *part; part += strcspn(part, "\n"), part += *part != 0) {
    char name[96];
    void *unused;
    int end = 0;
    if (sscanf(part, "GKT_KERNEL(%*[^)\n]) %95[a-zA-Z0-9_]%n", name, &end) == 1 && part[end] == '(') GKT_TRY(gkt_device_module_find(d, m, name, &unused));
  }
  return GKT_OK;
}

gkt_status gkt_device_compile_parts(gkt_device *d, const char *const *parts, gkt_device_module **out) {
  gkt_device_module *m = NULL;
  char *image = NULL;
  size_t bytes;
  gkt_status status;
  GKT_GO(gkt_device_ready(d, "compiling"));
  GKT_GO(gkt_device_image(d->ctx, d->driver, d->info.architecture, parts, &image, &bytes));
  GKT_GO(gkt_calloc(d->ctx, 1, sizeof *m, &m));
  m->device = d;
  GKT_GO(gkt_calloc(d->ctx, 1, sizeof *m->found, &m->found));
  GKT_GO(gkt_device_check_made(d, d->driver->load(d->handle, image, bytes, &m->handle), "loading kernels"));
  for (int i = 0; parts[i]; i++) GKT_GO(find_all(d, m, parts[i]));
  *out = m;
  m = NULL;
done:
  gkt_device_module_destroy(&m);
  gkt_free(&image);
  return status;
}

gkt_status gkt_device_compile(gkt_device *d, const char *source, gkt_device_module **out) {
  const char *const parts[] = {source, NULL};
  return gkt_device_compile_parts(d, parts, out);
}

gkt_status gkt_device_module_find(gkt_device *d, const gkt_device_module *m, const char *name, void **out) {
  kernels *found = m->found;
  for (gkt_size i = 0; i < found->count; i++)
    if (strcmp(found->at[i].name, name) == 0) return *out = found->at[i].handle, GKT_OK;
  if (found->count == found->room) {
    GKT_TRY(gkt_realloc(d->ctx, 2 * found->room + 8, sizeof *found->at, &found->at));
    found->room = 2 * found->room + 8;
  }
  kernel *k = &found->at[found->count];
  snprintf(k->name, sizeof k->name, "%s", name);
  GKT_TRY(gkt_device_check_made(d, d->driver->find(d->handle, m->handle, name, &k->handle), "looking for the kernel %s", name));
  found->count++;
  *out = k->handle;
  return GKT_OK;
}

void gkt_device_module_destroy(gkt_device_module **module) {
  gkt_device_module *m = *module;
  if (!m) return;
  if (m->handle) m->device->driver->unload(m->device->handle, m->handle);
  if (m->found) gkt_free(&m->found->at);
  gkt_free(&m->found);
  gkt_free(module);
}

/* ---- those that the device keeps ---- */
gkt_status gkt_device_kernels(gkt_device *d, const char *const *parts, const gkt_device_module **out) {
  gkt_device_module *made = NULL;
  gkt_status status;
  for (int i = 0; i < d->num_stages; i++)
    if (d->stages[i].parts == parts) return *out = d->stages[i].module, GKT_OK;
  GKT_GO(gkt_device_compile_parts(d, parts, &made));
  GKT_GO(gkt_realloc(d->ctx, d->num_stages + 1, sizeof *d->stages, &d->stages));
  d->stages[d->num_stages++] = (gkt_device_stage){parts, made};
  *out = made;
  made = NULL;
done:
  gkt_device_module_destroy(&made);
  return status;
}

void gkt_device_forget_kernels(gkt_device *d) {
  for (int i = 0; i < d->num_stages; i++) gkt_device_module_destroy(&d->stages[i].module);
  gkt_free(&d->stages);
  d->num_stages = 0;
}
