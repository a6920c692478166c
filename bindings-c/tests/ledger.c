#include "ledger.h"

#include "receiver.h"

#include <stdlib.h>
#include <string.h>

void ledger_add(ledger *book, const char *uuid) {
    if (uuid == NULL || strlen(uuid) + 1 != HOGWIRE_UUID_SIZE) {
        return;
    }
    if (book->count == book->room) {
        book->room = book->room == 0 ? 256 : book->room * 2;
        book->uuids = realloc(book->uuids, book->room * sizeof *book->uuids);
    }
    memcpy(book->uuids[book->count++], uuid, HOGWIRE_UUID_SIZE);
}

int ledger_receipt(ledger *book, hogwire_receipt *receipt) {
    int queued = hogwire_receipt_queued(receipt);
    if (queued) {
        ledger_add(book, hogwire_receipt_event_uuid(receipt));
    }
    hogwire_receipt_free(receipt);
    return queued;
}

ledger ledger_stored(void) {
    static const char ENTRY[] = "\"data_type\":", UUID[] = "\"uuid\":\"";
    ledger book = {NULL, 0, 0};
    char *page = receiver_page("stored");
    const char *place = page;
    while ((place = strstr(place, ENTRY)) != NULL && (place = strstr(place, UUID)) != NULL) {
        char uuid[HOGWIRE_UUID_SIZE] = "";
        memcpy(uuid, place + sizeof UUID - 1, HOGWIRE_UUID_SIZE - 1);
        ledger_add(&book, uuid);
    }
    free(page);
    return book;
}

static int order(const void *first, const void *second) { return strcmp(first, second); }

int ledger_same(ledger *first, ledger *second) {
    if (first->count != second->count) {
        return 0;
    }
    if (first->count == 0) {
        return 1;
    }
    qsort(first->uuids, first->count, sizeof *first->uuids, order);
    qsort(second->uuids, second->count, sizeof *second->uuids, order);
    return memcmp(first->uuids, second->uuids, first->count * sizeof *first->uuids) == 0;
}

void ledger_free(ledger *book) {
    free(book->uuids);
    *book = (ledger){NULL, 0, 0};
}
