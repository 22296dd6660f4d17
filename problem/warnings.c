/* Warnings for the report: whatever any stage logs as one while the problem is read, checked or run, each text once. */
#include <stdarg.h>
#include <string.h>

#include "problem/problem.h"

static bool is_kept(const gkt_problem *p, const char *text) {
  for (int i = 0; i < p->num_warnings; i++)
    if (!strcmp(p->warnings[i], text)) return true;
  return false;
}

/* Without memory the context knows, and no answer is given (settle in problem.c). */
static void keep(gkt_problem *p, const char *text) {
  if (gkt_realloc(p->ctx, p->num_warnings + 1, sizeof *p->warnings, &p->warnings) != GKT_OK) return;
  if (gkt_strdup(p->ctx, text, &p->warnings[p->num_warnings]) == GKT_OK) p->num_warnings++;
}

static void hear(void *user, gkt_log_level level, const char *message) {
  gkt_problem *p = user;
  if (level == GKT_LOG_WARNING && is_kept(p, message)) return;
  if (level == GKT_LOG_WARNING) keep(p, message);
  if (p->log) p->log(p->log_user, level, message);
}

void gkt_problem_listen(gkt_problem *p) {
  p->log = p->ctx->options.log, p->log_user = p->ctx->options.log_user;
  p->ctx->options.log = hear, p->ctx->options.log_user = p;
}

void gkt_problem_listen_end(gkt_problem *p) { p->ctx->options.log = p->log, p->ctx->options.log_user = p->log_user; }

void gkt_problem_warn(gkt_problem *p, const char *format, ...) {
  char text[2048];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  gkt_log(p->ctx, GKT_LOG_WARNING, "%s", text);
}
