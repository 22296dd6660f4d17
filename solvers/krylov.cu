/* Krylov methods whose scalars stay on the device. The host replays iterations without looking; once the state says stop, kernels leave everything as it is, so that what the host
   finds is what the iteration ended with. Sums are those of core/sums.cu. The methods are PETSc's, step by step: Hestenes and Stiefel 1952, van der Vorst 1992, Saad and Schultz
   1986 with classical Gram-Schmidt, all in the norm of the residual itself, the last two preconditioned from the right. */
#include "solvers/krylov_arguments.h"

#define GKT_MINE ((gkt_size)blockIdx.x * 256 + threadIdx.x)

/* ---- scalars ---- */
GKT_FUNCTION bool gkt_is_number(gkt_scalar v) { return fabs(v) <= 0x1.fffffffffffffp1023; }
GKT_FUNCTION void gkt_end(gkt_krylov_state *s, int how) { s->end = how, s->stop = 1; }

/* A residual is known: is it the last one? */
GKT_FUNCTION void gkt_judge(gkt_krylov_state *s, gkt_krylov_history h, gkt_scalar norm) {
  s->norm = norm, h.norms[s->iteration] = norm;
  if (s->iteration == 0) s->first = norm;
  if (!gkt_is_number(norm)) gkt_end(s, GKT_KRYLOV_NOT_FINITE);
  else if (norm <= s->rtol * s->first) gkt_end(s, GKT_KRYLOV_CONVERGED);
  else if (norm >= 1e10 * s->first) gkt_end(s, GKT_KRYLOV_DIVERGED);
  else if (s->iteration >= s->limit) gkt_end(s, GKT_KRYLOV_LIMIT);
}

GKT_FUNCTION void gkt_cg_alpha(gkt_krylov_state *s, gkt_krylov_history h, gkt_scalar curvature) {
  bool turned = s->iteration > 0 && ((curvature < 0 && s->curvature > 0) || (curvature > 0 && s->curvature < 0));
  if (!gkt_is_number(curvature)) gkt_end(s, GKT_KRYLOV_NOT_FINITE);
  else if (curvature == 0 || turned) gkt_end(s, GKT_KRYLOV_INDEFINITE_MATRIX);
  const gkt_scalar before = s->alpha;
  s->curvature = curvature, s->alpha = s->beta / curvature;
  h.diagonal[s->iteration] = 1 / s->alpha + (s->iteration > 0 ? s->step / before : 0);
  h.squares[s->iteration] = s->iteration > 0 ? s->step / (before * before) : 0;
}

GKT_FUNCTION void gkt_cg_beta(gkt_krylov_state *s, gkt_scalar beta) {
  bool turned = s->iteration > 0 && ((beta < 0 && s->beta > 0) || (beta > 0 && s->beta < 0));
  if (s->stop) return;
  if (!gkt_is_number(beta)) gkt_end(s, GKT_KRYLOV_NOT_FINITE);
  else if (beta == 0) gkt_end(s, GKT_KRYLOV_CONVERGED);
  else if (turned) gkt_end(s, GKT_KRYLOV_INDEFINITE_PRECONDITIONER);
  s->step = s->iteration > 0 ? beta / s->beta : 0, s->beta = beta;
}

GKT_FUNCTION void gkt_bcgs_alpha(gkt_krylov_state *s, gkt_scalar product) {
  if (!gkt_is_number(product)) gkt_end(s, GKT_KRYLOV_NOT_FINITE);
  else if (product == 0) gkt_end(s, GKT_KRYLOV_BREAKDOWN);
  s->alpha = s->rho / product;
}

/* t = 0 where s = 0: half a step has arrived. */
GKT_FUNCTION void gkt_bcgs_omega(gkt_krylov_state *s, gkt_scalar st, gkt_scalar tt, gkt_scalar ss) {
  if (!gkt_is_number(st) || !gkt_is_number(tt)) gkt_end(s, GKT_KRYLOV_NOT_FINITE);
  else if (tt == 0 && ss != 0) gkt_end(s, GKT_KRYLOV_BREAKDOWN);
  s->lucky = tt == 0;
  s->omega = tt == 0 ? 0 : st / tt;
}

GKT_FUNCTION void gkt_bcgs_norm(gkt_krylov_state *s, gkt_krylov_history h, gkt_scalar rr, gkt_scalar rho) {
  s->iteration++;
  gkt_scalar before = s->rho;
  gkt_judge(s, h, s->lucky ? 0 : sqrt(rr));
  if (!s->stop && (before == 0 || s->omega == 0)) gkt_end(s, GKT_KRYLOV_BREAKDOWN);
  s->step = rho / before * (s->alpha / s->omega), s->rho = rho;
}

/* hessenberg: columns of R [restart][restart + 1], then cosines, sines [restart], then the right-hand side [restart + 1]. */
GKT_FUNCTION gkt_scalar *gkt_cosines(gkt_scalar *hessenberg, int m) { return hessenberg + (gkt_size)m * (m + 1); }

GKT_FUNCTION void gkt_gmres_column(gkt_krylov_state *s, gkt_krylov_history history, gkt_scalar *hessenberg, int m, gkt_scalar ww) {
  int j = s->column;
  gkt_scalar *h = hessenberg + (gkt_size)j * (m + 1), *c = gkt_cosines(hessenberg, m), *sine = c + m, *g = sine + m;
  gkt_scalar length = sqrt(ww), bound = fabs(length / g[j]);
  bool happy = length < (bound > 1e-30 ? 1e-30 : bound);
  for (int i = 0; i < j; i++) {
    gkt_scalar upper = h[i];
    h[i] = c[i] * upper + sine[i] * h[i + 1];
    h[i + 1] = c[i] * h[i + 1] - sine[i] * upper;
  }
  s->alpha = length;
  if (!happy) {
    gkt_scalar size = sqrt(h[j] * h[j] + length * length);
    if (!gkt_is_number(size)) return gkt_end(s, GKT_KRYLOV_NOT_FINITE);
    if (size == 0) return gkt_end(s, GKT_KRYLOV_BREAKDOWN);
    c[j] = h[j] / size, sine[j] = length / size;
    g[j + 1] = -(sine[j] * g[j]), g[j] = c[j] * g[j];
    h[j] = c[j] * h[j] + sine[j] * length;
  } else g[j + 1] = 0;
  s->column = j + 1, s->iteration++;
  gkt_judge(s, history, fabs(g[j + 1]));
  if (s->column == m) s->stop = 1;
}

GKT_FUNCTION void gkt_gmres_start(gkt_krylov_state *s, gkt_krylov_history h, gkt_scalar *hessenberg, int m, gkt_scalar norm, bool first) {
  s->column = 0, s->alpha = norm;
  gkt_cosines(hessenberg, m)[2 * m] = norm;
  s->stop = s->end != GKT_KRYLOV_RUNNING;
  if (first) gkt_judge(s, h, norm);
  else if (!s->stop && !gkt_is_number(norm)) gkt_end(s, GKT_KRYLOV_NOT_FINITE);
  else if (!s->stop && norm <= s->rtol * s->first) gkt_end(s, GKT_KRYLOV_CONVERGED);
}

GKT_KERNEL(256) gkt_krylov_join(const gkt_krylov_join_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, warps, 0);
  gkt_krylov_state *s = a.state;
  bool begins = a.what == GKT_JOIN_START || a.what == GKT_JOIN_BCGS_START || a.what == GKT_JOIN_GMRES_START || a.what == GKT_JOIN_GMRES_RESTART;
  if (s->stop && !begins) return;
  gkt_scalar first = gkt_sum_parts(a.partial, a.parts, warps), second = 0, third = 0;
  if (a.sums > 1) second = gkt_sum_parts(a.partial + a.parts, a.parts, warps);
  if (a.sums > 2) third = gkt_sum_parts(a.partial + 2 * a.parts, a.parts, warps);
  if (threadIdx.x != 0) return;
  if (a.what == GKT_JOIN_START || a.what == GKT_JOIN_BCGS_START) gkt_judge(s, a.history, sqrt(first));
  if (a.what == GKT_JOIN_CG_ALPHA) gkt_cg_alpha(s, a.history, first);
  if (a.what == GKT_JOIN_CG_NORM || a.what == GKT_JOIN_CG_BOTH) s->iteration++, gkt_judge(s, a.history, sqrt(first));
  if (a.what == GKT_JOIN_CG_BETA) gkt_cg_beta(s, first);
  if (a.what == GKT_JOIN_CG_BOTH) gkt_cg_beta(s, second);
  if (a.what == GKT_JOIN_BCGS_START) s->rho = first;
  if (a.what == GKT_JOIN_BCGS_ALPHA) gkt_bcgs_alpha(s, first);
  if (a.what == GKT_JOIN_BCGS_OMEGA) gkt_bcgs_omega(s, first, second, third);
  if (a.what == GKT_JOIN_BCGS_NORM) gkt_bcgs_norm(s, a.history, first, second);
  if (a.what == GKT_JOIN_GMRES_START || a.what == GKT_JOIN_GMRES_RESTART) gkt_gmres_start(s, a.history, a.hessenberg, a.restart, sqrt(first), a.what == GKT_JOIN_GMRES_START);
  if (a.what == GKT_JOIN_GMRES_COLUMN) gkt_gmres_column(s, a.history, a.hessenberg, a.restart, first);
}

/* ---- sums of products; state NULL: always ---- */
GKT_KERNEL(256) gkt_krylov_dots(const gkt_krylov_dots_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, warps, 0);
  if (a.state && a.state->stop) return;
  gkt_size end = gkt_part_end(a.count);
  GKT_UNROLL for (int q = 0; q < 3; q++) {
    gkt_scalar sum = 0;
    if (q >= a.sums) break;
    for (gkt_size i = gkt_part_begin(); i < end; i += GKT_PART_THREADS) sum += a.x[q][i] * a.y[q][i];
    sum = gkt_block_sum(sum, warps);
    if (threadIdx.x == 0) a.partial[(gkt_size)q * gridDim.x + blockIdx.x] = sum;
  }
}

/* ---- preconditioners ---- */
GKT_KERNEL(256) gkt_krylov_step(const gkt_krylov_step_arguments GKT_BY_VALUE a) {
  gkt_size i = GKT_MINE;
  if (i >= a.count || (a.state && a.state->stop)) return;
  gkt_scalar rest = a.a ? a.b[i] - a.a[i] : a.b[i], value = a.scale * (a.weights[i] * rest);
  if (a.x) value = a.omega * (value + a.x[i]);
  if (a.old) value += (1 - a.omega) * a.old[i];
  a.out[i] = value;
}

/* ---- a kernel ---- */
GKT_KERNEL(256) gkt_krylov_project_dots(const gkt_krylov_project_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, warps, 0);
  if (a.state && a.state->stop) return;
  gkt_size end = gkt_part_end(a.count);
  for (int k = 0; k < a.num; k++) {
    const gkt_scalar *v = a.vectors + (gkt_size)k * a.count;
    gkt_scalar sum = 0;
    for (gkt_size i = gkt_part_begin(); i < end; i += GKT_PART_THREADS) sum += v[i] * a.x[i];
    sum = gkt_block_sum(sum, warps);
    if (threadIdx.x == 0) a.partial[(gkt_size)k * a.parts + blockIdx.x] = sum;
  }
}

/* One block for each vector. */
GKT_KERNEL(256) gkt_krylov_project_join(const gkt_krylov_project_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, warps, 0);
  if (a.state && a.state->stop) return;
  gkt_scalar sum = gkt_sum_parts(a.partial + (gkt_size)blockIdx.x * a.parts, a.parts, warps);
  if (threadIdx.x == 0) a.sums[blockIdx.x] = sum;
}

GKT_KERNEL(256) gkt_krylov_project_subtract(const gkt_krylov_project_arguments GKT_BY_VALUE a) {
  gkt_size i = GKT_MINE;
  if (i >= a.count || (a.state && a.state->stop)) return;
  gkt_scalar x = a.x[i];
  for (int k = 0; k < a.num; k++) x -= a.sums[k] * a.vectors[(gkt_size)k * a.count + i];
  a.x[i] = x;
}

GKT_KERNEL(256) gkt_krylov_sum(const gkt_krylov_sum_arguments GKT_BY_VALUE a) {
  gkt_size i = GKT_MINE;
  if (i < a.count) a.out[i] = a.a[i] + a.factor * a.b[i];
}

/* ---- CG ---- */
GKT_KERNEL(256) gkt_cg_direction(const gkt_krylov_cg_arguments GKT_BY_VALUE a) {
  gkt_size i = GKT_MINE;
  if (i >= a.count || a.state->stop) return;
  gkt_scalar z = a.weights ? a.weights[i] * a.r[i] : a.z[i];
  a.p[i] = a.state->iteration == 0 ? z : z + a.state->step * a.p[i]; /* p holds nothing at first */
}

/* x += alpha p, r -= alpha w; partial sums of r'r, and of z'r by Jacobi */
GKT_KERNEL(256) gkt_cg_update(const gkt_krylov_cg_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, warps, 0);
  if (a.state->stop) return;
  gkt_scalar alpha = a.state->alpha, rr = 0, zr = 0;
  gkt_size end = gkt_part_end(a.count);
  for (gkt_size i = gkt_part_begin(); i < end; i += GKT_PART_THREADS) {
    gkt_scalar r = a.r[i] - alpha * a.w[i];
    a.x[i] += alpha * a.p[i];
    a.r[i] = r;
    rr += r * r;
    if (a.weights) zr += a.weights[i] * r * r;
  }
  rr = gkt_block_sum(rr, warps);
  zr = gkt_block_sum(zr, warps);
  if (threadIdx.x == 0) a.partial[blockIdx.x] = rr, a.partial[gridDim.x + blockIdx.x] = zr;
}

/* How many eigenvalues of the Lanczos matrix of CG are below: Sturm's sequence. */
GKT_FUNCTION int gkt_lanczos_below(gkt_krylov_history h, int count, gkt_scalar value) {
  gkt_scalar pivot = 1;
  int below = 0;
  for (int i = 0; i < count; i++) {
    pivot = h.diagonal[i] - value - h.squares[i] / pivot;
    if (pivot == 0) pivot = 1e-300;
    below += pivot < 0;
  }
  return below;
}

/* The first block finds the least one, the second the largest, between 0 and Gershgorin's bound: each thread asks for one point of the interval, which becomes the 257th part, six
   times. */
GKT_KERNEL(256) gkt_cg_eigenvalues(const gkt_krylov_lanczos_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, warps, 0);
  const gkt_krylov_history h = a.history;
  const int count = a.state->iteration, number = blockIdx.x == 0 ? 0 : count - 1;
  gkt_scalar low = 0, width = 0;
  for (int i = (int)threadIdx.x; i < count; i += 256) {
    gkt_scalar here = h.diagonal[i] + sqrt(h.squares[i]) + (i + 1 < count ? sqrt(h.squares[i + 1]) : 0);
    width = here > width ? here : width;
  }
  width = gkt_block_most(width, warps);
  for (int round = 0; round < 6; round++) {
    width /= 257;
    low += width * gkt_block_sum(gkt_lanczos_below(h, count, low + width * (threadIdx.x + 1)) <= number ? 1 : 0, warps);
  }
  if (threadIdx.x == 0) (blockIdx.x == 0 ? &a.state->least : &a.state->most)[0] = count ? low + width / 2 : 1;
}

/* ---- BiCGSTAB ---- */
GKT_KERNEL(256) gkt_bcgs_direction(const gkt_krylov_bcgs_arguments GKT_BY_VALUE a) {
  gkt_size i = GKT_MINE;
  if (i >= a.count || a.state->stop) return;
  gkt_scalar b = a.state->step;
  a.p[i] = a.state->iteration == 0 ? a.r[i] : a.r[i] - a.state->omega * b * a.v[i] + b * a.p[i];
}

GKT_KERNEL(256) gkt_bcgs_half(const gkt_krylov_bcgs_arguments GKT_BY_VALUE a) {
  gkt_size i = GKT_MINE;
  if (i < a.count && !a.state->stop) a.s[i] = a.r[i] - a.state->alpha * a.v[i];
}

/* x += alpha p + omega s, r = s - omega t; partial sums of r'r and of r'rp, which is the next rho */
GKT_KERNEL(256) gkt_bcgs_update(const gkt_krylov_bcgs_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, warps, 0);
  if (a.state->stop) return;
  gkt_scalar alpha = a.state->alpha, omega = a.state->omega, rr = 0, rho = 0;
  gkt_size end = gkt_part_end(a.count);
  for (gkt_size i = gkt_part_begin(); i < end; i += GKT_PART_THREADS) {
    a.x[i] += alpha * a.p[i] + omega * a.s[i];
    gkt_scalar r = a.s[i] - omega * a.t[i];
    a.r[i] = r;
    rr += r * r;
    rho += r * a.shadow[i];
  }
  rr = gkt_block_sum(rr, warps);
  rho = gkt_block_sum(rho, warps);
  if (threadIdx.x == 0) a.partial[blockIdx.x] = rr, a.partial[gridDim.x + blockIdx.x] = rho;
}

/* ---- GMRES ---- */
/* The newest vector of the basis: w, or the residual, by its length. */
GKT_KERNEL(256) gkt_gmres_extend(const gkt_krylov_gmres_arguments GKT_BY_VALUE a) {
  gkt_size i = GKT_MINE;
  if (i >= a.count || a.state->stop) return;
  a.basis[(gkt_size)a.state->column * a.count + i] = a.w[i] * (1 / a.state->alpha);
}

GKT_KERNEL(256) gkt_gmres_newest(const gkt_krylov_gmres_arguments GKT_BY_VALUE a) {
  gkt_size i = GKT_MINE;
  if (i < a.count && !a.state->stop) a.out[i] = a.basis[(gkt_size)a.state->column * a.count + i];
}

/* partial [restart + 1][parts]: w with each vector of the basis */
GKT_KERNEL(256) gkt_gmres_dots(const gkt_krylov_gmres_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, warps, 0);
  if (a.state->stop) return;
  gkt_size end = gkt_part_end(a.count);
  for (int k = 0; k <= a.state->column; k++) {
    const gkt_scalar *v = a.basis + (gkt_size)k * a.count;
    gkt_scalar sum = 0;
    for (gkt_size i = gkt_part_begin(); i < end; i += GKT_PART_THREADS) sum += a.w[i] * v[i];
    sum = gkt_block_sum(sum, warps);
    if (threadIdx.x == 0) a.partial[(gkt_size)k * a.parts + blockIdx.x] = sum;
  }
}

/* One block for each vector of the basis. */
GKT_KERNEL(256) gkt_gmres_join(const gkt_krylov_gmres_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, warps, 0);
  int k = (int)blockIdx.x, j = a.state->column;
  if (a.state->stop || k > j) return;
  gkt_scalar sum = gkt_sum_parts(a.partial + (gkt_size)k * a.parts, a.parts, warps);
  if (threadIdx.x == 0) a.hessenberg[(gkt_size)j * (a.restart + 1) + k] = sum;
}

/* w -= sum of h_k v_k; partial sums of w'w */
GKT_KERNEL(256) gkt_gmres_subtract(const gkt_krylov_gmres_arguments GKT_BY_VALUE a) {
  GKT_SHARED_MEMORY
  GKT_SHARED(gkt_scalar, warps, 0);
  if (a.state->stop) return;
  int j = a.state->column;
  const gkt_scalar *h = a.hessenberg + (gkt_size)j * (a.restart + 1);
  gkt_size end = gkt_part_end(a.count);
  gkt_scalar sum = 0;
  for (gkt_size i = gkt_part_begin(); i < end; i += GKT_PART_THREADS) {
    gkt_scalar w = a.w[i];
    for (int k = 0; k <= j; k++) w -= h[k] * a.basis[(gkt_size)k * a.count + i];
    a.w[i] = w;
    sum += w * w;
  }
  sum = gkt_block_sum(sum, warps);
  if (threadIdx.x == 0) a.partial[blockIdx.x] = sum;
}

/* The coefficients of the cycle's answer, in place of its right-hand side. One thread. */
GKT_KERNEL(256) gkt_gmres_solve(const gkt_krylov_gmres_arguments GKT_BY_VALUE a) {
  if (threadIdx.x != 0) return;
  int m = a.restart;
  gkt_scalar *g = gkt_cosines(a.hessenberg, m) + 2 * m;
  for (int i = a.state->column - 1; i >= 0; i--) {
    gkt_scalar sum = g[i];
    for (int k = i + 1; k < a.state->column; k++) sum -= a.hessenberg[(gkt_size)k * (m + 1) + i] * g[k];
    g[i] = sum / a.hessenberg[(gkt_size)i * (m + 1) + i];
  }
}

GKT_KERNEL(256) gkt_gmres_combine(const gkt_krylov_gmres_arguments GKT_BY_VALUE a) {
  gkt_size i = GKT_MINE;
  if (i >= a.count) return;
  const gkt_scalar *g = gkt_cosines(a.hessenberg, a.restart) + 2 * a.restart;
  gkt_scalar sum = 0;
  for (int k = 0; k < a.state->column; k++) sum += g[k] * a.basis[(gkt_size)k * a.count + i];
  a.out[i] = sum;
}
