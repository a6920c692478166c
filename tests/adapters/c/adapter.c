/* The C adapter: reads a line of the suite as fields (../fields/main.rs), calls the library, prints one line of JSON. */
#include "adapter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

field fields[MOST_FIELDS];
size_t field_count;

static void stop(const char *why) {
    fprintf(stderr, "adapter: %s\n", why);
    exit(2);
}

/* Reads the fields of one line; 0 at the end of the input. */
static int read_fields(void) {
    for (size_t index = 0; index < field_count; index++) {
        free(fields[index].bytes);
    }
    for (field_count = 0; field_count < MOST_FIELDS;) {
        field *next = &fields[field_count];
        if (scanf("%31s %zu", next->name, &next->length) != 2) {
            return field_count == 0 ? 0 : (stop("half a line"), 0);
        }
        next->bytes = malloc(next->length + 1);
        if (next->bytes == NULL || getchar() != '\n' || fread(next->bytes, 1, next->length, stdin) != next->length ||
            getchar() != '\n') {
            stop("a field is cut");
        }
        next->bytes[next->length] = '\0';
        field_count++;
        if (strcmp(next->name, "end") == 0) {
            return 1;
        }
    }
    stop("too many fields");
    return 0;
}

/* The first field of this name from `start` on; NULL when there is none. */
const field *find(const char *name, const field *start) {
    for (const field *one = start; one < fields + field_count; one++) {
        if (strcmp(one->name, name) == 0) {
            return one;
        }
    }
    return NULL;
}

const char *text(const char *name) {
    const field *found = find(name, fields);
    return found != NULL ? found->bytes : NULL;
}

size_t length(const char *name) {
    const field *found = find(name, fields);
    return found != NULL ? found->length : 0;
}

void print_text(const char *text) {
    putchar('"');
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        printf(byte < 0x20 || byte == '"' || byte == '\\' ? "\\u%04x" : "%c", byte);
    }
    putchar('"');
}

static void print_error(void) {
    printf("{\"error\":{");
    if (*hogwire_last_error_option() != '\0') {
        printf("\"Option\":");
        print_text(hogwire_last_error_option());
        putchar(',');
    }
    printf("\"Message\":");
    print_text(hogwire_last_error());
    printf("}}");
}

static void hook(void *name, hogwire_event *event) {
    if (strcmp(name, "rename") == 0) {
        hogwire_event_set(event, "event", "\"renamed\"");
    } else if (strcmp(name, "reassign") == 0) {
        hogwire_event_set(event, "distinct_id", "\"reassigned\"");
    } else if (strcmp(name, "add_property") == 0) {
        hogwire_event_set_property(event, "hook", "true");
    } else if (strcmp(name, "break") == 0) {
        hogwire_event_set(event, "distinct_id", NULL);
    } else if (strcmp(name, "drop") == 0) {
        hogwire_event_drop(event);
    } else {
        hogwire_event_fail(event, "the hook raised");
    }
}

static hogwire_status read_config(hogwire_config **config) {
    hogwire_status status = hogwire_config_new(text("config"), length("config"), config);
    const field *name = find("before_send", fields);
    for (; status == HOGWIRE_OK && name != NULL; name = find("before_send", name + 1)) {
        status = hogwire_config_add_before_send(*config, hook, name->bytes, NULL);
    }
    return status;
}

static hogwire_status call(const hogwire_config *config) {
    hogwire_client *client = NULL;
    hogwire_outcome *outcome = NULL;
    hogwire_outcomes *outcomes = NULL;
    hogwire_status status = hogwire_client_with_config(config, &client);
    if (status == HOGWIRE_OK && strcmp(text("do"), "config") == 0) {
        printf("{\"config\":\"ok\"}");
    } else if (status == HOGWIRE_OK) {
        for (const field *step = find("before", fields); step != NULL; step = find("before", step + 1)) {
            (strcmp(step->bytes, "opt_out") == 0 ? hogwire_client_opt_out : hogwire_client_opt_in)(client);
        }
        if (strcmp(text("do"), "queue") == 0) {
            status = run_queue(client);
        } else if (strcmp(text("do"), "batch") == 0) {
            status = hogwire_send_batch(client, text("items"), length("items"), &outcomes);
        } else {
            status = hogwire_execute(client, text("operation"), text("input"), length("input"), &outcome);
        }
    }
    for (size_t index = 0; index < hogwire_outcomes_count(outcomes); index++) {
        printf("%s%s", index == 0 ? "{\"outcomes\":[" : ",", hogwire_outcome_json(hogwire_outcomes_at(outcomes, index)));
    }
    if (outcomes != NULL) {
        printf(hogwire_outcomes_count(outcomes) == 0 ? "{\"outcomes\":[]}" : "]}");
    }
    hogwire_outcomes_free(outcomes);
    if (outcome != NULL) {
        printf("{\"outcome\":%s}", hogwire_outcome_json(outcome));
    }
    hogwire_outcome_free(outcome);
    hogwire_client_free(client);
    return status;
}

static hogwire_status interpret(const hogwire_request *request, const int64_t *now_ms, hogwire_outcome **outcome) {
    hogwire_header headers[MOST_FIELDS];
    size_t count = 0;
    if (text("failure") != NULL) {
        int sent = text("sent") != NULL ? atoi(text("sent")) : HOGWIRE_SENT_UNKNOWN;
        return hogwire_interpret_failure(request, text("failure"), sent, NULL, outcome);
    }
    const field *name = find("header_name", fields);
    for (; name != NULL; name = find("header_name", name + 1)) {
        /* The value is the field after the name. */
        headers[count++] = (hogwire_header){name->bytes, name[1].bytes};
    }
    return hogwire_interpret(request, atoi(text("status")), headers, count, (const uint8_t *)text("body"), length("body"),
                             now_ms, outcome);
}

static hogwire_status build(const hogwire_config *config) {
    hogwire_request *request = NULL;
    hogwire_outcome *outcome = NULL;
    int64_t now_ms = text("now_ms") != NULL ? strtoll(text("now_ms"), NULL, 10) : 0;
    uint64_t seed = text("seed") != NULL ? strtoull(text("seed"), NULL, 10) : 0;
    uint32_t attempt = text("attempt") != NULL ? (uint32_t)strtoul(text("attempt"), NULL, 10) : 0;
    hogwire_status status = hogwire_build(config, text("operation"), text("input"), length("input"), &now_ms, &seed, attempt,
                                          &request, &outcome);
    if (request != NULL && strcmp(text("do"), "interpret") == 0) {
        status = interpret(request, &now_ms, &outcome);
    }
    if (outcome != NULL) {
        printf("{\"outcome\":%s}", hogwire_outcome_json(outcome));
    } else if (request != NULL && strcmp(text("do"), "curl") == 0) {
        printf("{\"curl\":");
        print_text(hogwire_request_to_curl(request));
        printf("}");
    } else if (request != NULL) {
        printf("{\"request\":%s}", hogwire_request_json(request));
    }
    hogwire_request_free(request);
    hogwire_outcome_free(outcome);
    return status;
}

/* Whether the action is one of a client. */
static int calls(void) {
    static const char *const ACTIONS[] = {"call", "config", "batch", "queue"};
    for (size_t index = 0; index < sizeof ACTIONS / sizeof *ACTIONS; index++) {
        if (strcmp(text("do"), ACTIONS[index]) == 0) {
            return 1;
        }
    }
    return 0;
}

int main(void) {
    while (read_fields()) {
        hogwire_config *config = NULL;
        char uuid[HOGWIRE_UUID_SIZE];
        if (strcmp(text("do"), "catalogue") == 0) {
            printf("{\"catalogue\":%s}", hogwire_catalogue_json());
        } else if (strcmp(text("do"), "uuid_from") == 0) {
            if (hogwire_uuid_from(text("key"), uuid) == HOGWIRE_OK) {
                printf("{\"uuid\":\"%s\"}", uuid);
            } else {
                print_error();
            }
        } else {
            hogwire_status status = read_config(&config);
            if (status == HOGWIRE_OK) {
                status = (calls() ? call : build)(config);
            }
            if (status != HOGWIRE_OK) {
                print_error();
            }
            hogwire_config_free(config);
        }
        printf("\n");
        fflush(stdout);
    }
    return 0;
}
