/* Sixteen threads share one client: every call is answered, and connections stay within the bound. */
#include "check.h"
#include "clients.h"
#include "hogwire.h"
#include "receiver.h"

#include <pthread.h>
#include <stdlib.h>

enum { THREADS = 16, CALLS = 25, CONNECTIONS = 4 };

typedef struct {
    const hogwire_client *client;
    int number;
    int accepted;
    int own_error;
} worker;

static void *work(void *argument) {
    worker *self = argument;
    char name[32];
    for (int call = 0; call < CALLS; call++) {
        hogwire_outcome *outcome = NULL;
        snprintf(name, sizeof name, "thread %d call %d", self->number, call);
        if (hogwire_create_event(self->client, "user-1", name, NULL, &outcome) == HOGWIRE_OK) {
            self->accepted += strcmp(hogwire_outcome_delivery(outcome), "accepted") == 0;
        }
        hogwire_outcome_free(outcome);
    }
    /* The last error is each thread's own. */
    snprintf(name, sizeof name, "operation-%d", self->number);
    hogwire_outcome *none = NULL;
    hogwire_execute(self->client, name, "{}", 2, &none);
    self->own_error = strstr(hogwire_last_error(), name) != NULL;
    return NULL;
}

static void many_calls(const char *more, long bound) {
    /* Connections of earlier clients must not count as this one's. */
    free(receiver_page("wait?open_connections=0"));
    receiver_script("[]");
    hogwire_client *client = new_client(more);

    pthread_t threads[THREADS];
    worker workers[THREADS];
    for (int index = 0; index < THREADS; index++) {
        workers[index] = (worker){client, index, 0, 0};
        CHECK(pthread_create(&threads[index], NULL, work, &workers[index]) == 0);
    }
    for (int index = 0; index < THREADS; index++) {
        CHECK(pthread_join(threads[index], NULL) == 0);
        CHECK(workers[index].accepted == CALLS);
        CHECK(workers[index].own_error);
    }
    CHECK(receiver_count("stored") == THREADS * CALLS);
    CHECK(receiver_count("peak_connections") <= bound);
    printf("    %d calls on %ld connections\n", THREADS * CALLS, receiver_count("peak_connections"));
    hogwire_client_free(client);
}

/* One outcome read by all threads: texts are made when first asked for, once. */
static void *read_outcome(void *argument) {
    return (void *)hogwire_outcome_json(argument);
}

static void one_outcome(void) {
    hogwire_client *client = NULL;
    hogwire_outcome *outcome = NULL;
    const char *options = "{\"api_key\": \"phc_x\", \"disabled\": true}";
    CHECK(hogwire_client_new(options, strlen(options), &client) == HOGWIRE_OK);
    CHECK(hogwire_execute(client, "event", "{}", 2, &outcome) == HOGWIRE_OK);
    pthread_t threads[THREADS];
    for (int index = 0; index < THREADS; index++) {
        CHECK(pthread_create(&threads[index], NULL, read_outcome, outcome) == 0);
    }
    for (int index = 0; index < THREADS; index++) {
        void *text = NULL;
        CHECK(pthread_join(threads[index], &text) == 0);
        CHECK(text == (const void *)hogwire_outcome_json(outcome));
    }
    hogwire_outcome_free(outcome);
    hogwire_client_free(client);
}

int main(void) {
    many_calls("", 32);
    many_calls(", \"max_connections\": 4", CONNECTIONS);
    one_outcome();
    return check_report("concurrency");
}
