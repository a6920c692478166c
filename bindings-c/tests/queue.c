/* A queue from receipt to report: what it takes, refuses, sends and says, over v0 and v1. */
#include "check.h"
#include "clients.h"
#include "hogwire.h"
#include "ledger.h"
#include "receiver.h"

#include <dirent.h>
#include <stdlib.h>

enum { PATIENCE_MS = 20000 };

static hogwire_receipt *push(const hogwire_queue *queue, const char *name) {
    hogwire_receipt *receipt = NULL;
    CHECK(hogwire_queue_create_event(queue, "user-1", name, "{\"plan\": \"premium\"}", &receipt) == HOGWIRE_OK);
    return receipt;
}

static int pushed(const hogwire_queue *queue, const char *name) {
    hogwire_receipt *receipt = push(queue, name);
    int queued = hogwire_receipt_queued(receipt);
    hogwire_receipt_free(receipt);
    return queued;
}

/* Every operation, plain and by name, in one request. */
static void operations(const char *more, const char *path, const char *delivery) {
    receiver_script("[]");
    hogwire_client *client = new_client(more);
    hogwire_queue *queue = queue_of(client, "");
    /* A queue keeps its client. */
    hogwire_client_free(client);

    ledger book = {NULL, 0, 0};
    hogwire_receipt *receipt = NULL;
    char properties[] = "{\"plan\": \"premium\"}";
    CHECK(hogwire_queue_create_event(queue, "user-1", "Signed Up", properties, &receipt) == HOGWIRE_OK);
    CHECK(hogwire_receipt_queued(receipt));
    CHECK_TEXT(hogwire_receipt_error_code(receipt), "ok");
    CHECK_TEXT(hogwire_receipt_error_message(receipt), "");
    CHECK_HOLDS(hogwire_receipt_json(receipt), "\"Queued\":true");
    CHECK(hogwire_receipt_finding_count(receipt) == 0 && hogwire_receipt_warning_count(receipt) == 0);
    ledger_receipt(&book, receipt);
    /* What was captured stays what it was. */
    memcpy(properties, "{\"plan\": \"changed\"", 18);
    CHECK(hogwire_queue_create_alias(queue, "user-1", "visitor-1", &receipt) == HOGWIRE_OK);
    ledger_receipt(&book, receipt);
    CHECK(hogwire_queue_create_identity(queue, "user-1", "Ada", NULL, NULL, NULL, NULL, "{\"seats\": 3}", NULL, &receipt) ==
          HOGWIRE_OK);
    ledger_receipt(&book, receipt);
    CHECK(hogwire_queue_identify_group(queue, "company", "acme", "{\"plan\": \"big\"}", NULL, &receipt) == HOGWIRE_OK);
    ledger_receipt(&book, receipt);
    CHECK(hogwire_queue_track_page(queue, "user-1", "https://example.com/", NULL, NULL, NULL, &receipt) == HOGWIRE_OK);
    ledger_receipt(&book, receipt);
    CHECK(hogwire_queue_track_screen(queue, "user-1", "Home", NULL, NULL, NULL, NULL, &receipt) == HOGWIRE_OK);
    ledger_receipt(&book, receipt);
    const char *json = "{\"DistinctId\": \" user-1\", \"EventName\": \"By Name\"}";
    CHECK(hogwire_queue_execute(queue, "event", json, strlen(json), &receipt) == HOGWIRE_OK);
    CHECK_TEXT(hogwire_receipt_warning_code(receipt, 0), "trimmed");
    CHECK_TEXT(hogwire_receipt_warning_parameter(receipt, 0), "DistinctId");
    CHECK(*hogwire_receipt_warning_message(receipt, 0) != '\0' && hogwire_receipt_warning_code(receipt, 1) == NULL);
    ledger_receipt(&book, receipt);
    CHECK(book.count == 7 && receiver_count("requests") == 0);
    CHECK(hogwire_queue_stat(queue, "events_waiting") == 7);

    hogwire_report *report = NULL;
    CHECK(hogwire_queue_flush(queue, PATIENCE_MS, &report) == HOGWIRE_OK);
    CHECK(hogwire_report_delivered(report) == 7 && hogwire_report_pending(report) == 0);
    CHECK((strcmp(delivery, "stored") == 0 ? hogwire_report_stored : hogwire_report_accepted)(report) == 7);
    CHECK(hogwire_report_dropped_count(report) == 0 && hogwire_report_dropped_total(report) == 0);
    CHECK_TEXT(hogwire_report_last_error(report), "");
    CHECK_HOLDS(hogwire_report_json(report), "\"Delivered\":7");
    hogwire_report_free(report);
    CHECK(receiver_count("requests") == 1 && receiver_count("stored") == 7);

    ledger stored = ledger_stored();
    CHECK(ledger_same(&book, &stored));
    ledger_free(&stored);
    ledger_free(&book);
    char *page = receiver_page("stored");
    CHECK_HOLDS(page, "\"$groupidentify\"");
    CHECK_HOLDS(page, "\"plan\":\"premium\"");
    CHECK(strstr(page, "changed") == NULL);
    free(page);
    page = receiver_page("requests");
    CHECK_HOLDS(page, path);
    free(page);

    /* Nothing pending: no request, an empty report. */
    CHECK(hogwire_queue_flush(queue, PATIENCE_MS, &report) == HOGWIRE_OK);
    CHECK(hogwire_report_delivered(report) == 0 && receiver_count("requests") == 1);
    hogwire_report_free(report);
    CHECK_HOLDS(hogwire_queue_stats_json(queue), "\"events_delivered_total\":7");
    CHECK(hogwire_queue_stat(queue, "requests_total") == 1);
    hogwire_queue_free(queue);
}

static void refusals(void) {
    static const struct {
        const char *operation, *json, *code, *parameter;
    } CASES[] = {
        {"event", "{\"DistinctId\": \"user-1\"}", "required", "EventName"},
        {"event", "{\"EventName\": \"x\"}", "required", "DistinctId"},
        {"event", "[", "invalid_json", "Input"},
        {"event", "{\"DistinctId\": \"u\", \"EventName\": \"x\", \"Properties\": {\"a\": {}}}", "nested_value", "Properties.a"},
        {"group", "{\"GroupType\": \"company\"}", "required", "GroupKey"},
        {"page", "{\"DistinctId\": \"u\", \"PageUrl\": \"/pricing\"}", "invalid_url", "PageUrl"},
    };
    receiver_script("[]");
    hogwire_client *client = new_client("");
    hogwire_queue *queue = queue_of(client, "{}");
    hogwire_receipt *receipt = NULL;
    for (size_t index = 0; index < sizeof CASES / sizeof *CASES; index++) {
        const char *json = CASES[index].json;
        CHECK(hogwire_queue_execute(queue, CASES[index].operation, json, strlen(json), &receipt) == HOGWIRE_OK);
        CHECK(!hogwire_receipt_queued(receipt) && hogwire_receipt_event_uuid(receipt) == NULL);
        CHECK_TEXT(hogwire_receipt_error_code(receipt), "invalid_input");
        CHECK(hogwire_receipt_finding_count(receipt) == 1);
        CHECK_TEXT(hogwire_receipt_finding_code(receipt, 0), CASES[index].code);
        CHECK_TEXT(hogwire_receipt_finding_parameter(receipt, 0), CASES[index].parameter);
        CHECK(*hogwire_receipt_finding_message(receipt, 0) != '\0');
        CHECK(hogwire_receipt_finding_message(receipt, 1) == NULL);
        hogwire_receipt_free(receipt);
    }
    CHECK(hogwire_queue_execute(queue, "capture", "{}", 2, &receipt) == HOGWIRE_UNKNOWN_OPERATION && receipt == NULL);

    /* While opted out nothing is queued; then it is. */
    hogwire_client_opt_out(client);
    receipt = push(queue, "silent");
    CHECK_TEXT(hogwire_receipt_error_code(receipt), "opted_out");
    hogwire_receipt_free(receipt);
    hogwire_client_opt_in(client);
    CHECK(pushed(queue, "heard"));

    /* Closed: nothing more, however often it is closed. */
    hogwire_report *report = NULL;
    CHECK(hogwire_queue_close(queue, PATIENCE_MS, &report) == HOGWIRE_OK);
    CHECK(hogwire_report_delivered(report) == 1 && hogwire_report_pending(report) == 0);
    hogwire_report_free(report);
    CHECK(hogwire_queue_close(queue, UINT64_MAX, &report) == HOGWIRE_OK);
    CHECK(hogwire_report_delivered(report) == 0 && hogwire_report_dropped_total(report) == 0);
    hogwire_report_free(report);
    receipt = push(queue, "late");
    CHECK_TEXT(hogwire_receipt_error_code(receipt), "closed");
    CHECK(*hogwire_receipt_error_message(receipt) != '\0');
    hogwire_receipt_free(receipt);
    CHECK(receiver_count("stored") == 1);
    hogwire_queue_free(queue);
    hogwire_client_free(client);
}

static void options(void) {
    static const struct {
        const char *json, *option;
    } CASES[] = {
        {"{\"flush_at\": 0}", "flush_at"},          {"{\"flushAt\": 1}", "flushAt"},
        {"{\"overflow\": \"panic\"}", "overflow"},  {"{\"max_retries\": -1}", "max_retries"},
        {"{\"compression\": \"zstd\"}", "compression"}, {"[]", "options"},
    };
    hogwire_client *client = new_client("");
    for (size_t index = 0; index < sizeof CASES / sizeof *CASES; index++) {
        hogwire_queue *queue = NULL;
        const char *json = CASES[index].json;
        CHECK(hogwire_queue_new(client, json, strlen(json), &queue) == HOGWIRE_INVALID_CONFIG);
        CHECK_TEXT(hogwire_last_error_option(), CASES[index].option);
        CHECK(*hogwire_last_error() != '\0' && queue == NULL);
    }
    hogwire_client_free(client);
}

/* flush_at and flush_interval send without a flush; freeing a queue delivers the rest. */
static void by_itself(void) {
    receiver_script("[]");
    hogwire_client *client = new_client("");
    hogwire_queue *queue = queue_of(client, "{\"flush_at\": 3, \"flush_interval_ms\": 3600000}");
    for (int index = 0; index < 3; index++) {
        CHECK(pushed(queue, "by count"));
    }
    char *wait = receiver_page("wait?stored=3&within_ms=20000");
    CHECK_HOLDS(wait, "\"reached\":true");
    free(wait);
    CHECK(pushed(queue, "by free"));
    hogwire_queue_free(queue);
    CHECK(receiver_count("stored") == 4);

    queue = queue_of(client, "{\"flush_interval_ms\": 20}");
    CHECK(pushed(queue, "by age"));
    wait = receiver_page("wait?stored=5&within_ms=20000");
    CHECK_HOLDS(wait, "\"reached\":true");
    free(wait);
    hogwire_queue_free(queue);
    hogwire_client_free(client);
}

/* A queue for two whose only request is under way: what is pushed now has to wait. */
static hogwire_queue *busy_queue(const hogwire_client *client, const char *overflow) {
    char options[256];
    receiver_script("[{\"delay_ms\": 300}]");
    snprintf(options, sizeof options,
             "{\"max_queue_events\": 2, \"max_in_flight\": 1, \"flush_at\": 1, \"overflow\": \"%s\"}", overflow);
    hogwire_queue *queue = queue_of(client, options);
    CHECK(pushed(queue, "under way"));
    free(receiver_page("wait?requests=1&within_ms=20000"));
    return queue;
}

static void overflow(void) {
    hogwire_client *client = new_client("");
    hogwire_report *report = NULL;
    hogwire_queue *queue = busy_queue(client, "reject");
    CHECK(pushed(queue, "1") && pushed(queue, "2"));
    hogwire_receipt *receipt = push(queue, "3");
    CHECK_TEXT(hogwire_receipt_error_code(receipt), "queue_full");
    CHECK(hogwire_queue_close(queue, PATIENCE_MS, &report) == HOGWIRE_OK);
    CHECK(hogwire_report_delivered(report) == 3 && hogwire_report_dropped_count(report) == 1);
    CHECK_TEXT(hogwire_report_dropped_uuid(report, 0), hogwire_receipt_event_uuid(receipt));
    CHECK_TEXT(hogwire_report_dropped_reason(report, 0), "overflow");
    CHECK(*hogwire_report_dropped_message(report, 0) != '\0' && hogwire_report_dropped_uuid(report, 1) == NULL);
    CHECK(hogwire_queue_stat(queue, "events_dropped_total") == 1 && hogwire_queue_stat(queue, "overflow") == 1);
    hogwire_receipt_free(receipt);
    hogwire_report_free(report);
    hogwire_queue_free(queue);

    queue = busy_queue(client, "drop_oldest");
    hogwire_receipt *oldest = push(queue, "1");
    CHECK(pushed(queue, "2") && pushed(queue, "3"));
    CHECK(hogwire_queue_close(queue, PATIENCE_MS, &report) == HOGWIRE_OK);
    CHECK(hogwire_report_delivered(report) == 3 && hogwire_report_dropped_count(report) == 1);
    CHECK_TEXT(hogwire_report_dropped_uuid(report, 0), hogwire_receipt_event_uuid(oldest));
    hogwire_receipt_free(oldest);
    hogwire_report_free(report);
    hogwire_queue_free(queue);

    /* A caller that waits for room gets it: the full queue is sent meanwhile. */
    queue = queue_of(client, "{\"max_queue_events\": 2, \"overflow\": \"block\", \"block_timeout_ms\": 20000, \"flush_at\": 2}");
    for (int index = 0; index < 20; index++) {
        CHECK(pushed(queue, "patient"));
    }
    CHECK(hogwire_queue_close(queue, PATIENCE_MS, &report) == HOGWIRE_OK);
    CHECK(hogwire_report_delivered(report) == 20 && hogwire_report_dropped_total(report) == 0);
    hogwire_report_free(report);
    hogwire_queue_free(queue);
    hogwire_client_free(client);
}

/* A 503 stays pending after a flush, and goes out with the next. */
static void patience(void) {
    receiver_script("[{\"status\": 503}]");
    hogwire_client *client = new_client("");
    hogwire_queue *queue = queue_of(client, "{\"max_retries\": 0}");
    hogwire_report *report = NULL;
    CHECK(pushed(queue, "later"));
    CHECK(hogwire_queue_flush(queue, PATIENCE_MS, &report) == HOGWIRE_OK);
    CHECK(hogwire_report_delivered(report) == 0 && hogwire_report_pending(report) == 1);
    CHECK_HOLDS(hogwire_report_last_error(report), "503");
    hogwire_report_free(report);
    CHECK(hogwire_queue_flush(queue, PATIENCE_MS, &report) == HOGWIRE_OK);
    CHECK(hogwire_report_delivered(report) == 1 && hogwire_report_pending(report) == 0);
    hogwire_report_free(report);
    hogwire_queue_free(queue);
    hogwire_client_free(client);
}

/* Verdicts of v1: stored, dropped with the server's words, sent again. */
static void verdicts(void) {
    receiver_script("[{\"results\": [{\"result\": \"ok\"}, {\"result\": \"drop\", \"details\": \"billing\"}, "
                    "{\"result\": \"retry\"}]}]");
    hogwire_client *client = new_client(", \"protocol\": \"v1\", \"compression\": \"deflate\"");
    hogwire_queue *queue = queue_of(client, "{}");
    hogwire_report *report = NULL;
    CHECK(pushed(queue, "kept"));
    hogwire_receipt *lost = push(queue, "lost");
    CHECK(pushed(queue, "again"));
    CHECK(hogwire_queue_close(queue, PATIENCE_MS, &report) == HOGWIRE_OK);
    CHECK(hogwire_report_delivered(report) == 2 && hogwire_report_stored(report) == 2);
    CHECK(hogwire_report_dropped_count(report) == 1);
    CHECK_TEXT(hogwire_report_dropped_uuid(report, 0), hogwire_receipt_event_uuid(lost));
    CHECK_TEXT(hogwire_report_dropped_reason(report, 0), "server_drop");
    CHECK_HOLDS(hogwire_report_dropped_message(report, 0), "billing");
    CHECK(hogwire_queue_stat(queue, "requests_total") == 2 && hogwire_queue_stat(queue, "events_retried_total") == 1);
    hogwire_receipt_free(lost);
    hogwire_report_free(report);
    hogwire_queue_free(queue);

    /* A direct call over v1 knows, too. */
    hogwire_outcome *outcome = NULL;
    CHECK(hogwire_create_event(client, "user-1", "direct", NULL, &outcome) == HOGWIRE_OK);
    CHECK_TEXT(hogwire_outcome_delivery(outcome), "stored");
    hogwire_outcome_free(outcome);
    receiver_script("[{\"results\": [{\"result\": \"drop\", \"details\": \"billing\"}]}]");
    CHECK(hogwire_create_event(client, "user-1", "direct", NULL, &outcome) == HOGWIRE_OK);
    CHECK(hogwire_outcome_status_code(outcome) == 500);
    CHECK_TEXT(hogwire_outcome_delivery(outcome), "dropped");
    CHECK_HOLDS(hogwire_outcome_error_message(outcome), "billing");
    hogwire_outcome_free(outcome);
    hogwire_client_free(client);
}

static int threads(void) {
    int count = 0;
    DIR *tasks = opendir("/proc/self/task");
    if (CHECK(tasks != NULL)) {
        for (const struct dirent *task; (task = readdir(tasks)) != NULL;) {
            count += task->d_name[0] != '.';
        }
        closedir(tasks);
    }
    return count;
}

/* A closed queue has no threads any more, even before it is freed; each wait for the receiver is time for the last to end. */
static void workers_end(void) {
    receiver_script("[]");
    int before = threads();
    hogwire_client *client = new_client("");
    hogwire_queue *queue = queue_of(client, "{\"flush_at\": 1}");
    hogwire_report *report = NULL;
    CHECK(pushed(queue, "one") && threads() > before);
    CHECK(hogwire_queue_close(queue, PATIENCE_MS, &report) == HOGWIRE_OK);
    for (int looks = 0; looks < 200 && threads() > before; looks++) {
        free(receiver_page("wait?requests=1000&within_ms=50"));
    }
    CHECK(threads() == before);
    hogwire_report_free(report);
    hogwire_queue_free(queue);
    hogwire_client_free(client);
}

int main(void) {
    operations("", "\"/batch/\"", "accepted");
    operations(", \"protocol\": \"v1\"", "\"/i/v1/analytics/events\"", "stored");
    operations(", \"protocol\": \"auto\", \"compression\": \"deflate\"", "\"/i/v1/analytics/events\"", "stored");
    refusals();
    options();
    by_itself();
    overflow();
    patience();
    verdicts();
    workers_end();
    return check_report("queue");
}
