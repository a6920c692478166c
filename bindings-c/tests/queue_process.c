/* Threads and processes: 24 threads push while others flush and close; fork before and after a queue was used. */
#include "check.h"
#include "clients.h"
#include "hogwire.h"
#include "ledger.h"
#include "receiver.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 24, PUSHES = 100, PATIENCE_MS = 60000 };

static int push(const hogwire_queue *queue, const char *name, ledger *book) {
    hogwire_receipt *receipt = NULL;
    CHECK(hogwire_queue_create_event(queue, "user-1", name, NULL, &receipt) == HOGWIRE_OK);
    return ledger_receipt(book, receipt);
}

typedef struct {
    hogwire_queue *queue;
    ledger book;
    int until_closed;
    int refused;
    uint64_t delivered, dropped, pending;
} worker;

static void *push_many(void *argument) {
    worker *self = argument;
    for (int index = 0; index < PUSHES || (self->until_closed && self->refused == 0); index++) {
        self->refused += !push(self->queue, "from a thread", &self->book);
    }
    return NULL;
}

static void count(worker *self, hogwire_report *report) {
    self->delivered += hogwire_report_delivered(report);
    self->dropped += hogwire_report_dropped_total(report);
    self->pending = hogwire_report_pending(report);
    hogwire_report_free(report);
}

static void *flush_often(void *argument) {
    worker *self = argument;
    for (int index = 0; index < 10; index++) {
        hogwire_report *report = NULL;
        hogwire_queue_flush(self->queue, PATIENCE_MS, &report);
        count(self, report);
    }
    return NULL;
}

static void *close_early(void *argument) {
    worker *self = argument;
    hogwire_report *report = NULL;
    /* In the middle: when a first part has arrived. */
    free(receiver_page("wait?stored=300&within_ms=60000"));
    hogwire_queue_close(self->queue, PATIENCE_MS, &report);
    count(self, report);
    return NULL;
}

static void many_threads(int closes) {
    receiver_script("[]");
    /* Those who push until the close wait for room meanwhile: on a slow machine (valgrind runs one thread at a time) they would
       overrun any bound, and starve the threads that deliver. */
    hogwire_queue *queue = new_queue(closes ? "{\"flush_at\": 20, \"max_queue_events\": 500, \"overflow\": \"block\", "
                                              "\"block_timeout_ms\": 60000}"
                                            : "{\"flush_at\": 20}");
    pthread_t threads[THREADS + 2];
    worker workers[THREADS + 2];
    for (int index = 0; index < THREADS + 2; index++) {
        workers[index] = (worker){queue, {NULL, 0, 0}, closes, 0, 0, 0, 0};
        void *(*work)(void *) = index < THREADS ? push_many : index == THREADS || !closes ? flush_often : close_early;
        CHECK(pthread_create(&threads[index], NULL, work, &workers[index]) == 0);
    }
    ledger book = {NULL, 0, 0};
    int refused = 0;
    for (int index = 0; index < THREADS + 2; index++) {
        CHECK(pthread_join(threads[index], NULL) == 0);
        for (size_t each = 0; each < workers[index].book.count; each++) {
            ledger_add(&book, workers[index].book.uuids[each]);
        }
        refused += workers[index].refused;
        ledger_free(&workers[index].book);
    }
    worker last = {queue, {NULL, 0, 0}, 0, 0, 0, 0, 0};
    hogwire_report *report = NULL;
    CHECK(hogwire_queue_close(queue, PATIENCE_MS, &report) == HOGWIRE_OK);
    count(&last, report);
    uint64_t delivered = last.delivered + workers[THREADS].delivered + workers[THREADS + 1].delivered;
    uint64_t dropped = last.dropped + workers[THREADS].dropped + workers[THREADS + 1].dropped;

    /* Reports of several threads add up: nothing is told twice, nothing is left out. */
    CHECK(delivered == book.count && dropped == 0 && last.pending == 0);
    CHECK(closes ? refused >= THREADS : refused == 0 && book.count == THREADS * PUSHES);
    ledger stored = ledger_stored();
    CHECK(ledger_same(&book, &stored));
    CHECK(hogwire_queue_stat(queue, "events_pushed_total") == (int64_t)book.count);
    printf("    %zu taken, %d told \"closed\"\n", book.count, refused);
    ledger_free(&stored);
    ledger_free(&book);
    hogwire_queue_free(queue);
}

/* In the child: pushes and flushes its own; says through the pipe what came of it. A pipe, because the exit code under valgrind
   also tells of the parent's memory, of which the child has a copy. */
static void child_story(hogwire_queue *queue, int result) {
    ledger book = {NULL, 0, 0};
    hogwire_report *report = NULL;
    int fine = hogwire_queue_stat(queue, "events_pushed_total") == 0;
    for (int index = 0; index < 5; index++) {
        fine &= push(queue, "child", &book);
    }
    fine &= hogwire_queue_flush(queue, PATIENCE_MS, &report) == HOGWIRE_OK;
    fine &= hogwire_report_delivered(report) == 5 && hogwire_report_pending(report) == 0;
    hogwire_report_free(report);
    fine &= push(queue, "child, at its end", &book);
    hogwire_queue_free(queue);
    fine &= check_failures == 0;
    for (size_t index = 0; fine && index < book.count; index++) {
        fine = write(result, book.uuids[index], HOGWIRE_UUID_SIZE) == HOGWIRE_UUID_SIZE;
    }
    ledger_free(&book);
    close(result);
    _exit(fine ? 0 : 1);
}

static void in_a_child(hogwire_queue *queue, ledger *book) {
    int ends[2];
    CHECK(pipe(ends) == 0);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        child_story(queue, ends[1]);
    }
    close(ends[1]);
    char uuid[HOGWIRE_UUID_SIZE];
    int told = 0;
    while (read(ends[0], uuid, sizeof uuid) == (ssize_t)sizeof uuid) {
        ledger_add(book, uuid);
        told++;
    }
    close(ends[0]);
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
    CHECK(told == 6);
}

/* Forked before the first use, with events waiting, and with threads that idle after a flush. */
static void forked(void) {
    receiver_script("[]");
    ledger book = {NULL, 0, 0};
    hogwire_report *report = NULL;
    hogwire_queue *queue = new_queue("{\"flush_interval_ms\": 3600000}");
    in_a_child(queue, &book);
    CHECK(book.count == 6);

    for (int index = 0; index < 10; index++) {
        CHECK(push(queue, "parent, before", &book));
    }
    in_a_child(queue, &book);
    CHECK(hogwire_queue_stat(queue, "events_waiting") == 10);
    CHECK(hogwire_queue_flush(queue, PATIENCE_MS, &report) == HOGWIRE_OK);
    CHECK(hogwire_report_delivered(report) == 10);
    hogwire_report_free(report);

    CHECK(push(queue, "parent, once more", &book));
    in_a_child(queue, &book);
    hogwire_queue_free(queue);

    ledger stored = ledger_stored();
    CHECK(book.count == 3 * 6 + 11);
    CHECK(ledger_same(&book, &stored));
    ledger_free(&stored);
    ledger_free(&book);
}

/* Forked while the parent's request is under way: it is answered to the parent, once. */
static void forked_in_flight(void) {
    receiver_script("[{\"delay_ms\": 300}]");
    ledger book = {NULL, 0, 0};
    hogwire_queue *queue = new_queue("{\"flush_at\": 1}");
    CHECK(push(queue, "under way", &book));
    free(receiver_page("wait?requests=1&within_ms=20000"));
    in_a_child(queue, &book);
    hogwire_queue_free(queue);
    ledger stored = ledger_stored();
    CHECK(book.count == 7 && ledger_same(&book, &stored));
    ledger_free(&stored);
    ledger_free(&book);
}

int main(void) {
    many_threads(0);
    many_threads(1);
    forked();
    forked_in_flight();
    return check_report("queue_process");
}
