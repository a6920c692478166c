/* What a queue's hooks are told, what they may do, who frees their data; poison found by splitting. No network. */
#include "check.h"
#include "hogwire.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { PATIENCE_MS = 20000 };

/* What the hooks were told, and a server of the program's own. */
typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int drops, errors, delivered, requests, freed;
    int failing; /* requests still to be answered 503 */
    int held;    /* requests are not answered meanwhile */
    pthread_t told_on;
    char last_drop[256], last_error[256], last_uuid[HOGWIRE_UUID_SIZE], delivery[16];
    hogwire_queue *queue;
    int reentered;
} story;

static void begin(story *self) {
    memset(self, 0, sizeof *self);
    pthread_mutex_init(&self->lock, NULL);
    pthread_cond_init(&self->changed, NULL);
}

static void end(story *self) {
    pthread_mutex_destroy(&self->lock);
    pthread_cond_destroy(&self->changed);
}

static void on_drop(void *user_data, const char *uuid, const char *reason, const char *message) {
    story *self = user_data;
    pthread_mutex_lock(&self->lock);
    self->drops++;
    snprintf(self->last_uuid, sizeof self->last_uuid, "%s", uuid);
    snprintf(self->last_drop, sizeof self->last_drop, "%s: %s", reason, message);
    self->told_on = pthread_self();
    pthread_cond_broadcast(&self->changed);
    hogwire_queue *queue = self->held ? self->queue : NULL;
    pthread_mutex_unlock(&self->lock);
    /* Nothing is answered before this has returned: waiting here would be in vain. */
    if (queue != NULL) {
        struct timespec before, after;
        hogwire_report *report = NULL;
        clock_gettime(CLOCK_MONOTONIC, &before);
        CHECK(hogwire_queue_flush(queue, PATIENCE_MS, &report) == HOGWIRE_OK);
        clock_gettime(CLOCK_MONOTONIC, &after);
        CHECK(hogwire_report_pending(report) == 2 && after.tv_sec - before.tv_sec < PATIENCE_MS / 1000 - 1);
        hogwire_report_free(report);
    }
}

static void on_error(void *user_data, const hogwire_outcome *outcome) {
    story *self = user_data;
    pthread_mutex_lock(&self->lock);
    self->errors++;
    snprintf(self->last_error, sizeof self->last_error, "%s: %s", hogwire_outcome_error_code(outcome),
             hogwire_outcome_error_message(outcome));
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->lock);
}

static void on_delivered(void *user_data, const char *const *uuids, size_t count, const char *delivery) {
    story *self = user_data;
    pthread_mutex_lock(&self->lock);
    self->delivered += (int)count;
    snprintf(self->last_uuid, sizeof self->last_uuid, "%s", count > 0 ? uuids[count - 1] : "");
    snprintf(self->delivery, sizeof self->delivery, "%s", delivery);
    /* A hook may use its queue: push, flush, look. */
    if (self->queue != NULL && self->reentered++ == 0) {
        hogwire_receipt *receipt = NULL;
        hogwire_report *report = NULL;
        CHECK(hogwire_queue_create_event(self->queue, "user-1", "from a hook", NULL, &receipt) == HOGWIRE_OK);
        CHECK(hogwire_receipt_queued(receipt));
        CHECK(hogwire_queue_flush(self->queue, PATIENCE_MS, &report) == HOGWIRE_OK);
        CHECK(hogwire_queue_stat(self->queue, "events_pushed_total") > 0);
        hogwire_receipt_free(receipt);
        hogwire_report_free(report);
        pthread_cond_broadcast(&self->changed);
    }
    pthread_mutex_unlock(&self->lock);
}

static void destroy(void *user_data) {
    story *self = user_data;
    pthread_mutex_lock(&self->lock);
    self->freed++;
    pthread_cond_broadcast(&self->changed);
    pthread_mutex_unlock(&self->lock);
}

/* Waits until a count is as high. */
static void await(story *self, const int *count, int least) {
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += PATIENCE_MS / 1000;
    pthread_mutex_lock(&self->lock);
    while (*count < least && pthread_cond_timedwait(&self->changed, &self->lock, &deadline) == 0) {
    }
    CHECK(*count >= least);
    pthread_mutex_unlock(&self->lock);
}

/* Answers 503 while it is to, 400 for a body with "poison" in it, and 200 otherwise. */
static void transport(void *user_data, const hogwire_request *request, uint64_t time_left_ms, hogwire_answer *answer) {
    story *self = user_data;
    static const uint8_t OK[] = "{\"status\": 1}", REFUSED[] = "{\"detail\": \"poison\"}";
    size_t length = 0;
    const char *body = (const char *)hogwire_request_body(request, &length);
    char *text = malloc(length + 1);
    memcpy(text, body, length);
    text[length] = '\0';
    int poisoned = strstr(text, "poison") != NULL;
    free(text);
    pthread_mutex_lock(&self->lock);
    self->requests++;
    pthread_cond_broadcast(&self->changed);
    while (self->held) {
        pthread_cond_wait(&self->changed, &self->lock);
    }
    int fails = self->failing > 0 && self->failing-- > 0;
    pthread_mutex_unlock(&self->lock);
    (void)time_left_ms;
    if (fails) {
        hogwire_answer_respond(answer, 503, NULL, 0, NULL, 0);
    } else if (poisoned) {
        hogwire_answer_respond(answer, 400, NULL, 0, REFUSED, sizeof REFUSED - 1);
    } else {
        hogwire_answer_respond(answer, 200, NULL, 0, OK, sizeof OK - 1);
    }
}

static hogwire_queue *new_queue(story *self, hogwire_before_send_function before_send, const char *options_json) {
    static const char OPTIONS[] = "{\"api_key\": \"phc_story\", \"compression\": \"none\"}";
    hogwire_config *config = NULL;
    hogwire_client *client = NULL;
    hogwire_queue_options *options = NULL;
    hogwire_queue *queue = NULL;
    CHECK(hogwire_config_new(OPTIONS, strlen(OPTIONS), &config) == HOGWIRE_OK);
    CHECK(hogwire_config_set_transport(config, transport, self, NULL) == HOGWIRE_OK);
    if (before_send != NULL) {
        CHECK(hogwire_config_add_before_send(config, before_send, self, NULL) == HOGWIRE_OK);
    }
    CHECK(hogwire_client_with_config(config, &client) == HOGWIRE_OK);
    CHECK(hogwire_queue_options_new(options_json, strlen(options_json), &options) == HOGWIRE_OK);
    CHECK(hogwire_queue_options_set_on_drop(options, on_drop, self, destroy) == HOGWIRE_OK);
    CHECK(hogwire_queue_options_set_on_error(options, on_error, self, destroy) == HOGWIRE_OK);
    CHECK(hogwire_queue_options_set_on_delivered(options, on_delivered, self, destroy) == HOGWIRE_OK);
    CHECK(hogwire_queue_with_options(client, options, &queue) == HOGWIRE_OK);
    hogwire_queue_options_free(options);
    hogwire_client_free(client);
    hogwire_config_free(config);
    CHECK(self->freed == 0);
    return queue;
}

static hogwire_receipt *push(const hogwire_queue *queue, const char *name) {
    hogwire_receipt *receipt = NULL;
    CHECK(hogwire_queue_create_event(queue, "user-1", name, NULL, &receipt) == HOGWIRE_OK);
    return receipt;
}

static hogwire_report *closed(const hogwire_queue *queue) {
    hogwire_report *report = NULL;
    CHECK(hogwire_queue_close(queue, PATIENCE_MS, &report) == HOGWIRE_OK);
    return report;
}

/* Frees the queue: nothing of it runs afterwards, and all user data is freed. */
static void finish(story *self, hogwire_queue *queue) {
    hogwire_queue_free(queue);
    CHECK(self->freed == 3);
    end(self);
}

static void told(void) {
    story self;
    begin(&self);
    self.failing = 1;
    hogwire_queue *queue = new_queue(&self, NULL, "{}");
    hogwire_receipt_free(push(queue, "one"));
    hogwire_receipt *last = push(queue, "two");
    hogwire_report *report = closed(queue);
    CHECK(hogwire_report_delivered(report) == 2 && self.requests == 2);
    CHECK(self.errors == 1 && self.delivered == 2 && self.drops == 0);
    CHECK_HOLDS(self.last_error, "server_error: ");
    CHECK_HOLDS(self.last_error, "503");
    CHECK_TEXT(self.delivery, "accepted");
    CHECK_TEXT(self.last_uuid, hogwire_receipt_event_uuid(last));
    hogwire_receipt_free(last);
    hogwire_report_free(report);
    finish(&self, queue);
}

/* One event among 100 that the server refuses: it alone is dropped, by name. */
static void poison(void) {
    story self;
    char uuid[HOGWIRE_UUID_SIZE] = "";
    begin(&self);
    hogwire_queue *queue = new_queue(&self, NULL, "{\"flush_at\": 1000}");
    for (int index = 0; index < 100; index++) {
        hogwire_receipt *receipt = push(queue, index == 61 ? "poison" : "wholesome");
        if (index == 61) {
            snprintf(uuid, sizeof uuid, "%s", hogwire_receipt_event_uuid(receipt));
        }
        hogwire_receipt_free(receipt);
    }
    hogwire_report *report = closed(queue);
    CHECK(hogwire_report_delivered(report) == 99 && hogwire_report_dropped_count(report) == 1);
    CHECK_TEXT(hogwire_report_dropped_uuid(report, 0), uuid);
    CHECK_TEXT(hogwire_report_dropped_reason(report, 0), "rejected");
    CHECK(self.drops == 1 && self.delivered == 99);
    CHECK_HOLDS(self.last_drop, "rejected: ");
    printf("    99 of 100 in %d requests\n", self.requests);
    CHECK(self.requests <= 20);
    hogwire_report_free(report);
    finish(&self, queue);
}

static void reentrance(void) {
    story self;
    begin(&self);
    hogwire_queue *queue = new_queue(&self, NULL, "{\"flush_at\": 1}");
    pthread_mutex_lock(&self.lock);
    self.queue = queue;
    pthread_mutex_unlock(&self.lock);
    hogwire_report *report = NULL;
    hogwire_receipt_free(push(queue, "first"));
    CHECK(hogwire_queue_flush(queue, PATIENCE_MS, &report) == HOGWIRE_OK);
    hogwire_report_free(report);
    await(&self, &self.reentered, 1);
    hogwire_report_free(closed(queue));
    CHECK(self.reentered == 2 && self.delivered == 2);
    CHECK(hogwire_queue_stat(queue, "events_delivered_total") == 2);
    pthread_mutex_lock(&self.lock);
    self.queue = NULL;
    pthread_mutex_unlock(&self.lock);
    finish(&self, queue);
}

/* For want of room: told on the thread of the push, and without waiting for the queue. */
static void on_the_thread_of_the_call(void) {
    story self;
    begin(&self);
    hogwire_queue *queue = new_queue(&self, NULL, "{\"max_queue_events\": 1, \"max_in_flight\": 1, \"flush_at\": 100}");
    self.queue = queue;
    self.held = 1;
    /* What fills a queue goes out at once: the next one stays only while this is on its way. */
    hogwire_receipt_free(push(queue, "one"));
    await(&self, &self.requests, 1);
    hogwire_receipt_free(push(queue, "two"));
    hogwire_receipt *receipt = push(queue, "three");
    CHECK_TEXT(hogwire_receipt_error_code(receipt), "queue_full");
    hogwire_receipt_free(receipt);
    pthread_mutex_lock(&self.lock);
    CHECK(self.drops == 1 && pthread_equal(self.told_on, pthread_self()));
    CHECK_HOLDS(self.last_drop, "overflow: ");
    self.held = 0;
    self.queue = NULL;
    pthread_cond_broadcast(&self.changed);
    pthread_mutex_unlock(&self.lock);
    hogwire_report *report = closed(queue);
    CHECK(self.delivered == 2 && hogwire_report_pending(report) == 0);
    hogwire_report_free(report);
    finish(&self, queue);
}

static void drop_all(void *user_data, hogwire_event *event) {
    (void)user_data;
    hogwire_event_drop(event);
}

static void fail_all(void *user_data, hogwire_event *event) {
    (void)user_data;
    hogwire_event_fail(event, "no mood");
}

static void rename_all(void *user_data, hogwire_event *event) {
    (void)user_data;
    hogwire_event_set(event, "event", "\"poison\"");
}

static void before_send(void) {
    static const struct {
        hogwire_before_send_function hook;
        int queued;
        const char *error_code, *reason;
    } CASES[] = {{drop_all, 0, "dropped", "before_send: "}, {fail_all, 0, "dropped", "before_send: "}, {rename_all, 1, "ok", "rejected: "}};
    for (size_t index = 0; index < sizeof CASES / sizeof *CASES; index++) {
        story self;
        begin(&self);
        hogwire_queue *queue = new_queue(&self, CASES[index].hook, "{}");
        hogwire_receipt *receipt = push(queue, "seen by a hook");
        CHECK(hogwire_receipt_queued(receipt) == CASES[index].queued);
        CHECK_TEXT(hogwire_receipt_error_code(receipt), CASES[index].error_code);
        hogwire_report *report = closed(queue);
        CHECK(hogwire_report_delivered(report) == 0 && hogwire_report_dropped_count(report) == 1 && self.drops == 1);
        CHECK_HOLDS(self.last_drop, CASES[index].reason);
        CHECK_TEXT(self.last_uuid, hogwire_receipt_event_uuid(receipt));
        CHECK(self.requests == CASES[index].queued);
        hogwire_receipt_free(receipt);
        hogwire_report_free(report);
        finish(&self, queue);
    }
}

/* What a close cannot deliver in its time is dropped as shutdown, by name; the report says what the last request failed of. */
static void out_of_time(void) {
    story self;
    begin(&self);
    self.failing = 1;
    /* Without retries in a row the next attempt is 30 s away: none is under way when the queue is closed. */
    hogwire_queue *queue = new_queue(&self, NULL, "{\"flush_at\": 1, \"max_retries\": 0}");
    hogwire_receipt *receipt = push(queue, "stuck");
    await(&self, &self.errors, 1);
    hogwire_report *report = NULL;
    CHECK(hogwire_queue_close(queue, 0, &report) == HOGWIRE_OK);
    CHECK(hogwire_report_delivered(report) == 0 && hogwire_report_pending(report) == 0);
    CHECK_TEXT(hogwire_report_dropped_reason(report, 0), "shutdown");
    CHECK_TEXT(hogwire_report_dropped_uuid(report, 0), hogwire_receipt_event_uuid(receipt));
    CHECK_HOLDS(hogwire_report_last_error(report), "503");
    await(&self, &self.drops, 1);
    CHECK(self.drops == 1 && self.errors == 1 && self.requests == 1);
    hogwire_receipt_free(receipt);
    hogwire_report_free(report);
    finish(&self, queue);
}

/* A request that outlasts the queue: whatever its answer is, no hook is called any more. */
static void freed_while_sending(void) {
    story self;
    begin(&self);
    self.held = 1;
    self.failing = 1;
    hogwire_queue *queue = new_queue(&self, NULL, "{\"flush_at\": 1, \"close_timeout_ms\": 0}");
    hogwire_receipt_free(push(queue, "stuck"));
    await(&self, &self.requests, 1);
    hogwire_queue_free(queue);
    pthread_mutex_lock(&self.lock);
    CHECK(self.drops == 1 && self.errors == 0 && self.freed == 0);
    self.held = 0;
    pthread_cond_broadcast(&self.changed);
    pthread_mutex_unlock(&self.lock);
    await(&self, &self.freed, 3);
    CHECK(self.drops == 1 && self.errors == 0);
    end(&self);
}

/* A second function replaces the first, whose data is freed; options may serve several queues. */
static void ownership(void) {
    story first, second;
    begin(&first);
    begin(&second);
    hogwire_queue_options *options = NULL;
    CHECK(hogwire_queue_options_new(NULL, 0, &options) == HOGWIRE_OK);
    CHECK(hogwire_queue_options_set_on_drop(options, on_drop, &first, destroy) == HOGWIRE_OK);
    CHECK(hogwire_queue_options_set_on_drop(options, on_drop, &second, destroy) == HOGWIRE_OK);
    CHECK(first.freed == 1 && second.freed == 0);
    CHECK(hogwire_queue_options_set_on_error(options, NULL, &first, destroy) == HOGWIRE_NULL_ARGUMENT);
    CHECK(first.freed == 1);
    hogwire_queue_options_free(options);
    CHECK(second.freed == 1);
    end(&first);
    end(&second);
}

int main(void) {
    /* First, so that the thread that outlasts its queue has ended when the program does. */
    freed_while_sending();
    told();
    poison();
    reentrance();
    on_the_thread_of_the_call();
    before_send();
    out_of_time();
    ownership();
    return check_report("queue_hooks");
}
