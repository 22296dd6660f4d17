/* Images that are kept: GKT_EMULATED_IMAGES names a folder. Tests with caches of their own, which count or lose what is compiled, then wait for each text once in all. The key is
   what the compiler is given. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/cache.h"
#include "tests/emulated/emulator.h"

bool emu_read_file(const char *path, void **data, size_t *bytes) {
  struct stat info;
  FILE *file = fopen(path, "r");
  bool good = file && fstat(fileno(file), &info) == 0 && (*data = malloc((size_t)info.st_size + 1)) != NULL;
  if (good) *bytes = fread(*data, 1, (size_t)info.st_size, file), good = *bytes == (size_t)info.st_size, ((char *)*data)[*bytes] = 0;
  if (file) fclose(file);
  return good;
}

bool emu_name_image(const char *text, const char *compiler, char path[600]) {
  const char *folder = getenv("GKT_EMULATED_IMAGES");
  gkt_hash hash = gkt_hash_start();
  void *data = NULL;
  size_t bytes;
  bool good = folder && *folder && (mkdir(folder, 0700) == 0 || access(folder, W_OK) == 0) && emu_read_file(text, &data, &bytes);
  if (good) gkt_hash_add(&hash, compiler, strlen(compiler)), gkt_hash_add(&hash, data, bytes);
  free(data);
  hash = gkt_hash_finish(hash);
  return good && snprintf(path, 600, "%s/%016llx%016llx.so", folder, (unsigned long long)hash.lanes[0], (unsigned long long)hash.lanes[1]) < 600;
}

void emu_keep_image(const char *path, const void *image, size_t bytes) { /* whole or not at all: programs run beside each other */
  char begun[640];
  snprintf(begun, sizeof begun, "%s.%d", path, (int)getpid());
  FILE *out = fopen(begun, "w");
  bool good = out && fwrite(image, 1, bytes, out) == bytes;
  if (out) good = fclose(out) == 0 && good;
  if (!good || rename(begun, path) != 0) unlink(begun);
}
