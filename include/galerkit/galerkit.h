/* All public headers, in the order of the data flow. */
#ifndef GALERKIT_H
#define GALERKIT_H
#include "galerkit/core.h"
#include "galerkit/vector.h"
#include "galerkit/mesh.h"
#include "galerkit/plot.h"
#include "galerkit/form.h"
#include "galerkit/space.h"
#include "galerkit/assembly.h"
#include "galerkit/solver.h"
#include "galerkit/system.h"
#include "galerkit/time.h"
#include "galerkit/sample.h"
#include "galerkit/adjoint.h"
#include "galerkit/time_adjoint.h"
#include "galerkit/optimize.h"
#include "galerkit/extension.h"
#include "galerkit/filter.h"
#include "galerkit/problem.h"
#endif
