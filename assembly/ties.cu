/* u = C u~ on the device, one thread for each dof: ties.c has it for the host, with the same sums. */
#include "assembly/ties_arguments.h"

GKT_KERNEL(256) gkt_ties_expand_kernel(const gkt_expand_arguments GKT_BY_VALUE a) {
  gkt_size i = (gkt_size)blockIdx.x * 256 + threadIdx.x;
  if (i >= a.count) return;
  const gkt_size node = i / a.size, component = i % a.size;
  const gkt_scalar *from = a.tied + (gkt_size)a.ties.masters[node] * a.size;
  const gkt_idx turned = a.ties.turned ? a.ties.turned[node] : -1;
  gkt_scalar sum = turned < 0 ? from[component] : 0;
  if (turned >= 0) {
    const gkt_scalar *row = a.ties.matrices + ((gkt_size)turned * a.size + component) * a.size;
    for (int k = 0; k < a.size; k++) sum += row[k] * from[k];
  }
  a.u[i] = sum;
}

/* u~ of a u that is tied: 0 at nodes that have another master. */
GKT_KERNEL(256) gkt_ties_contract_kernel(const gkt_contract_arguments GKT_BY_VALUE a) {
  gkt_size i = (gkt_size)blockIdx.x * 256 + threadIdx.x;
  if (i >= a.count) return;
  const gkt_size node = i / a.size, component = i % a.size;
  const gkt_scalar *from = a.u + node * a.size;
  const gkt_idx turned = a.ties.turned ? a.ties.turned[node] : -1;
  gkt_scalar sum = turned < 0 ? from[component] : 0;
  if (turned >= 0) {
    const gkt_scalar *matrix = a.ties.matrices + (gkt_size)turned * a.size * a.size;
    for (int k = 0; k < a.size; k++) sum += matrix[k * a.size + component] * from[k];
  }
  a.tied[i] = a.ties.masters[node] == node ? sum : 0;
}
