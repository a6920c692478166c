// A thin C++17 face of hogwire.h: handles that free themselves, exceptions for misuse, std::function for callbacks.
//
// Copy it into your program and change it as you like. What happened to an event is in the outcome, never an exception;
// hogwire::error is thrown only for misuse of the API: a bad configuration, an unknown operation.
//
// Handles are moved, not copied. What was moved from is empty: its accessors answer as those of hogwire.h do for NULL, and calls
// that need it throw. A view owns nothing, so none can be had of a temporary, which would be gone before it.
#ifndef HOGWIRE_HPP
#define HOGWIRE_HPP

#include <hogwire.h>

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace hogwire {

// Misuse of the API. `option` names the option of a bad configuration, and is empty otherwise.
class error : public std::runtime_error {
public:
    explicit error(hogwire_status said)
        : std::runtime_error(hogwire_last_error()), status(said), option(hogwire_last_error_option()) {}

    const hogwire_status status;
    const std::string option;
};

inline void check(hogwire_status status) {
    if (status != HOGWIRE_OK) {
        throw error(status);
    }
}

template <typename Handle, void (*Free)(Handle *)> struct deleter {
    void operator()(Handle *handle) const { Free(handle); }
};

template <typename Handle, void (*Free)(Handle *)> using owned = std::unique_ptr<Handle, deleter<Handle, Free>>;

// Why an input was refused, or what is doubtful about it.
struct finding {
    std::string code, parameter, message;
};

namespace detail {

// The findings or the warnings of a handle, by the functions that read them.
template <typename Handle, typename Count, typename Text>
std::vector<finding> remarks(const Handle *handle, Count count, Text code, Text parameter, Text message) {
    std::vector<finding> all;
    for (std::size_t index = 0; index < count(handle); ++index) {
        all.push_back({code(handle, index), parameter(handle, index), message(handle, index)});
    }
    return all;
}

inline std::optional<std::string> optional(const char *text) {
    return text == nullptr ? std::nullopt : std::optional<std::string>(text);
}

// What can be read of an outcome, whoever owns its handle, which Self::get() gives. Texts are copied out: an outcome is often a
// temporary, and a view of its texts would dangle.
template <typename Self> class outcome_accessors {
public:
    explicit operator bool() const { return hogwire_outcome_ok(handle()); }
    int status_code() const { return hogwire_outcome_status_code(handle()); }
    int original_status_code() const { return hogwire_outcome_original_status_code(handle()); }
    std::string error_message() const { return hogwire_outcome_error_message(handle()); }
    std::string data_json() const { return hogwire_outcome_data_json(handle()); }
    std::string error_code() const { return hogwire_outcome_error_code(handle()); }
    std::string delivery() const { return hogwire_outcome_delivery(handle()); }
    bool retryable() const { return hogwire_outcome_retryable(handle()); }
    unsigned attempts() const { return hogwire_outcome_attempts(handle()); }
    std::string json() const { return hogwire_outcome_json(handle()); }

    std::optional<std::chrono::milliseconds> retry_after() const {
        const auto milliseconds = hogwire_outcome_retry_after_ms(handle());
        return milliseconds < 0 ? std::nullopt : std::optional(std::chrono::milliseconds(milliseconds));
    }
    std::optional<std::string> event_uuid() const { return detail::optional(hogwire_outcome_event_uuid(handle())); }
    std::vector<finding> findings() const {
        return detail::remarks(handle(), hogwire_outcome_finding_count, hogwire_outcome_finding_code,
                               hogwire_outcome_finding_parameter, hogwire_outcome_finding_message);
    }
    std::vector<finding> warnings() const {
        return detail::remarks(handle(), hogwire_outcome_warning_count, hogwire_outcome_warning_code,
                               hogwire_outcome_warning_parameter, hogwire_outcome_warning_message);
    }

private:
    const hogwire_outcome *handle() const { return static_cast<const Self *>(this)->get(); }
};

} // namespace detail

// What happened to one call, as a hook or a list of outcomes lends it.
class outcome_view : public detail::outcome_accessors<outcome_view> {
public:
    explicit outcome_view(const hogwire_outcome *handle) : handle_(handle) {}

    const hogwire_outcome *get() const { return handle_; }

private:
    const hogwire_outcome *handle_;
};

// What happened to one call.
class outcome : public detail::outcome_accessors<outcome> {
public:
    explicit outcome(hogwire_outcome *handle) : handle_(handle) {}

    operator outcome_view() const & { return outcome_view(get()); }
    operator outcome_view() const && = delete;
    const hogwire_outcome *get() const { return handle_.get(); }

private:
    owned<hogwire_outcome, hogwire_outcome_free> handle_;
};

// The outcomes of a batch, in order. What at() gives lives as long as the list.
class outcomes {
public:
    explicit outcomes(hogwire_outcomes *handle) : handle_(handle) {}

    std::size_t size() const { return hogwire_outcomes_count(handle_.get()); }
    outcome_view at(std::size_t index) const & {
        const auto *found = hogwire_outcomes_at(handle_.get(), index);
        return found == nullptr ? throw std::out_of_range("there is no such outcome") : outcome_view(found);
    }
    outcome_view at(std::size_t index) const && = delete;

private:
    owned<hogwire_outcomes, hogwire_outcomes_free> handle_;
};

// What became of handing one event to a queue.
class receipt {
public:
    explicit receipt(hogwire_receipt *handle) : handle_(handle) {}

    explicit operator bool() const { return queued(); }
    bool queued() const { return hogwire_receipt_queued(get()); }
    std::optional<std::string> event_uuid() const { return detail::optional(hogwire_receipt_event_uuid(get())); }
    std::string error_code() const { return hogwire_receipt_error_code(get()); }
    std::string error_message() const { return hogwire_receipt_error_message(get()); }
    std::string json() const { return hogwire_receipt_json(get()); }
    std::vector<finding> findings() const {
        return detail::remarks(get(), hogwire_receipt_finding_count, hogwire_receipt_finding_code,
                               hogwire_receipt_finding_parameter, hogwire_receipt_finding_message);
    }
    std::vector<finding> warnings() const {
        return detail::remarks(get(), hogwire_receipt_warning_count, hogwire_receipt_warning_code,
                               hogwire_receipt_warning_parameter, hogwire_receipt_warning_message);
    }
    const hogwire_receipt *get() const { return handle_.get(); }

private:
    owned<hogwire_receipt, hogwire_receipt_free> handle_;
};

// An event that was dropped.
struct dropped {
    std::string uuid, reason, message;
};

// What became of a queue's events since its last report.
class report {
public:
    explicit report(hogwire_report *handle) : handle_(handle) {}

    std::uint64_t delivered() const { return hogwire_report_delivered(get()); }
    std::uint64_t accepted() const { return hogwire_report_accepted(get()); }
    std::uint64_t stored() const { return hogwire_report_stored(get()); }
    std::uint64_t pending() const { return hogwire_report_pending(get()); }
    std::uint64_t dropped_total() const { return hogwire_report_dropped_total(get()); }
    std::string last_error() const { return hogwire_report_last_error(get()); }
    std::string json() const { return hogwire_report_json(get()); }
    std::vector<hogwire::dropped> dropped() const {
        std::vector<hogwire::dropped> all;
        for (std::size_t index = 0; index < hogwire_report_dropped_count(get()); ++index) {
            all.push_back({hogwire_report_dropped_uuid(get(), index), hogwire_report_dropped_reason(get(), index),
                           hogwire_report_dropped_message(get(), index)});
        }
        return all;
    }
    const hogwire_report *get() const { return handle_.get(); }

private:
    owned<hogwire_report, hogwire_report_free> handle_;
};

namespace detail {

// What can be read of a request, whoever owns its handle, which Self::get() gives. Its json(), and its body() or headers(),
// hold the api key; to_curl() shows it redacted. Texts belong to the request, and live as long.
template <typename Self> class request_accessors {
public:
    std::string_view method() const { return hogwire_request_method(handle()); }
    std::string_view url() const { return hogwire_request_url(handle()); }
    std::string_view event_uuid() const { return hogwire_request_event_uuid(handle()); }
    std::string_view timestamp() const { return hogwire_request_timestamp(handle()); }
    std::string_view json() const { return hogwire_request_json(handle()); }
    std::string_view to_curl() const { return hogwire_request_to_curl(handle()); }
    std::string_view body() const {
        std::size_t length = 0;
        const auto *bytes = hogwire_request_body(handle(), &length);
        return {reinterpret_cast<const char *>(bytes), length};
    }
    std::vector<std::pair<std::string_view, std::string_view>> headers() const {
        std::vector<std::pair<std::string_view, std::string_view>> all;
        for (std::size_t index = 0; index < hogwire_request_header_count(handle()); ++index) {
            all.emplace_back(hogwire_request_header_name(handle(), index), hogwire_request_header_value(handle(), index));
        }
        return all;
    }

private:
    const hogwire_request *handle() const { return static_cast<const Self *>(this)->get(); }
};

} // namespace detail

// A request that belongs to somebody else, as a transport sees it.
class request_view : public detail::request_accessors<request_view> {
public:
    explicit request_view(const hogwire_request *handle) : handle_(handle) {}

    const hogwire_request *get() const { return handle_; }

private:
    const hogwire_request *handle_;
};

class request : public detail::request_accessors<request> {
public:
    explicit request(hogwire_request *handle) : handle_(handle) {}

    static request from_json(std::string_view json) {
        hogwire_request *made = nullptr;
        check(hogwire_request_from_json(json.data(), json.size(), &made));
        return request(made);
    }

    operator request_view() const & { return request_view(get()); }
    operator request_view() const && = delete;
    const hogwire_request *get() const { return handle_.get(); }

private:
    owned<hogwire_request, hogwire_request_free> handle_;
};

// What came of a request, for interpret() and for transports.
struct response {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

struct failure {
    std::string kind; // "timeout", "network" or "tls"
    std::optional<bool> sent = std::nullopt;
    std::string message = {};
};

namespace detail {

inline std::vector<hogwire_header> borrowed(const response &answer) {
    std::vector<hogwire_header> headers;
    for (const auto &[name, value] : answer.headers) {
        headers.push_back({name.c_str(), value.c_str()});
    }
    return headers;
}

inline const std::uint8_t *bytes(std::string_view text) { return reinterpret_cast<const std::uint8_t *>(text.data()); }

inline int sent(const failure &failed) { return failed.sent ? static_cast<int>(*failed.sent) : HOGWIRE_SENT_UNKNOWN; }

} // namespace detail

// An event in the hands of a hook. A hook that throws has failed, and the event is dropped.
class event {
public:
    explicit event(hogwire_event *handle) : handle_(handle) {}

    std::string_view json() const { return hogwire_event_json(handle_); }
    void set(const std::string &key, const std::string &json) { check(hogwire_event_set(handle_, key.c_str(), json.c_str())); }
    void remove(const std::string &key) { check(hogwire_event_set(handle_, key.c_str(), nullptr)); }
    void set_property(const std::string &key, const std::string &json) {
        check(hogwire_event_set_property(handle_, key.c_str(), json.c_str()));
    }
    void remove_property(const std::string &key) { check(hogwire_event_set_property(handle_, key.c_str(), nullptr)); }
    void replace(std::string_view json) { check(hogwire_event_replace(handle_, json.data(), json.size())); }
    void drop() { hogwire_event_drop(handle_); }

private:
    hogwire_event *handle_;
};

using before_send = std::function<void(event)>;
using transport = std::function<std::variant<response, failure>(request_view, std::chrono::milliseconds time_left)>;

namespace detail {

// No exception may pass through the library, so each ends here.
inline void run_hook(void *function, hogwire_event *handle) {
    try {
        (*static_cast<before_send *>(function))(event(handle));
    } catch (const std::exception &problem) {
        hogwire_event_fail(handle, problem.what());
    } catch (...) {
        hogwire_event_fail(handle, "it threw something unknown");
    }
}

inline void run_transport(void *function, const hogwire_request *handle, std::uint64_t time_left_ms, hogwire_answer *answer) {
    try {
        const auto seen = (*static_cast<transport *>(function))(request_view(handle), std::chrono::milliseconds(time_left_ms));
        if (const auto *came = std::get_if<response>(&seen)) {
            const auto headers = borrowed(*came);
            hogwire_answer_respond(answer, came->status, headers.data(), headers.size(), bytes(came->body), came->body.size());
        } else {
            const auto &failed = std::get<failure>(seen);
            hogwire_answer_fail(answer, failed.kind.c_str(), sent(failed), failed.message.c_str());
        }
    } catch (const std::exception &problem) {
        hogwire_answer_fail(answer, "network", HOGWIRE_SENT_UNKNOWN, problem.what());
    } catch (...) {
        hogwire_answer_fail(answer, "network", HOGWIRE_SENT_UNKNOWN, "the transport threw something unknown");
    }
}

template <typename Function> void destroy(void *function) { delete static_cast<Function *>(function); }

} // namespace detail

using on_drop = std::function<void(const dropped &)>;
using on_error = std::function<void(outcome_view)>;
using on_delivered = std::function<void(const std::vector<std::string> &uuids, const std::string &delivery)>;

namespace detail {

// Nobody is there to hear of a hook that throws.
template <typename Call> void quietly(Call call) {
    try {
        call();
    } catch (...) {
    }
}

inline void run_on_drop(void *function, const char *uuid, const char *reason, const char *message) {
    quietly([&] { (*static_cast<on_drop *>(function))({uuid, reason, message}); });
}

inline void run_on_error(void *function, const hogwire_outcome *handle) {
    quietly([&] { (*static_cast<on_error *>(function))(outcome_view(handle)); });
}

inline void run_on_delivered(void *function, const char *const *uuids, std::size_t count, const char *delivery) {
    quietly([&] { (*static_cast<on_delivered *>(function))({uuids, uuids + count}, delivery); });
}

// The library frees a function it was given, whether it took it or not, but for one that it found no place for.
template <typename Function> void handed_over(std::unique_ptr<Function> &function, hogwire_status status) {
    if (status != HOGWIRE_NULL_ARGUMENT) {
        static_cast<void>(function.release());
    }
    check(status);
}

} // namespace detail

// For tests: records what would have been sent, and answers as told. Clients of a configuration that has it use it.
class recording {
public:
    recording() {
        hogwire_recording *made = nullptr;
        check(hogwire_recording_new(&made));
        handle_.reset(made);
    }
    void answer(const response &next) const {
        const auto headers = detail::borrowed(next);
        check(hogwire_recording_answer(get(), next.status, headers.data(), headers.size(), detail::bytes(next.body), next.body.size()));
    }
    void fail(const failure &next) const {
        const char *message = next.message.empty() ? nullptr : next.message.c_str();
        check(hogwire_recording_fail(get(), next.kind.c_str(), detail::sent(next), message));
    }
    std::vector<request> requests() const {
        std::vector<request> all;
        for (std::size_t index = 0; index < hogwire_recording_request_count(get()); ++index) {
            hogwire_request *found = nullptr;
            check(hogwire_recording_request(get(), index, &found));
            all.emplace_back(found);
        }
        return all;
    }
    std::size_t event_count() const { return hogwire_recording_event_count(get()); }
    std::string events_json() const { return hogwire_recording_events_json(get()); }
    void clear() const { check(hogwire_recording_clear(get())); }
    hogwire_recording *get() const { return handle_.get(); }

private:
    owned<hogwire_recording, hogwire_recording_free> handle_;
};

// A checked configuration, with hooks and a transport.
class config {
public:
    explicit config(std::string_view options_json) {
        hogwire_config *made = nullptr;
        check(hogwire_config_new(options_json.data(), options_json.size(), &made));
        handle_.reset(made);
    }
    static config from_env(std::string_view options_json = "{}") {
        hogwire_config *made = nullptr;
        check(hogwire_config_from_env(options_json.data(), options_json.size(), &made));
        return config(made);
    }
    config &add_before_send(before_send hook) {
        auto function = std::make_unique<before_send>(std::move(hook));
        detail::handed_over(
            function,
            hogwire_config_add_before_send(get(), detail::run_hook, function.get(), detail::destroy<before_send>));
        return *this;
    }
    config &set_transport(transport send) {
        auto function = std::make_unique<transport>(std::move(send));
        detail::handed_over(
            function,
            hogwire_config_set_transport(get(), detail::run_transport, function.get(), detail::destroy<transport>));
        return *this;
    }
    config &set_recording(const recording &records) {
        check(hogwire_config_set_recording(get(), records.get()));
        return *this;
    }
    const hogwire_config *get() const { return handle_.get(); }

private:
    explicit config(hogwire_config *handle) : handle_(handle) {}
    owned<hogwire_config, hogwire_config_free> handle_;
};

// Options of a queue, with hooks. A hook that throws breaks nothing.
class queue_options {
public:
    explicit queue_options(std::string_view options_json = "{}") {
        hogwire_queue_options *made = nullptr;
        check(hogwire_queue_options_new(options_json.data(), options_json.size(), &made));
        handle_.reset(made);
    }
    queue_options &set_on_drop(on_drop hook) {
        return set(std::move(hook), detail::run_on_drop, hogwire_queue_options_set_on_drop);
    }
    queue_options &set_on_error(on_error hook) {
        return set(std::move(hook), detail::run_on_error, hogwire_queue_options_set_on_error);
    }
    queue_options &set_on_delivered(on_delivered hook) {
        return set(std::move(hook), detail::run_on_delivered, hogwire_queue_options_set_on_delivered);
    }
    const hogwire_queue_options *get() const { return handle_.get(); }

private:
    template <typename Hook, typename Run, typename Set> queue_options &set(Hook hook, Run run, Set set_hook) {
        auto function = std::make_unique<Hook>(std::move(hook));
        detail::handed_over(function, set_hook(get(), run, function.get(), detail::destroy<Hook>));
        return *this;
    }
    owned<hogwire_queue_options, hogwire_queue_options_free> handle_;
};

// An argument of the plain functions: a string, a literal, or nullptr where nothing is given. Text ends at its first NUL.
class text {
public:
    text(const char *given) : given_(given) {}
    text(const std::string &given) : given_(given.c_str()) {}
    operator const char *() const { return given_; }

private:
    const char *given_;
};

class client {
public:
    explicit client(const config &settings) {
        hogwire_client *made = nullptr;
        check(hogwire_client_with_config(settings.get(), &made));
        handle_.reset(made);
    }
    explicit client(std::string_view options_json) : client(config(options_json)) {}

    outcome execute(const std::string &operation, std::string_view json) const {
        return call([&](auto **out) { return hogwire_execute(get(), operation.c_str(), json.data(), json.size(), out); });
    }
    outcome create_alias(text distinct_id, text alias) const {
        return call([&](auto **out) { return hogwire_create_alias(get(), distinct_id, alias, out); });
    }
    outcome create_event(text distinct_id, text event_name, text properties_json = nullptr) const {
        return call([&](auto **out) { return hogwire_create_event(get(), distinct_id, event_name, properties_json, out); });
    }
    outcome create_identity(text distinct_id, text name = nullptr, text email = nullptr, text plan = nullptr,
                            text signup_date = nullptr, text referral_source = nullptr, text properties_set_json = nullptr,
                            text properties_set_once_json = nullptr) const {
        return call([&](auto **out) {
            return hogwire_create_identity(get(), distinct_id, name, email, plan, signup_date, referral_source,
                                           properties_set_json, properties_set_once_json, out);
        });
    }
    outcome track_page(text distinct_id, text page_url, text page_name = nullptr, text referrer = nullptr,
                       text properties_json = nullptr) const {
        return call([&](auto **out) {
            return hogwire_track_page(get(), distinct_id, page_url, page_name, referrer, properties_json, out);
        });
    }
    outcome track_screen(text distinct_id, text screen_view_name, text screen_category = nullptr, text app_version = nullptr,
                         text device_type = nullptr, text properties_json = nullptr) const {
        return call([&](auto **out) {
            return hogwire_track_screen(get(), distinct_id, screen_view_name, screen_category, app_version, device_type,
                                        properties_json, out);
        });
    }
    outcome identify_group(text group_type, text group_key, text properties_set_json = nullptr, text distinct_id = nullptr) const {
        return call([&](auto **out) {
            return hogwire_identify_group(get(), group_type, group_key, properties_set_json, distinct_id, out);
        });
    }
    outcomes send_batch(std::string_view json) const {
        hogwire_outcomes *made = nullptr;
        check(hogwire_send_batch(get(), json.data(), json.size(), &made));
        return outcomes(made);
    }
    void opt_out() const { check(hogwire_client_opt_out(get())); }
    void opt_in() const { check(hogwire_client_opt_in(get())); }
    void close() const { check(hogwire_client_close(get())); }
    const hogwire_client *get() const { return handle_.get(); }

private:
    template <typename Call> static outcome call(Call make) {
        hogwire_outcome *made = nullptr;
        check(make(&made));
        return outcome(made);
    }
    owned<hogwire_client, hogwire_client_free> handle_;
};

// Takes events at once, and delivers them in the background. Its end delivers what is left, for at most close_timeout_ms.
class queue {
public:
    queue(const client &sender, const queue_options &options) {
        hogwire_queue *made = nullptr;
        check(hogwire_queue_with_options(sender.get(), options.get(), &made));
        handle_.reset(made);
    }
    explicit queue(const client &sender, std::string_view options_json = "{}") : queue(sender, queue_options(options_json)) {}

    receipt execute(const std::string &operation, std::string_view json) const {
        return call([&](auto **out) {
            return hogwire_queue_execute(get(), operation.c_str(), json.data(), json.size(), out);
        });
    }
    receipt create_alias(text distinct_id, text alias) const {
        return call([&](auto **out) { return hogwire_queue_create_alias(get(), distinct_id, alias, out); });
    }
    receipt create_event(text distinct_id, text event_name, text properties_json = nullptr) const {
        return call([&](auto **out) {
            return hogwire_queue_create_event(get(), distinct_id, event_name, properties_json, out);
        });
    }
    receipt create_identity(text distinct_id, text name = nullptr, text email = nullptr, text plan = nullptr,
                            text signup_date = nullptr, text referral_source = nullptr, text properties_set_json = nullptr,
                            text properties_set_once_json = nullptr) const {
        return call([&](auto **out) {
            return hogwire_queue_create_identity(get(), distinct_id, name, email, plan, signup_date, referral_source,
                                                 properties_set_json, properties_set_once_json, out);
        });
    }
    receipt track_page(text distinct_id, text page_url, text page_name = nullptr, text referrer = nullptr,
                       text properties_json = nullptr) const {
        return call([&](auto **out) {
            return hogwire_queue_track_page(get(), distinct_id, page_url, page_name, referrer, properties_json, out);
        });
    }
    receipt track_screen(text distinct_id, text screen_view_name, text screen_category = nullptr, text app_version = nullptr,
                         text device_type = nullptr, text properties_json = nullptr) const {
        return call([&](auto **out) {
            return hogwire_queue_track_screen(get(), distinct_id, screen_view_name, screen_category, app_version, device_type,
                                              properties_json, out);
        });
    }
    receipt identify_group(text group_type, text group_key, text properties_set_json = nullptr, text distinct_id = nullptr) const {
        return call([&](auto **out) {
            return hogwire_queue_identify_group(get(), group_type, group_key, properties_set_json, distinct_id, out);
        });
    }
    report flush(std::chrono::milliseconds timeout) const { return settle(hogwire_queue_flush, timeout); }
    report close(std::chrono::milliseconds timeout) const { return settle(hogwire_queue_close, timeout); }
    std::string stats_json() const { return hogwire_queue_stats_json(get()); }
    std::int64_t stat(text name) const { return hogwire_queue_stat(get(), name); }
    const hogwire_queue *get() const { return handle_.get(); }

private:
    template <typename Call> static receipt call(Call make) {
        hogwire_receipt *made = nullptr;
        check(make(&made));
        return receipt(made);
    }
    template <typename Settle> report settle(Settle how, std::chrono::milliseconds timeout) const {
        hogwire_report *made = nullptr;
        check(how(get(), timeout.count() < 0 ? 0 : static_cast<std::uint64_t>(timeout.count()), &made));
        return report(made);
    }
    owned<hogwire_queue, hogwire_queue_free> handle_;
};

// A uuid made of a key, always the same for the same key.
inline std::string uuid_from(const std::string &key) {
    char uuid[HOGWIRE_UUID_SIZE];
    check(hogwire_uuid_from(key.c_str(), uuid));
    return uuid;
}

// The exact request, or the outcome that says why nothing is to be sent. Without a time and a seed: now, and a random one.
inline std::variant<request, outcome> build(const config &settings, const std::string &operation, std::string_view json,
                                            std::optional<std::int64_t> now_ms = std::nullopt,
                                            std::optional<std::uint64_t> seed = std::nullopt, unsigned attempt = 1) {
    hogwire_request *made = nullptr;
    hogwire_outcome *refused = nullptr;
    check(hogwire_build(settings.get(), operation.c_str(), json.data(), json.size(), now_ms ? &*now_ms : nullptr,
                        seed ? &*seed : nullptr, attempt, &made, &refused));
    if (made != nullptr) {
        return request(made);
    }
    return outcome(refused);
}

// Reads what came of a request or a view of one; the request may be a temporary.
template <typename Self>
outcome interpret(const detail::request_accessors<Self> &sent, const response &answer,
                  std::optional<std::int64_t> now_ms = std::nullopt) {
    hogwire_outcome *made = nullptr;
    const auto headers = detail::borrowed(answer);
    const auto *handle = static_cast<const Self &>(sent).get();
    check(hogwire_interpret(handle, answer.status, headers.data(), headers.size(), detail::bytes(answer.body),
                            answer.body.size(), now_ms ? &*now_ms : nullptr, &made));
    return outcome(made);
}

template <typename Self> outcome interpret(const detail::request_accessors<Self> &sent, const failure &failed) {
    hogwire_outcome *made = nullptr;
    const char *message = failed.message.empty() ? nullptr : failed.message.c_str();
    const auto *handle = static_cast<const Self &>(sent).get();
    check(hogwire_interpret_failure(handle, failed.kind.c_str(), detail::sent(failed), message, &made));
    return outcome(made);
}

} // namespace hogwire

#endif
