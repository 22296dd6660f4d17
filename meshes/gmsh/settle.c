/* The same mesh in each run. Gmsh and OpenCASCADE order some of their sets by address, so a mesh of a CAD solid follows from where memory happens to lie: from address
   randomization, and from the lengths of strings on the heap (the path, the folder, the home, the locale). All of these are fixed here, without using the heap, before Gmsh
   starts. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <unistd.h>

#include "mesher.h"

static void fix_environment(void) {
  static char *fixed[] = {"HOME=/dev/null", "LC_ALL=C", "OMP_NUM_THREADS=1", "PATH=/usr/local/bin:/usr/bin:/bin", NULL, NULL, NULL};
  static const char *const kept[] = {"LD_LIBRARY_PATH=", "ASAN_OPTIONS="};
  size_t n = 4;
  for (size_t k = 0; k < sizeof kept / sizeof *kept; k++)
    for (char **e = environ; *e && n < 6; e++)
      if (!strncmp(*e, kept[k], strlen(kept[k]))) {
        fixed[n++] = *e;
        break;
      }
  environ = fixed;
}

/* Starts this program anew without address randomization; comes back if that is done, or not allowed (some containers). */
bool settle_addresses(char **argv) {
  const int now = personality(0xffffffff);
  fix_environment();
  if (now < 0) return false;
  if (now & ADDR_NO_RANDOMIZE) return true;
  if (personality((unsigned long)now | ADDR_NO_RANDOMIZE) >= 0 && personality(0xffffffff) & ADDR_NO_RANDOMIZE) execv("/proc/self/exe", argv);
  return false;
}

static bool copy(const char *from, int to) {
  char block[65536]; /* on the stack: the heap is to stay as it is */
  const int file = open(from, O_RDONLY);
  ssize_t n = -1;
  while (file >= 0 && (n = read(file, block, sizeof block)) > 0)
    if (write(to, block, (size_t)n) != n) break;
  if (file >= 0) close(file);
  return n == 0;
}

/* OpenCASCADE keeps the resolved path of what it reads, so a CAD file is read from a copy whose path always has the same length. */
const char *settle_file(const options *o, const char *extension) {
  static char path[64];
  snprintf(path, sizeof path, "/tmp/galerkit-mesh-XXXXXX%s", extension);
  const int file = mkstemps(path, (int)strlen(extension));
  if (file < 0) return o->input;
  const bool copied = copy(o->input, file);
  close(file);
  if (copied) return path;
  unlink(path);
  return o->input;
}
