/* A ledger of uuids: those a program was promised, to be compared with those the receiver stored. */
#ifndef HOGWIRE_LEDGER_H
#define HOGWIRE_LEDGER_H

#include "hogwire.h"

#include <stddef.h>

typedef struct {
    char (*uuids)[HOGWIRE_UUID_SIZE];
    size_t count;
    size_t room;
} ledger;

/* Adds a uuid; NULL is ignored. */
void ledger_add(ledger *book, const char *uuid);

/* Takes in what an event's receipt says and frees it: 1 when it was queued. */
int ledger_receipt(ledger *book, hogwire_receipt *receipt);

/* The uuids of all events the receiver has stored. */
ledger ledger_stored(void);

/* Whether both hold the same uuids, each as often. Sorts them. */
int ledger_same(ledger *first, ledger *second);

void ledger_free(ledger *book);

#endif
