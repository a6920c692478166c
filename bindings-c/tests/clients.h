/* Clients of the embedded receiver, and their queues. A header, so that its checks count in the program's own tally. */
#ifndef HOGWIRE_CLIENTS_H
#define HOGWIRE_CLIENTS_H

#include "check.h"
#include "hogwire.h"
#include "receiver.h"

/* `more` options are "" or start with a comma. */
static inline hogwire_client *new_client(const char *more) {
    hogwire_client *client = NULL;
    const char *options = receiver_options(more);
    CHECK(hogwire_client_new(options, strlen(options), &client) == HOGWIRE_OK);
    return client;
}

static inline hogwire_queue *queue_of(const hogwire_client *client, const char *options) {
    hogwire_queue *queue = NULL;
    CHECK(hogwire_queue_new(client, options, strlen(options), &queue) == HOGWIRE_OK);
    return queue;
}

/* A queue whose client nobody else holds. */
static inline hogwire_queue *new_queue(const char *options) {
    hogwire_client *client = new_client("");
    hogwire_queue *queue = queue_of(client, options);
    hogwire_client_free(client);
    return queue;
}

#endif
