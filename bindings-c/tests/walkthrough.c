/* The five operations, each once well and once badly, over real HTTP. */
#include "check.h"
#include "clients.h"
#include "hogwire.h"
#include "receiver.h"

#include <stdlib.h>

static void accepted(hogwire_status status, hogwire_outcome *outcome) {
    CHECK(status == HOGWIRE_OK);
    CHECK(hogwire_outcome_ok(outcome));
    CHECK(hogwire_outcome_status_code(outcome) == 200);
    CHECK(hogwire_outcome_original_status_code(outcome) == 200);
    CHECK_TEXT(hogwire_outcome_error_message(outcome), "");
    CHECK_TEXT(hogwire_outcome_error_code(outcome), "ok");
    CHECK_TEXT(hogwire_outcome_delivery(outcome), "accepted");
    CHECK_TEXT(hogwire_outcome_data_json(outcome), "{\"status\":\"Ok\"}");
    CHECK(!hogwire_outcome_retryable(outcome));
    CHECK(hogwire_outcome_retry_after_ms(outcome) == -1);
    CHECK(hogwire_outcome_attempts(outcome) == 1);
    CHECK(hogwire_outcome_event_uuid(outcome) != NULL && strlen(hogwire_outcome_event_uuid(outcome)) == 36);
    CHECK(hogwire_outcome_finding_count(outcome) == 0);
    CHECK(hogwire_outcome_finding_code(outcome, 0) == NULL);
    hogwire_outcome_free(outcome);
}

static void refused(hogwire_status status, hogwire_outcome *outcome, const char *code, const char *parameter) {
    CHECK(status == HOGWIRE_OK);
    CHECK(hogwire_outcome_status_code(outcome) == -1);
    CHECK(hogwire_outcome_original_status_code(outcome) == 0);
    CHECK_TEXT(hogwire_outcome_error_code(outcome), "invalid_input");
    CHECK_TEXT(hogwire_outcome_delivery(outcome), "not_sent");
    CHECK(hogwire_outcome_event_uuid(outcome) == NULL);
    CHECK(hogwire_outcome_finding_count(outcome) == 1);
    CHECK_TEXT(hogwire_outcome_finding_code(outcome, 0), code);
    CHECK_TEXT(hogwire_outcome_finding_parameter(outcome, 0), parameter);
    CHECK_TEXT(hogwire_outcome_error_message(outcome), hogwire_outcome_finding_message(outcome, 0));
    hogwire_outcome_free(outcome);
}

static void stored(const char *const *parts) {
    char *events = receiver_page("stored");
    for (; *parts != NULL; parts++) {
        CHECK_HOLDS(events, *parts);
    }
    free(events);
    receiver_script("[]");
}

#define STORED(...) stored((const char *const[]){__VA_ARGS__, NULL})

int main(void) {
    hogwire_client *client = new_client("");
    hogwire_outcome *outcome = NULL;

    /* The reference's walk-through. */
    hogwire_status status = hogwire_create_event(client, "user-12345", "User Signed Up",
                                                 "{\"plan\": \"premium\", \"source\": \"web_form\"}", &outcome);
    accepted(status, outcome);
    STORED("\"event\":\"User Signed Up\"", "\"distinct_id\":\"user-12345\"", "\"plan\":\"premium\"",
           "\"source\":\"web_form\"", "\"$lib\":\"hogwire-c\"", "\"$lib_version\":\"", "\"$is_server\":true",
           "\"$geoip_disable\":true", "\"token\":\"phc_story\"");
    status = hogwire_create_event(client, "user-12345", NULL, NULL, &outcome);
    refused(status, outcome, "required", "EventName");

    status = hogwire_create_alias(client, "user-12345", "visitor-678", &outcome);
    accepted(status, outcome);
    STORED("\"event\":\"$create_alias\"", "\"alias\":\"visitor-678\"", "\"distinct_id\":\"user-12345\"");
    status = hogwire_create_alias(client, "user-12345", "user-12345", &outcome);
    refused(status, outcome, "same_id", "Alias");

    status = hogwire_create_identity(client, "user-12345", "Ada", "ada@example.com", "premium", "2026-01-31", "friend",
                                     "{\"seats\": 3}", "{\"first_page\": \"/\"}", &outcome);
    accepted(status, outcome);
    STORED("\"event\":\"$identify\"", "\"$set\":{", "\"seats\":3", "\"name\":\"Ada\"", "\"email\":\"ada@example.com\"",
           "\"plan\":\"premium\"", "\"$set_once\":{", "\"signup_date\":\"2026-01-31\"", "\"referral_source\":\"friend\"",
           "\"first_page\":\"/\"");
    status = hogwire_create_identity(client, NULL, "Ada", NULL, NULL, NULL, NULL, NULL, NULL, &outcome);
    refused(status, outcome, "required", "DistinctId");

    status = hogwire_track_page(client, "user-12345", "https://example.com/pricing?utm_source=mail", "Pricing",
                                "https://search.example/", "{\"variant\": \"b\"}", &outcome);
    accepted(status, outcome);
    STORED("\"event\":\"$pageview\"", "\"$current_url\":\"https://example.com/pricing?utm_source=mail\"",
           "\"$host\":\"example.com\"", "\"$pathname\":\"/pricing\"", "\"title\":\"Pricing\"",
           "\"$referring_domain\":\"search.example\"", "\"utm_source\":\"mail\"", "\"variant\":\"b\"");
    status = hogwire_track_page(client, "user-12345", "/pricing", NULL, NULL, NULL, &outcome);
    refused(status, outcome, "invalid_url", "PageUrl");

    status = hogwire_track_screen(client, "user-12345", "Home", "Main", "2.1.0", "ios", "{\"os_version\": \"17\"}",
                                  &outcome);
    accepted(status, outcome);
    STORED("\"event\":\"$screen\"", "\"$screen_name\":\"Home\"", "\"screen_category\":\"Main\"",
           "\"$app_version\":\"2.1.0\"", "\"$device_type\":\"Mobile\"", "\"$os\":\"iOS\"", "\"$os_version\":\"17\"");
    status = hogwire_track_screen(client, "user-12345", "", NULL, NULL, NULL, NULL, &outcome);
    refused(status, outcome, "required", "ScreenViewName");

    /* What the plain functions have no argument for goes through the call by name. */
    const char *json = "{\"DistinctId\": \"user-12345\", \"AnonymousId\": \"visitor-678\", \"PropertiesUnset\": [\"trial\"], "
                       "\"Groups\": {\"company\": \"acme\"}}";
    status = hogwire_execute(client, "identity", json, strlen(json), &outcome);
    accepted(status, outcome);
    STORED("\"$anon_distinct_id\":\"visitor-678\"", "\"$unset\":[\"trial\"]", "\"$groups\":{\"company\":\"acme\"}");
    status = hogwire_execute(client, "event", "{}", 2, &outcome);
    CHECK(status == HOGWIRE_OK && hogwire_outcome_finding_count(outcome) == 2);
    CHECK_HOLDS(hogwire_outcome_json(outcome), "\"StatusCode\":-1");
    hogwire_outcome_free(outcome);

    char *events = receiver_page("stored");
    CHECK_TEXT(events, "[]");
    free(events);
    hogwire_client_free(client);
    return check_report("walkthrough");
}
