/* Many calls in one request, one outcome each; groups; uuids from keys. */
#include "check.h"
#include "clients.h"
#include "hogwire.h"
#include "receiver.h"

#include <stdlib.h>

static void batches(const char *more, const char *delivery) {
    static const char BATCH[] =
        "[{\"Operation\": \"event\", \"DistinctId\": \"user-1\", \"EventName\": \"paid\"},"
        " {\"Operation\": \"alias\", \"DistinctId\": \"user-1\"},"
        " {\"Operation\": \"capture\", \"DistinctId\": \"user-1\"},"
        " {\"DistinctId\": \"user-1\"}, 7,"
        " {\"Operation\": \"group\", \"GroupType\": \"company\", \"GroupKey\": \"acme\"},"
        " {\"Operation\": \"page\", \"DistinctId\": \"user-1\", \"PageUrl\": \"/pricing\"}]";
    static const struct {
        int status_code;
        const char *code, *parameter;
    } EXPECTED[] = {
        {200, NULL, NULL},
        {-1, "required", "Alias"},
        {-1, "unknown_parameter", "Operation"},
        {-1, "required", "Operation"},
        {-1, "invalid_json", "Input"},
        {200, NULL, NULL},
        {-1, "invalid_url", "PageUrl"},
    };
    receiver_script("[]");
    hogwire_client *client = new_client(more);
    hogwire_outcomes *outcomes = NULL;
    CHECK(hogwire_send_batch(client, BATCH, sizeof BATCH - 1, &outcomes) == HOGWIRE_OK);
    CHECK(hogwire_outcomes_count(outcomes) == sizeof EXPECTED / sizeof *EXPECTED);
    for (size_t index = 0; index < sizeof EXPECTED / sizeof *EXPECTED; index++) {
        const hogwire_outcome *outcome = hogwire_outcomes_at(outcomes, index);
        CHECK(hogwire_outcome_status_code(outcome) == EXPECTED[index].status_code);
        if (EXPECTED[index].code != NULL) {
            CHECK_TEXT(hogwire_outcome_finding_code(outcome, 0), EXPECTED[index].code);
            CHECK_TEXT(hogwire_outcome_finding_parameter(outcome, 0), EXPECTED[index].parameter);
            CHECK(hogwire_outcome_finding_count(outcome) == 1);
        } else {
            CHECK_TEXT(hogwire_outcome_delivery(outcome), delivery);
        }
    }
    CHECK(hogwire_outcomes_at(outcomes, 7) == NULL);
    hogwire_outcomes_free(outcomes);
    CHECK(receiver_count("requests") == 1 && receiver_count("stored") == 2);

    /* Nothing to send is no request; what is no list is one outcome. */
    CHECK(hogwire_send_batch(client, "[]", 2, &outcomes) == HOGWIRE_OK);
    CHECK(hogwire_outcomes_count(outcomes) == 0);
    hogwire_outcomes_free(outcomes);
    static const char *const NO_LISTS[] = {"", "{}", "[", "null", "[1,]"};
    for (size_t index = 0; index < sizeof NO_LISTS / sizeof *NO_LISTS; index++) {
        CHECK(hogwire_send_batch(client, NO_LISTS[index], strlen(NO_LISTS[index]), &outcomes) == HOGWIRE_OK);
        CHECK(hogwire_outcomes_count(outcomes) == 1);
        CHECK_TEXT(hogwire_outcome_finding_code(hogwire_outcomes_at(outcomes, 0), 0), "invalid_json");
        hogwire_outcomes_free(outcomes);
    }
    hogwire_client_free(client);
}

static void groups(void) {
    receiver_script("[]");
    hogwire_client *client = new_client("");
    hogwire_outcome *outcome = NULL;
    CHECK(hogwire_identify_group(client, "company", "acme", "{\"plan\": \"big\"}", NULL, &outcome) == HOGWIRE_OK);
    CHECK(hogwire_outcome_ok(outcome));
    hogwire_outcome_free(outcome);
    char *stored = receiver_page("stored");
    CHECK_HOLDS(stored, "\"distinct_id\":\"$company_acme\"");
    CHECK_HOLDS(stored, "\"$group_set\":{\"plan\":\"big\"}");
    free(stored);
    CHECK(hogwire_identify_group(client, "company", "acme", NULL, "user-9", &outcome) == HOGWIRE_OK);
    CHECK(hogwire_outcome_ok(outcome));
    hogwire_outcome_free(outcome);
    stored = receiver_page("stored");
    CHECK_HOLDS(stored, "\"distinct_id\":\"user-9\"");
    CHECK_HOLDS(stored, "\"$group_set\":{}");
    free(stored);
    CHECK(hogwire_identify_group(client, "", NULL, NULL, NULL, &outcome) == HOGWIRE_OK);
    CHECK(hogwire_outcome_status_code(outcome) == -1 && hogwire_outcome_finding_count(outcome) == 2);
    hogwire_outcome_free(outcome);
    hogwire_client_free(client);
}

static void uuids(void) {
    char first[HOGWIRE_UUID_SIZE] = "", second[HOGWIRE_UUID_SIZE] = "";
    CHECK(hogwire_uuid_from("order-1234-paid", first) == HOGWIRE_OK);
    CHECK(hogwire_uuid_from("order-1234-paid", second) == HOGWIRE_OK);
    CHECK_TEXT(first, second);
    CHECK(strlen(first) == 36 && first[14] == '5');
    CHECK(hogwire_uuid_from("another key", second) == HOGWIRE_OK && strcmp(first, second) != 0);
    CHECK(hogwire_uuid_from("", second) == HOGWIRE_OK);
    CHECK(hogwire_uuid_from(NULL, second) == HOGWIRE_NULL_ARGUMENT);
    CHECK(hogwire_uuid_from("k", NULL) == HOGWIRE_NULL_ARGUMENT);
    CHECK(hogwire_uuid_from("\xff", second) == HOGWIRE_INVALID_ARGUMENT);
}

int main(void) {
    batches("", "accepted");
    batches(", \"protocol\": \"v1\"", "stored");
    groups();
    uuids();
    return check_report("batch");
}
