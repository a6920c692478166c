#include "receiver.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void fail(const char *what) {
    fprintf(stderr, "receiver: %s\n", what);
    exit(2);
}

const char *receiver_url(void) {
    const char *url = getenv("HOGWIRE_RECEIVER_URL");
    if (url == NULL || strncmp(url, "http://", 7) != 0) {
        fail("HOGWIRE_RECEIVER_URL is not the receiver's URL");
    }
    return url;
}

const char *receiver_options(const char *more) {
    static char options[2048];
    int length = snprintf(options, sizeof options, "{\"api_key\": \"phc_story\", \"host\": \"%s\"%s}", receiver_url(), more);
    if (length < 0 || (size_t)length >= sizeof options) {
        fail("the options are too long");
    }
    return options;
}

static int connected(void) {
    char host[256];
    const char *address = receiver_url() + 7;
    const char *colon = strchr(address, ':');
    if (colon == NULL || (size_t)(colon - address) >= sizeof host) {
        fail("the URL has no port");
    }
    memcpy(host, address, (size_t)(colon - address));
    host[colon - address] = '\0';

    struct addrinfo hints, *found = NULL;
    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(host, colon + 1, &hints, &found) != 0) {
        fail("no such host");
    }
    int connection = socket(found->ai_family, found->ai_socktype, found->ai_protocol);
    if (connection < 0 || connect(connection, found->ai_addr, found->ai_addrlen) != 0) {
        fail("no connection");
    }
    freeaddrinfo(found);
    return connection;
}

static void write_all(int connection, const char *bytes, size_t length) {
    while (length > 0) {
        ssize_t written = send(connection, bytes, length, MSG_NOSIGNAL);
        if (written <= 0) {
            fail("the connection broke while sending");
        }
        bytes += written;
        length -= (size_t)written;
    }
}

int receiver_send(const char *method, const char *path, const char *headers, const void *body, size_t length,
                  char **answer) {
    char head[4096];
    int head_length = snprintf(head, sizeof head,
                               "%s %s HTTP/1.1\r\nHost: receiver\r\nConnection: close\r\nContent-Length: %zu\r\n%s\r\n",
                               method, path, length, headers);
    if (head_length < 0 || (size_t)head_length >= sizeof head) {
        fail("the headers are too long");
    }
    int connection = connected();
    write_all(connection, head, (size_t)head_length);
    write_all(connection, body, length);

    size_t room = 65536, filled = 0;
    char *text = malloc(room);
    ssize_t count;
    while ((count = recv(connection, text + filled, room - filled - 1, 0)) > 0) {
        filled += (size_t)count;
        if (filled + 1 == room) {
            room *= 2;
            text = realloc(text, room);
        }
    }
    close(connection);
    text[filled] = '\0';
    const char *end = strstr(text, "\r\n\r\n");
    int status = 0;
    if (end == NULL || sscanf(text, "HTTP/1.1 %d", &status) != 1) {
        fail("that was no answer");
    }
    size_t body_length = filled - (size_t)(end + 4 - text);
    *answer = malloc(body_length + 1);
    memcpy(*answer, end + 4, body_length + 1);
    free(text);
    return status;
}

char *receiver_page(const char *page) {
    char path[256];
    char *answer = NULL;
    snprintf(path, sizeof path, "/_receiver/%s", page);
    if (receiver_send("GET", path, "", "", 0, &answer) != 200) {
        fail(answer);
    }
    return answer;
}

static void post(const char *path, const char *body) {
    char *answer = NULL;
    if (receiver_send("POST", path, "Content-Type: application/json\r\n", body, strlen(body), &answer) != 200) {
        fail(answer);
    }
    free(answer);
}

void receiver_script(const char *steps) {
    post("/_receiver/reset", "");
    post("/_receiver/script", steps);
}

long receiver_count(const char *name) {
    char key[64];
    char *stats = receiver_page("stats");
    snprintf(key, sizeof key, "\"%s\":", name);
    const char *found = strstr(stats, key);
    if (found == NULL) {
        fail("the receiver has no such count");
    }
    long count = strtol(found + strlen(key), NULL, 10);
    free(stats);
    return count;
}
