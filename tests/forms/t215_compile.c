/* Claim: compiled modules are cached and found again; a cached file that is cut off, changed, writable by others or made for another key is made again; without a usable cache
   folder nothing is left behind; compiler errors and a missing compiler are told. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/core.h"

static char folder[64], notices[1024];

static void keep_notice(void *user, gkt_log_level level, const char *message) {
  (void)user, (void)level;
  snprintf(notices, sizeof notices, "%s", message);
}

static gkt_context *context_with_cache(const char *cache) {
  gkt_context *ctx;
  assert_int_equal(gkt_context_create(&(gkt_context_options){.cache_dir = cache, .log = keep_notice}, &ctx), GKT_OK);
  notices[0] = 0;
  return ctx;
}

static int set_up(void **state) {
  (void)state;
  strcpy(folder, "/tmp/gkt_t215_XXXXXX");
  setenv("TMPDIR", "/tmp", 1);
  return !mkdtemp(folder);
}

/* Files of a folder that end so; the last one's path. */
static int find(const char *path, const char *ending, char found[512]) {
  int count = 0;
  DIR *dir = opendir(path);
  assert_non_null(dir);
  for (struct dirent *entry; (entry = readdir(dir));) {
    size_t length = strlen(entry->d_name);
    if (length < strlen(ending) || entry->d_name[0] == '.' || strcmp(entry->d_name + length - strlen(ending), ending) != 0) continue;
    snprintf(found, 512, "%s/%s", path, entry->d_name);
    count++;
  }
  closedir(dir);
  return count;
}

static int tear_down(void **state) {
  (void)state;
  char command[128];
  unsetenv("CC");
  snprintf(command, sizeof command, "rm -rf %s", folder);
  return system(command);
}

static int call(gkt_context *ctx, const char *source) {
  gkt_module *module;
  int (*function)(void);
  assert_int_equal(gkt_module_compile(ctx, source, &module), GKT_OK);
  void *symbol = gkt_module_symbol(module, "answer");
  assert_non_null(symbol);
  assert_null(gkt_module_symbol(module, "question"));
  memcpy(&function, &symbol, sizeof function);
  int value = function();
  gkt_module_destroy(&module);
  assert_null(module);
  return value;
}

static const char forty_two[] = "int answer(void) { return 42; }\n";

static struct stat info_of(const char *path) {
  struct stat info;
  assert_int_equal(stat(path, &info), 0);
  return info;
}

/* The cache holds one source and one object, private; made with folders that did not exist. */
static void is_found_again(void **state) {
  (void)state;
  char cache[128], object[512], source[512];
  snprintf(cache, sizeof cache, "%s/a/b", folder);
  gkt_context *ctx = context_with_cache(cache);
  assert_true(gkt_compiler_found(ctx));
  assert_int_equal(call(ctx, forty_two), 42);
  assert_int_equal(find(cache, ".so", object), 1);
  assert_int_equal(find(cache, ".c", source), 1);
  assert_int_equal(find(cache, "", source), 2); /* no temporary */
  assert_int_equal(info_of(cache).st_mode & 07777, 0700);
  assert_int_equal(info_of(object).st_mode & 0777, 0600);
  struct stat before = info_of(object);
  assert_int_equal(call(ctx, forty_two), 42);
  assert_int_equal(info_of(object).st_ino, before.st_ino); /* not made again */
  assert_int_equal(call(ctx, "int answer(void) { return 43; }\n"), 43);
  assert_int_equal(find(cache, ".so", object), 2);
  assert_string_equal(notices, "");
  gkt_context_destroy(&ctx);
}

static void cut_off(const char *path) { assert_int_equal(truncate(path, info_of(path).st_size / 2), 0); }
static void cut_off_a_byte(const char *path) { assert_int_equal(truncate(path, info_of(path).st_size - 1), 0); }
static void empty(const char *path) { assert_int_equal(truncate(path, 0), 0); }
static void open_to_group(const char *path) { assert_int_equal(chmod(path, 0620), 0); }
static void open_to_others(const char *path) { assert_int_equal(chmod(path, 0602), 0); }
static void flip_a_byte(const char *path) {
  FILE *file = fopen(path, "r+b");
  assert_non_null(file);
  fseek(file, 2000, SEEK_SET);
  int byte = fgetc(file);
  fseek(file, 2000, SEEK_SET);
  fputc(byte ^ 1, file);
  fclose(file);
}
static void link_elsewhere(const char *path) { /* a link to a good file is not ours to trust */
  char target[600];
  snprintf(target, sizeof target, "%s.moved", path);
  assert_int_equal(rename(path, target), 0);
  assert_int_equal(symlink(target, path), 0);
}

static void damaged_files_are_made_again(void **state) {
  (void)state;
  void (*const damages[])(const char *) = {cut_off, cut_off_a_byte, empty, open_to_group, open_to_others, flip_a_byte, link_elsewhere};
  char object[512];
  gkt_context *ctx = context_with_cache(folder);
  assert_int_equal(call(ctx, forty_two), 42);
  assert_int_equal(find(folder, ".so", object), 1);
  off_t size = info_of(object).st_size;
  for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
    ino_t before = info_of(object).st_ino;
    damages[i](object);
    assert_int_equal(call(ctx, forty_two), 42);
    struct stat info;
    assert_int_equal(lstat(object, &info), 0);
    assert_true(S_ISREG(info.st_mode) && (info.st_mode & 0777) == 0600 && info.st_size == size && info.st_ino != before);
  }
  gkt_context_destroy(&ctx);
}

/* A good file under the name of another key must not be taken for it. */
static void another_keys_file_is_not_loaded(void **state) {
  (void)state;
  char first[512], second[512];
  gkt_context *ctx = context_with_cache(folder);
  assert_int_equal(call(ctx, forty_two), 42);
  assert_int_equal(find(folder, ".so", first), 1);
  char kept[600];
  snprintf(kept, sizeof kept, "%s/kept", folder);
  assert_int_equal(rename(first, kept), 0);
  assert_int_equal(call(ctx, "int answer(void) { return 7; }\n"), 7);
  assert_int_equal(find(folder, ".so", second), 1);
  assert_int_equal(rename(second, first), 0); /* the 7 under the name of the 42 */
  assert_int_equal(call(ctx, forty_two), 42);
  gkt_context_destroy(&ctx);
}

static void compiler_errors_are_told(void **state) {
  (void)state;
  char path[512];
  gkt_module *module = NULL;
  gkt_context *ctx = context_with_cache(folder);
  assert_int_equal(gkt_module_compile(ctx, "int answer(void) { return nothing_of_that_name; }\n", &module), GKT_LIBRARY);
  assert_null(module);
  assert_non_null(strstr(gkt_context_message(ctx), "nothing_of_that_name"));
  assert_non_null(strstr(gkt_context_message(ctx), "error"));
  assert_null(strchr(gkt_context_message(ctx), '\n'));
  assert_int_equal(find(folder, ".so", path) + find(folder, "XX", path), 0);
  assert_int_equal(find(folder, "", path), 1); /* the source stays, to be looked at */
  gkt_context_destroy(&ctx);
}

static void missing_compiler_is_told(void **state) {
  (void)state;
  gkt_module *module = NULL;
  gkt_context *ctx = context_with_cache(folder);
  setenv("CC", "no-such-compiler -m64", 1);
  assert_false(gkt_compiler_found(ctx));
  assert_int_equal(gkt_module_compile(ctx, forty_two, &module), GKT_LIBRARY);
  assert_non_null(strstr(gkt_context_message(ctx), "no-such-compiler"));
  setenv("CC", "  ", 1); /* as good as unset */
  assert_true(gkt_compiler_found(ctx));
  setenv("CC", "cc -O1", 1); /* words, not a shell's text */
  assert_int_equal(call(ctx, forty_two), 42);
  setenv("CC", "cc -O1;true", 1);
  gkt_context_clear(ctx);
  assert_int_equal(gkt_module_compile(ctx, forty_two, &module), GKT_LIBRARY);
  gkt_context_destroy(&ctx);
}

/* They stand behind ours, and belong to what is kept. */
static void options_of_the_environment_count(void **state) {
  (void)state;
  const char *const source = "int answer(void) { return ANSWER; }\n";
  gkt_context *ctx = context_with_cache(folder);
  gkt_module *module = NULL;
  for (int round = 0; round < 2; round++) {
    setenv("GKT_CFLAGS", "-O1 -DANSWER=7", 1);
    assert_int_equal(call(ctx, source), 7);
    setenv("GKT_CFLAGS", "-DANSWER=8", 1);
    assert_int_equal(call(ctx, source), 8);
  }
  unsetenv("GKT_CFLAGS");
  assert_int_equal(gkt_module_compile(ctx, source, &module), GKT_LIBRARY);
  gkt_context_destroy(&ctx);
}

/* Not a folder; not private; without any name: each time compiled aside, with a notice, and nothing stays. */
static void unusable_cache_is_done_without(void **state) {
  (void)state;
  char blocked[128], open[128], path[512];
  snprintf(blocked, sizeof blocked, "%s/file", folder);
  snprintf(open, sizeof open, "%s/open", folder);
  fclose(fopen(blocked, "w"));
  assert_int_equal(mkdir(open, 0700), 0);
  assert_int_equal(chmod(open, 0770), 0);
  setenv("TMPDIR", folder, 1);
  const char *const caches[] = {blocked, open, ""};
  for (int i = 0; i < 3; i++) {
    gkt_context *ctx = context_with_cache(caches[i]);
    assert_int_equal(call(ctx, forty_two), 42);
    assert_string_not_equal(notices, "");
    if (caches[i][0]) assert_non_null(strstr(notices, caches[i]));
    assert_string_equal(gkt_context_message(ctx), "");
    gkt_context_destroy(&ctx);
  }
  assert_int_equal(find(folder, "", path), 2); /* the file and the folder made above */
  assert_int_equal(find(open, "", path), 0);
  setenv("TMPDIR", "/no/such/folder", 1);
  gkt_module *module;
  gkt_context *ctx = context_with_cache(blocked);
  assert_int_equal(gkt_module_compile(ctx, forty_two, &module), GKT_IO);
  assert_non_null(strstr(gkt_context_message(ctx), "/no/such/folder"));
  gkt_context_destroy(&ctx);
}

/* Four processes that want the same module at once: each gets it, one file remains. */
static void processes_may_race(void **state) {
  (void)state;
  char path[512];
  gkt_context *ctx = context_with_cache(folder);
  pid_t children[4];
  for (int i = 0; i < 4; i++)
    if ((children[i] = fork()) == 0) {
      gkt_module *module;
      _exit(gkt_module_compile(ctx, forty_two, &module) == GKT_OK && gkt_module_symbol(module, "answer") ? 0 : 1);
    }
  for (int i = 0; i < 4; i++) {
    int result;
    assert_int_equal(waitpid(children[i], &result, 0), children[i]);
    assert_int_equal(result, 0);
  }
  assert_int_equal(find(folder, "", path), 2);
  gkt_context_destroy(&ctx);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(is_found_again, set_up, tear_down),
      cmocka_unit_test_setup_teardown(damaged_files_are_made_again, set_up, tear_down),
      cmocka_unit_test_setup_teardown(another_keys_file_is_not_loaded, set_up, tear_down),
      cmocka_unit_test_setup_teardown(compiler_errors_are_told, set_up, tear_down),
      cmocka_unit_test_setup_teardown(missing_compiler_is_told, set_up, tear_down),
      cmocka_unit_test_setup_teardown(options_of_the_environment_count, set_up, tear_down),
      cmocka_unit_test_setup_teardown(unusable_cache_is_done_without, set_up, tear_down),
      cmocka_unit_test_setup_teardown(processes_may_race, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
