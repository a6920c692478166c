/* Options, the environment, and the states in which a client sends nothing. */
#include "check.h"
#include "clients.h"
#include "hogwire.h"
#include "receiver.h"

#include <stdlib.h>

static const struct {
    const char *options;
    const char *option;
} WRONG[] = {
    {"", "api_key"},
    {"{}", "api_key"},
    {"[]", "options"},
    {"{\"api_key\"", "options"},
    {"{\"api_key\": \"phx_personal\"}", "api_key"},
    {"{\"api_key\": \"phc_\xff\"}", "api_key"},
    {"{\"api_key\": 5}", "api_key"},
    {"{\"api_key\": \"phc_x\", \"colour\": \"red\"}", "colour"},
    {"{\"api_key\": \"phc_x\", \"host\": \"localhost:8000\"}", "host"},
    {"{\"api_key\": \"phc_x\", \"timeout_ms\": 0}", "timeout_ms"},
    {"{\"api_key\": \"phc_x\", \"timeout_ms\": \"1s\"}", "timeout_ms"},
    {"{\"api_key\": \"phc_x\", \"connect_timeout_ms\": -1}", "connect_timeout_ms"},
    {"{\"api_key\": \"phc_x\", \"max_retries\": 1.5}", "max_retries"},
    {"{\"api_key\": \"phc_x\", \"max_connections\": 0}", "max_connections"},
    {"{\"api_key\": \"phc_x\", \"compression\": \"zip\"}", "compression"},
    {"{\"api_key\": \"phc_x\", \"properties\": {\"a\": {}}}", "properties"},
    {"{\"api_key\": \"phc_x\", \"headers\": {\"Content-Type\": \"x\"}}", "headers"},
    {"{\"api_key\": \"phc_x\", \"headers\": {\"X-A\": \"a\\nb\"}}", "headers"},
    {"{\"api_key\": \"phc_x\", \"app_info\": \"a\\u0000\"}", "app_info"},
    {"{\"api_key\": \"phc_x\", \"proxy\": \"proxy\"}", "proxy"},
    {"{\"api_key\": \"phc_x\", \"ca_file\": \"/does/not/exist.pem\"}", "ca_file"},
    {"{\"api_key\": \"phc_x\", \"client_cert\": \"/does/not/exist.pem\"}", "client_cert"},
};

/* One call; checks its error code and counts the requests the receiver has seen. */
static void call(hogwire_client *client, const char *error_code, const char *message, long requests) {
    hogwire_outcome *outcome = NULL;
    CHECK(hogwire_create_event(client, "user-1", "signed up", NULL, &outcome) == HOGWIRE_OK);
    CHECK_TEXT(hogwire_outcome_error_code(outcome), error_code);
    CHECK_HOLDS(hogwire_outcome_error_message(outcome), message);
    CHECK(hogwire_outcome_status_code(outcome) == (strcmp(error_code, "ok") == 0 ? 200 : 500));
    hogwire_outcome_free(outcome);
    CHECK(receiver_count("requests") == requests);
}

/* What only shows when a client is made: files without what they should hold, and the environment's proxy. */
static void environment(void) {
    static const struct {
        const char *options, *proxy, *option, *message;
    } CASES[] = {
        {"{\"api_key\": \"phc_x\", \"ca_file\": \"/dev/null\"}", "", "ca_file", "holds no certificate"},
        {"{\"api_key\": \"phc_x\", \"client_cert\": \"/dev/null\"}", "", "client_cert", "/dev/null"},
        {"{\"api_key\": \"phc_x\"}", "gopher://proxy.example", "proxy", "HTTPS_PROXY"},
    };
    for (size_t index = 0; index < sizeof CASES / sizeof *CASES; index++) {
        hogwire_config *config = NULL;
        hogwire_client *client = NULL;
        setenv("HTTPS_PROXY", CASES[index].proxy, 1);
        CHECK(hogwire_config_new(CASES[index].options, strlen(CASES[index].options), &config) == HOGWIRE_OK);
        CHECK(hogwire_client_with_config(config, &client) == HOGWIRE_INVALID_CONFIG && client == NULL);
        CHECK_TEXT(hogwire_last_error_option(), CASES[index].option);
        CHECK_HOLDS(hogwire_last_error(), CASES[index].message);
        hogwire_config_free(config);
    }
    unsetenv("HTTPS_PROXY");
}

int main(void) {
    hogwire_client *client = NULL;
    for (size_t index = 0; index < sizeof WRONG / sizeof *WRONG; index++) {
        CHECK(hogwire_client_new(WRONG[index].options, strlen(WRONG[index].options), &client) == HOGWIRE_INVALID_CONFIG);
        CHECK(client == NULL);
        if (!CHECK_TEXT(hogwire_last_error_option(), WRONG[index].option)) {
            fprintf(stderr, "    for %s\n", WRONG[index].options);
        }
        CHECK_HOLDS(hogwire_last_error(), WRONG[index].option);
        CHECK(strstr(hogwire_last_error(), "phx_personal") == NULL);
    }

    receiver_script("[]");
    client = new_client("");
    call(client, "ok", "", 1);
    hogwire_client_opt_out(client);
    call(client, "opted_out", "opt in", 1);
    hogwire_client_opt_in(client);
    call(client, "ok", "", 2);
    CHECK(hogwire_client_close(client) == HOGWIRE_OK && hogwire_client_close(client) == HOGWIRE_OK);
    call(client, "closed", "closed", 2);
    hogwire_client_free(client);

    client = new_client(", \"disabled\": true");
    call(client, "disabled", "disabled", 2);
    hogwire_client_free(client);

    /* From the environment: disabled without a key, which the outcome says; options win over it. */
    unsetenv("POSTHOG_API_KEY");
    unsetenv("POSTHOG_HOST");
    CHECK(hogwire_client_from_env(NULL, 0, &client) == HOGWIRE_OK);
    call(client, "disabled", "POSTHOG_API_KEY", 2);
    hogwire_client_free(client);
    setenv("POSTHOG_API_KEY", "phc_from_env", 1);
    setenv("POSTHOG_HOST", receiver_url(), 1);
    CHECK(hogwire_client_from_env("{\"timeout_ms\": 5000}", 20, &client) == HOGWIRE_OK);
    call(client, "ok", "", 3);
    hogwire_client_free(client);
    char *stored = receiver_page("stored");
    CHECK_HOLDS(stored, "\"token\":\"phc_from_env\"");
    free(stored);
    setenv("POSTHOG_API_KEY", "phx_personal", 1);
    CHECK(hogwire_client_from_env(NULL, 0, &client) == HOGWIRE_INVALID_CONFIG);
    CHECK_TEXT(hogwire_last_error_option(), "api_key");
    hogwire_config *config = NULL;
    CHECK(hogwire_config_from_env("{\"api_key\": \"phc_x\"}", 20, &config) == HOGWIRE_OK);
    CHECK(hogwire_client_with_config(config, &client) == HOGWIRE_OK);
    hogwire_config_free(config);
    call(client, "ok", "", 4);
    hogwire_client_free(client);
    environment();
    return check_report("configuration");
}
