/* Bring your own HTTP: the request built here travels over a plain socket, and its answer is read back. */
#include "check.h"
#include "hogwire.h"
#include "receiver.h"

#include <stdlib.h>

static const int64_t NOW_MS = 1795420800000;
static const uint64_t SEED = 7;
static const char INPUT[] = "{\"DistinctId\": \"user-12345\", \"EventName\": \"it's done\", \"Properties\": {\"plan\": \"pro\"}}";

static hogwire_config *config_with(const char *more) {
    hogwire_config *config = NULL;
    const char *options = receiver_options(more);
    CHECK(hogwire_config_new(options, strlen(options), &config) == HOGWIRE_OK);
    return config;
}

static hogwire_request *built(const hogwire_config *config, const int64_t *now_ms, const uint64_t *seed) {
    hogwire_request *request = NULL;
    hogwire_outcome *outcome = NULL;
    CHECK(hogwire_build(config, "event", INPUT, strlen(INPUT), now_ms, seed, 1, &request, &outcome) == HOGWIRE_OK);
    CHECK(request != NULL && outcome == NULL);
    return request;
}

static void travel(const char *more) {
    hogwire_config *config = config_with(more);
    hogwire_request *request = built(config, NULL, NULL);
    receiver_script("[]");
    char headers[2048] = "";
    for (size_t index = 0; index < hogwire_request_header_count(request); index++) {
        strcat(strcat(headers, hogwire_request_header_name(request, index)), ": ");
        strcat(strcat(headers, hogwire_request_header_value(request, index)), "\r\n");
    }
    size_t length = 0;
    const uint8_t *body = hogwire_request_body(request, &length);
    CHECK(strncmp(hogwire_request_url(request), receiver_url(), strlen(receiver_url())) == 0);
    const char *path = hogwire_request_url(request) + strlen(receiver_url());
    char *answer = NULL;
    int status = receiver_send(hogwire_request_method(request), path, headers, body, length, &answer);

    hogwire_outcome *outcome = NULL;
    CHECK(hogwire_interpret(request, status, NULL, 0, (const uint8_t *)answer, strlen(answer), NULL, &outcome) == HOGWIRE_OK);
    CHECK(hogwire_outcome_ok(outcome));
    CHECK_TEXT(hogwire_outcome_event_uuid(outcome), hogwire_request_event_uuid(request));
    char *stored = receiver_page("stored");
    CHECK_HOLDS(stored, hogwire_request_event_uuid(request));
    CHECK_HOLDS(stored, "\"event\":\"it's done\"");
    free(stored);
    free(answer);
    hogwire_outcome_free(outcome);
    hogwire_request_free(request);
    hogwire_config_free(config);
}

static void same_input_same_bytes(void) {
    hogwire_config *config = config_with("");
    hogwire_request *one = built(config, &NOW_MS, &SEED), *two = built(config, &NOW_MS, &SEED);
    hogwire_request *other = built(config, NULL, NULL);
    CHECK_TEXT(hogwire_request_json(one), hogwire_request_json(two));
    CHECK(strcmp(hogwire_request_event_uuid(one), hogwire_request_event_uuid(other)) != 0);
    CHECK_TEXT(hogwire_request_timestamp(one), "2026-11-23T08:00:00.000Z");

    /* Through another process and back. */
    hogwire_request *copy = NULL;
    const char *json = hogwire_request_json(one);
    CHECK(hogwire_request_from_json(json, strlen(json), &copy) == HOGWIRE_OK);
    CHECK_TEXT(hogwire_request_json(copy), json);

    CHECK_HOLDS(hogwire_request_to_curl(one), "curl -X POST");
    CHECK_HOLDS(hogwire_request_to_curl(one), "phc_***");
    CHECK(strstr(hogwire_request_to_curl(one), "phc_story") == NULL);
    hogwire_request_free(one);
    hogwire_request_free(two);
    hogwire_request_free(other);
    hogwire_request_free(copy);
    hogwire_config_free(config);
}

static void failures(void) {
    static const struct {
        const char *failure;
        int sent;
        const char *delivery;
        bool retryable;
    } CASES[] = {
        {"timeout", HOGWIRE_SENT_UNKNOWN, "unknown", true}, {"timeout", 0, "not_sent", true},
        {"network", HOGWIRE_SENT_UNKNOWN, "unknown", true}, {"network", 0, "not_sent", true},
        {"tls", HOGWIRE_SENT_UNKNOWN, "not_sent", false},   {"tls", 1, "unknown", false},
    };
    hogwire_config *config = config_with("");
    hogwire_request *request = built(config, &NOW_MS, &SEED);
    hogwire_outcome *outcome = NULL;
    for (size_t index = 0; index < sizeof CASES / sizeof *CASES; index++) {
        const char *words = index % 2 == 0 ? NULL : "the cable fell out";
        CHECK(hogwire_interpret_failure(request, CASES[index].failure, CASES[index].sent, words, &outcome) == HOGWIRE_OK);
        CHECK_TEXT(hogwire_outcome_error_code(outcome), CASES[index].failure);
        CHECK_TEXT(hogwire_outcome_delivery(outcome), CASES[index].delivery);
        CHECK(hogwire_outcome_retryable(outcome) == CASES[index].retryable);
        CHECK_HOLDS(hogwire_outcome_error_message(outcome), words != NULL ? words : "");
        hogwire_outcome_free(outcome);
    }

    /* A Retry-After as a date is read against the time given. */
    const hogwire_header headers[] = {{"Date", "x"}, {"retry-after", "Mon, 23 Nov 2026 08:00:05 GMT"}};
    CHECK(hogwire_interpret(request, 503, headers, 2, NULL, 0, &NOW_MS, &outcome) == HOGWIRE_OK);
    CHECK(hogwire_outcome_retry_after_ms(outcome) == 5000);
    CHECK_TEXT(hogwire_outcome_data_json(outcome), "{}");
    hogwire_outcome_free(outcome);

    /* What is not to be sent is an outcome in place of the request. */
    hogwire_request *none = NULL;
    CHECK(hogwire_build(config, "event", "{}", 2, NULL, NULL, 1, &none, &outcome) == HOGWIRE_OK);
    CHECK(none == NULL && hogwire_outcome_status_code(outcome) == -1);
    hogwire_outcome_free(outcome);
    hogwire_request_free(request);
    hogwire_config_free(config);
}

int main(void) {
    travel("");
    travel(", \"compression\": \"gzip\"");
    same_input_same_bytes();
    failures();
    return check_report("own_http");
}
