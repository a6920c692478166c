/* NULL, impossible lengths, wrong words and a panic: every function has an answer. */
#include "check.h"
#include "hogwire.h"

#include <limits.h>

/* For tests of the guard; not in the header. */
#ifdef __cplusplus
extern "C"
#endif
hogwire_status hogwire_panic_for_tests(void);

static const char OPTIONS[] = "{\"api_key\": \"phc_story\", \"host\": \"http://127.0.0.1:1\"}";
static const char INPUT[] = "{\"DistinctId\": \"user-1\", \"EventName\": \"signed up\"}";

#define IS(call, status) CHECK((call) == (status))
#define SAYS(call, status, words)                                                                                      \
    do {                                                                                                               \
        CHECK((call) == (status));                                                                                     \
        CHECK_HOLDS(hogwire_last_error(), (words));                                                            \
    } while (0)

static void ignore_event(void *user_data, hogwire_event *event) {
    (void)user_data;
    (void)event;
}

static void ignore_request(void *user_data, const hogwire_request *request, uint64_t time_left_ms,
                           hogwire_answer *answer) {
    (void)user_data, (void)request, (void)time_left_ms, (void)answer;
}

static void null_handles(void) {
    hogwire_config_free(NULL);
    hogwire_client_free(NULL);
    hogwire_outcome_free(NULL);
    hogwire_request_free(NULL);

    CHECK(!hogwire_outcome_ok(NULL));
    CHECK(hogwire_outcome_status_code(NULL) == 0);
    CHECK(hogwire_outcome_original_status_code(NULL) == 0);
    CHECK_TEXT(hogwire_outcome_error_message(NULL), "");
    CHECK_TEXT(hogwire_outcome_data_json(NULL), "");
    CHECK_TEXT(hogwire_outcome_error_code(NULL), "");
    CHECK_TEXT(hogwire_outcome_delivery(NULL), "");
    CHECK(!hogwire_outcome_retryable(NULL));
    CHECK(hogwire_outcome_retry_after_ms(NULL) == -1);
    CHECK(hogwire_outcome_attempts(NULL) == 0);
    CHECK(hogwire_outcome_event_uuid(NULL) == NULL);
    CHECK_TEXT(hogwire_outcome_json(NULL), "");
    CHECK(hogwire_outcome_finding_count(NULL) == 0);
    CHECK(hogwire_outcome_finding_code(NULL, 0) == NULL);
    CHECK(hogwire_outcome_finding_parameter(NULL, 0) == NULL);
    CHECK(hogwire_outcome_finding_message(NULL, 0) == NULL);
    CHECK(hogwire_outcome_warning_count(NULL) == 0);
    CHECK(hogwire_outcome_warning_code(NULL, 0) == NULL);
    CHECK(hogwire_outcome_warning_parameter(NULL, 0) == NULL);
    CHECK(hogwire_outcome_warning_message(NULL, 0) == NULL);

    size_t length = 7;
    CHECK_TEXT(hogwire_request_method(NULL), "");
    CHECK_TEXT(hogwire_request_url(NULL), "");
    CHECK(hogwire_request_header_count(NULL) == 0);
    CHECK(hogwire_request_header_name(NULL, 0) == NULL);
    CHECK(hogwire_request_header_value(NULL, 0) == NULL);
    CHECK(hogwire_request_body(NULL, &length) == NULL && length == 0);
    CHECK(hogwire_request_body(NULL, NULL) == NULL);
    CHECK_TEXT(hogwire_request_event_uuid(NULL), "");
    CHECK_TEXT(hogwire_request_timestamp(NULL), "");
    CHECK_TEXT(hogwire_request_json(NULL), "");
    CHECK_TEXT(hogwire_request_to_curl(NULL), "");

    CHECK_TEXT(hogwire_event_json(NULL), "");
    SAYS(hogwire_event_set(NULL, "event", "1"), HOGWIRE_NULL_ARGUMENT, "event");
    SAYS(hogwire_event_set_property(NULL, "a", "1"), HOGWIRE_NULL_ARGUMENT, "event");
    SAYS(hogwire_event_replace(NULL, "{}", 2), HOGWIRE_NULL_ARGUMENT, "event");
    hogwire_event_drop(NULL);
    hogwire_event_fail(NULL, NULL);
    SAYS(hogwire_answer_respond(NULL, 200, NULL, 0, NULL, 0), HOGWIRE_NULL_ARGUMENT, "answer");
    SAYS(hogwire_answer_fail(NULL, "network", 1, NULL), HOGWIRE_NULL_ARGUMENT, "answer");

    SAYS(hogwire_client_close(NULL), HOGWIRE_NULL_ARGUMENT, "client");
    SAYS(hogwire_client_opt_out(NULL), HOGWIRE_NULL_ARGUMENT, "client");
    SAYS(hogwire_client_opt_in(NULL), HOGWIRE_NULL_ARGUMENT, "client");
}

/* Everything about queues, batches and keys. */
static void null_queues(void) {
    hogwire_outcomes_free(NULL);
    hogwire_queue_free(NULL);
    hogwire_queue_options_free(NULL);
    hogwire_receipt_free(NULL);
    hogwire_report_free(NULL);
    CHECK(hogwire_outcomes_count(NULL) == 0 && hogwire_outcomes_at(NULL, 0) == NULL);
    CHECK(!hogwire_receipt_queued(NULL) && hogwire_receipt_event_uuid(NULL) == NULL);
    CHECK_TEXT(hogwire_receipt_error_code(NULL), "");
    CHECK_TEXT(hogwire_receipt_error_message(NULL), "");
    CHECK_TEXT(hogwire_receipt_json(NULL), "");
    CHECK(hogwire_receipt_finding_count(NULL) == 0 && hogwire_receipt_warning_count(NULL) == 0);
    CHECK(hogwire_receipt_finding_code(NULL, 0) == NULL && hogwire_receipt_warning_code(NULL, 0) == NULL);
    CHECK(hogwire_receipt_finding_parameter(NULL, 0) == NULL && hogwire_receipt_warning_parameter(NULL, 0) == NULL);
    CHECK(hogwire_receipt_finding_message(NULL, 0) == NULL && hogwire_receipt_warning_message(NULL, 0) == NULL);
    CHECK(hogwire_report_delivered(NULL) == 0 && hogwire_report_accepted(NULL) == 0 && hogwire_report_stored(NULL) == 0);
    CHECK(hogwire_report_pending(NULL) == 0 && hogwire_report_dropped_total(NULL) == 0);
    CHECK(hogwire_report_dropped_count(NULL) == 0 && hogwire_report_dropped_uuid(NULL, 0) == NULL);
    CHECK(hogwire_report_dropped_reason(NULL, 0) == NULL && hogwire_report_dropped_message(NULL, 0) == NULL);
    CHECK_TEXT(hogwire_report_last_error(NULL), "");
    CHECK_TEXT(hogwire_report_json(NULL), "");
    CHECK_TEXT(hogwire_queue_stats_json(NULL), "");
    CHECK(hogwire_queue_stat(NULL, "events_pushed_total") == -1);

    hogwire_client *client = NULL;
    hogwire_queue *queue = NULL;
    hogwire_queue_options *options = NULL;
    hogwire_receipt *receipt = NULL;
    hogwire_report *report = NULL;
    hogwire_outcomes *outcomes = NULL;
    IS(hogwire_client_new(OPTIONS, strlen(OPTIONS), &client), HOGWIRE_OK);
    SAYS(hogwire_queue_new(NULL, "{}", 2, &queue), HOGWIRE_NULL_ARGUMENT, "client");
    SAYS(hogwire_queue_new(client, "{}", 2, NULL), HOGWIRE_NULL_ARGUMENT, "queue");
    SAYS(hogwire_queue_new(client, NULL, 2, &queue), HOGWIRE_NULL_ARGUMENT, "options_json");
    SAYS(hogwire_queue_with_options(client, NULL, &queue), HOGWIRE_NULL_ARGUMENT, "options");
    SAYS(hogwire_queue_options_new("{}", 2, NULL), HOGWIRE_NULL_ARGUMENT, "options");
    SAYS(hogwire_queue_options_set_on_drop(NULL, NULL, NULL, NULL), HOGWIRE_NULL_ARGUMENT, "options");
    IS(hogwire_queue_options_new(NULL, 0, &options), HOGWIRE_OK);
    SAYS(hogwire_queue_options_set_on_drop(options, NULL, NULL, NULL), HOGWIRE_NULL_ARGUMENT, "function");
    SAYS(hogwire_queue_options_set_on_error(options, NULL, NULL, NULL), HOGWIRE_NULL_ARGUMENT, "function");
    SAYS(hogwire_queue_options_set_on_delivered(options, NULL, NULL, NULL), HOGWIRE_NULL_ARGUMENT, "function");
    hogwire_queue_options_free(options);
    CHECK(queue == NULL);

    IS(hogwire_queue_new(client, NULL, 0, &queue), HOGWIRE_OK);
    CHECK(hogwire_queue_stat(queue, NULL) == -1 && hogwire_queue_stat(queue, "no_such_number") == -1);
    CHECK(hogwire_queue_stat(queue, "\xff") == -1 && hogwire_queue_stat(queue, "shutdown") == 0);
    SAYS(hogwire_queue_create_event(NULL, "u", "x", NULL, &receipt), HOGWIRE_NULL_ARGUMENT, "queue");
    SAYS(hogwire_queue_create_event(queue, "u", "x", NULL, NULL), HOGWIRE_NULL_ARGUMENT, "receipt");
    SAYS(hogwire_queue_execute(queue, NULL, "{}", 2, &receipt), HOGWIRE_NULL_ARGUMENT, "operation");
    SAYS(hogwire_queue_execute(queue, "event", NULL, 2, &receipt), HOGWIRE_NULL_ARGUMENT, "json");
    SAYS(hogwire_queue_flush(NULL, 0, &report), HOGWIRE_NULL_ARGUMENT, "queue");
    SAYS(hogwire_queue_flush(queue, 0, NULL), HOGWIRE_NULL_ARGUMENT, "report");
    SAYS(hogwire_queue_close(NULL, 0, &report), HOGWIRE_NULL_ARGUMENT, "queue");
    SAYS(hogwire_send_batch(NULL, "[]", 2, &outcomes), HOGWIRE_NULL_ARGUMENT, "client");
    SAYS(hogwire_send_batch(client, NULL, 2, &outcomes), HOGWIRE_NULL_ARGUMENT, "json");
    SAYS(hogwire_send_batch(client, "[]", 2, NULL), HOGWIRE_NULL_ARGUMENT, "outcomes");
    CHECK(receipt == NULL && report == NULL && outcomes == NULL);
    CHECK(hogwire_queue_stat(queue, "events_pushed_total") == 0);
    hogwire_queue_free(queue);
    hogwire_client_free(client);
}

static void null_makers(void) {
    hogwire_config *config = NULL;
    hogwire_client *client = NULL;
    SAYS(hogwire_config_new(OPTIONS, strlen(OPTIONS), NULL), HOGWIRE_NULL_ARGUMENT, "config");
    SAYS(hogwire_config_new(NULL, 3, &config), HOGWIRE_NULL_ARGUMENT, "options_json");
    SAYS(hogwire_config_new(NULL, 0, &config), HOGWIRE_INVALID_CONFIG, "api_key");
    SAYS(hogwire_config_new(OPTIONS, (size_t)-1, &config), HOGWIRE_INVALID_ARGUMENT, "options_json");
    SAYS(hogwire_config_from_env(NULL, 0, NULL), HOGWIRE_NULL_ARGUMENT, "config");
    SAYS(hogwire_client_new(OPTIONS, strlen(OPTIONS), NULL), HOGWIRE_NULL_ARGUMENT, "client");
    SAYS(hogwire_client_new(NULL, 3, &client), HOGWIRE_NULL_ARGUMENT, "options_json");
    SAYS(hogwire_client_from_env(NULL, 0, NULL), HOGWIRE_NULL_ARGUMENT, "client");
    SAYS(hogwire_client_with_config(NULL, &client), HOGWIRE_NULL_ARGUMENT, "config");
    SAYS(hogwire_config_add_before_send(NULL, ignore_event, NULL, NULL), HOGWIRE_NULL_ARGUMENT, "config");
    SAYS(hogwire_config_set_transport(NULL, ignore_request, NULL, NULL), HOGWIRE_NULL_ARGUMENT, "config");
    CHECK(config == NULL && client == NULL);

    IS(hogwire_config_new(OPTIONS, strlen(OPTIONS), &config), HOGWIRE_OK);
    SAYS(hogwire_client_with_config(config, NULL), HOGWIRE_NULL_ARGUMENT, "client");
    SAYS(hogwire_config_add_before_send(config, NULL, NULL, NULL), HOGWIRE_NULL_ARGUMENT, "function");
    SAYS(hogwire_config_set_transport(config, NULL, NULL, NULL), HOGWIRE_NULL_ARGUMENT, "function");
    hogwire_config_free(config);
}

static void calls(void) {
    hogwire_client *client = NULL;
    IS(hogwire_client_new(OPTIONS, strlen(OPTIONS), &client), HOGWIRE_OK);

    /* What was there before is never kept: after any failure there is nothing to free. */
    hogwire_outcome *const before = (hogwire_outcome *)(void *)&client;
    hogwire_outcome *outcome = before;
    SAYS(hogwire_execute(NULL, "event", INPUT, strlen(INPUT), &outcome), HOGWIRE_NULL_ARGUMENT, "client");
    CHECK(outcome == NULL);
    SAYS(hogwire_execute(client, NULL, INPUT, strlen(INPUT), &outcome), HOGWIRE_NULL_ARGUMENT, "operation");
    SAYS(hogwire_execute(client, "event", NULL, 5, &outcome), HOGWIRE_NULL_ARGUMENT, "json");
    SAYS(hogwire_execute(client, "event", INPUT, (size_t)-1, &outcome), HOGWIRE_INVALID_ARGUMENT, "json");
    SAYS(hogwire_execute(client, "event", INPUT, strlen(INPUT), NULL), HOGWIRE_NULL_ARGUMENT, "outcome");
    outcome = before;
    SAYS(hogwire_execute(client, "capture", INPUT, strlen(INPUT), &outcome), HOGWIRE_UNKNOWN_OPERATION, "capture");
    CHECK_HOLDS(hogwire_last_error(), "alias, event, group, identity, page, screen");
    CHECK_TEXT(hogwire_last_error_option(), "");
    CHECK(outcome == NULL);
    SAYS(hogwire_execute(client, "\xff", INPUT, strlen(INPUT), &outcome), HOGWIRE_UNKNOWN_OPERATION, "operation");

    SAYS(hogwire_create_alias(NULL, "a", "b", &outcome), HOGWIRE_NULL_ARGUMENT, "client");
    SAYS(hogwire_create_event(NULL, "a", "b", NULL, &outcome), HOGWIRE_NULL_ARGUMENT, "client");
    SAYS(hogwire_create_identity(NULL, "a", NULL, NULL, NULL, NULL, NULL, NULL, NULL, &outcome), HOGWIRE_NULL_ARGUMENT,
         "client");
    SAYS(hogwire_track_page(NULL, "a", "b", NULL, NULL, NULL, &outcome), HOGWIRE_NULL_ARGUMENT, "client");
    SAYS(hogwire_track_screen(NULL, "a", "b", NULL, NULL, NULL, NULL, &outcome), HOGWIRE_NULL_ARGUMENT, "client");
    SAYS(hogwire_create_alias(client, "a", "b", NULL), HOGWIRE_NULL_ARGUMENT, "outcome");
    SAYS(hogwire_create_event(client, "a", "b", NULL, NULL), HOGWIRE_NULL_ARGUMENT, "outcome");
    SAYS(hogwire_create_identity(client, "a", NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), HOGWIRE_NULL_ARGUMENT,
         "outcome");
    SAYS(hogwire_track_page(client, "a", "b", NULL, NULL, NULL, NULL), HOGWIRE_NULL_ARGUMENT, "outcome");
    SAYS(hogwire_track_screen(client, "a", "b", NULL, NULL, NULL, NULL, NULL), HOGWIRE_NULL_ARGUMENT, "outcome");
    CHECK(outcome == NULL);
    hogwire_client_free(client);
}

static void own_http(void) {
    hogwire_config *config = NULL;
    hogwire_request *request = NULL;
    hogwire_outcome *outcome = NULL;
    size_t length = strlen(INPUT);
    IS(hogwire_config_new(OPTIONS, strlen(OPTIONS), &config), HOGWIRE_OK);
    SAYS(hogwire_build(NULL, "event", INPUT, length, NULL, NULL, 1, &request, &outcome), HOGWIRE_NULL_ARGUMENT, "config");
    SAYS(hogwire_build(config, NULL, INPUT, length, NULL, NULL, 1, &request, &outcome), HOGWIRE_NULL_ARGUMENT, "operation");
    SAYS(hogwire_build(config, "event", NULL, 9, NULL, NULL, 1, &request, &outcome), HOGWIRE_NULL_ARGUMENT, "json");
    SAYS(hogwire_build(config, "event", INPUT, length, NULL, NULL, 1, NULL, &outcome), HOGWIRE_NULL_ARGUMENT, "request");
    SAYS(hogwire_build(config, "event", INPUT, length, NULL, NULL, 1, &request, NULL), HOGWIRE_NULL_ARGUMENT, "outcome");
    SAYS(hogwire_build(config, "batch", INPUT, length, NULL, NULL, 1, &request, &outcome), HOGWIRE_UNKNOWN_OPERATION, "batch");
    CHECK(request == NULL && outcome == NULL);
    IS(hogwire_build(config, "event", INPUT, length, NULL, NULL, 0, &request, &outcome), HOGWIRE_OK);
    CHECK(request != NULL && outcome == NULL);
    CHECK(hogwire_request_header_name(request, 1000) == NULL);

    hogwire_header nameless = {NULL, "1"};
    SAYS(hogwire_interpret(NULL, 200, NULL, 0, NULL, 0, NULL, &outcome), HOGWIRE_NULL_ARGUMENT, "request");
    SAYS(hogwire_interpret(request, 200, NULL, 0, NULL, 0, NULL, NULL), HOGWIRE_NULL_ARGUMENT, "outcome");
    SAYS(hogwire_interpret(request, 200, NULL, 2, NULL, 0, NULL, &outcome), HOGWIRE_NULL_ARGUMENT, "headers");
    SAYS(hogwire_interpret(request, 200, &nameless, 1, NULL, 0, NULL, &outcome), HOGWIRE_NULL_ARGUMENT, "name");
    SAYS(hogwire_interpret(request, 200, NULL, 0, NULL, 5, NULL, &outcome), HOGWIRE_NULL_ARGUMENT, "body");
    SAYS(hogwire_interpret_failure(NULL, "timeout", 1, NULL, &outcome), HOGWIRE_NULL_ARGUMENT, "request");
    SAYS(hogwire_interpret_failure(request, NULL, 1, NULL, &outcome), HOGWIRE_NULL_ARGUMENT, "failure");
    SAYS(hogwire_interpret_failure(request, "timeout", 1, NULL, NULL), HOGWIRE_NULL_ARGUMENT, "outcome");
    static const char KNOWN[] = "unknown failure \"lost\"; use one of timeout, network, tls";
    SAYS(hogwire_interpret_failure(request, "lost", 1, NULL, &outcome), HOGWIRE_INVALID_ARGUMENT, KNOWN);
    SAYS(hogwire_interpret_failure(request, "internal", 1, NULL, &outcome), HOGWIRE_INVALID_ARGUMENT, "\"internal\"");
    SAYS(hogwire_interpret_failure(request, "phc_0123", 1, NULL, &outcome), HOGWIRE_INVALID_ARGUMENT, "\"phc_***\"");
    CHECK(outcome == NULL);

    const int impossible[] = {INT_MIN, -1, 0, 199, 600, 65536, INT_MAX};
    for (size_t index = 0; index < sizeof impossible / sizeof *impossible; index++) {
        IS(hogwire_interpret(request, impossible[index], NULL, 0, NULL, 0, NULL, &outcome), HOGWIRE_OK);
        CHECK_TEXT(hogwire_outcome_error_code(outcome), "network");
        char named[32];
        snprintf(named, sizeof named, "HTTP status %d;", impossible[index]);
        CHECK_HOLDS(hogwire_outcome_error_message(outcome), named);
        hogwire_outcome_free(outcome);
    }

    hogwire_request *copy = NULL;
    SAYS(hogwire_request_from_json("{}", 2, NULL), HOGWIRE_NULL_ARGUMENT, "request");
    SAYS(hogwire_request_from_json(NULL, 2, &copy), HOGWIRE_NULL_ARGUMENT, "json");
    SAYS(hogwire_request_from_json("{}", 2, &copy), HOGWIRE_INVALID_ARGUMENT, "not a request");
    SAYS(hogwire_request_from_json("\xff", 1, &copy), HOGWIRE_INVALID_ARGUMENT, "UTF-8");
    CHECK(copy == NULL);
    hogwire_request_free(request);
    hogwire_config_free(config);
}

int main(void) {
    CHECK_TEXT(hogwire_last_error(), "");
    CHECK_TEXT(hogwire_last_error_option(), "");
    CHECK(hogwire_abi_version() == HOGWIRE_ABI_VERSION);
    CHECK(strlen(hogwire_version()) >= 5);
    CHECK_HOLDS(hogwire_catalogue_json(), "\"ErrorCodes\":[\"ok\"");
    CHECK_HOLDS(hogwire_catalogue_json(), "\"Operations\":{\"alias\":[\"DistinctId\",\"Alias\"");
    null_handles();
    null_queues();
    null_makers();
    calls();
    own_http();

    SAYS(hogwire_panic_for_tests(), HOGWIRE_INTERNAL, "provoked by a test");
    /* And the library goes on. */
    calls();
    return check_report("misuse");
}
