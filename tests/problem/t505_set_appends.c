/* Claim: `--set LIST.N=..` changes entry N, appends one where N is the number of entries, begins a list that is not there with 0, and is refused beyond with the number there are.
 */
#include <string.h>

#include "tests/gkt_test.h"

#include "problem/file/settings.h"

#define HEAD "mesh: {box: {cells: [2, 2]}}\nfields: {u: {space: P1, test: v}}\nequation: u*v*dx == v*dx\n"
static const char one[] = HEAD "conditions: [{on: left, value: 0}]\n", none[] = HEAD, empty[] = HEAD "conditions:\n", list[] = HEAD "conditions: []\n";

typedef struct {
  const char *base, *sets[3];
  const char *conditions; /* on=value of each; what is refused: the message */
} setting;

static const setting good[] = {
    {one, {"conditions.0.value=7"}, "left=7 "},
    {one, {"conditions.1={on: right, value: 3}"}, "left=0 right=3 "},
    {one, {"conditions.1={on: right, value: 3}", "conditions.2={on: top, value: 4}"}, "left=0 right=3 top=4 "},
    {one, {"conditions.1.on=right", "conditions.1.value=5"}, "left=0 right=5 "},
    {one, {"conditions.1.on.0=right", "conditions.1.on.1=top", "conditions.1.value=5"}, "left=0 right,top=5 "},
    {one, {"conditions.1.on=right", "conditions.1.value=5", "conditions.1.value=6"}, "left=0 right=6 "},
    {none, {"conditions.0={on: right, value: 3}"}, "right=3 "},
    {none, {"conditions.0.on=right", "conditions.0.value=3", "conditions.1={on: top, value: 4}"}, "right=3 top=4 "},
    {empty, {"conditions.0.on=right", "conditions.0.value=3"}, "right=3 "},
    {list, {"conditions.0={on: right, value: 3}"}, "right=3 "},
};

static const setting bad[] = {
    {one, {"conditions.2={on: right, value: 3}"}, "column 12: '2': conditions is a list of 1; expected a number from 0 to 0, or 1, which appends"},
    {one, {"conditions.1={on: right, value: 3}", "conditions.3.on=top"}, "column 12: '3': conditions is a list of 2; expected a number from 0 to 1, or 2, which appends"},
    {one, {"conditions.-1.on=top"}, "'-1': conditions is a list of 1"},
    {one, {"conditions.1.fld=u"}, "conditions.1: line 1, column 14: 'fld': unknown key in conditions.1"},
    {one, {"conditions.1.on=right"}, "conditions.1: line 1, column 12: 'value': missing key"},
    {none, {"conditions.1.on=right"}, "'conditions': a list that is not there; expected 0, which begins it"},
    {list, {"conditions.1.on=right"}, "'1': conditions is an empty list; expected 0, which appends"},
    {one, {"mesh.box.cells.3=3"}, "'3': mesh.box.cells is a list of 2; expected a number from 0 to 1, or 2, which appends"},
};

static gkt_status parse(const setting *t, gkt_settings **out) {
  int n = 0;
  while (n < 3 && t->sets[n]) n++;
  gkt_context_clear(ctx);
  return gkt_settings_parse(ctx, "a.yaml", t->base, strlen(t->base), n, t->sets, out);
}

static void numbers_change_and_append(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    gkt_settings *s = NULL;
    char text[200] = "";
    if (parse(&good[i], &s) != GKT_OK) fail_msg("%s: %s", good[i].sets[0], gkt_context_message(ctx));
    for (int c = 0; c < s->num_conditions; c++) {
      for (int k = 0; k < s->conditions[c].num_on; k++) strcat(strcat(text, k ? "," : ""), s->conditions[c].on[k].text);
      strcat(strcat(strcat(text, "="), s->conditions[c].value.text), " ");
    }
    assert_string_equal(text, good[i].conditions);
    gkt_settings_destroy(&s);
  }
}

static void beyond_is_refused_with_the_number(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    gkt_settings *s = NULL;
    assert_int_equal(parse(&bad[i], &s), GKT_BAD_INPUT);
    if (!strstr(gkt_context_message(ctx), bad[i].conditions)) fail_msg("%s: '%s'", bad[i].sets[0], gkt_context_message(ctx));
    assert_null(s);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(numbers_change_and_append, setup, teardown),
                                     cmocka_unit_test_setup_teardown(beyond_is_refused_with_the_number, setup, teardown)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
