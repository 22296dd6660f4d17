/* A driver of CUDA that finds no GPU: what the runtime library asks before it gives up. The rest is one function that fails. */
#include <string.h>
int cuDriverGetVersion(int *v) {
  *v = 99000;
  return 0;
}
int cuInit(unsigned f) { return (void)f, 100; }
static int none(void) { return 999; }
int cuGetExportTable(const void **t, const void *id) {
  static void *table[64];
  for (int i = 1; i < 64; i++) table[i] = (void *)none;
  table[0] = (void *)sizeof table;
  return (void)id, *t = table, 0;
}
int cuGetProcAddress_v2(const char *name, void **f, int version, unsigned long long flags, int *found) {
  *f = !strcmp(name, "cuInit") ? (void *)cuInit : !strcmp(name, "cuDriverGetVersion") ? (void *)cuDriverGetVersion : (void *)none;
  if (!strcmp(name, "cuGetProcAddress")) *f = (void *)cuGetProcAddress_v2;
  if (!strcmp(name, "cuGetExportTable")) *f = (void *)cuGetExportTable;
  if (found) *found = 0;
  return (void)version, (void)flags, 0;
}
