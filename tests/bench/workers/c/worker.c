/*
 * The worker for hogwire in C, and for the bare socket in C: does the run its arguments describe, prints one line of figures.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <hogwire.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* So that every event has the same length. */
#define FIRST_NUMBER "10000000"
#define DIGITS 8
#define PLACES 3

static int argument_count;
static char **arguments;

/* The value of `key=value`; "" when it is not given. */
static const char *text(const char *key) {
    size_t length = strlen(key);
    for (int index = 1; index < argument_count; index++) {
        if (strncmp(arguments[index], key, length) == 0 && arguments[index][length] == '=') {
            return arguments[index] + length + 1;
        }
    }
    return "";
}

static long number(const char *key, long otherwise) {
    const char *value = text(key);
    return *value ? atol(value) : otherwise;
}

static void must(int done, const char *what) {
    if (!done) {
        fprintf(stderr, "%s: %s\n", what, hogwire_last_error());
        exit(1);
    }
}

static long long clock_ns(clockid_t id) {
    struct timespec time;
    clock_gettime(id, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static long memory_kb(const char *name) {
    char line[256];
    long kilobytes = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status)) {
        if (strncmp(line, name, strlen(name)) == 0) {
            kilobytes = atol(line + strlen(name) + 1);
        }
    }
    if (status) fclose(status);
    return kilobytes;
}

static void reset_peak(void) {
    FILE *file = fopen("/proc/self/clear_refs", "w");
    if (file) {
        fputs("5", file);
        fclose(file);
    }
}

static char *read_file(const char *path, size_t *length) {
    FILE *file = fopen(path, "rb");
    must(file != NULL, path);
    fseek(file, 0, SEEK_END);
    *length = (size_t)ftell(file);
    rewind(file);
    char *bytes = malloc(*length + 1);
    must(fread(bytes, 1, *length, file) == *length, path);
    bytes[*length] = '\0';
    fclose(file);
    return bytes;
}

/* The properties as JSON text, and where the number stands that is new for each event. */
typedef struct {
    char *json;
    char *places[PLACES];
} payload;

static payload read_payload(void) {
    size_t length;
    payload made;
    made.json = read_file(text("payload"), &length);
    char *at = made.json;
    for (int place = 0; place < PLACES; place++) {
        made.places[place] = strstr(at, FIRST_NUMBER);
        must(made.places[place] != NULL, "a place for the number");
        at = made.places[place] + DIGITS;
    }
    return made;
}

static const char *properties(payload *made, long index) {
    char digits[DIGITS];
    long rest = atol(FIRST_NUMBER) + index;
    for (int digit = DIGITS - 1; digit >= 0; digit--) {
        digits[digit] = (char)('0' + rest % 10);
        rest /= 10;
    }
    for (int place = 0; place < PLACES; place++) memcpy(made->places[place], digits, DIGITS);
    return made->json;
}

static int ascending(const void *left, const void *right) {
    long long a = *(const long long *)left, b = *(const long long *)right;
    return (a > b) - (a < b);
}

static void print_times(long long *times, long count) {
    if (count > 0) {
        qsort(times, (size_t)count, sizeof *times, ascending);
        printf(",\"p50_ns\":%lld,\"p99_ns\":%lld,\"max_ns\":%lld", times[count / 2], times[count * 99 / 100], times[count - 1]);
    }
    printf("}\n");
    fflush(stdout);
}

static hogwire_client *new_client(void) {
    char options[512];
    hogwire_client *client;
    snprintf(options, sizeof options,
             "{\"api_key\":\"phc_hogwire_benchmark\",\"host\":\"%s\",\"nested_properties\":true,\"protocol\":\"%s\"}", text("host"),
             *text("protocol") ? text("protocol") : "v0");
    must(hogwire_client_new(options, strlen(options), &client) == HOGWIRE_OK, "client");
    return client;
}

static hogwire_queue *new_queue(hogwire_client *client) {
    char options[256] = "{";
    hogwire_queue *queue;
    if (*text("compression")) {
        snprintf(options, sizeof options, "{\"compression\":\"%s\"", text("compression"));
    }
    if (*text("queue_events")) {
        size_t used = strlen(options);
        snprintf(options + used, sizeof options - used, "%s\"max_queue_events\":%s,\"max_queue_bytes\":17179869184",
                 used > 1 ? "," : "", text("queue_events"));
    }
    strcat(options, "}");
    must(hogwire_queue_new(client, options, strlen(options), &queue) == HOGWIRE_OK, "queue");
    return queue;
}

/* What one pushing thread is to do, and what it did. */
typedef struct {
    hogwire_queue *queue;
    long first, count, refused;
    long long cpu_ns, *times;
} pushes;

static void *push(void *data) {
    pushes *work = data;
    payload made = read_payload();
    long long cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID);
    for (long index = 0; index < work->count; index++) {
        hogwire_receipt *receipt;
        const char *json = properties(&made, work->first + index);
        long long start = work->times ? clock_ns(CLOCK_MONOTONIC) : 0;
        hogwire_queue_create_event(work->queue, "user-12345", "benchmark event", json, &receipt);
        work->refused += !hogwire_receipt_queued(receipt);
        hogwire_receipt_free(receipt);
        if (work->times) work->times[index] = clock_ns(CLOCK_MONOTONIC) - start;
    }
    work->cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu;
    return NULL;
}

/* Flushes or closes a queue. No run takes as long as its time. */
static void finish(hogwire_queue *queue, hogwire_status (*how)(const hogwire_queue *, uint64_t, hogwire_report **)) {
    hogwire_report *report;
    how(queue, 300000, &report);
    hogwire_report_free(report);
}

static void queued(void) {
    long count = number("count", 0), threads = number("threads", 1), share = count / threads, refused = 0;
    int timed = number("timed", 0) == 1;
    long long *times = timed ? malloc(sizeof *times * (size_t)count) : NULL, caller = 0;
    hogwire_queue *queue = new_queue(new_client());
    pushes *work = calloc((size_t)threads, sizeof *work);
    pthread_t *started = calloc((size_t)threads, sizeof *started);
    /* The same so many times before, each with a flush at its end. */
    for (long before = number("before", 0); before > 0; before--) {
        pushes all = {.queue = queue, .count = count};
        push(&all);
        finish(queue, hogwire_queue_flush);
    }
    reset_peak();
    long idle = memory_kb("VmRSS");
    long long cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID), start = clock_ns(CLOCK_MONOTONIC);
    for (long thread = 0; thread < threads; thread++) {
        work[thread] = (pushes){.queue = queue, .first = thread * share, .count = share, .times = times ? times + thread * share : NULL};
        if (threads == 1) {
            push(work);
        } else {
            pthread_create(&started[thread], NULL, push, &work[thread]);
        }
    }
    for (long thread = 0; thread < threads; thread++) {
        if (threads > 1) pthread_join(started[thread], NULL);
        caller += work[thread].cpu_ns;
        refused += work[thread].refused;
    }
    long long pushed = clock_ns(CLOCK_MONOTONIC) - start;
    int held = strcmp(text("mode"), "held") == 0;
    if (!held) finish(queue, hogwire_queue_close);
    long long wall = clock_ns(CLOCK_MONOTONIC) - start;
    cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    printf("{\"caller_ns\":%lld,\"pushed_wall_ns\":%lld,\"cpu_ns\":%lld,\"wall_ns\":%lld,\"refused\":%ld,\"idle_kb\":%ld,\"peak_kb\":%ld",
           caller, pushed, cpu, wall, refused, idle, memory_kb("VmHWM"));
    print_times(times, timed ? share * threads : 0);
    /* Without freeing: what is held has nowhere to go. */
    if (held) _exit(0);
    hogwire_queue_free(queue);
}

/* The bare socket: the same bytes, written, and the answer read. */
static int connect_to(const char *host) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    address.sin_port = htons((uint16_t)atoi(strrchr(host, ':') + 1));
    int connection = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    must(connect(connection, (struct sockaddr *)&address, sizeof address) == 0, "connect");
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return connection;
}

static int post(int connection, const char *request, size_t length) {
    char answer[4097];
    size_t used = 0;
    if (write(connection, request, length) != (ssize_t)length) return 0;
    for (;;) {
        ssize_t got = read(connection, answer + used, sizeof answer - 1 - used);
        if (got <= 0) return 0;
        used += (size_t)got;
        answer[used] = '\0';
        /* The sink's answers end with the JSON object they consist of. */
        if (answer[used - 1] == '}' && strstr(answer, "\r\n\r\n")) return 1;
    }
}

static void calls(int bare) {
    long count = number("count", 0), warm_up = number("warm_up", 50), failed = 0;
    long long *times = malloc(sizeof *times * (size_t)(count + 1)), cpu = 0;
    size_t length = 0;
    char *request = bare ? read_file(text("request"), &length) : NULL;
    int connection = bare ? connect_to(text("host")) : -1;
    hogwire_client *client = bare ? NULL : new_client();
    payload made = bare ? (payload){0} : read_payload();
    for (long index = -warm_up; index < count; index++) {
        if (index == 0) cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
        const char *json = bare ? NULL : properties(&made, index + warm_up);
        long long start = clock_ns(CLOCK_MONOTONIC);
        int ok;
        if (bare) {
            ok = post(connection, request, length);
        } else {
            hogwire_outcome *outcome;
            hogwire_create_event(client, "user-12345", "benchmark event", json, &outcome);
            ok = hogwire_outcome_ok(outcome);
            hogwire_outcome_free(outcome);
        }
        if (index >= 0) times[index] = clock_ns(CLOCK_MONOTONIC) - start;
        failed += !ok;
    }
    printf("{\"cpu_ns\":%lld,\"failed\":%ld", clock_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu, failed);
    print_times(times, count);
    hogwire_client_free(client);
}

int main(int count, char **values) {
    argument_count = count;
    arguments = values;
    const char *mode = text("mode");
    if (strcmp(mode, "queued") == 0 || strcmp(mode, "held") == 0) {
        queued();
    } else if (strcmp(mode, "direct") == 0 || strcmp(mode, "socket") == 0) {
        calls(strcmp(mode, "socket") == 0);
    } else {
        if (strcmp(mode, "start") == 0) hogwire_client_free(new_client());
        printf("{}\n");
    }
    return 0;
}
