/* `do: queue`: the steps of a line through one queue, and what its hooks were told meanwhile. A hook in C cannot raise. */
#define _POSIX_C_SOURCE 200809L
#include "adapter.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WAIT_MS = 10000, HOOKS_MS = 2000 };

/* What the hooks of one kind were told, as the items of a JSON array. */
typedef struct {
    char *json;
    int64_t count;
} told;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void append(told *all, const char *text) {
    size_t used = all->json != NULL ? strlen(all->json) : 0;
    all->json = realloc(all->json, used + strlen(text) + 1);
    memcpy(all->json + used, text, strlen(text) + 1);
}

static void append_quoted(told *all, const char *text) {
    append(all, "\"");
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        char escaped[8];
        snprintf(escaped, sizeof escaped, byte < 0x20 || byte == '"' || byte == '\\' ? "\\u%04x" : "%c", byte);
        append(all, escaped);
    }
    append(all, "\"");
}

static void begin_item(told *all) {
    pthread_mutex_lock(&lock);
    if (all->json != NULL) {
        append(all, ",");
    }
}

static void end_item(told *all, size_t count) {
    all->count += (int64_t)count;
    pthread_mutex_unlock(&lock);
}

static void on_drop(void *user_data, const char *uuid, const char *reason, const char *message) {
    begin_item(user_data);
    append(user_data, "{\"Uuid\":");
    append_quoted(user_data, uuid);
    append(user_data, ",\"Reason\":");
    append_quoted(user_data, reason);
    append(user_data, ",\"Message\":");
    append_quoted(user_data, message);
    append(user_data, "}");
    end_item(user_data, 1);
}

static void on_error(void *user_data, const hogwire_outcome *outcome) {
    begin_item(user_data);
    append(user_data, hogwire_outcome_json(outcome));
    end_item(user_data, 1);
}

static void on_delivered(void *user_data, const char *const *uuids, size_t count, const char *delivery) {
    begin_item(user_data);
    append(user_data, "{\"Uuids\":");
    for (size_t index = 0; index < count; index++) {
        append(user_data, index == 0 ? "[" : ",");
        append_quoted(user_data, uuids[index]);
    }
    append(user_data, "],\"Delivery\":");
    append_quoted(user_data, delivery);
    append(user_data, "}");
    end_item(user_data, count);
}

static int has_come(const hogwire_queue *queue, const char *least) {
    char name[64];
    long long number = 0;
    int length = 0;
    for (; sscanf(least, "%63s %lld\n%n", name, &number, &length) == 2; least += length) {
        if (hogwire_queue_stat(queue, name) < number) {
            return 0;
        }
    }
    return 1;
}

static int were_told(const hogwire_queue *queue, const told *drops, const told *errors, const told *delivered) {
    pthread_mutex_lock(&lock);
    int all = delivered->count >= hogwire_queue_stat(queue, "events_delivered_total") &&
              drops->count >= hogwire_queue_stat(queue, "events_dropped_total") &&
              errors->count >= hogwire_queue_stat(queue, "requests_failed_total");
    pthread_mutex_unlock(&lock);
    return all;
}

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void pause_briefly(void) {
    const struct timespec time = {0, 3000000};
    nanosleep(&time, NULL);
}

static void append_report(told *entries, hogwire_report *report) {
    append(entries, "{\"report\":");
    append(entries, hogwire_report_json(report));
    append(entries, "}");
    hogwire_report_free(report);
}

static int is_step(const field *field) {
    static const char *const STEPS[] = {"push", "flush", "close", "wait", "opt_out", "opt_in"};
    for (size_t index = 0; index < sizeof STEPS / sizeof *STEPS; index++) {
        if (strcmp(field->name, STEPS[index]) == 0) {
            return 1;
        }
    }
    return 0;
}

/* Does one step and appends its entry. */
static hogwire_status run_step(const hogwire_client *client, const hogwire_queue *queue, const field *step, told *entries) {
    hogwire_status status = HOGWIRE_OK;
    hogwire_report *report = NULL;
    if (strcmp(step->name, "push") == 0) {
        hogwire_receipt *receipt = NULL;
        status = hogwire_queue_execute(queue, step->bytes, step[1].bytes, step[1].length, &receipt);
        append(entries, "{\"receipt\":");
        append(entries, hogwire_receipt_json(receipt));
        append(entries, "}");
        hogwire_receipt_free(receipt);
    } else if (strcmp(step->name, "flush") == 0) {
        status = hogwire_queue_flush(queue, strtoull(step->bytes, NULL, 10), &report);
        append_report(entries, report);
    } else if (strcmp(step->name, "close") == 0) {
        status = hogwire_queue_close(queue, strtoull(step->bytes, NULL, 10), &report);
        append_report(entries, report);
    } else if (strcmp(step->name, "wait") == 0) {
        int64_t start = now_ms();
        while (!has_come(queue, step->bytes) && now_ms() - start < WAIT_MS) {
            pause_briefly();
        }
        append(entries, has_come(queue, step->bytes) ? "{\"waited\":true}" : "{\"waited\":false}");
    } else if (strcmp(step->name, "opt_out") == 0) {
        status = hogwire_client_opt_out(client);
        append(entries, "{\"opted\":\"out\"}");
    } else {
        status = hogwire_client_opt_in(client);
        append(entries, "{\"opted\":\"in\"}");
    }
    return status;
}

static const char *items(const told *all) { return all->json != NULL ? all->json : ""; }

hogwire_status run_queue(const hogwire_client *client) {
    told drops = {NULL, 0}, errors = {NULL, 0}, delivered = {NULL, 0};
    hogwire_queue_options *options = NULL;
    hogwire_queue *queue = NULL;
    hogwire_status status = hogwire_queue_options_new(text("options"), length("options"), &options);
    if (status == HOGWIRE_OK) {
        hogwire_queue_options_set_on_drop(options, on_drop, &drops, NULL);
        hogwire_queue_options_set_on_error(options, on_error, &errors, NULL);
        hogwire_queue_options_set_on_delivered(options, on_delivered, &delivered, NULL);
        status = hogwire_queue_with_options(client, options, &queue);
    }
    hogwire_queue_options_free(options);
    if (status != HOGWIRE_OK) {
        return status;
    }
    told entries = {NULL, 0};
    for (const field *step = fields; step < fields + field_count && status == HOGWIRE_OK; step++) {
        if (is_step(step)) {
            append(&entries, entries.json == NULL ? "" : ",");
            status = run_step(client, queue, step, &entries);
        }
    }
    int64_t start = now_ms();
    while (!were_told(queue, &drops, &errors, &delivered) && now_ms() - start < HOOKS_MS) {
        pause_briefly();
    }
    told stats = {NULL, 0};
    append(&stats, hogwire_queue_stats_json(queue));
    /* After this nothing is told any more. */
    hogwire_queue_free(queue);
    pthread_mutex_lock(&lock);
    if (status == HOGWIRE_OK) {
        printf("{\"steps\":[%s],\"stats\":%s,\"on_drop\":[%s],\"on_error\":[%s],\"on_delivered\":[%s]}", items(&entries),
               items(&stats), items(&drops), items(&errors), items(&delivered));
    }
    pthread_mutex_unlock(&lock);
    free(entries.json);
    free(stats.json);
    free(drops.json);
    free(errors.json);
    free(delivered.json);
    return status;
}
