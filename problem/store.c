/* Arrays lie in one piece each, at once where they have no values yet: a row is then a place in the file that never moves. */
#include "problem/store.h"

#include <errno.h>
#include <hdf5.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "core/core.h"

struct gkt_store {
  gkt_context *ctx;
  char *path;
  hid_t file;            /* below 0: none, as of the next */
  hid_t links, lists[2]; /* how datasets are made: with values, without */
  gkt_output *output;    /* of a created one */
};
static const char *const words[GKT_NUM_STORE_TYPES] = {"double", "int32", "int64", "byte"};

static hid_t type_in_file(gkt_store_type type) {
  return type == GKT_STORE_DOUBLE ? H5T_IEEE_F64LE : type == GKT_STORE_INT32 ? H5T_STD_I32LE : type == GKT_STORE_INT64 ? H5T_STD_I64LE : H5T_STD_U8LE;
}
static hid_t type_in_memory(gkt_store_type type) {
  return type == GKT_STORE_DOUBLE ? H5T_NATIVE_DOUBLE : type == GKT_STORE_INT32 ? H5T_NATIVE_INT32 : type == GKT_STORE_INT64 ? H5T_NATIVE_INT64 : H5T_NATIVE_UINT8;
}

/* ---- HDF5's own messages: kept from the terminal, the innermost is told in ours. Between the two one thread at a time is in HDF5, whose tables are the process's: built with MPI
   it does not lock them itself ---- */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local int depth; /* of calls within calls */
typedef struct {
  H5E_auto2_t print;
  void *data;
} quiet;
static quiet begin_quiet(void) {
  quiet q = {NULL, NULL};
  if (depth++ == 0) pthread_mutex_lock(&lock);
  H5Eget_auto2(H5E_DEFAULT, &q.print, &q.data);
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  return q;
}
static void end_quiet(quiet q) {
  H5Eset_auto2(H5E_DEFAULT, q.print, q.data);
  if (--depth == 0) pthread_mutex_unlock(&lock);
}

static herr_t take_first(unsigned n, const H5E_error2_t *error, void *text) {
  if (n == 0) snprintf(text, 200, "%s", error->desc ? error->desc : "");
  return 0;
}

static gkt_status fail(const gkt_store *s, gkt_status status, const char *verb, const char *name) {
  char text[200] = "";
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_first, text);
  return gkt_fail(s->ctx, status, "%s: cannot %s %s: %s", s->path, verb, name, text[0] ? text : "HDF5 does not say why");
}

/* ---- files ---- */
/* Files are not locked: another program may read while this one writes. */
static hid_t access_list(void) {
  hid_t list = H5Pcreate(H5P_FILE_ACCESS);
#if H5_VERSION_GE(1, 10, 7)
  if (list >= 0) H5Pset_file_locking(list, 0, 1);
#endif
  return list;
}

/* Groups on the way are made; no times are stored; what has no values yet gets its place at once, and no zeros. */
static bool make_lists(gkt_store *s) {
  s->links = H5Pcreate(H5P_LINK_CREATE);
  for (int i = 0; i < 2; i++) s->lists[i] = H5Pcreate(H5P_DATASET_CREATE);
  if (s->links < 0 || s->lists[0] < 0 || s->lists[1] < 0 || H5Pset_create_intermediate_group(s->links, 1) < 0) return false;
  return H5Pset_obj_track_times(s->lists[0], 0) >= 0 && H5Pset_obj_track_times(s->lists[1], 0) >= 0 && H5Pset_alloc_time(s->lists[1], H5D_ALLOC_TIME_EARLY) >= 0 &&
         H5Pset_fill_time(s->lists[1], H5D_FILL_TIME_NEVER) >= 0;
}

static gkt_status make_store(gkt_context *ctx, const char *path, gkt_store **out) {
  GKT_TRY(gkt_calloc(ctx, 1, sizeof **out, out));
  gkt_store *s = *out;
  s->ctx = ctx, s->file = s->links = s->lists[0] = s->lists[1] = -1;
  GKT_TRY(gkt_strdup(ctx, path, &s->path));
  return make_lists(s) ? GKT_OK : fail(s, GKT_IO, "begin", "it");
}

gkt_status gkt_store_create(gkt_context *ctx, const char *path, const char *kind, int version, gkt_store **out) {
  const quiet q = begin_quiet();
  gkt_store *s = NULL;
  hid_t list = -1;
  gkt_status status;
  GKT_GO(make_store(ctx, path, &s));
  GKT_GO(gkt_output_open(ctx, path, &s->output));
  if (!gkt_output_path(s->output)) GKT_GO(gkt_fail(ctx, GKT_BAD_INPUT, "%s: no file but a device or a pipe; expected a file for HDF5", path));
  list = access_list();
  if (list >= 0) H5Pset_fapl_stdio(list); /* the other driver follows links, and finds that a file without a name has none */
  s->file = list < 0 ? -1 : H5Fcreate(gkt_output_path(s->output), H5F_ACC_TRUNC, H5P_DEFAULT, list);
  if (s->file < 0) GKT_GO(fail(s, GKT_IO, "write", "the file"));
  GKT_GO(gkt_store_set_text(s, "kind", kind));
  GKT_GO(gkt_store_write(s, &(gkt_store_array){"version", GKT_STORE_INT32, 0, {0}}, &(int32_t){version}));
  *out = s, s = NULL;
done:
  if (list >= 0) H5Pclose(list);
  gkt_store_close(&s);
  end_quiet(q);
  return status;
}

/* What the messages call the kind, and the version. */
static gkt_status check_kind(gkt_store *s, const char *kind, int newest, int *out) {
  char *found = NULL;
  int32_t version = 0;
  gkt_status status = GKT_OK;
  if (!gkt_store_has(s, "kind") || !gkt_store_has(s, "version"))
    return gkt_fail(s->ctx, GKT_BAD_INPUT, "%s: not written by Galerkit; expected its file of kind '%s'", s->path, kind);
  GKT_GO(gkt_store_get_text(s, "kind", &found));
  GKT_GO(gkt_store_read(s, &(gkt_store_array){"version", GKT_STORE_INT32, 0, {0}}, &version));
  if (strcmp(found, kind)) GKT_GO(gkt_fail(s->ctx, GKT_BAD_INPUT, "%s: a file of kind '%.40s'; expected '%s'", s->path, found, kind));
  if (version < 1 || version > newest)
    GKT_GO(gkt_fail(s->ctx, GKT_BAD_INPUT, "%s: its layout has version %d, made by another Galerkit; expected 1 to %d", s->path, (int)version, newest));
  if (out) *out = version;
done:
  gkt_free(&found);
  return status;
}

static gkt_status open_file(gkt_store *s, bool writable) {
  if (access(s->path, writable ? R_OK | W_OK : R_OK)) return gkt_fail(s->ctx, GKT_BAD_INPUT, "cannot open %s: %s", s->path, strerror(errno));
  if (H5Fis_hdf5(s->path) <= 0) return gkt_fail(s->ctx, GKT_BAD_INPUT, "%s: no HDF5 file, or a damaged one", s->path);
  hid_t list = access_list();
  if (list >= 0) s->file = H5Fopen(s->path, writable ? H5F_ACC_RDWR : H5F_ACC_RDONLY, list);
  gkt_status status = s->file < 0 ? fail(s, GKT_BAD_INPUT, "open", "it, it is damaged") : GKT_OK;
  if (list >= 0) H5Pclose(list);
  return status;
}

gkt_status gkt_store_open(gkt_context *ctx, const char *path, bool writable, const char *kind, int newest_version, int *version, gkt_store **out) {
  const quiet q = begin_quiet();
  gkt_store *s = NULL;
  gkt_status status;
  GKT_GO(make_store(ctx, path, &s));
  GKT_GO(open_file(s, writable));
  GKT_GO(check_kind(s, kind, newest_version, version));
  *out = s, s = NULL;
done:
  gkt_store_close(&s);
  end_quiet(q);
  return status;
}

gkt_status gkt_store_commit(gkt_store **store) {
  const quiet q = begin_quiet();
  gkt_store *s = *store;
  gkt_status status = GKT_OK;
  const hid_t file = s->file;
  s->file = -1;
  if (H5Fclose(file) < 0) status = fail(s, GKT_IO, "write", "the file");
  if (status == GKT_OK && s->output) status = gkt_output_commit(&s->output);
  gkt_store_close(store);
  end_quiet(q);
  return status;
}

void gkt_store_close(gkt_store **store) {
  gkt_store *s = *store;
  if (!s) return;
  const quiet q = begin_quiet();
  if (s->file >= 0) H5Fclose(s->file);
  if (s->links >= 0) H5Pclose(s->links);
  for (int i = 0; i < 2; i++)
    if (s->lists[i] >= 0) H5Pclose(s->lists[i]);
  gkt_output_discard(&s->output);
  gkt_free(&s->path);
  gkt_free(store);
  end_quiet(q);
}

const char *gkt_store_path(const gkt_store *s) { return s->path; }

/* ---- arrays ---- */
/* Each group on the way is asked for by itself: HDF5 refuses a path through one that is not there. */
bool gkt_store_has(gkt_store *s, const char *name) {
  const quiet q = begin_quiet();
  char part[256];
  bool has = strlen(name) < sizeof part;
  for (size_t i = 0, n = strlen(name); has && i <= n; i++) {
    if (name[i] && name[i] != '/') continue;
    snprintf(part, sizeof part, "%.*s", (int)i, name);
    has = H5Lexists(s->file, part, H5P_DEFAULT) > 0;
  }
  end_quiet(q);
  return has;
}

static hid_t create_dataset(gkt_store *s, const char *name, hid_t type, hid_t space, bool has_values) {
  return H5Dcreate2(s->file, name, type, space, s->links, s->lists[has_values ? 0 : 1], H5P_DEFAULT);
}

static hid_t create_space(const gkt_store_array *a) {
  hsize_t extents[GKT_STORE_RANK];
  for (int d = 0; d < a->rank; d++) extents[d] = (hsize_t)a->extents[d];
  return a->rank ? H5Screate_simple(a->rank, extents, NULL) : H5Screate(H5S_SCALAR);
}

gkt_status gkt_store_write(gkt_store *s, const gkt_store_array *a, const void *values) {
  const quiet q = begin_quiet();
  hid_t space = create_space(a), set = space < 0 ? -1 : create_dataset(s, a->name, type_in_file(a->type), space, values != NULL);
  bool done = set >= 0 && (!values || H5Dwrite(set, type_in_memory(a->type), H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
  gkt_status status = done ? GKT_OK : fail(s, GKT_IO, "write", a->name);
  if (set >= 0 && H5Dclose(set) < 0 && done) status = fail(s, GKT_IO, "write", a->name);
  if (space >= 0) H5Sclose(space);
  end_quiet(q);
  return status;
}

static bool find_type(hid_t set, gkt_store_type *out) {
  hid_t type = H5Dget_type(set);
  bool found = false;
  for (int i = 0; type >= 0 && !found && i < GKT_NUM_STORE_TYPES; i++)
    if (H5Tequal(type, type_in_file((gkt_store_type)i)) > 0) *out = (gkt_store_type)i, found = true;
  if (type >= 0) H5Tclose(type);
  return found;
}

static bool find_extents(hid_t set, gkt_store_array *out) {
  hsize_t extents[GKT_STORE_RANK] = {0};
  hid_t space = H5Dget_space(set);
  out->rank = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);
  const bool found = out->rank >= 0 && out->rank <= GKT_STORE_RANK && H5Sget_simple_extent_dims(space, extents, NULL) >= 0;
  for (int d = 0; d < GKT_STORE_RANK; d++) out->extents[d] = (gkt_size)extents[d];
  if (space >= 0) H5Sclose(space);
  return found;
}

/* An open dataset, with what it is. */
static gkt_status open_array(gkt_store *s, const char *name, hid_t *set, gkt_store_array *out) {
  *out = (gkt_store_array){.name = name};
  if (!gkt_store_has(s, name)) return gkt_fail(s->ctx, GKT_BAD_INPUT, "%s: it holds no '%.100s'", s->path, name);
  *set = H5Dopen2(s->file, name, H5P_DEFAULT);
  if (*set < 0) return fail(s, GKT_BAD_INPUT, "read", name);
  if (find_type(*set, &out->type) && find_extents(*set, out)) return GKT_OK;
  H5Dclose(*set), *set = -1;
  return gkt_fail(s->ctx, GKT_BAD_INPUT, "%s: '%.100s' holds other things than numbers of double, int32, int64 or byte in up to %d dimensions", s->path, name, GKT_STORE_RANK);
}

gkt_status gkt_store_find(gkt_store *s, const char *name, gkt_store_array *out) {
  const quiet q = begin_quiet();
  hid_t set = -1;
  gkt_status status = open_array(s, name, &set, out);
  if (status == GKT_OK) H5Dclose(set);
  end_quiet(q);
  return status;
}

static void print_array(const gkt_store_array *a, gkt_text *t) {
  gkt_text_printf(t, "%s", words[a->type]);
  for (int d = 0; d < a->rank; d++)
    if (a->extents[d] < 0) gkt_text_printf(t, "[n]");
    else gkt_text_printf(t, "[%lld]", (long long)a->extents[d]);
}

static bool fits(const gkt_store_array *have, const gkt_store_array *want) {
  bool fit = have->type == want->type && have->rank == want->rank;
  for (int d = 0; fit && d < want->rank; d++) fit = want->extents[d] < 0 || want->extents[d] == have->extents[d];
  return fit;
}

gkt_status gkt_store_check(gkt_store *s, gkt_store_array *a) {
  gkt_store_array have;
  gkt_text is = {.ctx = s->ctx}, expected = {.ctx = s->ctx};
  GKT_TRY(gkt_store_find(s, a->name, &have));
  if (fits(&have, a)) {
    *a = have;
    return GKT_OK;
  }
  print_array(&have, &is), print_array(a, &expected);
  gkt_status status = is.status ? is.status : expected.status;
  if (status == GKT_OK) status = gkt_fail(s->ctx, GKT_BAD_INPUT, "%s: '%s' is %s; expected %s", s->path, a->name, is.data, expected.data);
  gkt_text_free(&is), gkt_text_free(&expected);
  return status;
}

gkt_status gkt_store_read(gkt_store *s, const gkt_store_array *expected, void *values) {
  gkt_store_array have = *expected;
  hid_t set = -1;
  GKT_TRY(gkt_store_check(s, &have));
  const quiet q = begin_quiet();
  gkt_status status = open_array(s, expected->name, &set, &have);
  if (status == GKT_OK && H5Dread(set, type_in_memory(have.type), H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0) status = fail(s, GKT_IO, "read", expected->name);
  if (set >= 0) H5Dclose(set);
  end_quiet(q);
  return status;
}

/* ---- rows ---- */
static bool select_row(const gkt_store_array *a, gkt_size row, hid_t file, hid_t *memory) {
  hsize_t start[GKT_STORE_RANK] = {(hsize_t)row}, count[GKT_STORE_RANK] = {1}, size = 1;
  for (int d = 1; d < a->rank; d++) size *= count[d] = (hsize_t)a->extents[d];
  if (a->rank && H5Sselect_hyperslab(file, H5S_SELECT_SET, start, NULL, count, NULL) < 0) return false;
  return (*memory = H5Screate_simple(1, &size, NULL)) >= 0;
}

/* One of read and written is NULL. */
static gkt_status move_row(gkt_store *s, const char *name, gkt_size row, void *read, const void *written) {
  gkt_store_array a;
  hid_t set = -1, file = -1, memory = -1;
  const quiet q = begin_quiet();
  bool done = false;
  gkt_status status = open_array(s, name, &set, &a);
  if (status == GKT_OK && (row < 0 || row >= (a.rank ? a.extents[0] : 1)))
    status = gkt_fail(s->ctx, GKT_BAD_ARGUMENT, "%s: row %lld of '%s'; it has %lld", s->path, (long long)row, name, (long long)(a.rank ? a.extents[0] : 1)), done = true;
  if (status == GKT_OK && (file = H5Dget_space(set)) >= 0 && select_row(&a, row, file, &memory))
    done = read ? H5Dread(set, type_in_memory(a.type), memory, file, H5P_DEFAULT, read) >= 0 : H5Dwrite(set, type_in_memory(a.type), memory, file, H5P_DEFAULT, written) >= 0;
  if (status == GKT_OK && !done) status = fail(s, GKT_IO, read ? "read a row of" : "write a row of", name);
  if (memory >= 0) H5Sclose(memory);
  if (file >= 0) H5Sclose(file);
  if (set >= 0 && H5Dclose(set) < 0 && status == GKT_OK) status = fail(s, GKT_IO, "write a row of", name); /* numbers that wait in memory are written here */
  end_quiet(q);
  return status;
}

gkt_status gkt_store_write_row(gkt_store *s, const char *name, gkt_size row, const void *values) { return move_row(s, name, row, NULL, values); }
gkt_status gkt_store_read_row(gkt_store *s, const char *name, gkt_size row, void *values) { return move_row(s, name, row, values, NULL); }

/* ---- texts: strings of HDF5 of the text's length ---- */
gkt_status gkt_store_set_text(gkt_store *s, const char *name, const char *text) {
  const quiet q = begin_quiet();
  hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR), set = -1;
  bool done = type >= 0 && space >= 0 && H5Tset_size(type, strlen(text) + 1) >= 0 && H5Tset_cset(type, H5T_CSET_UTF8) >= 0;
  if (done) set = create_dataset(s, name, type, space, true);
  done = set >= 0 && H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text) >= 0;
  gkt_status status = done ? GKT_OK : fail(s, GKT_IO, "write", name);
  if (set >= 0) H5Dclose(set);
  if (space >= 0) H5Sclose(space);
  if (type >= 0) H5Tclose(type);
  end_quiet(q);
  return status;
}

static gkt_status read_text(gkt_store *s, const char *name, hid_t set, char **text) {
  hid_t type = H5Dget_type(set), space = H5Dget_space(set);
  gkt_status status = GKT_OK;
  char *out = NULL;
  if (type < 0 || space < 0 || H5Tget_class(type) != H5T_STRING || H5Tis_variable_str(type) != 0 || H5Sget_simple_extent_npoints(space) != 1)
    GKT_GO(gkt_fail(s->ctx, GKT_BAD_INPUT, "%s: '%.100s' is no text", s->path, name));
  GKT_GO(gkt_calloc(s->ctx, (gkt_size)H5Tget_size(type) + 1, 1, &out));
  if (H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, out) < 0) GKT_GO(fail(s, GKT_IO, "read", name));
  *text = out, out = NULL;
done:
  gkt_free(&out);
  if (type >= 0) H5Tclose(type);
  if (space >= 0) H5Sclose(space);
  return status;
}

gkt_status gkt_store_get_text(gkt_store *s, const char *name, char **text) {
  const quiet q = begin_quiet();
  hid_t set = gkt_store_has(s, name) ? H5Dopen2(s->file, name, H5P_DEFAULT) : -1;
  gkt_status status = set < 0 ? gkt_fail(s->ctx, GKT_BAD_INPUT, "%s: it holds no '%.100s'", s->path, name) : read_text(s, name, set, text);
  if (set >= 0) H5Dclose(set);
  end_quiet(q);
  return status;
}
