/* What the parts of the C adapter share: the fields of the line, and printing. */
#ifndef HOGWIRE_ADAPTER_H
#define HOGWIRE_ADAPTER_H

#include <hogwire.h>

enum { MOST_FIELDS = 4096 };

typedef struct {
    char name[32];
    char *bytes; /* NUL-terminated */
    size_t length;
} field;

extern field fields[MOST_FIELDS];
extern size_t field_count;

/* The first field of this name from `start` on; NULL when there is none. */
const field *find(const char *name, const field *start);
const char *text(const char *name);
size_t length(const char *name);

/* Prints a text as JSON. */
void print_text(const char *text);

/* `do: queue`: the steps of the line through one queue of the client. */
hogwire_status run_queue(const hogwire_client *client);

#endif
