/* Real exchanges: what is retried, and what an outcome then has to say. What every answer means is the vectors' to say. */
#include "check.h"
#include "clients.h"
#include "hogwire.h"
#include "receiver.h"

#include <stdlib.h>

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

/* A server that answers and hangs up while the request is still being sent: SIGPIPE would end this program. */
static void hangs_up(void) {
    static char properties[900000];
    memset(properties, 'x', sizeof properties - 1);
    memcpy(properties, "{\"text\": \"", 10);
    memcpy(properties + sizeof properties - 3, "\"}", 2);
    hogwire_client *client = new_client("");
    for (int round = 0; round < 6; round++) {
        hogwire_outcome *outcome = NULL;
        receiver_script("[{\"status\": 413, \"early\": true, \"close\": true}]");
        CHECK(hogwire_create_event(client, "user-1", "signed up", properties, &outcome) == HOGWIRE_OK);
        CHECK_TEXT(hogwire_outcome_error_code(outcome), "too_large");
        hogwire_outcome_free(outcome);
    }
    hogwire_client_free(client);
}

int main(void) {
    retries();
    hangs_up();
    return check_report("network");
}
