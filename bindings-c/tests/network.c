/* Every cell of the status table, from real exchanges, and what is retried. */
#include "check.h"
#include "clients.h"
#include "hogwire.h"
#include "receiver.h"

#include <stdlib.h>

typedef struct {
    const char *operation;
    const char *input;
    int timeout, no_answer, server, other;
} row;

#define ORIGINAL 0

static const row ROWS[] = {
    {"alias", "{\"DistinctId\": \"user-1\", \"Alias\": \"visitor-1\"}", 500, 500, 500, 500},
    {"event", "{\"DistinctId\": \"user-1\", \"EventName\": \"signed up\"}", 500, 500, 500, 500},
    {"identity", "{\"DistinctId\": \"user-1\"}", 500, 500, ORIGINAL, ORIGINAL},
    {"page", "{\"DistinctId\": \"user-1\", \"PageUrl\": \"https://example.com/\"}", 504, 500, 500, ORIGINAL},
    {"screen", "{\"DistinctId\": \"user-1\", \"ScreenViewName\": \"Home\"}", 500, 500, 500, 500},
};

/* A cell of the table is a number, or the server's own. */
static int cell(int number, int original) { return number == ORIGINAL ? original : number; }

static void expect(const hogwire_client *client, const row *row, const char *script, int status_code, int original,
                   const char *error_code, const char *delivery, bool retryable) {
    hogwire_outcome *outcome = NULL;
    receiver_script(script);
    CHECK(hogwire_execute(client, row->operation, row->input, strlen(row->input), &outcome) == HOGWIRE_OK);
    int right = CHECK(hogwire_outcome_status_code(outcome) == status_code);
    right &= CHECK(hogwire_outcome_original_status_code(outcome) == original);
    right &= CHECK_TEXT(hogwire_outcome_error_code(outcome), error_code);
    right &= CHECK_TEXT(hogwire_outcome_delivery(outcome), delivery);
    right &= CHECK(hogwire_outcome_retryable(outcome) == retryable);
    right &= CHECK((strlen(hogwire_outcome_error_message(outcome)) == 0) == (status_code == 200));
    right &= CHECK(hogwire_outcome_event_uuid(outcome) != NULL);
    if (!right) {
        fprintf(stderr, "    %s after %s: %s\n", row->operation, script, hogwire_outcome_json(outcome));
    }
    hogwire_outcome_free(outcome);
}

static void status_table(void) {
    hogwire_client *client = new_client(", \"max_retries\": 0");
    hogwire_client *hasty = new_client(", \"max_retries\": 0, \"timeout_ms\": 150");
    hogwire_client *lost = NULL;
    /* Port 1: no system listens there. */
    const char *nowhere = "{\"api_key\": \"phc_story\", \"host\": \"http://127.0.0.1:1\", \"max_retries\": 0}";
    CHECK(hogwire_client_new(nowhere, strlen(nowhere), &lost) == HOGWIRE_OK);
    for (size_t index = 0; index < sizeof ROWS / sizeof *ROWS; index++) {
        const row *row = &ROWS[index];
        expect(client, row, "[]", 200, 200, "ok", "accepted", false);
        expect(client, row, "[{\"status\": 429}]", 429, 429, "rate_limited", "rejected", true);
        expect(hasty, row, "[{\"delay_ms\": 2000}]", row->timeout, 0, "timeout", "unknown", true);
        expect(lost, row, "[]", row->no_answer, 0, "network", "not_sent", true);
        /* Twice: a kept connection that turns out dead is replaced once, without a word. */
        expect(client, row, "[{\"cut\": \"before_answer\"}, {\"cut\": \"before_answer\"}]", row->no_answer, 0, "network", "unknown", true);
        expect(client, row, "[{\"cut\": \"in_body\"}]", row->no_answer, 0, "network", "unknown", true);
        expect(client, row, "[{\"raw\": \"SSH-2.0-x\\r\\n\"}]", row->no_answer, 0, "network", "unknown", true);
        expect(client, row, "[{\"status\": 503}]", cell(row->server, 503), 503, "server_error", "unknown", true);
        expect(client, row, "[{\"status\": 400}]", cell(row->other, 400), 400, "rejected", "rejected", false);
        expect(client, row, "[{\"status\": 401}]", cell(row->other, 401), 401, "unauthorized", "rejected", false);
        expect(client, row, "[{\"status\": 413}]", cell(row->other, 413), 413, "too_large", "rejected", false);
        expect(client, row, "[{\"status\": 302, \"headers\": [[\"Location\", \"https://example.com/\"]]}]",
               cell(row->other, 302), 302, "redirected", "rejected", false);
    }
    hogwire_client_free(client);
    hogwire_client_free(hasty);
    hogwire_client_free(lost);
}

static void retries(void) {
    hogwire_client *client = new_client("");
    hogwire_outcome *outcome = NULL;
    receiver_script("[{\"status\": 503}, {\"cut\": \"in_body\"}, {}]");
    CHECK(hogwire_create_event(client, "user-1", "signed up", NULL, &outcome) == HOGWIRE_OK);
    CHECK(hogwire_outcome_status_code(outcome) == 200);
    CHECK(hogwire_outcome_attempts(outcome) == 3);
    char *stored = receiver_page("stored");
    CHECK_HOLDS(stored, hogwire_outcome_event_uuid(outcome));
    free(stored);
    hogwire_outcome_free(outcome);

    receiver_script("[{\"status\": 429, \"headers\": [[\"Retry-After\", \"3\"]], \"body\": \"slow \\u0000 down\"}]");
    CHECK(hogwire_create_event(client, "user-1", "signed up", NULL, &outcome) == HOGWIRE_OK);
    CHECK(hogwire_outcome_attempts(outcome) == 1);
    CHECK(hogwire_outcome_retry_after_ms(outcome) == 3000);
    CHECK_TEXT(hogwire_outcome_data_json(outcome), "{\"raw_content\":\"slow \\u0000 down\"}");
    CHECK_HOLDS(hogwire_outcome_error_message(outcome), "slow down");
    hogwire_outcome_free(outcome);

    /* A success from a server that is not PostHog's. */
    receiver_script("[{\"status\": 200, \"body\": \"<html>Welcome to our hotel\"}]");
    CHECK(hogwire_create_event(client, "user-1", "signed up", NULL, &outcome) == HOGWIRE_OK);
    CHECK(hogwire_outcome_ok(outcome));
    CHECK_TEXT(hogwire_outcome_delivery(outcome), "unknown");
    CHECK(hogwire_outcome_warning_count(outcome) == 1);
    CHECK_TEXT(hogwire_outcome_warning_code(outcome, 0), "unexpected_answer");
    CHECK_TEXT(hogwire_outcome_warning_parameter(outcome, 0), "Data");
    CHECK(strlen(hogwire_outcome_warning_message(outcome, 0)) > 0);
    CHECK(hogwire_outcome_warning_code(outcome, 1) == NULL);
    hogwire_outcome_free(outcome);
    hogwire_client_free(client);
}

int main(void) {
    status_table();
    retries();
    return check_report("network");
}
