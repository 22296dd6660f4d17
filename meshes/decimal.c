/* Decimal numbers as meshes have them, by whole numbers of 128 bits: m 10^e with 64 bits of m and |e| <= 27 is a product or a quotient by 5^|e|, shifted, whose leading 53 bits are
   rounded once. Others are left to strtod. */
#include <math.h>

#include "meshes/msh.h"

typedef unsigned __int128 wide;
enum { MOST_DIGITS = 19, MOST_POWER = 27 /* 5^27 has 63 bits */ };

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* value 2^power, and a little more where `more`: the nearest double. value has 64 bits or more where `more`. */
static double round_wide(wide value, bool more, int power) {
  const uint64_t high = (uint64_t)(value >> 64), low = (uint64_t)value;
  const int bits = high ? 128 - __builtin_clzll(high) : 64 - __builtin_clzll(low), drop = bits - 53;
  if (drop <= 0) return ldexp((double)low, power);
  const wide rest = value & (((wide)1 << drop) - 1), half = (wide)1 << (drop - 1);
  uint64_t mantissa = (uint64_t)(value >> drop);
  if (rest > half || (rest == half && (more || mantissa % 2))) mantissa++;
  return ldexp((double)mantissa, power + drop);
}

/* m 10^exponent */
static double scale(uint64_t m, int exponent) {
  const int n = exponent < 0 ? -exponent : exponent;
  uint64_t five = 1;
  if (m == 0) return 0;
  for (int i = 0; i < n; i++) five *= 5;
  if (exponent >= 0) return round_wide((wide)m * five, false, n);
  const int shift = 64 + __builtin_clzll(m);
  const wide numerator = (wide)m << shift;
  return round_wide(numerator / five, numerator % five != 0, -shift - n);
}

bool gkt_decimal_parse(const char *word, size_t length, double *out) {
  const char *p = word, *end = word + length;
  uint64_t m = 0;
  int digits = 0, exponent = 0, written = 0;
  bool any = false, negative = p < end && *p == '-', negative_power = false;
  if (p < end && (*p == '-' || *p == '+')) p++;
  for (bool fraction = false; p < end && (is_digit(*p) || (*p == '.' && !fraction)); p++) {
    if (*p == '.') {
      fraction = true;
      continue;
    }
    any = true;
    m = 10 * m + (uint64_t)(*p - '0');
    digits += m > 0;
    exponent -= fraction;
    if (digits > MOST_DIGITS) return false;
  }
  if (any && p < end && (*p == 'e' || *p == 'E')) {
    p++;
    negative_power = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+')) p++;
    if (p == end) return false;
    for (; p < end && is_digit(*p) && written < 1000; p++) written = 10 * written + (*p - '0');
  }
  exponent += negative_power ? -written : written;
  if (!any || p < end || exponent < -MOST_POWER || exponent > MOST_POWER) return false;
  *out = negative ? -scale(m, exponent) : scale(m, exponent);
  return true;
}
