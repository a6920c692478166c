/* A queue to the embedded receiver, whose client nobody else holds. A header, so that its checks count in the program's own tally. */
#ifndef HOGWIRE_NEW_QUEUE_H
#define HOGWIRE_NEW_QUEUE_H

#include "check.h"
#include "hogwire.h"
#include "receiver.h"

static hogwire_queue *new_queue(const char *options) {
    hogwire_client *client = NULL;
    hogwire_queue *queue = NULL;
    const char *config = receiver_options("");
    CHECK(hogwire_client_new(config, strlen(config), &client) == HOGWIRE_OK);
    CHECK(hogwire_queue_new(client, options, strlen(options), &queue) == HOGWIRE_OK);
    hogwire_client_free(client);
    return queue;
}

#endif
