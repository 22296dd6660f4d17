/* The second part of the dialect: atomics, and what NVRTC knows without headers. */
/* ---- atomics, on integers alone; no floating-point ones exist ---- */
#define GKT_ATOMIC(T, name, value)                                                                              \
  static GKT_QUIET inline T name##_here(T *p, T v) { T old = *p; *p = value; return old; }                      \
  static GKT_QUIET inline T name(T *p, T v) { GKT_TOUCH_ATOMIC(T, p); return name##_here(p, v); }               \
  static GKT_QUIET inline T name(gkt_shared<T> p, T v) {                                                        \
    gkt_watch_all<T>(p.first, true, true, true);                                                                \
    return name##_here((T *)(gkt_machine.shared + p.first), v);                                                        \
  }
#define GKT_ATOMICS(T)                                                                                           \
  GKT_ATOMIC(T, atomicAdd, old + v) GKT_ATOMIC(T, atomicMin, old < v ? old : v) GKT_ATOMIC(T, atomicMax, old > v ? old : v) GKT_ATOMIC(T, atomicExch, v) \
  GKT_ATOMIC(T, atomicAnd, old & v) GKT_ATOMIC(T, atomicOr, old | v) GKT_ATOMIC(T, atomicXor, old ^ v)           \
  static GKT_QUIET inline T gkt_swap(T *p, T compare, T v) { T old = *p; if (old == compare) *p = v; return old; } \
  static GKT_QUIET inline T atomicCAS(T *p, T compare, T v) { GKT_TOUCH_ATOMIC(T, p); return gkt_swap(p, compare, v); } \
  static GKT_QUIET inline T atomicCAS(gkt_shared<T> p, T compare, T v) {                                                   \
    gkt_watch_all<T>(p.first, true, true, true);                                                                 \
    return gkt_swap((T *)(gkt_machine.shared + p.first), compare, v);                                           \
  }
GKT_ATOMICS(int)
GKT_ATOMICS(unsigned)
GKT_ATOMICS(unsigned long long)
static inline int atomicSub(int *p, int v) { return atomicAdd(p, -v); }
static inline int atomicSub(gkt_shared<int> p, int v) { return atomicAdd(p, -v); }
static inline void __threadfence() {}
static inline void __threadfence_block() {}

/* ---- what NVRTC knows without headers ---- */
#define GKT_ONE(name) extern "C" double name(double) noexcept; extern "C" float name##f(float) noexcept; static inline float name(float x) { return name##f(x); }
#define GKT_TWO(name) extern "C" double name(double, double) noexcept; extern "C" float name##f(float, float) noexcept; static inline float name(float x, float y) { return name##f(x, y); }
GKT_ONE(sqrt) GKT_ONE(cbrt) GKT_ONE(fabs) GKT_ONE(exp) GKT_ONE(exp2) GKT_ONE(expm1) GKT_ONE(log) GKT_ONE(log2) GKT_ONE(log10) GKT_ONE(log1p) GKT_ONE(sin) GKT_ONE(cos) GKT_ONE(tan)
GKT_ONE(asin) GKT_ONE(acos) GKT_ONE(atan) GKT_ONE(sinh) GKT_ONE(cosh) GKT_ONE(tanh) GKT_ONE(asinh) GKT_ONE(acosh) GKT_ONE(atanh) GKT_ONE(erf) GKT_ONE(erfc) GKT_ONE(tgamma)
GKT_ONE(lgamma) GKT_ONE(floor) GKT_ONE(ceil) GKT_ONE(trunc) GKT_ONE(round) GKT_ONE(rint)
GKT_TWO(pow) GKT_TWO(atan2) GKT_TWO(hypot) GKT_TWO(fmod) GKT_TWO(fmin) GKT_TWO(fmax) GKT_TWO(copysign)
extern "C" double fma(double, double, double) noexcept;
extern "C" float fmaf(float, float, float) noexcept;
static inline float fma(float x, float y, float z) { return fmaf(x, y, z); }
static inline double rsqrt(double x) { return 1 / sqrt(x); }
static inline float rsqrt(float x) { return 1 / sqrtf(x); }
#define isnan(x) __builtin_isnan(x)
#define isinf(x) __builtin_isinf(x)
#define isfinite(x) __builtin_isfinite(x)
#define signbit(x) __builtin_signbit(x)
#define GKT_LEAST(T) static inline T min(T a, T b) { return b < a ? b : a; } static inline T max(T a, T b) { return a < b ? b : a; }
GKT_LEAST(int) GKT_LEAST(unsigned) GKT_LEAST(long) GKT_LEAST(unsigned long) GKT_LEAST(long long) GKT_LEAST(unsigned long long)
static inline double min(double a, double b) { return fmin(a, b); }
static inline double max(double a, double b) { return fmax(a, b); }
static inline float min(float a, float b) { return fminf(a, b); }
static inline float max(float a, float b) { return fmaxf(a, b); }
static inline int abs(int x) { return x < 0 ? -x : x; }
static inline long long abs(long long x) { return x < 0 ? -x : x; }
static inline double abs(double x) { return fabs(x); }
static inline int __popc(unsigned x) { return __builtin_popcount(x); }
static inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
static inline int __clz(int x) { return x ? __builtin_clz((unsigned)x) : 32; }
static inline int __clzll(long long x) { return x ? __builtin_clzll((unsigned long long)x) : 64; }
static inline int __ffs(int x) { return __builtin_ffs(x); }
static inline int __ffsll(long long x) { return __builtin_ffsll(x); }
static inline long long __double_as_longlong(double x) { long long v; __builtin_memcpy(&v, &x, 8); return v; }
static inline double __longlong_as_double(long long x) { double v; __builtin_memcpy(&v, &x, 8); return v; }
static inline double __fma_rn(double x, double y, double z) { return fma(x, y, z); }
static inline double __dadd_rn(double x, double y) { return x + y; }
static inline double __dmul_rn(double x, double y) { return x * y; }
static inline double __ddiv_rn(double x, double y) { return x / y; }
