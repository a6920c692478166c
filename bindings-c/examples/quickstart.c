/* cc quickstart.c $(pkg-config --cflags --libs hogwire) -Wl,-rpath,"$(pkg-config --variable=libdir hogwire)" -o quickstart
   POSTHOG_API_KEY=phc_... ./quickstart */
#include <hogwire.h>
#include <stdio.h>

int main(void) {
    hogwire_client *client = NULL;
    if (hogwire_client_from_env(NULL, 0, &client) != HOGWIRE_OK) {
        fprintf(stderr, "%s\n", hogwire_last_error());
        return 1;
    }
    hogwire_outcome *outcome = NULL;
    hogwire_create_event(client, "user-12345", "User Signed Up", "{\"plan\": \"premium\", \"source\": \"web_form\"}",
                         &outcome);
    if (hogwire_outcome_ok(outcome)) {
        printf("%s, event %s\n", hogwire_outcome_delivery(outcome), hogwire_outcome_event_uuid(outcome));
    } else {
        printf("%s: %s\n", hogwire_outcome_error_code(outcome), hogwire_outcome_error_message(outcome));
    }
    int failed = !hogwire_outcome_ok(outcome);
    hogwire_outcome_free(outcome);
    hogwire_client_free(client);
    return failed;
}
