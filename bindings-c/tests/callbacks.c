/* A transport and hooks of the program's own, and who frees their data when. */
#include "check.h"
#include "hogwire.h"

#include <stdlib.h>

static const char OPTIONS[] = "{\"api_key\": \"phc_story\", \"max_retries\": 0}";

/* What the transport is to do, and what it saw. */
typedef struct {
    const char *act;
    int calls;
    int freed;
    uint64_t time_left_ms;
    char *body;
} transport_data;

static void transport(void *user_data, const hogwire_request *request, uint64_t time_left_ms, hogwire_answer *answer) {
    transport_data *data = user_data;
    size_t length = 0;
    const uint8_t *body = hogwire_request_body(request, &length);
    data->calls++;
    data->time_left_ms = time_left_ms;
    free(data->body);
    data->body = malloc(length + 1);
    memcpy(data->body, body, length);
    data->body[length] = '\0';

    static const uint8_t OK[] = "{\"status\": 1}";
    if (strcmp(data->act, "success") == 0) {
        CHECK(hogwire_answer_respond(answer, 200, NULL, 0, OK, sizeof OK - 1) == HOGWIRE_OK);
    } else if (strcmp(data->act, "busy") == 0) {
        const hogwire_header headers[] = {{"Retry-After", "2"}};
        CHECK(hogwire_answer_respond(answer, 429, headers, 1, NULL, 0) == HOGWIRE_OK);
    } else if (strcmp(data->act, "invalid word") == 0) {
        CHECK(hogwire_answer_fail(answer, "exploded", 1, NULL) == HOGWIRE_INVALID_ARGUMENT);
    } else if (strcmp(data->act, "no word") == 0) {
        CHECK(hogwire_answer_fail(answer, NULL, 1, NULL) == HOGWIRE_NULL_ARGUMENT);
    } else if (strcmp(data->act, "no body") == 0) {
        CHECK(hogwire_answer_respond(answer, 200, NULL, 0, NULL, 10) == HOGWIRE_NULL_ARGUMENT);
    } else if (strcmp(data->act, "impossible status") == 0) {
        CHECK(hogwire_answer_respond(answer, 7, NULL, 0, NULL, 0) == HOGWIRE_OK);
    } else if (strcmp(data->act, "no status at all") == 0) {
        const hogwire_header headers[] = {{"Retry-After", "2"}};
        CHECK(hogwire_answer_respond(answer, 70000, headers, 1, OK, sizeof OK - 1) == HOGWIRE_OK);
    } else if (strcmp(data->act, "nothing") != 0) {
        CHECK(hogwire_answer_fail(answer, data->act, HOGWIRE_SENT_UNKNOWN, "the line is dead") == HOGWIRE_OK);
    }
}

static void free_transport(void *user_data) {
    transport_data *data = user_data;
    data->freed++;
}

static hogwire_outcome *send(const hogwire_client *client) {
    hogwire_outcome *outcome = NULL;
    CHECK(hogwire_create_event(client, "user-1", "signed up", "{\"email\": \"ada@example.com\"}", &outcome) == HOGWIRE_OK);
    return outcome;
}

static void transports(void) {
    static const struct {
        const char *act, *error_code, *delivery, *message;
        int status_code;
    } CASES[] = {
        {"success", "ok", "accepted", "", 200},
        {"busy", "rate_limited", "rejected", "429", 429},
        {"timeout", "timeout", "unknown", "the line is dead", 500},
        {"network", "network", "unknown", "the line is dead", 500},
        {"tls", "tls", "not_sent", "the line is dead", 500},
        {"nothing", "internal", "unknown", "hogwire_answer_respond", 500},
        {"invalid word", "internal", "unknown", "exploded", 500},
        {"no word", "internal", "unknown", "failure is NULL", 500},
        {"no body", "internal", "unknown", "body is NULL", 500},
        {"impossible status", "network", "unknown", "status 7;", 500},
        {"no status at all", "network", "unknown", "status 70000;", 500},
    };
    transport_data data = {"success", 0, 0, 0, NULL};
    hogwire_config *config = NULL;
    hogwire_client *client = NULL, *second = NULL;
    CHECK(hogwire_config_new(OPTIONS, strlen(OPTIONS), &config) == HOGWIRE_OK);
    CHECK(hogwire_config_set_transport(config, transport, &data, free_transport) == HOGWIRE_OK);
    CHECK(hogwire_client_with_config(config, &client) == HOGWIRE_OK);
    CHECK(hogwire_client_with_config(config, &second) == HOGWIRE_OK);
    for (size_t index = 0; index < sizeof CASES / sizeof *CASES; index++) {
        data.act = CASES[index].act;
        hogwire_outcome *outcome = send(client);
        CHECK_TEXT(hogwire_outcome_error_code(outcome), CASES[index].error_code);
        CHECK_TEXT(hogwire_outcome_delivery(outcome), CASES[index].delivery);
        CHECK_HOLDS(hogwire_outcome_error_message(outcome), CASES[index].message);
        CHECK(hogwire_outcome_status_code(outcome) == CASES[index].status_code);
        CHECK(data.calls == (int)index + 1);
        CHECK_HOLDS(data.body, hogwire_outcome_event_uuid(outcome));
        hogwire_outcome_free(outcome);
    }
    CHECK(data.time_left_ms > 0 && data.time_left_ms <= 10000);

    /* Freed once, when the last that holds it goes. */
    hogwire_config_free(config);
    hogwire_client_free(client);
    CHECK(data.freed == 0);
    hogwire_client_free(second);
    CHECK(data.freed == 1);

    /* A second transport replaces the first. */
    transport_data replaced = {"success", 0, 0, 0, NULL};
    CHECK(hogwire_config_new(OPTIONS, strlen(OPTIONS), &config) == HOGWIRE_OK);
    CHECK(hogwire_config_set_transport(config, transport, &replaced, free_transport) == HOGWIRE_OK);
    CHECK(hogwire_config_set_transport(config, transport, &data, NULL) == HOGWIRE_OK);
    CHECK(replaced.freed == 1 && replaced.calls == 0);
    CHECK(hogwire_config_set_transport(config, NULL, &replaced, free_transport) == HOGWIRE_NULL_ARGUMENT);
    CHECK(replaced.freed == 1);
    hogwire_config_free(config);
    free(data.body);
}

/* Hooks; their data is what they leave behind. */
typedef struct {
    int calls;
    int freed;
    char seen[1024];
} hook_data;

static void look(void *user_data, hogwire_event *event) {
    hook_data *data = user_data;
    data->calls++;
    snprintf(data->seen, sizeof data->seen, "%s", hogwire_event_json(event));
}

static void redact(void *user_data, hogwire_event *event) {
    ((hook_data *)user_data)->calls++;
    CHECK(hogwire_event_set(event, "event", "\"renamed\"") == HOGWIRE_OK);
    CHECK(hogwire_event_set_property(event, "email", NULL) == HOGWIRE_OK);
    CHECK(hogwire_event_set_property(event, "redacted", "true") == HOGWIRE_OK);
    CHECK_HOLDS(hogwire_event_json(event), "\"redacted\":true");
}

static void replace(void *user_data, hogwire_event *event) {
    (void)user_data;
    const char *json = "{\"event\": \"replaced\", \"distinct_id\": \"user-2\"}";
    CHECK(hogwire_event_replace(event, json, strlen(json)) == HOGWIRE_OK);
}

static void give_back(void *user_data, hogwire_event *event) {
    (void)user_data;
    const char *json = hogwire_event_json(event);
    CHECK(hogwire_event_replace(event, json, strlen(json)) == HOGWIRE_OK);
    CHECK(hogwire_event_set_property(event, "$copy", hogwire_event_json(event)) == HOGWIRE_OK);
    CHECK_HOLDS(hogwire_event_json(event), "\"$copy\":{\"event\":");
}

static void drop(void *user_data, hogwire_event *event) {
    (void)user_data;
    hogwire_event_drop(event);
}

static void fail(void *user_data, hogwire_event *event) { hogwire_event_fail(event, user_data); }

static void take_id(void *user_data, hogwire_event *event) {
    (void)user_data;
    CHECK(hogwire_event_set(event, "distinct_id", NULL) == HOGWIRE_OK);
}

static void broken_json(void *user_data, hogwire_event *event) {
    (void)user_data;
    CHECK(hogwire_event_set_property(event, "a", "{") == HOGWIRE_INVALID_ARGUMENT);
}

static void huge_number(void *user_data, hogwire_event *event) {
    (void)user_data;
    CHECK(hogwire_event_set_property(event, "a", "18446744073709551615") == HOGWIRE_OK);
    CHECK(hogwire_event_set_property(event, "a", "18446744073709551616") == HOGWIRE_INVALID_ARGUMENT);
}

static void huge_number_in_event(void *user_data, hogwire_event *event) {
    (void)user_data;
    const char *json = "{\"event\":\"e\",\"distinct_id\":\"u\",\"properties\":{\"a\":[-9223372036854775809]}}";
    CHECK(hogwire_event_replace(event, json, strlen(json)) == HOGWIRE_INVALID_ARGUMENT);
}

static void broken_event(void *user_data, hogwire_event *event) {
    (void)user_data;
    CHECK(hogwire_event_replace(event, "[]", 2) == HOGWIRE_INVALID_ARGUMENT);
}

static void no_key(void *user_data, hogwire_event *event) {
    (void)user_data;
    CHECK(hogwire_event_set(event, NULL, "1") == HOGWIRE_NULL_ARGUMENT);
}

static void another_key(void *user_data, hogwire_event *event) {
    (void)user_data;
    CHECK(hogwire_event_set(event, "plan", "\"premium\"") == HOGWIRE_OK);
}

static void no_object(void *user_data, hogwire_event *event) {
    (void)user_data;
    CHECK(hogwire_event_set(event, "properties", "[1]") == HOGWIRE_OK);
    CHECK(hogwire_event_set_property(event, "a", "1") == HOGWIRE_INVALID_ARGUMENT);
}

static void answer_with(void *user_data, const hogwire_request *request, uint64_t time_left_ms, hogwire_answer *answer) {
    (void)request, (void)time_left_ms;
    CHECK(hogwire_answer_fail(answer, "network", HOGWIRE_SENT_UNKNOWN, user_data) == HOGWIRE_OK);
}

/* Of what callbacks say at length the beginning is told, and no key. */
static void long_complaints(void) {
    static char words[100000] = "phc_another is wrong because";
    const size_t start = strlen(words);
    for (size_t index = start; index < sizeof words - 1; index++) {
        words[index] = index % 10 == 0 ? ' ' : 'y';
    }
    for (int hooked = 0; hooked < 2; hooked++) {
        hogwire_config *config = NULL;
        hogwire_client *client = NULL;
        CHECK(hogwire_config_new(OPTIONS, strlen(OPTIONS), &config) == HOGWIRE_OK);
        CHECK(hogwire_config_set_transport(config, answer_with, words, NULL) == HOGWIRE_OK);
        CHECK(!hooked || hogwire_config_add_before_send(config, fail, words, NULL) == HOGWIRE_OK);
        CHECK(hogwire_client_with_config(config, &client) == HOGWIRE_OK);
        hogwire_outcome *outcome = send(client);
        const char *message = hogwire_outcome_error_message(outcome);
        CHECK_TEXT(hogwire_outcome_error_code(outcome), hooked ? "dropped" : "network");
        CHECK_HOLDS(message, "phc_*** is wrong because");
        CHECK_HOLDS(message, "yyy...");
        CHECK(strlen(message) > 900 && strlen(message) < 1200);
        hogwire_outcome_free(outcome);
        hogwire_client_free(client);
        hogwire_config_free(config);
    }
}

static void free_hook(void *user_data) { ((hook_data *)user_data)->freed++; }

static void hooks(void) {
    static const struct {
        hogwire_before_send_function function;
        void *user_data;
        const char *error_code, *message;
        int status_code;
        bool warns;
    } CASES[] = {
        {drop, NULL, "dropped", "before_send", 500, false},
        {fail, "the hook is ill", "dropped", "the hook is ill", 500, true},
        {fail, NULL, "dropped", "no reason", 500, true},
        {fail, "", "dropped", "no reason", 500, true},
        {take_id, NULL, "invalid_input", "DistinctId", -1, false},
        {broken_json, NULL, "dropped", "not JSON", 500, true},
        {broken_event, NULL, "dropped", "not a JSON object", 500, true},
        {huge_number, NULL, "dropped", "18446744073709551616 is outside", 500, true},
        {huge_number_in_event, NULL, "dropped", "send it as text", 500, true},
        {no_key, NULL, "dropped", "key is NULL", 500, true},
        {no_object, NULL, "dropped", "properties is no object", 500, true},
        {another_key, NULL, "invalid_input", "no parameter plan", -1, false},
    };
    transport_data data = {"success", 0, 0, 0, NULL};
    hogwire_config *config = NULL;
    hogwire_client *client = NULL;

    /* A chain: each hook sees what the one before made. */
    hook_data first = {0, 0, ""}, second = {0, 0, ""};
    CHECK(hogwire_config_new(OPTIONS, strlen(OPTIONS), &config) == HOGWIRE_OK);
    CHECK(hogwire_config_set_transport(config, transport, &data, NULL) == HOGWIRE_OK);
    CHECK(hogwire_config_add_before_send(config, redact, &first, free_hook) == HOGWIRE_OK);
    CHECK(hogwire_config_add_before_send(config, look, &second, free_hook) == HOGWIRE_OK);
    CHECK(hogwire_client_with_config(config, &client) == HOGWIRE_OK);
    hogwire_outcome *outcome = send(client);
    CHECK(hogwire_outcome_ok(outcome));
    CHECK(first.calls == 1 && second.calls == 1 && data.calls == 1);
    CHECK_HOLDS(second.seen, "\"event\":\"renamed\"");
    CHECK_HOLDS(data.body, "\"event\":\"renamed\"");
    CHECK_HOLDS(data.body, "\"redacted\":true");
    CHECK(strstr(data.body, "ada@example.com") == NULL);
    hogwire_outcome_free(outcome);

    /* Hooks run in hogwire_build(), too. */
    hogwire_request *request = NULL;
    const char *input = "{\"DistinctId\": \"user-1\", \"EventName\": \"signed up\"}";
    CHECK(hogwire_build(config, "event", input, strlen(input), NULL, NULL, 1, &request, &outcome) == HOGWIRE_OK);
    CHECK_HOLDS(hogwire_request_json(request), "renamed");
    hogwire_request_free(request);
    hogwire_client_free(client);
    CHECK(first.freed == 0);
    hogwire_config_free(config);
    CHECK(first.freed == 1 && second.freed == 1);

    CHECK(hogwire_config_new(OPTIONS, strlen(OPTIONS), &config) == HOGWIRE_OK);
    CHECK(hogwire_config_set_transport(config, transport, &data, NULL) == HOGWIRE_OK);
    CHECK(hogwire_config_add_before_send(config, replace, NULL, NULL) == HOGWIRE_OK);
    CHECK(hogwire_config_add_before_send(config, give_back, NULL, NULL) == HOGWIRE_OK);
    CHECK(hogwire_client_with_config(config, &client) == HOGWIRE_OK);
    outcome = send(client);
    CHECK(hogwire_outcome_ok(outcome));
    CHECK_HOLDS(data.body, "\"distinct_id\":\"user-2\"");
    hogwire_outcome_free(outcome);
    hogwire_client_free(client);
    hogwire_config_free(config);

    int sent = data.calls;
    for (size_t index = 0; index < sizeof CASES / sizeof *CASES; index++) {
        hook_data later = {0, 0, ""};
        CHECK(hogwire_config_new(OPTIONS, strlen(OPTIONS), &config) == HOGWIRE_OK);
        CHECK(hogwire_config_set_transport(config, transport, &data, NULL) == HOGWIRE_OK);
        CHECK(hogwire_config_add_before_send(config, CASES[index].function, CASES[index].user_data, NULL) == HOGWIRE_OK);
        CHECK(hogwire_config_add_before_send(config, look, &later, NULL) == HOGWIRE_OK);
        CHECK(hogwire_client_with_config(config, &client) == HOGWIRE_OK);
        outcome = send(client);
        int right = CHECK_TEXT(hogwire_outcome_error_code(outcome), CASES[index].error_code);
        right &= CHECK_HOLDS(hogwire_outcome_error_message(outcome), CASES[index].message);
        right &= CHECK(hogwire_outcome_status_code(outcome) == CASES[index].status_code);
        right &= CHECK((hogwire_outcome_warning_count(outcome) == 1) == CASES[index].warns);
        if (CASES[index].warns) {
            right &= CHECK_TEXT(hogwire_outcome_warning_code(outcome, 0), "before_send_failed");
        }
        right &= CHECK(data.calls == sent);
        right &= CHECK(later.calls == (CASES[index].status_code == -1));
        if (!right) {
            fprintf(stderr, "    in hook %zu\n", index);
        }
        hogwire_outcome_free(outcome);
        hogwire_client_free(client);
        hogwire_config_free(config);
    }
    free(data.body);
}

int main(void) {
    transports();
    hooks();
    long_complaints();
    return check_report("callbacks");
}
