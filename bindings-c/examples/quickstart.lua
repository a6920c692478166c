-- hogwire from LuaJIT, without a compiler: its FFI reads the declarations and calls the installed library.
--
--   POSTHOG_API_KEY=phc_... [POSTHOG_HOST=...] LD_LIBRARY_PATH=$(pkg-config --variable=libdir hogwire) luajit quickstart.lua
--
-- Declared is what is used; all of it stands in hogwire.h, from which more can be copied as it is.

local ffi = require("ffi")

ffi.cdef([[
typedef enum { HOGWIRE_OK = 0 } hogwire_status;
typedef struct hogwire_client hogwire_client;
typedef struct hogwire_outcome hogwire_outcome;
typedef struct hogwire_queue hogwire_queue;
typedef struct hogwire_receipt hogwire_receipt;
typedef struct hogwire_report hogwire_report;

uint32_t hogwire_abi_version(void);
const char *hogwire_last_error(void);
hogwire_status hogwire_client_from_env(const char *options_json, size_t length, hogwire_client **client);
void hogwire_client_free(hogwire_client *client);
hogwire_status hogwire_execute(const hogwire_client *client, const char *operation, const char *json, size_t length, hogwire_outcome **outcome);
int32_t hogwire_outcome_status_code(const hogwire_outcome *outcome);
const char *hogwire_outcome_delivery(const hogwire_outcome *outcome);
const char *hogwire_outcome_error_message(const hogwire_outcome *outcome);
void hogwire_outcome_free(hogwire_outcome *outcome);
hogwire_status hogwire_queue_new(const hogwire_client *client, const char *options_json, size_t length, hogwire_queue **queue);
hogwire_status hogwire_queue_execute(const hogwire_queue *queue, const char *operation, const char *json, size_t length, hogwire_receipt **receipt);
void hogwire_receipt_free(hogwire_receipt *receipt);
hogwire_status hogwire_queue_close(const hogwire_queue *queue, uint64_t timeout_ms, hogwire_report **report);
uint64_t hogwire_report_delivered(const hogwire_report *report);
uint64_t hogwire_report_pending(const hogwire_report *report);
void hogwire_report_free(hogwire_report *report);
void hogwire_queue_free(hogwire_queue *queue);
]])

-- By its soname: a library with another ABI has another name.
local hogwire = ffi.load("libhogwire.so.0")

-- Calls a function whose last argument receives a handle, which the garbage collector frees with `free`.
local function handle(kind, free, call, ...)
    local place = ffi.new("hogwire_" .. kind .. " *[1]")
    local arguments = { ... }
    arguments[#arguments + 1] = place
    if call(unpack(arguments)) ~= "HOGWIRE_OK" then
        error(ffi.string(hogwire.hogwire_last_error()))
    end
    return ffi.gc(place[0], free)
end

local function execute(client, operation, json)
    return handle("outcome", hogwire.hogwire_outcome_free, hogwire.hogwire_execute, client, operation, json, #json)
end

local function show(outcome)
    local ok = hogwire.hogwire_outcome_status_code(outcome) == 200
    local words = ok and hogwire.hogwire_outcome_delivery or hogwire.hogwire_outcome_error_message
    print(hogwire.hogwire_outcome_status_code(outcome) .. " " .. ffi.string(words(outcome)))
end

local options = ""
local client = handle("client", hogwire.hogwire_client_free, hogwire.hogwire_client_from_env, options, #options)
show(execute(client, "event", [[{"DistinctId": "user-12345", "EventName": "User Signed Up", "Properties": {"plan": "premium"}}]]))
show(execute(client, "alias", [[{"DistinctId": "user-12345", "Alias": "null"}]]))

options = [[{"flush_at": 50}]]
local queue = handle("queue", hogwire.hogwire_queue_free, hogwire.hogwire_queue_new, client, options, #options)
local event = [[{"DistinctId": "user-12345", "EventName": "Song Played"}]]
handle("receipt", hogwire.hogwire_receipt_free, hogwire.hogwire_queue_execute, queue, "event", event, #event)
local report = handle("report", hogwire.hogwire_report_free, hogwire.hogwire_queue_close, queue, 10000)
print(tonumber(hogwire.hogwire_report_delivered(report)) .. " delivered, " .. tonumber(hogwire.hogwire_report_pending(report)) .. " pending")
