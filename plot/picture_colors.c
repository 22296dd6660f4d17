/* Viridis (van der Walt and Smith, 2015, dedicated to the public domain): equal steps of value look like equal steps of colour, also in grey and to the colour-blind. */
#include <math.h>

#include "plot/picture.h"

static const unsigned char viridis[17][3] = {{68, 1, 84},    {72, 24, 106},  {71, 45, 123},  {66, 64, 134},  {59, 82, 139},  {51, 99, 141},
                                             {44, 114, 142}, {38, 130, 142}, {33, 145, 140}, {31, 160, 136}, {40, 174, 128}, {63, 188, 115},
                                             {94, 201, 98},  {132, 212, 75}, {173, 220, 48}, {216, 226, 25}, {253, 231, 37}};

gkt_range gkt_range_of(gkt_size count, const double *values) {
  gkt_range r = {.low = INFINITY, .high = -INFINITY, .empty = true};
  for (gkt_size i = 0; i < count; i++)
    if (isfinite(values[i])) r.low = fmin(r.low, values[i]), r.high = fmax(r.high, values[i]), r.empty = false;
    else r.partial = true;
  if (r.empty) r.low = r.high = 0;
  r.constant = !r.empty && !(r.high - r.low > 1e-12 * fmax(fabs(r.low), fabs(r.high)));
  return r;
}

void gkt_color_at(const gkt_range *range, double value, double rgb[3]) {
  if (!isfinite(value) || range->empty) {
    rgb[0] = rgb[1] = rgb[2] = 0.6;
    return;
  }
  const double position = range->constant ? 0.5 : (value / 2 - range->low / 2) / (range->high / 2 - range->low / 2); /* halves: the difference of huge numbers overflows */
  const double at = position > 0 ? (position < 1 ? 16 * position : 16) : 0;
  const int i = at < 16 ? (int)at : 15;
  for (int k = 0; k < 3; k++) rgb[k] = (viridis[i][k] + (at - i) * (viridis[i + 1][k] - viridis[i][k])) / 255;
}
