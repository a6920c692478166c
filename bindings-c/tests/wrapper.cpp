// The C++ face, hogwire.hpp: ownership, exceptions for misuse, exceptions out of callbacks.
#include "check.h"
#include "hogwire.hpp"

#include <stdexcept>
#include <thread>
#include <type_traits>

template <typename Handle>
constexpr bool is_owner = !std::is_copy_constructible_v<Handle> && !std::is_copy_assignable_v<Handle> &&
                          std::is_nothrow_move_constructible_v<Handle> && std::is_nothrow_move_assignable_v<Handle>;
static_assert(is_owner<hogwire::client> && is_owner<hogwire::queue> && is_owner<hogwire::config> && is_owner<hogwire::queue_options>);
static_assert(is_owner<hogwire::outcome> && is_owner<hogwire::outcomes> && is_owner<hogwire::receipt> && is_owner<hogwire::report>);
static_assert(is_owner<hogwire::request> && is_owner<hogwire::recording>);

// A view of a temporary would dangle, so it does not compile; nor does a view that is cut out of its owner.
template <typename Owner, typename View>
constexpr bool lends = std::is_convertible_v<Owner &, View> && std::is_convertible_v<const Owner &, View> &&
                       !std::is_constructible_v<View, Owner> && !std::is_constructible_v<View, const Owner> &&
                       !std::is_convertible_v<Owner, const View &> && !std::is_base_of_v<View, Owner>;
static_assert(lends<hogwire::outcome, hogwire::outcome_view> && lends<hogwire::request, hogwire::request_view>);

template <typename List, typename = void> constexpr bool has_at = false;
template <typename List> constexpr bool has_at<List, std::void_t<decltype(std::declval<List>().at(0))>> = true;
static_assert(has_at<const hogwire::outcomes &> && !has_at<hogwire::outcomes> && !has_at<const hogwire::outcomes>);

namespace {

const char OPTIONS[] = R"({"api_key": "phc_story", "max_retries": 0})";

std::string text(std::string_view view) { return std::string(view); }

template <typename Call> std::string thrown(Call call, std::string *option = nullptr) {
    try {
        call();
    } catch (const hogwire::error &problem) {
        if (option != nullptr) {
            *option = problem.option;
        }
        return problem.what();
    }
    return "";
}

void misuse() {
    std::string option;
    CHECK_HOLDS(thrown([] { hogwire::client(R"({"api_key": "phx_personal"})"); }, &option).c_str(), "personal API key");
    CHECK_TEXT(option.c_str(), "api_key");
    const hogwire::client client(OPTIONS);
    CHECK_HOLDS(thrown([&] { client.execute("capture", "{}"); }, &option).c_str(), "capture");
    CHECK_TEXT(option.c_str(), "");
}

void transports() {
    hogwire::config config(OPTIONS);
    std::variant<hogwire::response, hogwire::failure> seen = hogwire::response{200, {}, R"({"status": 1})"};
    bool throws = false;
    auto owned = std::make_shared<int>(0);
    config.set_transport([&seen, &throws, owned](hogwire::request_view request, std::chrono::milliseconds left) {
        CHECK(request.method() == "POST" && left.count() > 0 && !request.headers().empty() && !request.body().empty());
        ++*owned;
        if (throws) {
            throw std::runtime_error("out of cable");
        }
        return seen;
    });
    {
        const hogwire::client client(config);
        CHECK(bool(client.create_event(std::string("user-1"), "signed up")));
        CHECK(bool(client.create_alias("user-1", "visitor-1")));
        CHECK(bool(client.create_identity("user-1", "Ada")));
        CHECK(bool(client.track_page("user-1", "https://example.com/")));
        CHECK(bool(client.track_screen("user-1", "Home")));
        const auto moved = [&] { return client.execute("event", R"({"DistinctId": " user-1", "EventName": "x"})"); }();
        CHECK_TEXT(moved.warnings().at(0).code.c_str(), "trimmed");
        CHECK(moved.findings().empty() && moved.event_uuid()->size() == 36 && !moved.retry_after());

        seen = hogwire::response{429, {{"Retry-After", "3"}}, ""};
        CHECK(client.create_event("user-1", "x").retry_after() == std::chrono::milliseconds(3000));
        seen = hogwire::failure{"timeout", false, "too slow"};
        const auto late = client.track_page("user-1", "https://example.com/");
        CHECK(late.status_code() == 504 && late.delivery() == "not_sent" && late.error_message() == "too slow");
        throws = true;
        const auto failed = client.create_event("user-1", "x");
        CHECK(failed.error_code() == "network" && failed.error_message() == "out of cable");
    }
    CHECK(*owned == 9);
    CHECK(owned.use_count() == 2);
    config = hogwire::config(OPTIONS);
    CHECK(owned.use_count() == 1);
}

void recordings() {
    const hogwire::recording recording;
    hogwire::config config(R"({"api_key": "phc_test"})");
    config.set_recording(recording);
    const hogwire::client client(config);
    recording.answer({503, {{"Retry-After", "0"}}, "busy"});
    recording.fail({"network"});
    CHECK(client.create_event("user-1", "Order Placed").attempts() == 3);
    CHECK_HOLDS(recording.events_json().c_str(), "Order Placed");
    CHECK(recording.requests().size() == 3 && recording.event_count() == 1);
    CHECK(recording.requests().at(0).event_uuid() == recording.requests().at(2).event_uuid());
    recording.clear();
    CHECK(recording.requests().empty());
    CHECK_HOLDS(thrown([&] { recording.fail({"exploded"}); }).c_str(), "exploded");
}

void hooks() {
    hogwire::config config(OPTIONS);
    std::string body;
    config.set_transport([&body](hogwire::request_view request, std::chrono::milliseconds) {
        body = text(request.body());
        return hogwire::response{200, {}, R"({"status": 1})"};
    });
    config.add_before_send([](hogwire::event event) {
        event.set("event", R"("renamed")");
        event.remove_property("email");
        event.set_property("kept", "1");
    });
    CHECK(bool(hogwire::client(config).create_event("user-1", "x", R"({"email": "ada@example.com"})")));
    CHECK_HOLDS(body.c_str(), R"("event":"renamed")");
    CHECK(body.find("ada@") == std::string::npos && body.find(R"("kept":1)") != std::string::npos);

    config.add_before_send([](hogwire::event) { throw std::runtime_error("no mood"); });
    const auto dropped = hogwire::client(config).create_event("user-1", "x");
    CHECK(dropped.error_code() == "dropped");
    CHECK_HOLDS(dropped.error_message().c_str(), "no mood");

    hogwire::config wordless(OPTIONS);
    wordless.add_before_send([](hogwire::event) { throw std::runtime_error(""); });
    CHECK_HOLDS(hogwire::client(wordless).create_event("user-1", "x").error_message().c_str(), "it gave no reason");

    hogwire::config nonsense(OPTIONS);
    nonsense.add_before_send([](hogwire::event event) { event.set_property("a", "{"); });
    CHECK(hogwire::client(nonsense).create_event("user-1", "x").error_code() == "dropped");
}

void own_http() {
    const hogwire::config config(OPTIONS);
    const char input[] = R"({"DistinctId": "user-1", "EventName": "x"})";
    const auto built = hogwire::build(config, "event", input, 1795420800000, 7);
    const auto &request = std::get<hogwire::request>(built);
    CHECK_TEXT(text(request.timestamp()).c_str(), "2026-11-23T08:00:00.000Z");
    const auto copy = hogwire::request::from_json(request.json());
    CHECK(copy.event_uuid() == request.event_uuid() && copy.to_curl() == request.to_curl());
    CHECK(bool(hogwire::interpret(copy, hogwire::response{200, {}, R"({"status":"Ok"})"})));
    CHECK(hogwire::interpret(request, hogwire::failure{"tls"}).error_code() == "tls");
    const auto refused = hogwire::build(config, "event", "{}");
    CHECK(std::get<hogwire::outcome>(refused).findings().size() == 2);
    /* Findings of a temporary outlive it. */
    for (const auto &finding : std::get<hogwire::outcome>(hogwire::build(config, "event", "{}")).findings()) {
        CHECK_TEXT(finding.code.c_str(), "required");
    }
}

// Leaves nothing but the handle that was moved from.
template <typename Handle> Handle moved_from(Handle handle) {
    const Handle taken = std::move(handle);
    CHECK(taken.get() != nullptr);
    return handle;
}

/* What was moved from is empty and harmless, also when what it was moved to is gone. */
void moves() {
    const hogwire::recording recording;
    hogwire::config config(OPTIONS);
    config.set_recording(recording);
    hogwire::client client(config);

    auto refused = client.create_event("", "x");
    const auto kept = std::move(refused);
    const hogwire::outcome_view view = kept;
    CHECK(view.status_code() == -1 && kept.findings().size() == 1 && view.get() == kept.get());
    const auto outcome = moved_from(client.create_event("user-1", "x"));
    CHECK(!outcome && outcome.get() == nullptr && outcome.status_code() == 0 && outcome.json().empty());
    CHECK(outcome.findings().empty() && outcome.warnings().empty() && !outcome.event_uuid() && !outcome.retry_after());
    CHECK(hogwire::outcome_view(outcome).error_message().empty());

    const auto built = [&] { return hogwire::build(config, "event", R"({"DistinctId": "user-1", "EventName": "x"})"); };
    CHECK(bool(hogwire::interpret(std::get<hogwire::request>(built()), hogwire::response{200, {}, R"({"status":"Ok"})"})));
    const auto request = moved_from(std::get<hogwire::request>(built()));
    CHECK(request.url().empty() && request.body().empty() && request.headers().empty() && request.to_curl().empty());
    CHECK_HOLDS(thrown([&] { hogwire::interpret(request, hogwire::failure{"tls"}); }).c_str(), "request");

    auto outcomes = client.send_batch("[{}]");
    const auto all = std::move(outcomes);
    CHECK(all.size() == 1 && outcomes.size() == 0);

    hogwire::queue queue(client);
    const auto receipt = moved_from(queue.create_event("user-1", "x"));
    CHECK(!receipt && receipt.error_code().empty() && receipt.findings().empty() && !receipt.event_uuid());
    const auto report = moved_from(queue.flush(std::chrono::seconds(20)));
    CHECK(report.delivered() == 0 && report.dropped().empty() && report.last_error().empty());

    const auto closed = moved_from(std::move(queue));
    CHECK_HOLDS(thrown([&] { closed.create_event("user-1", "x"); }).c_str(), "queue");
    const auto gone = moved_from(std::move(client));
    CHECK_HOLDS(thrown([&] { gone.create_event("user-1", "x"); }).c_str(), "client");
    auto bare = moved_from(std::move(config));
    CHECK_HOLDS(thrown([&] { bare.add_before_send([](hogwire::event) {}); }).c_str(), "config");
}

void queues() {
    using namespace std::chrono_literals;
    hogwire::config config(OPTIONS);
    config.set_transport([](hogwire::request_view request, std::chrono::milliseconds) {
        const bool poisoned = request.body().find("poison") != std::string_view::npos;
        return hogwire::response{poisoned ? 400 : 200, {}, R"({"status": 1})"};
    });
    const hogwire::client client(config);
    auto owned = std::make_shared<int>(0);
    std::vector<hogwire::dropped> drops;
    std::vector<std::string> delivered;
    std::string failed;
    {
        hogwire::queue_options options(R"({"compression": "none"})");
        options.set_on_drop([&drops, owned](const hogwire::dropped &one) { drops.push_back(one); throw 1; });
        options.set_on_error([&failed](hogwire::outcome_view outcome) { failed = outcome.error_code(); throw 2; });
        options.set_on_delivered([&delivered](const std::vector<std::string> &uuids, const std::string &delivery) {
            CHECK(delivery == "accepted");
            delivered.insert(delivered.end(), uuids.begin(), uuids.end());
            throw 3;
        });
        const hogwire::queue queue(client, options);
        const auto poison = queue.create_event("user-1", "poison");
        CHECK(bool(poison) && poison.error_code() == "ok" && poison.findings().empty() && poison.warnings().empty());
        CHECK(bool(queue.create_alias("user-1", "visitor-1")) && bool(queue.create_identity("user-1", "Ada")));
        CHECK(bool(queue.track_page("user-1", "https://example.com/")) && bool(queue.track_screen("user-1", "Home")));
        CHECK(bool(queue.identify_group("company", "acme", R"({"plan": "big"})")));
        const auto refused = queue.execute("event", "{}");
        CHECK(!refused && refused.findings().size() == 2 && !refused.event_uuid());
        CHECK_HOLDS(thrown([&] { queue.execute("capture", "{}"); }).c_str(), "capture");
        const auto report = queue.flush(20s);
        CHECK(report.delivered() == 5 && report.accepted() == 5 && report.stored() == 0 && report.pending() == 0);
        CHECK(report.dropped_total() == 1 && report.dropped().at(0).uuid == poison.event_uuid());
        CHECK_HOLDS(report.last_error().c_str(), "400");
        CHECK_HOLDS(report.json().c_str(), "\"DroppedTotal\":1");
        CHECK(queue.stat("events_delivered_total") == 5 && queue.stats_json().front() == '{');
        CHECK(bool(queue.create_event("user-1", "at the end of the scope")));
        CHECK(queue.close(20s).delivered() == 1 && queue.create_event("user-1", "late").error_code() == "closed");
    }
    CHECK(delivered.size() == 6 && drops.size() == 1 && failed == "rejected");
    CHECK(owned.use_count() == 1);
    { CHECK(bool(hogwire::queue(client).create_event("user-1", "nobody flushes"))); }

    const auto outcomes = client.send_batch(R"([{"Operation": "page", "DistinctId": "u", "PageUrl": "https://example.com/"}, {}])");
    CHECK(outcomes.size() == 2 && bool(outcomes.at(0)) && outcomes.at(1).findings().at(0).parameter == "Operation");
    CHECK(bool(client.identify_group("company", "acme")));
    CHECK(hogwire::uuid_from("order-1").size() == 36 && hogwire::uuid_from("a") != hogwire::uuid_from("b"));
    std::string option;
    thrown([&] { hogwire::queue(client, R"({"flush_at": 0})"); }, &option);
    CHECK_TEXT(option.c_str(), "flush_at");
}

void many_threads() {
    hogwire::config config(OPTIONS);
    config.set_transport([](hogwire::request_view, std::chrono::milliseconds) -> hogwire::response { throw 5; });
    const hogwire::client client(config);
    std::vector<std::thread> threads;
    std::vector<int> internal(16);
    for (int &count : internal) {
        threads.emplace_back([&] { count += client.create_event("user-1", "x").error_code() == "network"; });
    }
    for (auto &thread : threads) {
        thread.join();
    }
    for (const int count : internal) {
        CHECK(count == 1);
    }
}

} // namespace

int main() {
    misuse();
    transports();
    recordings();
    hooks();
    own_http();
    moves();
    queues();
    many_threads();
    return check_report("wrapper");
}
