/* PETSc's life: started by the first solve, kept (MPI cannot be started twice in a process), ended when the process ends and nobody is inside. */
#include "solvers/petsc.h"

#include <omp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#ifdef __SANITIZE_ADDRESS__ /* what MPI keeps for the life of the process is no leak of ours */
#include <sanitizer/lsan_interface.h>
#define IGNORE_LEAKS(on) ((on) ? __lsan_disable() : __lsan_enable())
#else
#define IGNORE_LEAKS(on) ((void)0)
#endif

/* The one process-wide state of the library: PETSc and MPI are process-wide themselves. One thread at a time is inside, again from within; not by a recursive mutex, whose owner no
   forked process is. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local int depth; /* of this thread's stays within stays */
static int num_inside;          /* stays under way */
static bool started_petsc, started_mpi;

static void take(void) {
  if (depth++ == 0) pthread_mutex_lock(&lock);
}

static void give_back(void) {
  if (--depth == 0) pthread_mutex_unlock(&lock);
}

static void finish(void) {
  int over = 0;
  if (num_inside) return; /* exit() was called from within a solve: leave everything to the system */
  MPI_Finalized(&over);
  if (over) return;
  if (started_petsc) (void)!PetscFinalize();
  IGNORE_LEAKS(true);
  if (started_mpi) MPI_Finalize();
  IGNORE_LEAKS(false);
}

/* Without mpirun Open MPI would look for a launcher and for networks, and share a folder in /tmp whose making and removal race between processes: these options skip that. They
 * hold for our own start only, not for the programs we start. */
static gkt_status start_mpi(gkt_context *ctx) {
  static const char *const settings[][2] = {
      {"OMPI_MCA_ess_singleton_isolated", "1"}, {"OMPI_MCA_btl", "self"}, {"OMPI_MCA_pml", "ob1"}, {"OMPI_MCA_orte_create_session_dirs", "0"}, {"HWLOC_HIDE_ERRORS", "2"}};
  enum { NUM_SETTINGS = sizeof settings / sizeof *settings };
  static const char *const launchers[] = {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"};
  bool alone = true, ours[NUM_SETTINGS] = {false};
  int flag = 0;
  MPI_Initialized(&flag);
  if (flag) return GKT_OK;
  for (int i = 0; i < 3; i++) alone = alone && !getenv(launchers[i]);
  for (int i = 0; i < NUM_SETTINGS; i++)
    if (alone && !getenv(settings[i][0])) ours[i] = setenv(settings[i][0], settings[i][1], 0) == 0;
  IGNORE_LEAKS(true);
  int code = MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &flag);
  IGNORE_LEAKS(false);
  for (int i = 0; i < NUM_SETTINGS; i++)
    if (ours[i]) unsetenv(settings[i][0]);
  if (code != MPI_SUCCESS) return gkt_fail(ctx, GKT_LIBRARY, "MPI could not be started (code %d)", code);
  started_mpi = true;
  return GKT_OK;
}

static gkt_status start_petsc(gkt_context *ctx) {
  gkt_environment_lock();
  gkt_status status = start_mpi(ctx);
  gkt_environment_unlock();
  GKT_TRY(status);
  if (PetscInitializeNoArguments() != 0) return gkt_fail(ctx, GKT_LIBRARY, "PETSc could not be started");
  if (PetscPopSignalHandler() != 0) return gkt_fail(ctx, GKT_LIBRARY, "PETSc's signal handler could not be removed");
  if (!started_petsc && atexit(finish) != 0) return gkt_fail(ctx, GKT_LIBRARY, "no exit handler could be registered for PETSc");
  started_petsc = true;
  return GKT_OK;
}

/* What the program does with its signals stays as it was: MPI and PETSc take some of them, and leave the system's default. */
static gkt_status start(gkt_context *ctx) {
  PetscBool running = PETSC_FALSE;
  int over = 0;
  MPI_Finalized(&over);
  if (over) return gkt_fail(ctx, GKT_LIBRARY, "MPI was finalized before this solve and cannot be started again");
  if (PetscInitialized(&running) == 0 && running) return GKT_OK;
  static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGABRT, SIGFPE, SIGILL, SIGSEGV, SIGBUS, SIGSYS, SIGURG};
  enum { NUM = sizeof numbers / sizeof *numbers };
  struct sigaction before[NUM];
  bool known[NUM];
  for (int i = 0; i < NUM; i++) known[i] = sigaction(numbers[i], NULL, &before[i]) == 0;
  gkt_status status = start_petsc(ctx);
  for (int i = 0; i < NUM; i++)
    if (known[i]) sigaction(numbers[i], &before[i], NULL);
  return status;
}

static PetscErrorCode note_error(MPI_Comm comm, int line, const char *function, const char *file, PetscErrorCode code, PetscErrorType type, const char *text, void *user) {
  gkt_petsc *petsc = user;
  (void)comm;
  if (type != PETSC_ERROR_INITIAL || petsc->text[0]) return code;
  snprintf(petsc->text, sizeof petsc->text, "%s (%s, %s:%d)", text && *text ? text : "no text", function ? function : "?", file ? file : "?", line);
  return code;
}

gkt_status gkt_petsc_enter(gkt_context *ctx, gkt_petsc *out) {
  *out = (gkt_petsc){.ctx = ctx};
  take();
  gkt_status status = start(ctx);
  if (status == GKT_OK && PetscPushErrorHandler(note_error, out) != 0) status = gkt_fail(ctx, GKT_LIBRARY, "PETSc takes no error handler");
  if (status == GKT_OK) {
    num_inside++, out->inside = true;
    out->threads = omp_get_max_threads();
    omp_set_num_threads(1);
    out->blas = gkt_blas_set_threads(1);
  } else give_back();
  return status;
}

void gkt_petsc_leave(gkt_petsc *petsc) {
  if (!petsc->inside) return;
  (void)!PetscPopErrorHandler();
  omp_set_num_threads(petsc->threads);
  (void)gkt_blas_set_threads(petsc->blas);
  petsc->inside = false;
  num_inside--;
  give_back();
}

gkt_status gkt_petsc_status(gkt_petsc *petsc, PetscErrorCode code) {
  const char *text = NULL;
  if (code == 0) return GKT_OK;
  if (code == PETSC_ERR_MEM) return gkt_fail(petsc->ctx, GKT_NO_MEMORY, "PETSc is out of memory: %s", petsc->text);
  if (PetscErrorMessage(code, &text, NULL) != 0 || !text) text = "unknown error";
  return gkt_fail(petsc->ctx, GKT_LIBRARY, "PETSc: %s: %s", text, petsc->text);
}
