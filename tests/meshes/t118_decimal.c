/* Claim: what the reader of meshes takes for a decimal number has the bits that strtod gives it, ties and signed zeros included; it takes those that programs write, and no word
   that is no number. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "meshes/msh.h"

static uint64_t seed = 1;
static uint64_t next_random(void) {
  seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
  return seed;
}

/* Whether it was taken. */
static bool compare(const char *word) {
  double value = 0, expected = strtod(word, NULL);
  if (!gkt_decimal_parse(word, strlen(word), &value)) return false;
  if (memcmp(&value, &expected, sizeof value)) fail_msg("%s: %a, strtod: %a", word, value, expected);
  return true;
}

static void written_numbers_are_read_back(void **state) {
  static const char *const formats[] = {"%.17g", "%.16g", "%.15g", "%.16e", "%.9g", "%.6f", "%+.12E"};
  char word[64];
  int taken = 0, count = 0;
  (void)state;
  for (int i = 0; i < 300000; i++) {
    double x = ldexp((double)(int64_t)next_random(), -63) * pow(10, (int)(next_random() % 9) - 4);
    snprintf(word, sizeof word, formats[i % 7], x);
    taken += compare(word), count++;
  }
  assert_true(taken > 0.99 * count); /* others are small, with 17 digits */
}

static void any_digits_are_rounded_once(void **state) {
  char word[64];
  (void)state;
  for (int i = 0; i < 300000; i++) {
    uint64_t m = next_random() >> (next_random() % 64);
    int power = (int)(next_random() % 59) - 29;
    snprintf(word, sizeof word, "%s%llue%d", i % 2 ? "-" : "", (unsigned long long)m, power);
    compare(word);
  }
}

/* Odd multiples of half a unit in the last place, and their neighbours. */
static void ties_go_to_even(void **state) {
  char word[64];
  int taken = 0;
  (void)state;
  for (int i = 0; i < 100000; i++) {
    uint64_t m = (next_random() >> 10 | (uint64_t)1 << 53) | 1; /* 54 bits */
    for (int step = -1; step <= 1; step++) {
      snprintf(word, sizeof word, "%llu", (unsigned long long)(m + (uint64_t)(int64_t)step));
      taken += compare(word);
      snprintf(word, sizeof word, "%llu.%s", (unsigned long long)(m >> 2), step < 0 ? "25" : step ? "5" : "75");
      compare(word);
    }
  }
  assert_int_equal(taken, 300000);
  for (int i = 0; i < 6; i++) assert_true(compare(((const char *[]){"0", "-0", "-0.0", "0e5", "9999999999999999999", "9007199254740993"})[i]));
}

static void other_words_are_left_alone(void **state) {
  static const char *const words[] = {"", "+", "-", ".", "-.", "e5", "1e", "1e+", "--1", "1.2.3", "0x10", "nan", "inf", "1,5", "1e5x", "12345678901234567890", "1e400", "1 "};
  (void)state;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    double value = 7;
    if (gkt_decimal_parse(words[i], strlen(words[i]), &value)) fail_msg("'%s' was taken", words[i]);
    assert_true(value == 7);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(written_numbers_are_read_back), cmocka_unit_test(any_digits_are_rounded_once), cmocka_unit_test(ties_go_to_even),
                                     cmocka_unit_test(other_words_are_left_alone)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
