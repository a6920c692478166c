/* Hostile input, as a table: no call fails, nothing of it is sent, and each case has its code and parameter. */
#include "check.h"
#include "hogwire.h"

#include <stdlib.h>

static int sent = 0;

static void transport(void *user_data, const hogwire_request *request, uint64_t time_left_ms, hogwire_answer *answer) {
    (void)user_data, (void)request, (void)time_left_ms;
    sent++;
    hogwire_answer_respond(answer, 200, NULL, 0, (const uint8_t *)"{\"status\":1}", 12);
}

/* JSON text for hogwire_execute(); a length of 0 means up to the NUL. */
typedef struct {
    const char *operation, *json;
    size_t length;
    const char *code, *parameter;
} json_case;

#define EVENT(members) "event", "{\"DistinctId\": \"user-1\", \"EventName\": \"x\", " members "}", 0
#define PROPERTY(value) EVENT("\"Properties\": {\"plan\": " value "}")
#define ID(value) "event", "{\"EventName\": \"x\", \"DistinctId\": " value "}", 0
#define PAGE(url) "page", "{\"DistinctId\": \"user-1\", \"PageUrl\": " url "}", 0
#define TIME(value) EVENT("\"Timestamp\": " value)

static const json_case REFUSED[] = {
    /* No JSON object at all. */
    {"event", "", 0, "invalid_json", "Input"},
    {"event", " \n\t", 0, "invalid_json", "Input"},
    {"event", "null", 0, "invalid_json", "Input"},
    {"event", "[]", 0, "invalid_json", "Input"},
    {"event", "\"user-1\"", 0, "invalid_json", "Input"},
    {"event", "{", 0, "invalid_json", "Input"},
    {"event", "{}{}", 0, "invalid_json", "Input"},
    {"event", "{\"DistinctId\": \"user-1\",}", 0, "invalid_json", "Input"},
    {"event", "{'DistinctId': 'user-1'}", 0, "invalid_json", "Input"},
    {"event", "{DistinctId: 1}", 0, "invalid_json", "Input"},
    {"event", "\xef\xbb\xbf{}", 0, "invalid_json", "Input"},
    {"event", "{}\0", 3, "invalid_json", "Input"},
    {"event", "\0\0\0\0", 4, "invalid_json", "Input"},
    {"event", "{\"DistinctId\": \"\xff\"}", 0, "invalid_json", "Input"},
    {"event", "{\"DistinctId\": \"\xc0\xaf\"}", 0, "invalid_json", "Input"},
    {"event", "{\"DistinctId\": \"\xed\xa0\x80\"}", 0, "invalid_json", "Input"},
    {"event", "{\"DistinctId\": \"\x01\"}", 0, "invalid_json", "Input"},
    {PROPERTY("NaN"), "invalid_json", "Input"},
    {PROPERTY("Infinity"), "invalid_json", "Input"},
    {PROPERTY("undefined"), "invalid_json", "Input"},
    {PROPERTY("0x10"), "invalid_json", "Input"},
    {PROPERTY("01"), "invalid_json", "Input"},
    {PROPERTY("\"\\x41\""), "invalid_json", "Input"},
    /* Names. */
    {EVENT("\"distinct_id\": \"user-1\""), "unknown_parameter", "distinct_id"},
    {EVENT("\"\": 1"), "unknown_parameter", "\"\""},
    {EVENT("\"PageUrl\": \"https://example.com\""), "unknown_parameter", "PageUrl"},
    {EVENT("\"__proto__\": {}"), "unknown_parameter", "__proto__"},
    /* Ids and names. */
    {ID("null"), "required", "DistinctId"},
    {ID("\"\""), "required", "DistinctId"},
    {ID("\" \\u2003\\n\""), "required", "DistinctId"},
    {ID("true"), "invalid_type", "DistinctId"},
    {ID("1.5"), "invalid_type", "DistinctId"},
    {ID("1e400"), "invalid_type", "DistinctId"},
    {ID("{}"), "invalid_type", "DistinctId"},
    {ID("[\"user-1\"]"), "invalid_type", "DistinctId"},
    {"event", "{\"DistinctId\": \"user-1\"}", 0, "required", "EventName"},
    {"event", "{\"DistinctId\": \"user-1\", \"EventName\": 5}", 0, "invalid_type", "EventName"},
    {"event", "{\"DistinctId\": \"user-1\", \"EventName\": {\"a\": 1}}", 0, "invalid_type", "EventName"},
    {"screen", "{\"DistinctId\": \"user-1\", \"ScreenViewName\": false}", 0, "invalid_type", "ScreenViewName"},
    /* Merges. */
    {"alias", "{\"DistinctId\": \"user-1\", \"Alias\": \"anonymous\"}", 0, "placeholder_id", "Alias"},
    {"alias", "{\"DistinctId\": \"NULL\", \"Alias\": \"user-1\"}", 0, "placeholder_id", "DistinctId"},
    {"alias", "{\"DistinctId\": \"'undefined'\", \"Alias\": \"user-1\"}", 0, "placeholder_id", "DistinctId"},
    {"alias", "{\"DistinctId\": \"[object Object]\", \"Alias\": \"user-1\"}", 0, "placeholder_id", "DistinctId"},
    {"alias", "{\"DistinctId\": \"user-1\", \"Alias\": \" user-1 \"}", 0, "same_id", "Alias"},
    {"alias", "{\"DistinctId\": \"user-1\"}", 0, "required", "Alias"},
    {"identity", "{\"DistinctId\": \"user-1\", \"AnonymousId\": \"guest\"}", 0, "placeholder_id", "AnonymousId"},
    {"identity", "{\"DistinctId\": \"user-1\", \"AnonymousId\": \"user-1\"}", 0, "same_id", "AnonymousId"},
    /* Properties. */
    {EVENT("\"Properties\": \"plan\""), "invalid_type", "Properties"},
    {EVENT("\"Properties\": [1]"), "invalid_type", "Properties"},
    {EVENT("\"Properties\": 1"), "invalid_type", "Properties"},
    {PROPERTY("{}"), "nested_value", "Properties.plan"},
    {PROPERTY("[]"), "nested_value", "Properties.plan"},
    {PROPERTY("1e400"), "number_out_of_range", "Properties.plan"},
    {PROPERTY("18446744073709551616"), "number_out_of_range", "Properties.plan"},
    {PROPERTY("-9223372036854775809"), "number_out_of_range", "Properties.plan"},
    {"identity", "{\"DistinctId\": \"user-1\", \"PropertiesSet\": {\"a\": {}}}", 0, "nested_value", "PropertiesSet.a"},
    {"identity", "{\"DistinctId\": \"user-1\", \"PropertiesSetOnce\": 7}", 0, "invalid_type", "PropertiesSetOnce"},
    {"identity", "{\"DistinctId\": \"user-1\", \"PropertiesUnset\": \"a\"}", 0, "invalid_type", "PropertiesUnset"},
    {EVENT("\"Groups\": [1]"), "invalid_type", "Groups"},
    {EVENT("\"ProcessPersonProfile\": \"yes\""), "invalid_type", "ProcessPersonProfile"},
    /* Times. */
    {TIME("1795420800"), "timestamp_not_milliseconds", "Timestamp"},
    {TIME("1795420800000000"), "timestamp_not_milliseconds", "Timestamp"},
    {TIME("\"2026-11-23T08:00:00\""), "naive_timestamp", "Timestamp"},
    {TIME("\"yesterday\""), "invalid_timestamp", "Timestamp"},
    {TIME("\"2026-02-30T00:00:00Z\""), "invalid_timestamp", "Timestamp"},
    {TIME("9999999999999"), "future_timestamp", "Timestamp"},
    {TIME("{}"), "invalid_type", "Timestamp"},
    /* Uuids. */
    {EVENT("\"Uuid\": \"not a uuid\""), "invalid_uuid", "Uuid"},
    {EVENT("\"Uuid\": \"00000000-0000-0000-0000-000000000000\""), "nil_uuid", "Uuid"},
    {EVENT("\"Uuid\": 5"), "invalid_type", "Uuid"},
    /* URLs. */
    {PAGE("\"\""), "required", "PageUrl"},
    {PAGE("\"example.com\""), "invalid_url", "PageUrl"},
    {PAGE("\"https://\""), "invalid_url", "PageUrl"},
    {PAGE("\"mailto:ada@example.com\""), "invalid_url", "PageUrl"},
    {PAGE("\"https://[::1\""), "invalid_url", "PageUrl"},
    {PAGE("5"), "invalid_type", "PageUrl"},
};

/* What goes through, with a warning ("" for none). */
static const json_case TAKEN[] = {
    {ID("12345"), "", ""},
    {ID("\"  user-1 \""), "trimmed", "DistinctId"},
    {ID("\"anonymous\""), "placeholder_id", "DistinctId"},
    {ID("\"a\\u0000b\""), "", ""},
    {ID("\"\\ud800\""), "lone_surrogate", "DistinctId"},
    {ID("\"\\ud83d\\ude00\""), "", ""},
    {PROPERTY("\"\\udfff\""), "lone_surrogate", "Properties.plan"},
    {PROPERTY("18446744073709551615"), "", ""},
    {PROPERTY("-9223372036854775808"), "", ""},
    {PROPERTY("1e-400"), "", ""},
    {PROPERTY("null"), "", ""},
    {EVENT("\"Properties\": {\"\": 1}"), "", ""},
    {EVENT("\"Properties\": {\"a\": 1, \"a\": 2}"), "", ""},
    {EVENT("\"Properties\": {\"$browser\": {\"a\": [1, {}]}}"), "", ""},
    {EVENT("\"Properties\": {\"$lib\": \"mine\"}"), "reserved_property", "Properties.$lib"},
    {EVENT("\"Properties\": \"\""), "", ""},
    {PAGE("\"https://ada:secret@example.com/\""), "userinfo_removed", "PageUrl"},
    {"page", "{\"DistinctId\": \"user-1\", \"PageUrl\": \"https://example.com/\", \"Referrer\": \"inbox\"}", 0,
     "referrer_without_host", "Referrer"},
};

static void refused(const hogwire_outcome *outcome, const char *code, const char *parameter, const char *which) {
    int right = CHECK(hogwire_outcome_status_code(outcome) == -1);
    right &= CHECK_TEXT(hogwire_outcome_delivery(outcome), "not_sent");
    right &= CHECK_TEXT(hogwire_outcome_finding_code(outcome, 0), code);
    right &= CHECK_TEXT(hogwire_outcome_finding_parameter(outcome, 0), parameter);
    right &= CHECK(strlen(hogwire_outcome_error_message(outcome)) > 0);
    right &= CHECK(sent == 0);
    sent = 0;
    if (!right) {
        fprintf(stderr, "    case %.80s: %.300s\n", which, hogwire_outcome_json(outcome));
    }
}

static int run(const hogwire_client *client, const json_case *cases, size_t count, int taken) {
    for (size_t index = 0; index < count; index++) {
        const json_case *one = &cases[index];
        size_t length = one->length > 0 ? one->length : strlen(one->json);
        /* A copy without a NUL behind it: nothing beyond the length may be read. */
        char *json = malloc(length > 0 ? length : 1);
        memcpy(json, one->json, length);
        hogwire_outcome *outcome = NULL;
        CHECK(hogwire_execute(client, one->operation, json, length, &outcome) == HOGWIRE_OK);
        free(json);
        if (!taken) {
            refused(outcome, one->code, one->parameter, one->json);
        } else {
            size_t warnings = strlen(one->code) > 0;
            int right = CHECK(hogwire_outcome_ok(outcome)) & CHECK(sent == 1);
            right &= CHECK(hogwire_outcome_warning_count(outcome) == warnings);
            if (warnings == 1) {
                right &= CHECK_TEXT(hogwire_outcome_warning_code(outcome, 0), one->code);
                right &= CHECK_TEXT(hogwire_outcome_warning_parameter(outcome, 0), one->parameter);
            }
            if (!right) {
                fprintf(stderr, "    case %s: %s\n", one->json, hogwire_outcome_json(outcome));
            }
            sent = 0;
        }
        hogwire_outcome_free(outcome);
    }
    return (int)count;
}

/* `part` repeated, between two texts; the caller frees it. */
static char *made(const char *before, const char *part, size_t times, const char *after) {
    size_t step = strlen(part), start = strlen(before);
    char *text = malloc(start + step * times + strlen(after) + 1);
    memcpy(text, before, start);
    for (size_t index = 0; index < times; index++) {
        memcpy(text + start + index * step, part, step);
    }
    strcpy(text + start + step * times, after);
    return text;
}

static int sizes(const hogwire_client *client) {
    static const struct {
        const char *operation, *before, *part;
        size_t times;
        const char *after, *code, *parameter;
    } CASES[] = {
        {"event", "{\"EventName\": \"x\", \"DistinctId\": \"", "u", 201, "\"}", "too_long", "DistinctId"},
        {"event", "{\"EventName\": \"x\", \"DistinctId\": \"", "\xf0\x9f\xa6\x94", 201, "\"}", "too_long", "DistinctId"},
        {"event", "{\"DistinctId\": \"u1\", \"EventName\": \"", "e", 1000000, "\"}", "too_long", "EventName"},
        {"event", "{\"DistinctId\": \"u1\", \"EventName\": \"x\", \"Properties\": {\"a\": \"", "x", 1000000, "\"}}", "too_large",
         "Properties.a"},
        {"event", "{\"DistinctId\": \"u1\", \"EventName\": \"x\", \"Properties\": {\"a\": \"", "\\\"", 400000, "\"}}", "too_large",
         "Properties.a"},
        {"event", "{\"DistinctId\": \"u1\", \"EventName\": \"x\", \"Properties\": {\"$a\": ", "[", 200000, "", "invalid_json", "Input"},
        {"event", "", "{\"a\":", 200000, "", "invalid_json", "Input"},
        {"event", "", "[", 1000000, "", "invalid_json", "Input"},
        {"event", "{\"EventName\": \"x\", \"DistinctId\": ", "9", 400, "}", "invalid_type", "DistinctId"},
        {"event", "{\"DistinctId\": \"u1\", \"EventName\": \"x\", \"Properties\": {\"a\": ", "9", 400, "}}", "number_out_of_range",
         "Properties.a"},
    };
    size_t count = sizeof CASES / sizeof *CASES;
    for (size_t index = 0; index < count; index++) {
        char *json = made(CASES[index].before, CASES[index].part, CASES[index].times, CASES[index].after);
        hogwire_outcome *outcome = NULL;
        CHECK(hogwire_execute(client, CASES[index].operation, json, strlen(json), &outcome) == HOGWIRE_OK);
        refused(outcome, CASES[index].code, CASES[index].parameter, json);
        hogwire_outcome_free(outcome);
        free(json);
    }

    /* Depth, whole and valid: 100 levels go, 101 do not. */
    for (size_t depth = 100; depth <= 101; depth++) {
        char *closing = made("", "]", depth, "}}");
        char *json = made("{\"DistinctId\": \"u1\", \"EventName\": \"x\", \"Properties\": {\"$a\": ", "[", depth, closing);
        hogwire_outcome *outcome = NULL;
        CHECK(hogwire_execute(client, "event", json, strlen(json), &outcome) == HOGWIRE_OK);
        if (hogwire_outcome_ok(outcome)) {
            CHECK(depth == 100);
            sent = 0;
        } else {
            refused(outcome, "too_deep", "Properties.$a", json);
        }
        hogwire_outcome_free(outcome);
        free(json);
        free(closing);
    }
    return (int)count + 2;
}

/* Plain arguments: what NUL-terminated text can be. */
static int plain(const hogwire_client *client) {
    static const struct {
        const char *distinct_id, *event_name, *properties, *code, *parameter;
    } CASES[] = {
        {NULL, "x", NULL, "required", "DistinctId"},
        {"", "x", NULL, "required", "DistinctId"},
        {"\t\r\n", "x", NULL, "required", "DistinctId"},
        {"user-\xff", "x", NULL, "invalid_type", "DistinctId"},
        {"\xed\xa0\x80", "x", NULL, "invalid_type", "DistinctId"},
        {"user-1", NULL, NULL, "required", "EventName"},
        {"user-1", "", NULL, "required", "EventName"},
        {"user-1", "\xc3", NULL, "invalid_type", "EventName"},
        {"user-1", "x", "{", "invalid_json", "Properties"},
        {"user-1", "x", " ", "invalid_json", "Properties"},
        {"user-1", "x", "plan=premium", "invalid_json", "Properties"},
        {"user-1", "x", "{\"a\": \"\xff\"}", "invalid_json", "Properties"},
        {"user-1", "x", "{}{}", "invalid_json", "Properties"},
        {"user-1", "x", "[1]", "invalid_type", "Properties"},
        {"user-1", "x", "5", "invalid_type", "Properties"},
        {"user-1", "x", "\"plan\"", "invalid_type", "Properties"},
        {"user-1", "x", "{\"a\": {\"b\": 1}}", "nested_value", "Properties.a"},
    };
    size_t count = sizeof CASES / sizeof *CASES;
    for (size_t index = 0; index < count; index++) {
        hogwire_outcome *outcome = NULL;
        CHECK(hogwire_create_event(client, CASES[index].distinct_id, CASES[index].event_name, CASES[index].properties,
                                   &outcome) == HOGWIRE_OK);
        refused(outcome, CASES[index].code, CASES[index].parameter,
                CASES[index].properties != NULL ? CASES[index].properties : "(no properties)");
        hogwire_outcome_free(outcome);
    }
    return (int)count;
}

int main(void) {
    static const char OPTIONS[] = "{\"api_key\": \"phc_story\"}";
    hogwire_config *config = NULL;
    hogwire_client *client = NULL;
    CHECK(hogwire_config_new(OPTIONS, strlen(OPTIONS), &config) == HOGWIRE_OK);
    CHECK(hogwire_config_set_transport(config, transport, NULL, NULL) == HOGWIRE_OK);
    CHECK(hogwire_client_with_config(config, &client) == HOGWIRE_OK);
    hogwire_config_free(config);
    int cases = run(client, REFUSED, sizeof REFUSED / sizeof *REFUSED, 0);
    cases += run(client, TAKEN, sizeof TAKEN / sizeof *TAKEN, 1);
    cases += sizes(client);
    cases += plain(client);
    hogwire_client_free(client);
    printf("    %d cases\n", cases);
    return check_report("hostile");
}
