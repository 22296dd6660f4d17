/* Which blocks of a form a device fuses, and which go by element tensors in memory: by the model of costs. */
#ifndef GKT_ASSEMBLY_DEVICE_CHOOSE_H
#define GKT_ASSEMBLY_DEVICE_CHOOSE_H
#include "assembly/assembler.h"
#include "core/device_cost.h"

typedef struct {
  const gkt_assembler *a;
  const gkt_device_cost *const *fused; /* [targets] of each kernel; NULL: it can not be fused, or is not there */
  const gkt_device_rates *rates;
  gkt_size left; /* bytes of the device that tensors may take */
} gkt_choices;
/* All launches of one assembly, of which these targets [targets] go by `segmented`. */
gkt_status gkt_choices_count(const gkt_choices *, const bool *segmented, gkt_device_cost *out) GKT_MUST_CHECK;
/* segmented: what can not be fused and, where it is faster (auto) and there is room, more. Tensors share their cells' geometry and values at points, so a target is judged with all
   others. */
gkt_status gkt_choices_take(const gkt_choices *, bool automatic, bool *segmented) GKT_MUST_CHECK;
#endif
