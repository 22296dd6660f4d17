/* What the system remembers follows the steps that are taken. */
#include "time/time.h"

gkt_status gkt_time_commit(gkt_time *t, double time, gkt_step_report *report) {
  const gkt_state reached = {t->u, t->rate, t->acceleration, time};
  if (!report->valid) return GKT_OK;
  const gkt_status status = gkt_system_commit(t->system, &reached, sizeof report->reason, report->reason);
  report->valid = status == GKT_OK && !report->reason[0];
  return status;
}
