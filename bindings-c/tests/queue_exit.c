/* A program that ends without freeing its queues: what they hold is delivered, or told on stderr. */
#define _GNU_SOURCE
#include "check.h"
#include "clients.h"
#include "hogwire.h"
#include "ledger.h"
#include "receiver.h"

#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 50 };

/* The program itself, to be run again with the name of a story. */
static const char *program;

/* What nobody frees; static, so that it is not a leak. */
static hogwire_queue *forgotten[3];
static hogwire_client *forgotten_client;

static void push_many(const hogwire_queue *queue, int count) {
    for (int index = 0; index < count; index++) {
        hogwire_receipt *receipt = NULL;
        CHECK(hogwire_queue_create_event(queue, "user-1", "forgotten", NULL, &receipt) == HOGWIRE_OK);
        CHECK(hogwire_receipt_queued(receipt));
        hogwire_receipt_free(receipt);
    }
}

/* What the end of the program is to find; each runs in a program of its own and returns from main. */

static void one_queue(void) {
    forgotten[0] = new_queue("{}");
    push_many(forgotten[0], EVENTS);
}

static void three_queues(void) {
    for (int index = 0; index < 3; index++) {
        forgotten[index] = new_queue("{}");
        push_many(forgotten[index], EVENTS);
    }
}

static void by_exit(void) {
    one_queue();
    exit(7);
}

/* One is freed, one closed before; neither is a matter of the end any more. */
static void some_freed(void) {
    hogwire_report *report = NULL;
    three_queues();
    hogwire_queue_free(forgotten[0]);
    CHECK(hogwire_queue_close(forgotten[1], 60000, &report) == HOGWIRE_OK);
    CHECK(hogwire_report_delivered(report) == EVENTS);
    hogwire_report_free(report);
}

static void free_all(void) {
    for (int index = 0; index < 3; index++) {
        hogwire_queue_free(forgotten[index]);
    }
}

/* Freed by a function of the program's own that runs after the library's. */
static void freed_at_exit(void) {
    CHECK(atexit(free_all) == 0);
    one_queue();
}

/* The child inherits the queue, what waits in it, and the functions of exit(); it must send nothing of its parent's. */
static void child_exits(void) {
    one_queue();
    fflush(NULL);
    if (fork() == 0) {
        exit(0);
    }
    int status = 0;
    CHECK(wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(receiver_count("stored") == 0);
}

/* As above, and the child has events of its own, which its end delivers. */
static void child_pushes_and_exits(void) {
    one_queue();
    fflush(NULL);
    if (fork() == 0) {
        push_many(forgotten[0], 5);
        exit(0);
    }
    int status = 0;
    CHECK(wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(receiver_count("stored") == 5);
}

/* Nobody listens: what is left is told, in one line, and the program ends in time. */
static void nobody_listens(void) {
    const char *config = "{\"api_key\": \"phc_story\", \"host\": \"http://127.0.0.1:9\"}";
    hogwire_client *client = NULL;
    CHECK(hogwire_client_new(config, strlen(config), &client) == HOGWIRE_OK);
    const char *options = "{\"close_timeout_ms\": 300}";
    CHECK(hogwire_queue_new(client, options, strlen(options), &forgotten[0]) == HOGWIRE_OK);
    hogwire_client_free(client);
    push_many(forgotten[0], EVENTS);
}

static void count(void *counter, const char *uuid, const char *reason, const char *message) {
    *(int *)counter += uuid != NULL && reason != NULL && message != NULL;
}

/* Nobody reads stderr: the line is lost, and nothing else. */
static void nobody_reads(void) {
    int ends[2], told = 0;
    CHECK(pipe(ends) == 0 && dup2(ends[1], STDERR_FILENO) == STDERR_FILENO);
    close(ends[0]);
    close(ends[1]);
    signal(SIGPIPE, SIG_IGN);
    nobody_listens();
    hogwire_queue_options *options = NULL;
    hogwire_report *report = NULL;
    hogwire_queue *queue = NULL;
    const char *config = "{\"api_key\": \"phc_story\", \"host\": \"http://127.0.0.1:9\"}";
    CHECK(hogwire_client_new(config, strlen(config), &forgotten_client) == HOGWIRE_OK);
    CHECK(hogwire_queue_options_new("{}", 2, &options) == HOGWIRE_OK);
    CHECK(hogwire_queue_options_set_on_drop(options, count, &told, NULL) == HOGWIRE_OK);
    CHECK(hogwire_queue_with_options(forgotten_client, options, &queue) == HOGWIRE_OK);
    hogwire_queue_options_free(options);
    push_many(queue, EVENTS);
    CHECK(hogwire_queue_close(queue, 100, &report) == HOGWIRE_OK);
    CHECK(hogwire_report_dropped_total(report) == EVENTS && told == EVENTS);
    hogwire_report_free(report);
    hogwire_queue_free(queue);
    hogwire_client_free(forgotten_client);
}

#define FIND(name) \
    do { \
        *(void **)&name = dlsym(library, #name); \
        if (name == NULL) { \
            fprintf(stderr, "%s\n", dlerror()); \
            exit(3); \
        } \
    } while (0)

/* The library is unloaded while a queue holds events. */
static void unloaded(void) {
    void *library = dlopen("libhogwire.so", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(3);
    }
    hogwire_status (*hogwire_client_new)(const char *, size_t, hogwire_client **);
    hogwire_status (*hogwire_queue_new)(const hogwire_client *, const char *, size_t, hogwire_queue **);
    hogwire_status (*hogwire_queue_create_event)(const hogwire_queue *, const char *, const char *, const char *, hogwire_receipt **);
    void (*hogwire_receipt_free)(hogwire_receipt *);
    FIND(hogwire_client_new);
    FIND(hogwire_queue_new);
    FIND(hogwire_queue_create_event);
    FIND(hogwire_receipt_free);
    const char *config = receiver_options("");
    CHECK(hogwire_client_new(config, strlen(config), &forgotten_client) == HOGWIRE_OK);
    CHECK(hogwire_queue_new(forgotten_client, "{}", 2, &forgotten[0]) == HOGWIRE_OK);
    for (int index = 0; index < EVENTS; index++) {
        hogwire_receipt *receipt = NULL;
        CHECK(hogwire_queue_create_event(forgotten[0], "user-1", "unloaded", NULL, &receipt) == HOGWIRE_OK);
        hogwire_receipt_free(receipt);
    }
    CHECK(dlclose(library) == 0);
}

static const struct {
    const char *name;
    void (*run)(void);
    const char *script;
    int stored, exit_code;
    const char *told;
} STORIES[] = {
    {"one queue", one_queue, "[]", EVENTS, 0, ""},
    {"a slow server", one_queue, "[{\"delay_ms\": 200}]", EVENTS, 0, ""},
    {"a server that is busy at first", one_queue, "[{\"status\": 503}, {\"status\": 503}]", EVENTS, 0, ""},
    {"three queues", three_queues, "[]", 3 * EVENTS, 0, ""},
    {"exit()", by_exit, "[]", EVENTS, 7, ""},
    {"some freed before", some_freed, "[]", 3 * EVENTS, 0, ""},
    {"freed at exit", freed_at_exit, "[]", EVENTS, 0, ""},
    {"a child exits", child_exits, "[]", EVENTS, 0, ""},
    {"a child with events exits", child_pushes_and_exits, "[]", EVENTS + 5, 0, ""},
    {"nobody listens", nobody_listens, "[]", 0, 0, "hogwire: 50 events were not delivered before the queue was closed\n"},
    {"nobody reads stderr", nobody_reads, "[]", 0, 0, ""},
    {"unloaded", unloaded, "[]", EVENTS, 0, ""},
};
enum { STORY_COUNT = sizeof STORIES / sizeof *STORIES };

static void run_again(int index) {
    receiver_script(STORIES[index].script);
    int ends[2];
    CHECK(pipe(ends) == 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        /* In a forked child the sanitizer takes what the parent's threads held for leaks. This program's own end is checked. */
        setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
        close(ends[0]);
        close(ends[1]);
        execl(program, program, STORIES[index].name, (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    char told[4096];
    size_t length = 0;
    ssize_t got;
    while (length + 1 < sizeof told && (got = read(ends[0], told + length, sizeof told - 1 - length)) > 0) {
        length += (size_t)got;
    }
    told[length] = '\0';
    close(ends[0]);
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    int fine = CHECK(WIFEXITED(status) && WEXITSTATUS(status) == STORIES[index].exit_code);
    fine &= CHECK(receiver_count("stored") == STORIES[index].stored);
    fine &= CHECK_TEXT(told, STORIES[index].told);
    if (!fine) {
        fprintf(stderr, "    in the story \"%s\": status %x, %ld stored\n", STORIES[index].name, (unsigned)status, receiver_count("stored"));
    }
}

int main(int count, char **words) {
    program = words[0];
    for (int index = 0; index < STORY_COUNT && count > 1; index++) {
        if (strcmp(STORIES[index].name, words[1]) == 0) {
            STORIES[index].run();
            return check_failures == 0 ? 0 : 1;
        }
    }
    for (int index = 0; index < STORY_COUNT; index++) {
        run_again(index);
    }
    /* This program does the same, so that valgrind and the sanitizers see what the end does, and that it leaves nothing behind. */
    CHECK(atexit(free_all) == 0);
    receiver_script("[]");
    three_queues();
    return check_report("queue_exit");
}
