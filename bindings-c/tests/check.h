/* Checks for the test programs: each says where it failed, and the program's exit code says whether any did. */
#ifndef HOGWIRE_CHECK_H
#define HOGWIRE_CHECK_H

#include <stdio.h>
#include <string.h>

static int check_count = 0;
static int check_failures = 0;

#define CHECK(condition) check((condition), #condition, __FILE__, __LINE__)
#define CHECK_TEXT(found, expected) check_text((found), (expected), #found, __FILE__, __LINE__)
#define CHECK_HOLDS(found, part) check_holds((found), (part), #found, __FILE__, __LINE__)

static int check(int holds, const char *condition, const char *file, int line) {
    check_count++;
    if (!holds) {
        check_failures++;
        fprintf(stderr, "%s:%d: not so: %s\n", file, line, condition);
    }
    return holds;
}

static inline int check_text(const char *found, const char *expected, const char *what, const char *file, int line) {
    int same = found != NULL && strcmp(found, expected) == 0;
    if (!check(same, what, file, line)) {
        fprintf(stderr, "    found    %s\n    expected %s\n", found != NULL ? found : "NULL", expected);
    }
    return same;
}

static inline int check_holds(const char *found, const char *part, const char *what, const char *file, int line) {
    int holds = found != NULL && strstr(found, part) != NULL;
    if (!check(holds, what, file, line)) {
        fprintf(stderr, "    found %s\n    it should hold %s\n", found != NULL ? found : "NULL", part);
    }
    return holds;
}

/* The program's last line and its exit code; a program that checked nothing has failed. */
static int check_report(const char *name) {
    printf("%s: %d checks, %d failed\n", name, check_count, check_failures);
    return check_failures == 0 && check_count > 0 ? 0 : 1;
}

#endif
