/* Talks to the embedded receiver over a plain socket: its control pages, and any request built by hogwire_build(). */
#ifndef HOGWIRE_RECEIVER_H
#define HOGWIRE_RECEIVER_H

#include <stddef.h>

/* The receiver's URL, from HOGWIRE_RECEIVER_URL; ends the program when it is not set. */
const char *receiver_url(void);

/* {"api_key": ..., "host": <the receiver>, <more>}; `more` is "" or starts with a comma. Lives until the next call. */
const char *receiver_options(const char *more);

/* Sends one request and gives the answer's status; the body, NUL-terminated, is written to *body, which the caller frees.
   Every header is a line that ends with CR LF. */
int receiver_send(const char *method, const char *path, const char *headers, const void *body, size_t length,
                  char **answer);

/* The answer of a control page such as "stored". The caller frees it. */
char *receiver_page(const char *page);

/* Forgets everything, and appends steps: a JSON array. */
void receiver_script(const char *steps);

/* One of the counts of the control page "stats". */
long receiver_count(const char *name);

#endif
