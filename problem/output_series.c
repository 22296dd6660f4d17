/* Files of a problem in time: a.vtu becomes a_0000.vtu, a_0001.vtu, .. and a.pvd, the list of them with their times that ParaView reads; a.xdmf has its states in
   one file (xdmf.c) and lists them itself. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "problem/xdmf.h"

/* a.vtu without its end, and what is told of it. */
static gkt_status make_name(gkt_problem *p, const char *format, gkt_size number, char **out) {
  const char *file = p->settings->output.file;
  gkt_text text = {.ctx = p->ctx};
  gkt_text_printf(&text, "%.*s", (int)(strlen(file) - strlen(".vtu")), file);
  gkt_text_printf(&text, format, (int)number);
  *out = text.data;
  return text.status;
}

/* ---- the list: its text grows, and replaces the file less and less often, so that many outputs do not take the square of their number ---- */
/* Names in it are relative to it. */
static gkt_status add_entry(gkt_problem *p, gkt_size i) {
  char *name = NULL;
  GKT_TRY(make_name(p, "_%04d.vtu", i, &name));
  const char *slash = strrchr(name, '/');
  p->list.text.ctx = p->ctx;
  gkt_text_printf(&p->list.text, "    <DataSet timestep=\"%.17g\" file=\"%s\"/>\n", p->series.rows[i * p->series.width], slash ? slash + 1 : name);
  gkt_free(&name);
  return p->list.text.status;
}

static bool is_xdmf(const gkt_problem *p) { return p->settings->output.numbers_file; }

static gkt_status write_list(gkt_problem *p) {
  char *name = NULL, *path = NULL;
  gkt_output *out = NULL;
  gkt_status status;
  if (is_xdmf(p)) return gkt_xdmf_write_list(p);
  GKT_GO(make_name(p, ".pvd", 0, &name));
  GKT_GO(gkt_problem_out_path(p, name, &path));
  GKT_GO(gkt_output_open(p->ctx, path, &out));
  FILE *f = gkt_output_stream(out);
  fprintf(f, "<?xml version=\"1.0\"?>\n<VTKFile type=\"Collection\" version=\"0.1\" byte_order=\"LittleEndian\">\n  <Collection>\n");
  if (p->list.text.length) fwrite(p->list.text.data, 1, p->list.text.length, f);
  fprintf(f, "  </Collection>\n</VTKFile>\n");
  GKT_GO(gkt_output_commit(&out));
  p->list.lags = false;
done:
  gkt_output_discard(&out);
  gkt_free(&name);
  gkt_free(&path);
  return status;
}

static bool is_due(gkt_size count) { return count % (1 + count / 200) == 0; }

gkt_status gkt_problem_finish_series(gkt_problem *p) {
  if (is_xdmf(p)) return gkt_xdmf_finish(p);
  return p->list.lags ? write_list(p) : GKT_OK;
}

/* Those that are there: what began elsewhere may have left its files there. */
gkt_status gkt_problem_list_earlier(gkt_problem *p) {
  if (is_xdmf(p)) return gkt_xdmf_resume(p);
  for (gkt_size i = 0; p->settings->output.file && i < p->series.count; i++) {
    char *name = NULL, *path = NULL;
    gkt_status status;
    GKT_GO(make_name(p, "_%04d.vtu", i, &name));
    GKT_GO(gkt_problem_out_path(p, name, &path));
    if (access(path, R_OK) == 0) GKT_GO(add_entry(p, i));
  done:
    gkt_free(&name), gkt_free(&path);
    GKT_TRY(status);
  }
  p->list.lags = p->list.text.length > 0;
  return GKT_OK;
}

static gkt_status write_state(gkt_problem *p) {
  char *name = NULL;
  gkt_status status;
  GKT_GO(make_name(p, "_%04d.vtu", p->series.count - 1, &name));
  GKT_GO(gkt_problem_write_vtu(p, name));
  GKT_GO(add_entry(p, p->series.count - 1));
  p->list.lags = true;
done:
  gkt_free(&name);
  return status;
}

gkt_status gkt_problem_output_series(gkt_problem *p) {
  const double start = gkt_seconds(), time = p->series.rows[(p->series.count - 1) * p->series.width];
  if (!p->settings->output.file) return GKT_OK;
  GKT_TRY(is_xdmf(p) ? gkt_xdmf_add(p, time) : write_state(p));
  if (is_due(p->series.count)) GKT_TRY(write_list(p));
  p->timings[GKT_TIME_OUTPUT] += gkt_seconds() - start;
  return GKT_OK;
}
