/* Where other clients lose events: bursts, slow servers, 503s before the end, outages, a main that returns without a flush.
   Every uuid a receipt promised is stored, or stands in a report. */
#include "check.h"
#include "clients.h"
#include "hogwire.h"
#include "ledger.h"
#include "receiver.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 120000 };

static ledger push_many(const hogwire_queue *queue, int count) {
    ledger book = {NULL, 0, 0};
    char name[32];
    for (int index = 0; index < count; index++) {
        hogwire_receipt *receipt = NULL;
        snprintf(name, sizeof name, "event %d", index);
        hogwire_queue_create_event(queue, "user-1", name, "{\"plan\": \"premium\", \"source\": \"web_form\"}", &receipt);
        if (!ledger_receipt(&book, receipt)) {
            CHECK(!"an event was refused");
        }
    }
    return book;
}

/* All that was promised is stored, once, and the report says so. */
static void settle(hogwire_queue *queue, ledger *book) {
    hogwire_report *report = NULL;
    CHECK(hogwire_queue_close(queue, PATIENCE_MS, &report) == HOGWIRE_OK);
    ledger stored = ledger_stored();
    CHECK(ledger_same(book, &stored));
    CHECK(hogwire_report_pending(report) == 0 && hogwire_report_dropped_total(report) == 0);
    CHECK(hogwire_queue_stat(queue, "events_delivered_total") == (int64_t)book->count);
    if (stored.count != book->count) {
        fprintf(stderr, "    %zu promised, %zu stored: %s\n", book->count, stored.count, hogwire_report_json(report));
    }
    ledger_free(&stored);
    ledger_free(book);
    hogwire_report_free(report);
    hogwire_queue_free(queue);
}

/* A script of the same step many times. */
static void script(const char *step, int times) {
    size_t length = strlen(step) + 1;
    char *steps = malloc(length * (size_t)times + 3);
    char *end = steps;
    for (int index = 0; index < times; index++) {
        end += sprintf(end, "%c%s", index == 0 ? '[' : ',', step);
    }
    sprintf(end, "]");
    receiver_script(steps);
    free(steps);
}

static void burst(const char *step, int times, int count) {
    script(step, times);
    hogwire_queue *queue = new_queue("{}");
    ledger book = push_many(queue, count);
    CHECK(book.count == (size_t)count);
    settle(queue, &book);
}

/* The server goes away in the middle of answers, then is back. What it had stored is not counted twice: same uuids. */
static void outage(void) {
    receiver_script("[{\"cut\": \"before_answer\"}, {\"cut\": \"before_request_read\"}, {\"cut\": \"during_request\"}, "
                    "{\"status\": 502}]");
    hogwire_queue *queue = new_queue("{\"flush_at\": 10, \"max_in_flight\": 1, \"max_retries\": 1}");
    hogwire_report *report = NULL;
    ledger book = push_many(queue, 40);
    /* A flush in the outage gives up in time; the events stay. */
    CHECK(hogwire_queue_flush(queue, PATIENCE_MS, &report) == HOGWIRE_OK);
    CHECK(*hogwire_report_last_error(report) != '\0' && hogwire_report_dropped_total(report) == 0);
    CHECK(hogwire_report_delivered(report) + hogwire_report_pending(report) == 40);
    hogwire_report_free(report);
    settle(queue, &book);
}

/* A program that only frees its queue, within close_timeout_ms. */
static void no_flush(int count) {
    receiver_script("[{\"delay_ms\": 50}]");
    pid_t child = fork();
    if (child == 0) {
        hogwire_queue *queue = new_queue("{}");
        ledger book = push_many(queue, count);
        ledger_free(&book);
        hogwire_queue_free(queue);
        _exit(check_failures > 0);
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
    CHECK(receiver_count("stored") == count);
}

int main(void) {
    /* Under valgrind and sanitizers fewer events tell as much. */
    const char *given = getenv("HOGWIRE_STORY_EVENTS");
    int many = given != NULL ? atoi(given) : 100000;
    burst("{}", 1, many);
    /* Steps are used up one a request; more than there can be. */
    burst("{\"delay_ms\": 50}", 1100, many);
    burst("{\"status\": 503}", 5, 250);
    outage();
    no_flush(100);
    printf("    %d events in each burst\n", many);
    return check_report("queue_losses");
}
