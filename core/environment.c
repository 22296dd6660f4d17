/* The environment of the process, which has no lock of its own: who changes it, and who hands it to a program that is started, take turns. */
#include <pthread.h>

#include "core/core.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void gkt_environment_lock(void) { pthread_mutex_lock(&lock); }
void gkt_environment_unlock(void) { pthread_mutex_unlock(&lock); }
