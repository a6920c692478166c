/*
 * hogwire: PostHog from any language, with an answer for every call.
 *
 * Generated from src/ by `BLESS=1 cargo test -p hogwire-c`; do not edit.
 *
 * Statuses and outcomes. Every function that can go wrong returns a hogwire_status, and says in
 * hogwire_last_error() why it did nothing. What happened to an event is in the outcome. Input never fails a
 * call: a refused input is HOGWIRE_OK with an outcome of status code -1 whose findings say why.
 *
 * Text. Text in is UTF-8: either NUL-terminated, or bytes with a length. Text out is UTF-8, NUL-terminated, and always
 * borrowed: it belongs to the handle it was read from and lives until that handle is freed, unless its comment says
 * otherwise. There is nothing to free but handles.
 *
 * Handles. A function that makes one writes it to its last arguments; they are set to NULL first, so that there is
 * something to free exactly when they are not NULL. Each kind is freed by its own function, once, when no other thread
 * uses it, and no call of its own is under way that a callback was made from. Those that are handed to a callback belong
 * to the library and are not freed.
 *
 * NULL is an answer and not a crash: functions return HOGWIRE_NULL_ARGUMENT, accessors the value their comment names,
 * and freeing NULL does nothing. Pointers that are not NULL have to be valid.
 *
 * Threads. Every function may be called from any thread, and any number of threads may use one handle at a time, but for
 * the event and the answer that a callback is given: one thread at a time uses these. No thread may end inside of a function
 * or a callback (pthread_cancel(), pthread_exit()): that would end the program.
 *
 * Times are in milliseconds.
 */


#ifndef HOGWIRE_H
#define HOGWIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The ABI this header was written for. It changes only when a program has to be compiled again, and is the number in
 * libhogwire.so.0.
 */
#define HOGWIRE_ABI_VERSION 0

/*
 * Bytes of a uuid as text, its NUL included.
 */
#define HOGWIRE_UUID_SIZE 37

/*
 * For `sent`: it is not known whether a byte of the request went out. A TLS failure is then taken as not sent, every
 * other one as sent.
 */
#define HOGWIRE_SENT_UNKNOWN -1

/*
 * How a function itself went. What happened to an event is in the outcome: input that is refused, a server
 * that does not answer, a closed client are all HOGWIRE_OK with an outcome that says so.
 *
 * The numbers are part of the ABI: new ones are added at the end, none is ever reused.
 */
typedef enum {
    /*
     * Done.
     */
    HOGWIRE_OK = 0,
    /*
     * An argument that is needed is NULL.
     */
    HOGWIRE_NULL_ARGUMENT = 1,
    /*
     * An option does not exist or has a wrong value; hogwire_last_error_option() names it.
     */
    HOGWIRE_INVALID_CONFIG = 2,
    /*
     * There is no operation of this name.
     */
    HOGWIRE_UNKNOWN_OPERATION = 3,
    /*
     * An argument cannot be what it is: an impossible length, a word that is none of those listed, text that is
     * not the JSON it has to be.
     */
    HOGWIRE_INVALID_ARGUMENT = 4,
    /*
     * hogwire is at fault. Nothing is known about the call; no outcome is given.
     */
    HOGWIRE_INTERNAL = 5,
} hogwire_status;

/*
 * What a transport saw. It exists only while the transport's function runs.
 */
typedef struct hogwire_answer hogwire_answer;

/*
 * Sends calls and answers each. Any number of threads may use one client at a time; they share its connections. After
 * fork() the child's client has connections of its own.
 */
typedef struct hogwire_client hogwire_client;

/*
 * A configuration that has been checked. Only needed for hogwire_build(), for hooks, and for a transport of one's own or a
 * recording; hogwire_client_new() does without. Any number of threads may use it at a time.
 */
typedef struct hogwire_config hogwire_config;

/*
 * An event in the hands of a hook. It exists only while the hook's function runs.
 */
typedef struct hogwire_event hogwire_event;

/*
 * What happened to one call. Never changes; any number of threads may read it at a time.
 */
typedef struct hogwire_outcome hogwire_outcome;

/*
 * The outcomes of a batch, in the order of its items. Never changes; any number of threads may read it at a time.
 */
typedef struct hogwire_outcomes hogwire_outcomes;

/*
 * Takes events at once and delivers them in batches, in the background. Any number of threads may use one queue at a time.
 *
 * After fork() the child's queue is empty, with threads and connections of its own; the parent's events are sent once, by
 * the parent.
 *
 * A program that ends normally (main returns, or exit() is called) delivers what queues hold that were not freed, all of them
 * at once, each for at most its close_timeout_ms; what could not be delivered is told in one line on stderr. Hooks and
 * transports may be called until then, so what they use must outlive main. _exit(), abort() and signals deliver nothing, and
 * neither does the end of a Go program; nor is this done on Windows.
 */
typedef struct hogwire_queue hogwire_queue;

/*
 * Options of a queue, with hooks. Only needed for hooks; hogwire_queue_new() does without. Any number of threads may use
 * it at a time.
 */
typedef struct hogwire_queue_options hogwire_queue_options;

/*
 * What became of handing one event to a queue. Never changes; any number of threads may read it at a time.
 */
typedef struct hogwire_receipt hogwire_receipt;

/*
 * For tests: a transport that sends nothing, records every request, and answers as a PostHog that takes everything, unless
 * told otherwise. Any number of threads may use it at a time.
 */
typedef struct hogwire_recording hogwire_recording;

/*
 * What became of a queue's events since its last report. Never changes; any number of threads may read it at a time.
 */
typedef struct hogwire_report hogwire_report;

/*
 * A request, ready to be sent by any HTTP client, and what hogwire_interpret() needs to read its answer. It holds the api
 * key; to show it to people there is hogwire_request_to_curl(). Never changes; any number of threads may read it at a time.
 */
typedef struct hogwire_request hogwire_request;

/*
 * Sees one event before it is encoded. It may change it (hogwire_event_set(), hogwire_event_set_property(),
 * hogwire_event_replace()), drop it (hogwire_event_drop()) or report that it failed (hogwire_event_fail()); an event it
 * does nothing about is sent as it is. What it changed is checked like any input.
 *
 * Runs on the thread of the call, on several at a time. event is only valid until it returns. It must neither throw nor
 * longjmp out.
 */
typedef void (*hogwire_before_send_function)(void *user_data, hogwire_event *event);

/*
 * Frees the user data of a callback. It is called exactly once (in a process that was forked later, at most once), when neither
 * the configuration nor any client or queue made of it needs the data any more, on the thread that freed the last of them or on
 * one of a queue's. May be NULL.
 */
typedef void (*hogwire_destroy_function)(void *user_data);

/*
 * Sends one request and waits for its answer, for at most time_left_ms milliseconds; redirects are not followed. It says
 * what came with exactly one call of hogwire_answer_respond() or hogwire_answer_fail().
 *
 * Runs on the thread of the call or on those of a queue, on several at a time. request and answer are only valid until it
 * returns. It must neither throw nor longjmp out.
 */
typedef void (*hogwire_transport_function)(void *user_data,
                                           const hogwire_request *request,
                                           uint64_t time_left_ms,
                                           hogwire_answer *answer);

/*
 * Told of an event that was dropped: its uuid, the reason as a word (those of hogwire_report_dropped_reason()), and a
 * sentence. The texts are only valid until it returns.
 *
 * Hooks run on the queue's threads or on that of a call, several at a time, without a lock held: they may use the queue and
 * the client, except to free them. They must neither throw nor longjmp out.
 */
typedef void (*hogwire_on_drop_function)(void *user_data,
                                         const char *uuid,
                                         const char *reason,
                                         const char *message);

/*
 * Told of a request that failed, as an outcome without an event, which is only valid until it returns.
 *
 * Runs as hogwire_on_drop_function does.
 */
typedef void (*hogwire_on_error_function)(void *user_data, const hogwire_outcome *outcome);

/*
 * Told of events that were delivered: their `count` uuids, and whether they are "accepted", "stored", or "unknown" where the
 * answer says nothing of them (a host that is not PostHog's answers 200 perhaps). All are only valid until it returns.
 *
 * Runs as hogwire_on_drop_function does.
 */
typedef void (*hogwire_on_delivered_function)(void *user_data,
                                              const char *const *uuids,
                                              size_t count,
                                              const char *delivery);

/*
 * A name and a value, NUL-terminated.
 */
typedef struct {
    /*
     * The name, in any case.
     */
    const char *name;
    /*
     * The value.
     */
    const char *value;
} hogwire_header;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/*
 * A sentence about the last call on this thread that returned another status than HOGWIRE_OK; "" when there was
 * none. It never holds the api key.
 *
 * Borrowed: valid until the next call on this thread that fails. Languages whose tasks change threads (Go)
 * must stay on one between the call and this.
 */
const char *hogwire_last_error(void);

/*
 * The option that the last HOGWIRE_INVALID_CONFIG on this thread was about, for example "timeout_ms"; "" after any
 * other failure.
 *
 * Borrowed: as hogwire_last_error().
 */
const char *hogwire_last_error_option(void);

/*
 * The library's version, for example "0.1.0". Lives as long as the library.
 */
const char *hogwire_version(void);

/*
 * The ABI the library has; programs that load it at run time compare it with HOGWIRE_ABI_VERSION.
 */
uint32_t hogwire_abi_version(void);

/*
 * Every word this library can answer with, and every parameter it takes, as a JSON object: ErrorCodes, Deliveries,
 * Findings, Warnings, DropReasons and QueueOptions are lists of words, Operations maps a name to its parameters. Lives
 * as long as the library.
 */
const char *hogwire_catalogue_json(void);

/*
 * A uuid made of a key of the caller's, always the same for the same key: a UUIDv5 in the published namespace
 * c01386c0-6d19-5603-8487-dc4903a8d854. uuid has room for HOGWIRE_UUID_SIZE bytes.
 *
 * An import that gives each event such a Uuid can be run again without duplicates, as long as the events' Timestamp, name
 * and distinct id are the same again too.
 *
 * HOGWIRE_NULL_ARGUMENT: key or uuid. HOGWIRE_INVALID_ARGUMENT: key is not UTF-8. uuid is then left as it is.
 */
hogwire_status hogwire_uuid_from(const char *key,
                                 char *uuid);

/*
 * Checks options and makes a configuration of them, which the caller frees.
 *
 * options_json is a JSON object of `length` bytes, with times in milliseconds:
 *
 *   api_key            text, required: the project API key (phc_...)
 *   host               text, https://us.i.posthog.com: the server's URL, at most 2048 bytes
 *   timeout_ms         number, 10000: a whole call, retries included; in queues each request; 1 to 86400000
 *   connect_timeout_ms number, 5000: connecting, name look-up included; 1 to 86400000
 *   max_retries        number, 2: retries after the first attempt; 0 to 100
 *   max_connections    number, 32: connections at a time; waiting for one counts against timeout_ms; 1 to 1024
 *   protocol           "v0", "v1" or "auto", v0: v1 answers for each event; auto is v1, and v0 once a server has none
 *   compression        "none" or "gzip", with v1 or auto also "deflate" and "zstd", unset: how to compress every body; when
 *                      unset, queues use "gzip" from 1 KiB on
 *   nested_properties  boolean, false: allow objects and arrays as property values
 *   geoip_disable      boolean, true: send $geoip_disable, unless $ip is given
 *   is_server          boolean, true: send $is_server
 *   properties         object, none: added to every event; the event's own win; at most 500000 bytes of JSON
 *   headers            object of texts, none: extra request headers, values of at most 8192 bytes
 *   app_info           text, none: suffix of the User-Agent, at most 256 bytes of printable ASCII
 *   historical_migration boolean, false: events are an import of past ones, whose times the server keeps as they are
 *   disabled           boolean, false: send nothing; outcomes say "disabled"
 *   proxy              text, the environment's: the proxy's URL
 *   ca_file            text, the system's: a PEM file of certificate authorities
 *   client_cert        text, none: a PEM file of the client's certificate chain and key
 *
 * HOGWIRE_INVALID_CONFIG: hogwire_last_error_option() names the option, hogwire_last_error() the limit and the
 * fix. Files and the environment's proxy are not looked at before hogwire_client_with_config(). HOGWIRE_NULL_ARGUMENT:
 * options_json with a length, or config.
 */
hogwire_status hogwire_config_new(const char *options_json,
                                  size_t length,
                                  hogwire_config **config);

/*
 * As hogwire_config_new(), with the api key from POSTHOG_API_KEY and the host from POSTHOG_HOST where the options do not
 * give them. Without a key the configuration is a disabled one, and outcomes say why. options_json may be NULL with a
 * length of 0.
 *
 * Reads the environment, so no other thread may change it meanwhile.
 */
hogwire_status hogwire_config_from_env(const char *options_json,
                                       size_t length,
                                       hogwire_config **config);

/*
 * Frees a configuration. Clients made of it stay. NULL is ignored.
 */
void hogwire_config_free(hogwire_config *config);

/*
 * Adds a hook that sees every event before it is encoded, after the hooks added before. Clients made earlier do not get
 * it.
 *
 * user_data is handed to every call of function; destroy frees it, except after HOGWIRE_NULL_ARGUMENT: the data is then
 * still the caller's.
 *
 * HOGWIRE_NULL_ARGUMENT: config or function.
 */
hogwire_status hogwire_config_add_before_send(const hogwire_config *config,
                                              hogwire_before_send_function function,
                                              void *user_data,
                                              hogwire_destroy_function destroy);

/*
 * Makes clients send through a function instead of the built-in transport. Clients made earlier do not get it; a second
 * transport replaces the first.
 *
 * user_data is handed to every call of function; destroy frees it, except after HOGWIRE_NULL_ARGUMENT: the data is then
 * still the caller's.
 *
 * HOGWIRE_NULL_ARGUMENT: config or function.
 */
hogwire_status hogwire_config_set_transport(const hogwire_config *config,
                                            hogwire_transport_function function,
                                            void *user_data,
                                            hogwire_destroy_function destroy);

/*
 * Makes a client of options, which the caller frees. It connects on the first call. options_json is as of
 * hogwire_config_new().
 *
 * HOGWIRE_INVALID_CONFIG: hogwire_last_error_option() names the option ("proxy" for the environment's, too),
 * hogwire_last_error() the limit and the fix. HOGWIRE_NULL_ARGUMENT: options_json with a length, or client.
 */
hogwire_status hogwire_client_new(const char *options_json,
                                  size_t length,
                                  hogwire_client **client);

/*
 * As hogwire_client_new(), with the api key from POSTHOG_API_KEY and the host from POSTHOG_HOST where the options do not
 * give them; options_json may be NULL with a length of 0. Without a key the client is disabled, and its outcomes say why.
 *
 * Reads the environment, so no other thread may change it meanwhile.
 */
hogwire_status hogwire_client_from_env(const char *options_json,
                                       size_t length,
                                       hogwire_client **client);

/*
 * Makes a client of a configuration, with its hooks and its transport. The caller frees the client; the configuration
 * may be freed before it.
 *
 * HOGWIRE_INVALID_CONFIG: ca_file or client_cert cannot be read or holds no certificates that can be used, or the proxy, the
 * environment's included, is no proxy's URL; hogwire_last_error_option() says which. HOGWIRE_NULL_ARGUMENT: config or client.
 */
hogwire_status hogwire_client_with_config(const hogwire_config *config,
                                          hogwire_client **client);

/*
 * Frees a client. No other thread may be using it. NULL is ignored.
 */
void hogwire_client_free(hogwire_client *client);

/*
 * Ends the client: later calls are answered "closed", calls under way finish their attempt but are not retried. Its queues
 * take nothing more either: close them first. It may be called again, and from any thread. HOGWIRE_NULL_ARGUMENT: client.
 */
hogwire_status hogwire_client_close(const hogwire_client *client);

/*
 * Stops sending until hogwire_client_opt_in(): outcomes and receipts say "opted_out", calls under way are not retried, and
 * queues keep what waits in them; one that is closed meanwhile drops it as "shutdown". A request that is on its way already
 * cannot be called back. HOGWIRE_NULL_ARGUMENT: client.
 */
hogwire_status hogwire_client_opt_out(const hogwire_client *client);

/*
 * Sends again after hogwire_client_opt_out(), and what waits in queues. HOGWIRE_NULL_ARGUMENT: client.
 */
hogwire_status hogwire_client_opt_in(const hogwire_client *client);

/*
 * Calls any operation by its name ("alias", "event", "group", "identity", "page", "screen") with its parameters as a JSON
 * object of `length` bytes in PascalCase, and waits for the answer, at most for timeout_ms. The outcome is
 * new, and the caller frees it.
 *
 * Beside the parameters of the functions below, every operation takes Timestamp, Uuid, Groups and ProcessPersonProfile, and
 * identity also AnonymousId and PropertiesUnset.
 *
 *   const char *json = "{\"DistinctId\": \"user-12345\", \"EventName\": \"User Signed Up\"}";
 *   hogwire_execute(client, "event", json, strlen(json), &outcome);   status code 200, delivery "accepted"
 *   hogwire_execute(client, "event", "{}", 2, &outcome);              status code -1, findings "required" for DistinctId
 *                                                                     and EventName; nothing was sent
 *
 * HOGWIRE_UNKNOWN_OPERATION; HOGWIRE_NULL_ARGUMENT: client, operation, json with a length, or outcome. Input never fails
 * the call.
 */
hogwire_status hogwire_execute(const hogwire_client *client,
                               const char *operation,
                               const char *json,
                               size_t length,
                               hogwire_outcome **outcome);

/*
 * Makes `alias` another id of the person `distinct_id`.
 *
 * On the server the person behind alias is merged into the person of distinct_id. The merge is refused later, silently,
 * when the alias side is already identified; to merge an anonymous visitor into a known user, call identity with
 * AnonymousId through hogwire_execute() instead.
 *
 *   hogwire_create_alias(client, "user-12345", "visitor-678", &outcome);   200, "accepted"
 *   hogwire_create_alias(client, "user-12345", "user-12345", &outcome);    -1, finding "same_id" for Alias
 */
hogwire_status hogwire_create_alias(const hogwire_client *client,
                                    const char *distinct_id,
                                    const char *alias,
                                    hogwire_outcome **outcome);

/*
 * Records that something happened. properties_json is a JSON object of plain values, or NULL.
 *
 *   hogwire_create_event(client, "user-12345", "User Signed Up", "{\"plan\": \"premium\"}", &outcome);   200, "accepted"
 *   hogwire_create_event(client, "user-12345", NULL, NULL, &outcome);   -1, finding "required" for EventName
 */
hogwire_status hogwire_create_event(const hogwire_client *client,
                                    const char *distinct_id,
                                    const char *event_name,
                                    const char *properties_json,
                                    hogwire_outcome **outcome);

/*
 * Says who a person is. All but distinct_id may be NULL; properties_set_json and properties_set_once_json are JSON
 * objects of plain values.
 *
 *   hogwire_create_identity(client, "user-12345", "Ada", "ada@example.com", "premium", NULL, NULL, NULL, NULL,
 *                           &outcome);                                                  200, "accepted"
 *   hogwire_create_identity(client, NULL, "Ada", NULL, NULL, NULL, NULL, NULL, NULL,
 *                           &outcome);                                -1, finding "required" for DistinctId
 */
hogwire_status hogwire_create_identity(const hogwire_client *client,
                                       const char *distinct_id,
                                       const char *name,
                                       const char *email,
                                       const char *plan,
                                       const char *signup_date,
                                       const char *referral_source,
                                       const char *properties_set_json,
                                       const char *properties_set_once_json,
                                       hogwire_outcome **outcome);

/*
 * Records that a page was viewed. page_name, referrer and properties_json (a JSON object of plain values) may be NULL.
 *
 *   hogwire_track_page(client, "user-12345", "https://example.com/pricing", "Pricing", NULL, NULL, &outcome);   200
 *   hogwire_track_page(client, "user-12345", "/pricing", NULL, NULL, NULL, &outcome);
 *                                                                     -1, finding "invalid_url" for PageUrl
 */
hogwire_status hogwire_track_page(const hogwire_client *client,
                                  const char *distinct_id,
                                  const char *page_url,
                                  const char *page_name,
                                  const char *referrer,
                                  const char *properties_json,
                                  hogwire_outcome **outcome);

/*
 * Records that a screen of an app was viewed. screen_category, app_version, device_type and properties_json (a JSON object
 * of plain values) may be NULL.
 *
 *   hogwire_track_screen(client, "user-12345", "Home", "Main", "2.1.0", "ios", NULL, &outcome);   200, "accepted"
 *   hogwire_track_screen(client, "user-12345", "", NULL, NULL, NULL, NULL, &outcome);
 *                                                                     -1, finding "required" for ScreenViewName
 */
hogwire_status hogwire_track_screen(const hogwire_client *client,
                                    const char *distinct_id,
                                    const char *screen_view_name,
                                    const char *screen_category,
                                    const char *app_version,
                                    const char *device_type,
                                    const char *properties_json,
                                    hogwire_outcome **outcome);

/*
 * Gives a group its properties: group_key of the kind group_type ("company", "acme"). properties_set_json is a JSON object
 * of plain values, or NULL. distinct_id is whom the event belongs to; NULL: "$<group_type>_<group_key>", which is nobody.
 *
 * Events belong to a group by the parameter Groups of hogwire_execute(): {"Groups": {"company": "acme"}}.
 *
 *   hogwire_identify_group(client, "company", "acme", "{\"plan\": \"enterprise\"}", NULL, &outcome);   200, "accepted"
 *   hogwire_identify_group(client, "company", NULL, NULL, NULL, &outcome);   -1, finding "required" for GroupKey
 */
hogwire_status hogwire_identify_group(const hogwire_client *client,
                                      const char *group_type,
                                      const char *group_key,
                                      const char *properties_set_json,
                                      const char *distinct_id,
                                      hogwire_outcome **outcome);

/*
 * Sends many calls in one request and waits for the answer, at most for timeout_ms. There is one outcome for each item, in
 * order: what is invalid is answered and not sent, and takes no good neighbour with it. A request that the server refuses
 * because of one event is divided until that event stands alone. More than 1,000 events or 1 MiB of JSON go out in several
 * requests, one after the other.
 *
 * json is a JSON array of `length` bytes; each item is an object with the parameters of hogwire_execute() and its
 * operation beside them. The outcomes are new, and the caller frees them.
 *
 *   [{"Operation": "event", "DistinctId": "user-12345", "EventName": "paid"},     200, "accepted"
 *    {"Operation": "alias", "DistinctId": "user-12345"},                          -1, finding "required" for Alias
 *    {"Operation": "capture"}]                                         -1, finding "unknown_parameter" for Operation
 *
 * HOGWIRE_NULL_ARGUMENT: client, json with a length, or outcomes. Input never fails the call: text that is no JSON array
 * gives one outcome, which says so.
 */
hogwire_status hogwire_send_batch(const hogwire_client *client,
                                  const char *json,
                                  size_t length,
                                  hogwire_outcomes **outcomes);

/*
 * How many outcomes there are. NULL: 0.
 */
size_t hogwire_outcomes_count(const hogwire_outcomes *outcomes);

/*
 * One outcome. It belongs to the list and is not freed by itself. NULL, or no outcome at this index: NULL.
 */
const hogwire_outcome *hogwire_outcomes_at(const hogwire_outcomes *outcomes,
                                           size_t index);

/*
 * Frees a list of outcomes and every text read from them. NULL is ignored.
 */
void hogwire_outcomes_free(hogwire_outcomes *outcomes);

/*
 * Frees an outcome and every text read from it. NULL is ignored.
 */
void hogwire_outcome_free(hogwire_outcome *outcome);

/*
 * Whether the status code is 200. NULL: false.
 */
bool hogwire_outcome_ok(const hogwire_outcome *outcome);

/*
 * 200, -1 for refused input, or by the operation's status table. NULL: 0.
 */
int32_t hogwire_outcome_status_code(const hogwire_outcome *outcome);

/*
 * The HTTP status received; 0 when no answer was received, or one whose number is beyond any status. NULL: 0.
 */
int32_t hogwire_outcome_original_status_code(const hogwire_outcome *outcome);

/*
 * A sentence; empty exactly when the status code is 200. A NUL in it is replaced by U+FFFD.
 * Borrowed from the outcome. NULL: "".
 */
const char *hogwire_outcome_error_message(const hogwire_outcome *outcome);

/*
 * The parsed answer as JSON text: the server's object, {"raw_content": "..."} for any other answer, {} for none.
 * Borrowed from the outcome. NULL: "".
 */
const char *hogwire_outcome_data_json(const hogwire_outcome *outcome);

/*
 * What kind of thing happened, one of: ok, invalid_input, timeout, network, tls, redirected, unauthorized,
 * quota_exceeded, too_large, rate_limited, rejected, server_error, dropped, queue_full, closed, disabled, opted_out,
 * internal. Borrowed from the outcome. NULL: "".
 */
const char *hogwire_outcome_error_code(const hogwire_outcome *outcome);

/*
 * What is known about the event's whereabouts, one of: not_sent, unknown, accepted, stored, dropped, rejected.
 * Borrowed from the outcome. NULL: "".
 */
const char *hogwire_outcome_delivery(const hogwire_outcome *outcome);

/*
 * Whether sending the same event again may help. NULL: false.
 */
bool hogwire_outcome_retryable(const hogwire_outcome *outcome);

/*
 * How long the server asks to wait, in milliseconds; -1 without a hint. NULL: -1.
 */
int64_t hogwire_outcome_retry_after_ms(const hogwire_outcome *outcome);

/*
 * The number of requests made. NULL: 0.
 */
uint32_t hogwire_outcome_attempts(const hogwire_outcome *outcome);

/*
 * The event's uuid, lower-case with hyphens; NULL when there is no event.
 * Borrowed from the outcome. NULL: NULL.
 */
const char *hogwire_outcome_event_uuid(const hogwire_outcome *outcome);

/*
 * The whole outcome as a JSON object in PascalCase: Data, OriginalStatusCode, StatusCode, ErrorMessage,
 * ErrorCode, Delivery, Retryable, RetryAfterMs, Attempts, EventUuid, Findings, Warnings.
 * Borrowed from the outcome. NULL: "".
 */
const char *hogwire_outcome_json(const hogwire_outcome *outcome);

/*
 * How many findings there are: why the input was refused. NULL: 0.
 */
size_t hogwire_outcome_finding_count(const hogwire_outcome *outcome);

/*
 * A finding's code, for example "required"; hogwire_catalogue_json() lists them all.
 * Borrowed from the outcome. NULL, or no finding at this index: NULL.
 */
const char *hogwire_outcome_finding_code(const hogwire_outcome *outcome, size_t index);

/*
 * The parameter a finding is about in PascalCase, for example "DistinctId" or "Properties.plan".
 * Borrowed from the outcome. NULL, or no finding at this index: NULL.
 */
const char *hogwire_outcome_finding_parameter(const hogwire_outcome *outcome, size_t index);

/*
 * A finding's sentence, with the limit and the fix.
 * Borrowed from the outcome. NULL, or no finding at this index: NULL.
 */
const char *hogwire_outcome_finding_message(const hogwire_outcome *outcome, size_t index);

/*
 * How many warnings there are: what was changed or is doubtful although the call went on. NULL: 0.
 */
size_t hogwire_outcome_warning_count(const hogwire_outcome *outcome);

/*
 * A warning's code, for example "trimmed"; hogwire_catalogue_json() lists them all.
 * Borrowed from the outcome. NULL, or no warning at this index: NULL.
 */
const char *hogwire_outcome_warning_code(const hogwire_outcome *outcome, size_t index);

/*
 * The parameter a warning is about in PascalCase.
 * Borrowed from the outcome. NULL, or no warning at this index: NULL.
 */
const char *hogwire_outcome_warning_parameter(const hogwire_outcome *outcome, size_t index);

/*
 * A warning's sentence.
 * Borrowed from the outcome. NULL, or no warning at this index: NULL.
 */
const char *hogwire_outcome_warning_message(const hogwire_outcome *outcome, size_t index);

/*
 * Checks options of a queue and keeps them for hogwire_queue_with_options(). The caller frees them.
 *
 * options_json is a JSON object of `length` bytes, with times in milliseconds; it may be NULL with a length of 0:
 *
 *   flush_at           number, 100: events that make a batch go out; doubled by each request under way, up to max_batch_events;
 *                      1 to 1000000
 *   flush_interval_ms  number, 5000: age of the oldest event that makes a batch go out; 0 to 86400000
 *   max_batch_events   number, 1000: most events of a request; 1 to 100000, with protocol v1 or auto at most 5000 are sent
 *   max_batch_bytes    number, 1048576: most bytes of JSON of a request; 1 to 20971520
 *   max_in_flight      number, 4: most requests at a time; 1 to 64
 *   max_queue_events   number, 100000: most events that may wait; a full queue is sent at once; 1 to 100000000
 *   max_queue_bytes    number, 134217728: most bytes of the events that may wait; 1 to 1099511627776
 *   overflow           "reject", "drop_oldest" or "block", reject: what happens when there is no room
 *   block_timeout_ms   number, 5000: how long "block" waits for room; 0 to 86400000
 *   close_timeout_ms   number, 5000: how long hogwire_queue_free() may take; 0 to 86400000
 *   max_retries        number, 3: retries of a batch after its first attempt; 0 to 100
 *   compression        the client's words; left out here and in the client's options: "gzip" from 1 KiB
 *
 * HOGWIRE_INVALID_CONFIG: hogwire_last_error_option() names an option that does not exist, has the wrong type or is an
 * unknown word; limits are checked when a queue is made. HOGWIRE_NULL_ARGUMENT: options_json with a length, or options.
 */
hogwire_status hogwire_queue_options_new(const char *options_json,
                                         size_t length,
                                         hogwire_queue_options **options);

/*
 * Frees options. Queues made of them stay. NULL is ignored.
 */
void hogwire_queue_options_free(hogwire_queue_options *options);

/*
 * Sets the function that is told of every dropped event, in place of an earlier one. Queues made earlier do not get it.
 *
 * user_data is handed to every call of function. destroy frees it, when neither the options nor a queue made of them needs
 * it any more, perhaps on a thread of the queue and shortly after hogwire_queue_free(); except after HOGWIRE_NULL_ARGUMENT:
 * the data is then still the caller's.
 *
 * HOGWIRE_NULL_ARGUMENT: options or function.
 */
hogwire_status hogwire_queue_options_set_on_drop(const hogwire_queue_options *options,
                                                 hogwire_on_drop_function function,
                                                 void *user_data,
                                                 hogwire_destroy_function destroy);

/*
 * Sets the function that is told of every request that failed. Otherwise as hogwire_queue_options_set_on_drop().
 */
hogwire_status hogwire_queue_options_set_on_error(const hogwire_queue_options *options,
                                                  hogwire_on_error_function function,
                                                  void *user_data,
                                                  hogwire_destroy_function destroy);

/*
 * Sets the function that is told of every delivery. Otherwise as hogwire_queue_options_set_on_drop().
 */
hogwire_status hogwire_queue_options_set_on_delivered(const hogwire_queue_options *options,
                                                      hogwire_on_delivered_function function,
                                                      void *user_data,
                                                      hogwire_destroy_function destroy);

/*
 * Makes a queue for a client's events, which the caller frees; the client may be freed before it. Nothing is started
 * before the first event. options_json is as of hogwire_queue_options_new().
 *
 * HOGWIRE_INVALID_CONFIG: hogwire_last_error_option() names the option, hogwire_last_error() the limit and the fix.
 * HOGWIRE_NULL_ARGUMENT: client, options_json with a length, or queue.
 */
hogwire_status hogwire_queue_new(const hogwire_client *client,
                                 const char *options_json,
                                 size_t length,
                                 hogwire_queue **queue);

/*
 * Makes a queue with options that have hooks; they may be freed before it. Otherwise as hogwire_queue_new().
 *
 * HOGWIRE_INVALID_CONFIG. HOGWIRE_NULL_ARGUMENT: client, options or queue.
 */
hogwire_status hogwire_queue_with_options(const hogwire_client *client,
                                          const hogwire_queue_options *options,
                                          hogwire_queue **queue);

/*
 * Frees a queue. Delivers what is left first, for at most close_timeout_ms; what could not be delivered is dropped as
 * "shutdown", with one line on stderr. Hooks that run are waited for, at most 5 seconds more; afterwards none is called. No
 * other thread may be using it. NULL is ignored.
 */
void hogwire_queue_free(hogwire_queue *queue);

/*
 * Takes in any operation by its name, with its parameters as of hogwire_execute(), and returns at once (but for the overflow
 * "block"). The event is copied before this returns. The receipt is new, and the caller frees it.
 *
 *   const char *json = "{\"DistinctId\": \"user-12345\", \"EventName\": \"User Signed Up\"}";
 *   hogwire_queue_execute(queue, "event", json, strlen(json), &receipt);   queued
 *   hogwire_queue_execute(queue, "event", "{}", 2, &receipt);              not queued, findings "required" for DistinctId
 *                                                                          and EventName
 *
 * HOGWIRE_UNKNOWN_OPERATION; HOGWIRE_NULL_ARGUMENT: queue, operation, json with a length, or receipt. Input never fails
 * the call.
 */
hogwire_status hogwire_queue_execute(const hogwire_queue *queue,
                                     const char *operation,
                                     const char *json,
                                     size_t length,
                                     hogwire_receipt **receipt);

/*
 * Sends everything pushed so far and waits until each event is delivered, dropped, or has used up a round of retries, and
 * hooks were told, at most for timeout_ms. What is left stays in the queue and is counted as pending. The report is new, and
 * the caller frees it.
 *
 * In hooks of a queue, on whatever thread, and on a queue's own threads it does not wait. HOGWIRE_NULL_ARGUMENT: queue or
 * report.
 */
hogwire_status hogwire_queue_flush(const hogwire_queue *queue,
                                   uint64_t timeout_ms,
                                   hogwire_report **report);

/*
 * Takes nothing more: later events are answered "closed". Delivers what is there, at most for timeout_ms; what could not be
 * delivered is dropped as "shutdown", with one line on stderr. It may be called again, and from any thread. The report is
 * new, and the caller frees it.
 *
 * In hooks of a queue, on whatever thread, and on a queue's own threads it does not wait. HOGWIRE_NULL_ARGUMENT: queue or
 * report.
 */
hogwire_status hogwire_queue_close(const hogwire_queue *queue,
                                   uint64_t timeout_ms,
                                   hogwire_report **report);

/*
 * All counters since the queue was made, and where events stand now, as a JSON object:
 *
 *   events_pushed_total      valid events handed to the queue, those included that it had to drop at once
 *   events_delivered_total   events the server took
 *   events_accepted_total    of these, accepted for storage
 *   events_stored_total      of these, stored
 *   events_unconfirmed_total of the accepted ones, those of which a success said nothing
 *   events_dropped_total     events dropped, an object with a number for each reason
 *   events_retried_total     events sent again, but for those of a divided batch
 *   requests_total           requests made
 *   requests_failed_total    requests that failed
 *   request_bytes_total      bytes of request bodies, as sent, once their answers came
 *   batches_divided_total    batches divided to find the event the server refuses
 *   late_answers_total       answers to requests the queue no longer waited for
 *   events_waiting           events that wait for a batch
 *   bytes_waiting            bytes of the events that wait for a batch
 *   events_in_flight         events in batches, on their way or waiting for another attempt
 *   requests_in_flight       requests whose answer is awaited
 *
 * Borrowed: valid until the next call of this function on this thread. NULL: "".
 */
const char *hogwire_queue_stats_json(const hogwire_queue *queue);

/*
 * One number of the stats by its name; "events_dropped_total" is the sum over all reasons, and a drop reason ("overflow")
 * the number dropped for it. NULL, or no such number: -1.
 */
int64_t hogwire_queue_stat(const hogwire_queue *queue,
                           const char *name);

/*
 * As hogwire_create_alias(), into a queue: returns at once, with a receipt.
 */
hogwire_status hogwire_queue_create_alias(const hogwire_queue *queue,
                                          const char *distinct_id,
                                          const char *alias,
                                          hogwire_receipt **receipt);

/*
 * As hogwire_create_event(), into a queue: returns at once, with a receipt.
 *
 *   hogwire_queue_create_event(queue, "user-12345", "User Signed Up", "{\"plan\": \"premium\"}", &receipt);   queued
 *   hogwire_queue_create_event(queue, "user-12345", NULL, NULL, &receipt);   not queued, "required" for EventName
 */
hogwire_status hogwire_queue_create_event(const hogwire_queue *queue,
                                          const char *distinct_id,
                                          const char *event_name,
                                          const char *properties_json,
                                          hogwire_receipt **receipt);

/*
 * As hogwire_create_identity(), into a queue: returns at once, with a receipt.
 */
hogwire_status hogwire_queue_create_identity(const hogwire_queue *queue,
                                             const char *distinct_id,
                                             const char *name,
                                             const char *email,
                                             const char *plan,
                                             const char *signup_date,
                                             const char *referral_source,
                                             const char *properties_set_json,
                                             const char *properties_set_once_json,
                                             hogwire_receipt **receipt);

/*
 * As hogwire_identify_group(), into a queue: returns at once, with a receipt.
 */
hogwire_status hogwire_queue_identify_group(const hogwire_queue *queue,
                                            const char *group_type,
                                            const char *group_key,
                                            const char *properties_set_json,
                                            const char *distinct_id,
                                            hogwire_receipt **receipt);

/*
 * As hogwire_track_page(), into a queue: returns at once, with a receipt.
 */
hogwire_status hogwire_queue_track_page(const hogwire_queue *queue,
                                        const char *distinct_id,
                                        const char *page_url,
                                        const char *page_name,
                                        const char *referrer,
                                        const char *properties_json,
                                        hogwire_receipt **receipt);

/*
 * As hogwire_track_screen(), into a queue: returns at once, with a receipt.
 */
hogwire_status hogwire_queue_track_screen(const hogwire_queue *queue,
                                          const char *distinct_id,
                                          const char *screen_view_name,
                                          const char *screen_category,
                                          const char *app_version,
                                          const char *device_type,
                                          const char *properties_json,
                                          hogwire_receipt **receipt);

/*
 * Frees a receipt and every text read from it. NULL is ignored.
 */
void hogwire_receipt_free(hogwire_receipt *receipt);

/*
 * Whether the event is in the queue. NULL: false.
 */
bool hogwire_receipt_queued(const hogwire_receipt *receipt);

/*
 * The event's uuid, under which reports and hooks speak of it, lower-case with hyphens; NULL when there is no event.
 * Borrowed from the receipt. NULL: NULL.
 */
const char *hogwire_receipt_event_uuid(const hogwire_receipt *receipt);

/*
 * What kind of thing went wrong, one of: ok, invalid_input, dropped, queue_full, closed, disabled, opted_out, internal.
 * Borrowed from the receipt. NULL: "".
 */
const char *hogwire_receipt_error_code(const hogwire_receipt *receipt);

/*
 * A sentence; empty exactly when the event is in the queue. Borrowed from the receipt. NULL: "".
 */
const char *hogwire_receipt_error_message(const hogwire_receipt *receipt);

/*
 * The whole receipt as a JSON object in PascalCase: EventUuid, Queued, ErrorCode, ErrorMessage, Findings,
 * Warnings. Borrowed from the receipt. NULL: "".
 */
const char *hogwire_receipt_json(const hogwire_receipt *receipt);

/*
 * How many findings there are: why the input was refused. NULL: 0.
 */
size_t hogwire_receipt_finding_count(const hogwire_receipt *receipt);

/*
 * A finding's code, for example "required"; hogwire_catalogue_json() lists them all.
 * Borrowed from the receipt. NULL, or no finding at this index: NULL.
 */
const char *hogwire_receipt_finding_code(const hogwire_receipt *receipt, size_t index);

/*
 * The parameter a finding is about in PascalCase, for example "DistinctId" or "Properties.plan".
 * Borrowed from the receipt. NULL, or no finding at this index: NULL.
 */
const char *hogwire_receipt_finding_parameter(const hogwire_receipt *receipt, size_t index);

/*
 * A finding's sentence, with the limit and the fix.
 * Borrowed from the receipt. NULL, or no finding at this index: NULL.
 */
const char *hogwire_receipt_finding_message(const hogwire_receipt *receipt, size_t index);

/*
 * How many warnings there are: what was changed or is doubtful although the event was taken. NULL: 0.
 */
size_t hogwire_receipt_warning_count(const hogwire_receipt *receipt);

/*
 * A warning's code, for example "trimmed"; hogwire_catalogue_json() lists them all.
 * Borrowed from the receipt. NULL, or no warning at this index: NULL.
 */
const char *hogwire_receipt_warning_code(const hogwire_receipt *receipt, size_t index);

/*
 * The parameter a warning is about in PascalCase.
 * Borrowed from the receipt. NULL, or no warning at this index: NULL.
 */
const char *hogwire_receipt_warning_parameter(const hogwire_receipt *receipt, size_t index);

/*
 * A warning's sentence.
 * Borrowed from the receipt. NULL, or no warning at this index: NULL.
 */
const char *hogwire_receipt_warning_message(const hogwire_receipt *receipt, size_t index);

/*
 * Frees a report and every text read from it. NULL is ignored.
 */
void hogwire_report_free(hogwire_report *report);

/*
 * Events the server took: accepted and stored together. NULL: 0.
 */
uint64_t hogwire_report_delivered(const hogwire_report *report);

/*
 * Events the server accepted for storage, and those of which a success said nothing: hogwire_report_last_error() tells of
 * these. NULL: 0.
 */
uint64_t hogwire_report_accepted(const hogwire_report *report);

/*
 * Events the server stored (protocol "v1"). NULL: 0.
 */
uint64_t hogwire_report_stored(const hogwire_report *report);

/*
 * Events that are still to be delivered, as of then. NULL: 0.
 */
uint64_t hogwire_report_pending(const hogwire_report *report);

/*
 * How many events were dropped, those included that hogwire_report_dropped_count() leaves out. NULL: 0.
 */
uint64_t hogwire_report_dropped_total(const hogwire_report *report);

/*
 * How many dropped events are named here: all, up to 100,000. NULL: 0.
 */
size_t hogwire_report_dropped_count(const hogwire_report *report);

/*
 * The uuid of a dropped event, as its receipt has it.
 * Borrowed from the report. NULL, or no dropped event at this index: NULL.
 */
const char *hogwire_report_dropped_uuid(const hogwire_report *report, size_t index);

/*
 * Why an event was dropped, one of: overflow, before_send, rejected, too_large, server_drop, unauthorized, quota_exceeded,
 * rate_limited, shutdown. Borrowed from the report. NULL, or no dropped event at this index: NULL.
 */
const char *hogwire_report_dropped_reason(const hogwire_report *report,
                                          size_t index);

/*
 * Why an event was dropped as a sentence, with the server's own words where there are any.
 * Borrowed from the report. NULL, or no dropped event at this index: NULL.
 */
const char *hogwire_report_dropped_message(const hogwire_report *report, size_t index);

/*
 * The message of the last request that failed or had a doubtful answer, or why none could be made; without these, why a close
 * gave events up; "" when none of that happened. Borrowed from the report. NULL: "".
 */
const char *hogwire_report_last_error(const hogwire_report *report);

/*
 * The whole report as a JSON object in PascalCase: Delivered, Accepted, Stored, Pending, Dropped (a list of
 * Uuid, Reason, Message), DroppedTotal, LastError. Borrowed from the report. NULL: "".
 */
const char *hogwire_report_json(const hogwire_report *report);

/*
 * Builds the exact request for an operation, without sending it. With HOGWIRE_OK exactly one of *request and *outcome
 * is set, and the caller frees it: the outcome when nothing is to be sent (refused input, a hook that dropped the event,
 * a disabled configuration).
 *
 * operation and json are as of hogwire_execute(). now_ms (Unix milliseconds) and seed may be NULL: the present, and a
 * random one. The same input, configuration, time and seed give the same bytes. attempt counts from 1; 0 means 1.
 *
 * HOGWIRE_UNKNOWN_OPERATION; HOGWIRE_NULL_ARGUMENT: config, operation, json with a length, request or outcome.
 */
hogwire_status hogwire_build(const hogwire_config *config,
                             const char *operation,
                             const char *json,
                             size_t length,
                             const int64_t *now_ms,
                             const uint64_t *seed,
                             uint32_t attempt,
                             hogwire_request **request,
                             hogwire_outcome **outcome);

/*
 * Reads the answer to a request into a new outcome, which the caller frees. Any status and any bytes give an outcome.
 *
 * headers (only Retry-After, Location and Content-Encoding are read) and body may be NULL when there are none. now_ms is
 * needed only for a Retry-After that is a date, and may be NULL: the present.
 *
 * HOGWIRE_NULL_ARGUMENT: request, outcome, headers or body with a length, a header's name or value.
 */
hogwire_status hogwire_interpret(const hogwire_request *request,
                                 int32_t status,
                                 const hogwire_header *headers,
                                 size_t header_count,
                                 const uint8_t *body,
                                 size_t body_length,
                                 const int64_t *now_ms,
                                 hogwire_outcome **outcome);

/*
 * Reads a failure to get an answer into a new outcome, which the caller frees. failure is "timeout", "network" or "tls".
 * sent and message are as of hogwire_answer_fail().
 *
 * HOGWIRE_INVALID_ARGUMENT: another word as failure. HOGWIRE_NULL_ARGUMENT: request, failure or outcome.
 */
hogwire_status hogwire_interpret_failure(const hogwire_request *request,
                                         const char *failure,
                                         int32_t sent,
                                         const char *message,
                                         hogwire_outcome **outcome);

/*
 * Frees a request and every text read from it. NULL is ignored.
 */
void hogwire_request_free(hogwire_request *request);

/*
 * Always "POST". Borrowed from the request. NULL: "".
 */
const char *hogwire_request_method(const hogwire_request *request);

/*
 * The whole URL. Borrowed from the request. NULL: "".
 */
const char *hogwire_request_url(const hogwire_request *request);

/*
 * How many headers there are, in the order to send them. The HTTP client adds Host and Content-Length. NULL: 0.
 */
size_t hogwire_request_header_count(const hogwire_request *request);

/*
 * A header's name. Borrowed from the request. NULL, or no header at this index: NULL.
 */
const char *hogwire_request_header_name(const hogwire_request *request, size_t index);

/*
 * A header's value. That of Authorization, which requests of "v1" have, holds the api key.
 * Borrowed from the request. NULL, or no header at this index: NULL.
 */
const char *hogwire_request_header_value(const hogwire_request *request, size_t index);

/*
 * The body's bytes, compressed when a header says so; not NUL-terminated. With "v0" they hold the api key. Their number is
 * written to *length, where length is not NULL. Borrowed from the request. NULL: NULL, and a length of 0.
 */
const uint8_t *hogwire_request_body(const hogwire_request *request,
                                    size_t *length);

/*
 * The event's uuid. To build another attempt of the same event, give it as Uuid. Borrowed from the request. NULL: "".
 */
const char *hogwire_request_event_uuid(const hogwire_request *request);

/*
 * The event's timestamp, RFC 3339 in UTC. To build another attempt of the same event, give it as Timestamp.
 * Borrowed from the request. NULL: "".
 */
const char *hogwire_request_timestamp(const hogwire_request *request);

/*
 * The whole request as JSON text, so that it can pass through another process; hogwire_request_from_json() reads it.
 * It holds the api key. Borrowed from the request. NULL: "".
 */
const char *hogwire_request_json(const hogwire_request *request);

/*
 * The request as a shell command for curl, uncompressed and with the api key redacted: to look at, not to run as it is.
 * Borrowed from the request. NULL: "".
 */
const char *hogwire_request_to_curl(const hogwire_request *request);

/*
 * Reads what hogwire_request_json() wrote into a new request, which the caller frees.
 *
 * HOGWIRE_INVALID_ARGUMENT: the text is no request. HOGWIRE_NULL_ARGUMENT: json with a length, or request.
 */
hogwire_status hogwire_request_from_json(const char *json,
                                         size_t length,
                                         hogwire_request **request);

/*
 * Says that an answer came: its HTTP status, its headers (only Retry-After, Location and Content-Encoding are read) and its
 * whole body, decompressed or marked as gzip. All are copied. headers and body may be NULL when there are none.
 *
 * HOGWIRE_NULL_ARGUMENT, HOGWIRE_INVALID_ARGUMENT: the call then ends with the error code "internal".
 */
hogwire_status hogwire_answer_respond(hogwire_answer *answer,
                                      int32_t status,
                                      const hogwire_header *headers,
                                      size_t header_count,
                                      const uint8_t *body,
                                      size_t body_length);

/*
 * Says that no complete answer came. failure is "timeout", "network" or "tls". sent says whether a byte of the request
 * went out: 1 yes, 0 no, HOGWIRE_SENT_UNKNOWN. message is a sentence for people, of which the first 1,000 characters are told,
 * or NULL.
 *
 * HOGWIRE_NULL_ARGUMENT, HOGWIRE_INVALID_ARGUMENT: the call then ends with the error code "internal".
 */
hogwire_status hogwire_answer_fail(hogwire_answer *answer,
                                   const char *failure,
                                   int32_t sent,
                                   const char *message);

/*
 * The event as a JSON object: event, distinct_id, uuid, timestamp and properties.
 * Borrowed from the event, until it is changed. NULL: "".
 */
const char *hogwire_event_json(const hogwire_event *event);

/*
 * Sets event, distinct_id, uuid, timestamp or properties to a JSON value ("\"renamed\"", with its quotes); a json of NULL
 * removes it. An event has no other key: it is refused with one ("unknown_parameter").
 *
 * HOGWIRE_INVALID_ARGUMENT: json is no JSON, or has a number that no event may hold. HOGWIRE_NULL_ARGUMENT: event or key.
 * Of an event that is not NULL, the hook has then failed, and it is dropped.
 */
hogwire_status hogwire_event_set(hogwire_event *event,
                                 const char *key,
                                 const char *json);

/*
 * Sets one property to a JSON value; a json of NULL removes it.
 *
 * HOGWIRE_INVALID_ARGUMENT: json is no JSON or has a number that no event may hold, or properties is no object.
 * HOGWIRE_NULL_ARGUMENT: event or key. The hook has then failed, and the event is dropped.
 */
hogwire_status hogwire_event_set_property(hogwire_event *event,
                                          const char *key,
                                          const char *json);

/*
 * Puts another event, a JSON object of `length` bytes, in its place.
 *
 * HOGWIRE_INVALID_ARGUMENT: json is no JSON object, or has a number that no event may hold. HOGWIRE_NULL_ARGUMENT: event,
 * or json with a length. The hook has then failed, and the event is dropped.
 */
hogwire_status hogwire_event_replace(hogwire_event *event,
                                     const char *json,
                                     size_t length);

/*
 * Drops the event: nothing is sent, and the outcome says "dropped". NULL is ignored.
 */
void hogwire_event_drop(hogwire_event *event);

/*
 * Reports that the hook failed: the event is dropped, the outcome has the warning "before_send_failed" with this message,
 * and later hooks do not run. Of a long message the first 1,000 characters are told. Where it is NULL or empty, the message
 * is "it gave no reason"; event NULL is ignored.
 */
void hogwire_event_fail(hogwire_event *event,
                        const char *message);

/*
 * Makes a recording, which the caller frees. HOGWIRE_NULL_ARGUMENT: recording.
 *
 *   hogwire_recording_new(&recording);
 *   hogwire_config_set_recording(config, recording);   before hogwire_client_with_config()
 *   ...                                                 the program under test
 *   hogwire_recording_events_json(recording);          what it would have sent
 */
hogwire_status hogwire_recording_new(hogwire_recording **recording);

/*
 * Frees a recording. Clients that use it go on recording, for nobody. NULL is ignored.
 */
void hogwire_recording_free(hogwire_recording *recording);

/*
 * Makes clients hand their requests to a recording instead of the built-in transport. Otherwise as
 * hogwire_config_set_transport(), of which it takes the place.
 *
 * HOGWIRE_NULL_ARGUMENT: config or recording.
 */
hogwire_status hogwire_config_set_recording(const hogwire_config *config,
                                            const hogwire_recording *recording);

/*
 * Answers the next request so, after those that are set already; the answer is as of hogwire_answer_respond(). May be
 * repeated. Requests for which nothing is set succeed.
 *
 * HOGWIRE_NULL_ARGUMENT, HOGWIRE_INVALID_ARGUMENT: nothing was set.
 */
hogwire_status hogwire_recording_answer(const hogwire_recording *recording,
                                        int32_t status,
                                        const hogwire_header *headers,
                                        size_t header_count,
                                        const uint8_t *body,
                                        size_t body_length);

/*
 * Lets the next request fail so, after those that are set already; the failure is as of hogwire_answer_fail(). May be
 * repeated.
 *
 * HOGWIRE_NULL_ARGUMENT, HOGWIRE_INVALID_ARGUMENT: nothing was set.
 */
hogwire_status hogwire_recording_fail(const hogwire_recording *recording,
                                      const char *failure,
                                      int32_t sent,
                                      const char *message);

/*
 * How many requests there were so far, repeated attempts included. NULL: 0.
 */
size_t hogwire_recording_request_count(const hogwire_recording *recording);

/*
 * A copy of the request at an index, from 0; it is new, and the caller frees it. *request is NULL where there is none.
 *
 * HOGWIRE_NULL_ARGUMENT: recording or request.
 */
hogwire_status hogwire_recording_request(const hogwire_recording *recording,
                                         size_t index,
                                         hogwire_request **request);

/*
 * How many events there were so far; one that was sent several times is one. NULL: 0.
 */
size_t hogwire_recording_event_count(const hogwire_recording *recording);

/*
 * Every event so far as a JSON array of objects (event, distinct_id, uuid, timestamp, properties, with v1 also options), in
 * order; one that was sent several times stands once, where it was sent first.
 *
 * Borrowed: valid until the next call of this function on this thread. NULL: "".
 */
const char *hogwire_recording_events_json(const hogwire_recording *recording);

/*
 * Forgets the requests so far, and the answers that were not given. HOGWIRE_NULL_ARGUMENT: recording.
 */
hogwire_status hogwire_recording_clear(const hogwire_recording *recording);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* HOGWIRE_H */
