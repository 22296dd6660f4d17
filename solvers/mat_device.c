/* A matrix on the device as PETSc's. PETSc's matrices for GPUs (aijcusparse) own their arrays, so values are copied on the device, from our stream into theirs. */
#include "solvers/mat_device.h"

#include <petscdevice.h>
#include <string.h>

#include "core/device.h"

/* The two that may not meet: a device that is none of PETSc's, and a PETSc that knows no device. */
static gkt_status check(gkt_petsc *petsc, gkt_device **device) {
  GKT_TRY(gkt_device_open(petsc->ctx, device));
  if (strcmp(gkt_device_kind(*device), "cuda") != 0)
    return gkt_fail(petsc->ctx, GKT_UNAVAILABLE, "PETSc cannot work on the %s device; give it the matrix on the host", gkt_device_kind(*device));
#ifdef PETSC_HAVE_CUDA
  return GKT_OK;
#else
  return gkt_fail(petsc->ctx, GKT_UNAVAILABLE, "this PETSc (%d.%d) was built without CUDA; give it the matrix on the host, or build with one of scripts/build-petsc-cuda.sh",
                  PETSC_VERSION_MAJOR, PETSC_VERSION_MINOR);
#endif
}

#ifdef PETSC_HAVE_CUDA
static gkt_status download(gkt_petsc *petsc, gkt_device *device, const gkt_csr *A, gkt_csr **out) {
  gkt_csr *host = NULL;
  gkt_idx count;
  gkt_status status;
  GKT_GO(gkt_device_download(device, A->row_offsets + A->num_rows, &count, sizeof count));
  GKT_GO(gkt_csr_create(petsc->ctx, A->num_rows, A->num_cols, count, A->block_size, &host));
  GKT_GO(gkt_device_download(device, A->row_offsets, host->row_offsets, ((gkt_size)A->num_rows + 1) * (gkt_size)sizeof *A->row_offsets));
  GKT_GO(gkt_device_download(device, A->cols, host->cols, count * (gkt_size)sizeof *A->cols));
  GKT_GO(gkt_device_download(device, A->vals, host->vals, count * (gkt_size)sizeof *A->vals));
  *out = host;
  return GKT_OK;
done:
  gkt_csr_destroy(&host);
  return status;
}

/* What a conversion leaves behind. */
static gkt_status hand_on(gkt_petsc *petsc, Mat from, Mat to) {
  gkt_status status = GKT_OK;
  MatNullSpace space;
  GKT_PETSC(petsc, MatGetNearNullSpace(from, &space));
  GKT_PETSC(petsc, MatSetNearNullSpace(to, space));
  GKT_PETSC(petsc, MatGetNullSpace(from, &space));
  GKT_PETSC(petsc, MatSetNullSpace(to, space));
  GKT_PETSC(petsc, MatGetTransposeNullSpace(from, &space));
  GKT_PETSC(petsc, MatSetTransposeNullSpace(to, space));
done:
  return status;
}

/* With its arrays on the device, which gkt_device_mat_fill expects to be there. */
static gkt_status convert(gkt_petsc *petsc, Mat from, Mat *out) {
  gkt_status status = GKT_OK;
  const PetscScalar *values;
  GKT_PETSC(petsc, MatConvert(from, MATSEQAIJCUSPARSE, MAT_INITIAL_MATRIX, out));
  GKT_GO(hand_on(petsc, from, *out));
  GKT_PETSC(petsc, MatSeqAIJCUSPARSEGetArrayRead(*out, &values));
  GKT_PETSC(petsc, MatSeqAIJCUSPARSERestoreArrayRead(*out, &values));
done:
  return status;
}

gkt_status gkt_device_mat_create(gkt_petsc *petsc, const gkt_csr *A, const gkt_system_facts *facts, gkt_mat_on_host *create, Mat *out) {
  gkt_device *device;
  gkt_csr *host = NULL;
  Mat plain = NULL, mat = NULL;
  gkt_status status;
  GKT_GO(check(petsc, &device));
  GKT_GO(download(petsc, device, A, &host));
  GKT_GO(create(petsc, host, facts, &plain));
  GKT_GO(gkt_device_trim(device)); /* PETSc takes memory beside ours */
  GKT_GO(gkt_device_enter(device));
  GKT_GO(convert(petsc, plain, &mat));
  *out = mat;
  mat = NULL;
done:
  (void)!MatDestroy(&mat);
  (void)!MatDestroy(&plain);
  gkt_csr_destroy(&host);
  return status;
}

/* PETSc's own work with the old values is waited for, and ours with the new ones. */
gkt_status gkt_device_mat_fill(gkt_petsc *petsc, const gkt_csr *A, Mat mat) {
  gkt_device *device;
  PetscDeviceContext theirs;
  PetscScalar *values;
  MatInfo info;
  gkt_status status;
  GKT_GO(check(petsc, &device));
  GKT_PETSC(petsc, MatGetInfo(mat, MAT_LOCAL, &info));
  GKT_PETSC(petsc, PetscDeviceContextGetCurrentContext(&theirs));
  GKT_PETSC(petsc, PetscDeviceContextSynchronize(theirs));
  GKT_PETSC(petsc, MatSeqAIJCUSPARSEGetArrayWrite(mat, &values));
  GKT_GO(gkt_device_copy(device, A->vals, values, (gkt_size)info.nz_used * (gkt_size)sizeof *values));
  GKT_GO(gkt_device_wait(device));
  GKT_PETSC(petsc, MatSeqAIJCUSPARSERestoreArrayWrite(mat, &values));
done:
  return status;
}
#else
gkt_status gkt_device_mat_create(gkt_petsc *petsc, const gkt_csr *A, const gkt_system_facts *facts, gkt_mat_on_host *create, Mat *out) {
  gkt_device *device;
  (void)A, (void)facts, (void)create, (void)out;
  return check(petsc, &device);
}

gkt_status gkt_device_mat_fill(gkt_petsc *petsc, const gkt_csr *A, Mat mat) {
  gkt_device *device;
  (void)A, (void)mat;
  return check(petsc, &device);
}
#endif
