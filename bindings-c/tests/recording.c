/* The test double for programs that use the library: what it records, and what it answers. */
#include "check.h"
#include "hogwire.h"

static hogwire_client *client_with(const hogwire_recording *recording, const char *options) {
    hogwire_config *config = NULL;
    hogwire_client *client = NULL;
    CHECK(hogwire_config_new(options, strlen(options), &config) == HOGWIRE_OK);
    CHECK(hogwire_config_set_recording(config, recording) == HOGWIRE_OK);
    CHECK(hogwire_client_with_config(config, &client) == HOGWIRE_OK);
    hogwire_config_free(config);
    return client;
}

static hogwire_outcome *send(const hogwire_client *client) {
    hogwire_outcome *outcome = NULL;
    CHECK(hogwire_create_event(client, "user-1", "Order Placed", "{\"total\": 19.5}", &outcome) == HOGWIRE_OK);
    return outcome;
}

static int count_of(const char *text, const char *part) {
    int count = 0;
    for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part)) {
        count++;
    }
    return count;
}

static void records_calls_and_queues(void) {
    static const char *const OPTIONS[] = {
        "{\"api_key\": \"phc_test\"}",
        "{\"api_key\": \"phc_test\", \"compression\": \"gzip\"}",
        "{\"api_key\": \"phc_test\", \"protocol\": \"v1\", \"compression\": \"deflate\"}",
        "{\"api_key\": \"phc_test\", \"protocol\": \"v1\", \"compression\": \"zstd\"}",
    };
    for (size_t index = 0; index < sizeof OPTIONS / sizeof *OPTIONS; index++) {
        hogwire_recording *recording = NULL;
        CHECK(hogwire_recording_new(&recording) == HOGWIRE_OK);
        hogwire_client *client = client_with(recording, OPTIONS[index]);
        hogwire_outcome *outcome = send(client);
        CHECK_TEXT(hogwire_outcome_delivery(outcome), index < 2 ? "accepted" : "stored");

        hogwire_queue *queue = NULL;
        CHECK(hogwire_queue_new(client, NULL, 0, &queue) == HOGWIRE_OK);
        for (int pushed = 0; pushed < 9; pushed++) {
            hogwire_receipt *receipt = NULL;
            CHECK(hogwire_queue_create_event(queue, "user-1", "Song Played", NULL, &receipt) == HOGWIRE_OK);
            hogwire_receipt_free(receipt);
        }
        hogwire_queue_free(queue);

        CHECK(hogwire_recording_event_count(recording) == 10);
        const char *events = hogwire_recording_events_json(recording);
        CHECK(count_of(events, "\"Order Placed\"") == 1 && count_of(events, "\"Song Played\"") == 9);
        CHECK_HOLDS(events, hogwire_outcome_event_uuid(outcome));
        CHECK_HOLDS(events, "\"total\":19.5");
        CHECK(strstr(events, "phc_test") == NULL);
        hogwire_outcome_free(outcome);

        hogwire_request *request = NULL;
        CHECK(hogwire_recording_request_count(recording) == 2);
        CHECK(hogwire_recording_request(recording, 1, &request) == HOGWIRE_OK);
        CHECK_HOLDS(hogwire_request_url(request), index < 2 ? "/batch/" : "/i/v1/analytics/events");
        hogwire_request_free(request);
        CHECK(hogwire_recording_request(recording, 2, &request) == HOGWIRE_OK && request == NULL);

        CHECK(hogwire_recording_clear(recording) == HOGWIRE_OK);
        CHECK(hogwire_recording_request_count(recording) == 0);
        CHECK_TEXT(hogwire_recording_events_json(recording), "[]");
        /* The client goes on with it, although nobody looks any more. */
        hogwire_recording_free(recording);
        outcome = send(client);
        CHECK(hogwire_outcome_ok(outcome));
        hogwire_outcome_free(outcome);
        hogwire_client_free(client);
    }
}

static void answers_as_told(void) {
    hogwire_recording *recording = NULL;
    CHECK(hogwire_recording_new(&recording) == HOGWIRE_OK);
    hogwire_client *client = client_with(recording, "{\"api_key\": \"phc_test\"}");

    CHECK(hogwire_recording_answer(recording, 503, NULL, 0, NULL, 0) == HOGWIRE_OK);
    CHECK(hogwire_recording_fail(recording, "network", HOGWIRE_SENT_UNKNOWN, "the line is dead") == HOGWIRE_OK);
    hogwire_outcome *outcome = send(client);
    CHECK(hogwire_outcome_status_code(outcome) == 200 && hogwire_outcome_attempts(outcome) == 3);
    CHECK(hogwire_recording_request_count(recording) == 3 && hogwire_recording_event_count(recording) == 1);
    hogwire_outcome_free(outcome);

    const hogwire_header headers[] = {{"Retry-After", "30"}};
    static const uint8_t BODY[] = "slow down";
    CHECK(hogwire_recording_answer(recording, 429, headers, 1, BODY, sizeof BODY - 1) == HOGWIRE_OK);
    outcome = send(client);
    CHECK(hogwire_outcome_status_code(outcome) == 429 && hogwire_outcome_retry_after_ms(outcome) == 30000);
    CHECK_HOLDS(hogwire_outcome_error_message(outcome), "slow down");
    hogwire_outcome_free(outcome);

    CHECK(hogwire_recording_answer(recording, 70000, NULL, 0, NULL, 0) == HOGWIRE_OK);
    outcome = send(client);
    CHECK(hogwire_outcome_ok(outcome) && hogwire_outcome_attempts(outcome) == 2);
    hogwire_outcome_free(outcome);

    CHECK(hogwire_recording_fail(recording, "exploded", 1, NULL) == HOGWIRE_INVALID_ARGUMENT);
    CHECK(hogwire_recording_answer(recording, 200, NULL, 0, NULL, 10) == HOGWIRE_NULL_ARGUMENT);
    outcome = send(client);
    CHECK(hogwire_outcome_ok(outcome));
    hogwire_outcome_free(outcome);
    hogwire_client_free(client);
    hogwire_recording_free(recording);
}

static void null_is_an_answer(void) {
    hogwire_recording *recording = NULL;
    hogwire_request *request = NULL;
    CHECK(hogwire_recording_new(NULL) == HOGWIRE_NULL_ARGUMENT);
    CHECK(hogwire_recording_new(&recording) == HOGWIRE_OK);
    CHECK(hogwire_config_set_recording(NULL, recording) == HOGWIRE_NULL_ARGUMENT);
    CHECK(hogwire_recording_answer(NULL, 200, NULL, 0, NULL, 0) == HOGWIRE_NULL_ARGUMENT);
    CHECK(hogwire_recording_fail(NULL, "timeout", 1, NULL) == HOGWIRE_NULL_ARGUMENT);
    CHECK(hogwire_recording_fail(recording, NULL, 1, NULL) == HOGWIRE_NULL_ARGUMENT);
    CHECK(hogwire_recording_request(NULL, 0, &request) == HOGWIRE_NULL_ARGUMENT && request == NULL);
    CHECK(hogwire_recording_request(recording, 0, NULL) == HOGWIRE_NULL_ARGUMENT);
    CHECK(hogwire_recording_clear(NULL) == HOGWIRE_NULL_ARGUMENT);
    CHECK(hogwire_recording_request_count(NULL) == 0 && hogwire_recording_event_count(NULL) == 0);
    CHECK_TEXT(hogwire_recording_events_json(NULL), "");
    hogwire_recording_free(NULL);
    hogwire_recording_free(recording);
}

int main(void) {
    records_calls_and_queues();
    answers_as_told();
    null_is_an_answer();
    return check_report("recording");
}
