/* Schemes as numbers. Private to `time`. */
#ifndef GKT_TIME_SCHEME_H
#define GKT_TIME_SCHEME_H
#include "galerkit/time.h"

typedef enum { GKT_MULTIPLIER, GKT_ALGEBRAIC, GKT_FIRST_ORDER, GKT_SECOND_ORDER, GKT_NUM_FIELD_KINDS } gkt_field_kind; /* by the highest rate that the form holds */
/* a u1 + b u0 + c u0' + d u0'' + e of the u before u0 */
enum { GKT_U1, GKT_U0, GKT_RATE0, GKT_ACCELERATION0, GKT_BEFORE, GKT_NUM_PARTS };
typedef struct {
  double of[GKT_NUM_PARTS];
} gkt_combination;
typedef struct {
  int num_stages;
  double weights[GKT_MAX_STAGES], times[GKT_MAX_STAGES];          /* times: 0 the start of the step, 1 its end */
  gkt_combination stages[GKT_MAX_STAGES][GKT_NUM_FIELD_KINDS][3]; /* u, u', u'' where it looks at R */
  gkt_combination end[GKT_NUM_FIELD_KINDS][3];                    /* at the end; of rates that the form does not hold: not looked at */
} gkt_scheme_plan;
/* before: the length of the step before; 0: there is none */
void gkt_scheme_make_plan(const gkt_scheme *, double step, double before, gkt_scheme_plan *out);
/* u' at the end of a step, of the parabola through the last three states; before 0: of the line through two */
gkt_combination gkt_scheme_slope(double step, double before);
/* Order 1, slope, or 2, curvature, at the end of a step, of the parabola through the last three values; before 0: through two, with the slope at the start. */
gkt_combination gkt_scheme_of_values(int order, double step, double before);
enum { GKT_MOST_SLOPES = 4 };
typedef struct { /* Butcher's table of an explicit scheme for u': slope k is that at u0 + step (sum of stages[k] times those before it), at times[k] of the step */
  int num_slopes;
  double times[GKT_MOST_SLOPES], stages[GKT_MOST_SLOPES][GKT_MOST_SLOPES - 1], end[GKT_MOST_SLOPES];
} gkt_butcher;
const gkt_butcher *gkt_scheme_butcher(const gkt_scheme *); /* of ssp3 and rk4 */
bool gkt_scheme_is_path(const gkt_scheme *);               /* of loads, for forms without rates */
bool gkt_scheme_needs_rates(const gkt_scheme *);           /* of the start, of the highest order */
#endif
